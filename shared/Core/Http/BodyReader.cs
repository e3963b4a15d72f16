using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;

namespace ContributionIngest.Core.Http;

/// <summary>Reads a response body, decompressing and counting as it streams, so that it never exceeds the limit, whatever its headers claim.</summary>
internal static class BodyReader
{
    private const int MaxEncodings = 3;
    private const int PieceBytes = 16 * 1024;

    /// <param name="grown">Called with the number of bytes as it grows; may throw.</param>
    /// <returns>The body; null if it is larger than <paramref name="maximum"/> bytes.</returns>
    /// <exception cref="InvalidDataException">The content encoding was not requested, or the data is damaged.</exception>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int maximum, CancellationToken cancel, Action<int>? grown = null)
    {
        var encodings = content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values)
            ? values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];
        if (encodings.Length > MaxEncodings)
            throw new InvalidDataException("too many content encodings");
        if (encodings.Length == 0 && content.Headers.ContentLength > maximum)
            return null;

        // Without a header the body may be compressed all the same: some servers send stored files as they are.
        if (!encodings.Any(IsCompression))
            encodings = [.. encodings, "gzip"];
        var stream = await content.ReadAsStreamAsync(cancel);
        foreach (var encoding in encodings.Reverse())
            stream = await DecompressAsync(stream, encoding, cancel);
        await using (stream)
        {
            try
            {
                return await ReadAllAsync(stream, maximum, grown, cancel);
            }
            catch (InvalidOperationException e)
            {
                // How BrotliStream reports data that is not Brotli.
                throw new InvalidDataException("damaged content", e);
            }
        }
    }

    private static bool IsCompression(string encoding) => encoding.ToLowerInvariant() is "gzip" or "x-gzip" or "deflate" or "br";

    private static async Task<byte[]?> ReadAllAsync(Stream stream, int maximum, Action<int>? grown, CancellationToken cancel)
    {
        // In pieces, because a buffer that doubles leaves several times the body behind, in a heap that is rarely collected.
        var pieces = new List<byte[]>();
        var length = 0;
        try
        {
            while (true)
            {
                if (length == pieces.Count * PieceBytes)
                    pieces.Add(ArrayPool<byte>.Shared.Rent(PieceBytes));
                var read = await stream.ReadAsync(pieces[^1].AsMemory(length % PieceBytes, PieceBytes - (length % PieceBytes)), cancel);
                if (read == 0)
                    break;
                length += read;
                if (length > maximum)
                    return null;
                grown?.Invoke(length);
            }

            var body = GC.AllocateUninitializedArray<byte>(length);
            for (var start = 0; start < length; start += PieceBytes)
                pieces[start / PieceBytes].AsSpan(0, Math.Min(PieceBytes, length - start)).CopyTo(body.AsSpan(start));
            return body;
        }
        finally
        {
            pieces.ForEach(piece => ArrayPool<byte>.Shared.Return(piece));
        }
    }

    /// <summary>Checks the first two bytes: some servers name an encoding they did not apply, and deflate occurs with and without its header.</summary>
    private static async Task<Stream> DecompressAsync(Stream compressed, string encoding, CancellationToken cancel)
    {
        var reader = PipeReader.Create(compressed);
        var start = await reader.ReadAtLeastAsync(2, cancel);
        var (first, second) = FirstBytes(start.Buffer);
        reader.AdvanceTo(start.Buffer.Start);
        var stream = reader.AsStream();
        return encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" when first == 0x1F && second == 0x8B => new GZipStream(stream, CompressionMode.Decompress),
            "deflate" when (first & 0x0F) == 8 && ((first << 8) | second) % 31 == 0 => new ZLibStream(stream, CompressionMode.Decompress),
            "deflate" when first >= 0 => new DeflateStream(stream, CompressionMode.Decompress),
            "br" when first >= 0 => new BrotliStream(stream, CompressionMode.Decompress),
            "compress" or "x-compress" or "zstd" or "dcb" or "dcz" or "exi" => throw new InvalidDataException($"unsupported content encoding '{encoding}'"),

            // Not applied, or not a content encoding at all (a charset, "aws-chunked").
            _ => stream,
        };
    }

    private static (int First, int Second) FirstBytes(ReadOnlySequence<byte> buffer)
    {
        Span<byte> two = stackalloc byte[2];
        var length = (int)Math.Min(2, buffer.Length);
        buffer.Slice(0, length).CopyTo(two);
        return (length > 0 ? two[0] : -1, length > 1 ? two[1] : -1);
    }
}
