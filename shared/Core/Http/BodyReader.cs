using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;

namespace ContributionIngest.Core.Http;

/// <summary>An answer's body, unpacked and counted while it streams, so that nothing grows beyond the cap whatever was promised.</summary>
internal static class BodyReader
{
    private const int MostLayers = 3;

    /// <returns>The body; null when it is larger than <paramref name="maximum"/> bytes.</returns>
    /// <exception cref="InvalidDataException">It is packed in a way nobody asked for, or damaged.</exception>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int maximum, CancellationToken cancel)
    {
        var encodings = content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values)
            ? values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];
        if (encodings.Length > MostLayers)
            throw new InvalidDataException("packed too many times");
        if (encodings.Length == 0 && content.Headers.ContentLength > maximum)
            return null;

        var stream = await content.ReadAsStreamAsync(cancel);
        foreach (var encoding in encodings.Reverse())
            stream = await UnpackAsync(stream, encoding, cancel);
        await using (stream)
            return await ReadAllAsync(stream, maximum, cancel);
    }

    private static async Task<byte[]?> ReadAllAsync(Stream stream, int maximum, CancellationToken cancel)
    {
        var body = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await stream.ReadAsync(body.GetMemory(8 * 1024), cancel)) > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > maximum)
                return null;
        }

        return body.WrittenSpan.ToArray();
    }

    /// <summary>Looks at the first two bytes: some servers name an encoding they did not apply, and deflate comes with and without its header.</summary>
    private static async Task<Stream> UnpackAsync(Stream packed, string encoding, CancellationToken cancel)
    {
        var reader = PipeReader.Create(packed);
        var start = await reader.ReadAtLeastAsync(2, cancel);
        var (first, second) = Start(start.Buffer);
        reader.AdvanceTo(start.Buffer.Start);
        var stream = reader.AsStream();
        return encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" when first == 0x1F && second == 0x8B => new GZipStream(stream, CompressionMode.Decompress),
            "deflate" when (first & 0x0F) == 8 && ((first << 8) | second) % 31 == 0 => new ZLibStream(stream, CompressionMode.Decompress),
            "deflate" when first >= 0 => new DeflateStream(stream, CompressionMode.Decompress),
            "br" when first >= 0 => new BrotliStream(stream, CompressionMode.Decompress),
            "gzip" or "x-gzip" or "deflate" or "br" or "identity" => stream,
            _ => throw new InvalidDataException($"packed as '{encoding}'"),
        };
    }

    private static (int First, int Second) Start(ReadOnlySequence<byte> buffer)
    {
        Span<byte> two = stackalloc byte[2];
        var length = (int)Math.Min(2, buffer.Length);
        buffer.Slice(0, length).CopyTo(two);
        return (length > 0 ? two[0] : -1, length > 1 ? two[1] : -1);
    }
}
