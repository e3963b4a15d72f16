using Azure;
using Azure.Core;

namespace ContributionIngest.Drivers.Azure;

/// <summary>A whole answer, its body in memory.</summary>
/// <param name="Repeated">An earlier try was sent and its fate is not known: what this answer refuses may be what that one did.</param>
internal sealed record StorageAnswer(HttpMessage Message, bool Repeated) : IDisposable
{
    private readonly Lazy<StorageError> error = new(() => StorageError.Read(Message.Response.Content.ToMemory().Span));

    public int Status => Message.Response.Status;

    public bool IsSuccess => Status is >= 200 and < 300;

    public ReadOnlyMemory<byte> Body => Message.Response.Content.ToMemory();

    public string? ErrorCode => IsSuccess ? null : Header("x-ms-error-code") ?? error.Value.Code;

    public string? ETag => Header("ETag");

    public string? Header(string name) => Message.Response.Headers.TryGetValue(name, out var value) ? value : null;

    public void Dispose() => Message.Dispose();
}
