using System.Buffers;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>Writes one part of an archive to a file of its own, which can be appended to an archive or stored as blobs.</summary>
internal sealed class PartWriter(Stream to, string folder, DateTimeOffset at) : IAsyncDisposable
{
    private readonly TarWriter tar = new(to, TarEntryFormat.Ustar, leaveOpen: true);
    private readonly PartHash hash = new();
    private readonly ArrayBufferWriter<byte> line = new();
    private readonly MemoryStream packed = new();
    private GZipStream? gzip;
    private int plain;
    private int files;

    public long Rows { get; private set; }

    public long Blobs { get; private set; }

    public async Task AddBlobAsync(string container, string name, byte[] content, CancellationToken cancel)
    {
        Blobs++;
        await AddAsync($"{ArchiveFormat.Blobs}{container}/{name}", new MemoryStream(content, writable: false), cancel);
    }

    public async Task AddRowAsync(string table, Row row, CancellationToken cancel)
    {
        line.ResetWrittenCount();
        await using (var writer = new Utf8JsonWriter(line))
            RowLine.Write(writer, table, row);
        line.Write("\n"u8);
        gzip ??= new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync(line.WrittenMemory, cancel);
        Rows++;
        plain += line.WrittenCount;
        if (plain >= ArchiveFormat.RowBytesPerFile)
            await EndFileAsync(cancel);
    }

    /// <summary>Writes the end of the part.</summary>
    public async Task<PartEnd> EndAsync(CancellationToken cancel)
    {
        await EndFileAsync(cancel);
        var end = new PartEnd(Rows, Blobs, hash.Current());
        await WriteAsync(ArchiveFormat.End, new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(end, ArchiveJson.Default.PartEnd)), cancel);
        return end;
    }

    /// <summary>Writes a single file, outside of any part.</summary>
    public static async Task WriteFileAsync(Stream stream, string name, byte[] content, DateTimeOffset time, CancellationToken cancel)
    {
        await using var one = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true);
        await one.WriteEntryAsync(Entry(name, new MemoryStream(content), time), cancel);
        await CutAsync(stream, one);
    }

    public async ValueTask DisposeAsync()
    {
        await CutAsync(to, tar);
        if (gzip is not null)
            await gzip.DisposeAsync();
        await packed.DisposeAsync();
        hash.Dispose();
    }

    // The writer ends a tar with two empty blocks; what ends here is a part, and more may follow.
    private static async Task CutAsync(Stream stream, TarWriter writer)
    {
        var end = stream.Position;
        await writer.DisposeAsync();
        stream.SetLength(end);
        stream.Position = end;
    }

    private static UstarTarEntry Entry(string name, Stream content, DateTimeOffset time) => new(TarEntryType.RegularFile, name)
    {
        DataStream = content,
        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        ModificationTime = time,
    };

    private async Task EndFileAsync(CancellationToken cancel)
    {
        if (gzip is null)
            return;
        await gzip.DisposeAsync();
        (gzip, plain) = (null, 0);
        packed.Position = 0;
        files++;
        await AddAsync($"rows-{files:D4}.ndjson.gz", packed, cancel);
        packed.SetLength(0);
    }

    private async Task AddAsync(string name, MemoryStream content, CancellationToken cancel)
    {
        hash.Add(name, content.Length);
        hash.Add(content.ToArray());
        await WriteAsync(name, content, cancel);
    }

    private Task WriteAsync(string name, Stream content, CancellationToken cancel) => tar.WriteEntryAsync(Entry($"{folder}/{name}", content, at), cancel);
}

/// <summary>SHA-256 over the files of a part.</summary>
internal sealed class PartHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <param name="name">Within the part.</param>
    public void Add(string name, long length) => hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}\n{length}\n")));

    public void Add(ReadOnlySpan<byte> content) => hash.AppendData(content);

    public string Current() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose() => hash.Dispose();
}
