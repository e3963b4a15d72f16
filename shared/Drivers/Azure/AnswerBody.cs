using System.Buffers;
using Azure;

namespace ContributionIngest.Drivers.Azure;

/// <summary>The bytes of one answer in a rented buffer: pages of a table are large, frequent, and gone as soon as their rows are read.</summary>
internal readonly struct AnswerBody : IDisposable
{
    private const int Unknown = 16 * 1024;
    private const int MostTrusted = 8 * 1024 * 1024;

    private readonly byte[]? rented;
    private readonly int length;

    private AnswerBody(byte[] rented, int length) => (this.rented, this.length) = (rented, length);

    public ReadOnlyMemory<byte> Bytes => rented.AsMemory(0, length);

    public static async Task<AnswerBody> Read(Response response, CancellationToken cancel)
    {
        if (response.ContentStream is not { } stream)
            return default;
        var expected = response.Headers.ContentLengthLong is { } said and >= 0 and < MostTrusted ? (int)said + 1 : Unknown;
        var buffer = ArrayPool<byte>.Shared.Rent(expected);
        try
        {
            var filled = 0;
            int read;
            while ((read = await stream.ReadAsync(buffer.AsMemory(filled), cancel)) > 0)
            {
                filled += read;
                if (filled < buffer.Length)
                    continue;
                var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
                buffer.AsSpan(0, filled).CopyTo(larger);
                (buffer, larger) = (larger, buffer);
                ArrayPool<byte>.Shared.Return(larger);
            }

            var body = new AnswerBody(buffer, filled);
            buffer = null;
            return body;
        }
        finally
        {
            if (buffer is not null)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
