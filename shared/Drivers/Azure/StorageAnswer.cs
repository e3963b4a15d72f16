using Azure;
using Azure.Core;

namespace ContributionIngest.Drivers.Azure;

/// <summary>A whole answer. Its body is there until it is disposed, which is once.</summary>
/// <param name="repeated">An earlier try was sent and its fate is not known: what this answer refuses may be what that one did.</param>
internal sealed class StorageAnswer(HttpMessage message, AnswerBody body, bool repeated) : IDisposable
{
    private readonly Lazy<StorageError> error = new(() => StorageError.Read(body.Bytes.Span));

    public bool Repeated => repeated;

    public RequestMethod Method => message.Request.Method;

    public int Status => message.Response.Status;

    public bool IsSuccess => Status is >= 200 and < 300;

    public ReadOnlyMemory<byte> Body => body.Bytes;

    public string? ErrorCode => IsSuccess ? null : Header("x-ms-error-code") ?? error.Value.Code;

    public string? ETag => Header("ETag");

    public string? Header(string name) => message.Response.Headers.TryGetValue(name, out var value) ? value : null;

    public void Dispose()
    {
        body.Dispose();
        message.Dispose();
    }
}
