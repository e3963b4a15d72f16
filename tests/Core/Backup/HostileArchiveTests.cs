using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Backup;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Backup;

/// <summary>A file that is no archive, is damaged, or was made to do harm is refused in one sentence, and nothing of it is written.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private const string Id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string Other = "bbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string Manifest = $$"""{"format":1,"id":"{{Id}}","product":"x","at":"2026-01-01T00:00:00Z","store":"x","withRaw":false,"hasSecrets":false}""";

    private static readonly string Person = Row("people", Id, "p", $"""["x","{Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"id":"{{Id}}","since":"2026-01-01T00:00:00Z"}"""))}"]""");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Archive_with_every_single_block_damaged_is_refused()
    {
        var whole = Whole([Person]);
        await using (var target = new Target())
            await target.RestoreAsync(await FileAsync(whole));
        for (var at = 0; at < whole.Length - 1024; at += 512)
        {
            var damaged = whole.ToArray();
            damaged[at + 3] ^= 1;
            await RefusedAsync(damaged);
        }

        for (var cut = 0; cut <= whole.Length - 1536; cut += 256)
            await RefusedAsync(whole[..cut]);
    }

    [Theory]
    [InlineData("people", Other, "p", """["s","x"]""")]
    [InlineData("lookups", "people", Other, """["s","x"]""")]
    [InlineData("lookups", "restore", "archive", """["s","x"]""")]
    [InlineData("unknown", Id, "p", """["s","x"]""")]
    [InlineData("people", Id, "p", """["s",7]""")]
    [InlineData("people", Id, "p", """["q","x"]""")]
    [InlineData("people", Id, "p", """["i",99999999999]""")]
    [InlineData("people", Id, "p", """["x","no base64!"]""")]
    [InlineData("people", Id, "p", """["t","yesterday"]""")]
    [InlineData("people", Id, "p", """{"s":"x"}""")]
    [InlineData("people", Id, "p", """["s","x"]""")]
    [InlineData("people", Id, "p", """["x","e30="]""")]
    [InlineData("people", Id, "c|a", """["x","e30="]""")]
    [InlineData("people", Id, "w|a", """["x","e30="]""")]
    [InlineData("people", Id, "a/b", """["s","x"]""")]
    public async Task Row_that_is_somebody_elses_or_none_is_refused(string table, string partition, string key, string value) =>
        await RefusedAsync(Whole([Row(table, partition, key, value)]));

    [Theory]
    [InlineData("../escaped")]
    [InlineData("/etc/escaped")]
    [InlineData("people/../../escaped")]
    [InlineData($"people/{Id}/../escaped")]
    [InlineData($"people/{Id}/blobs/../../escaped/x")]
    [InlineData($"people/{Id}/blobs/keys/secrets")]
    [InlineData($"people/{Id}/blobs/digests/{Other}/x")]
    [InlineData($"people/{Id}/blobs/digests/{Id}/")]
    [InlineData("shared/blobs/backups/20260101/x")]
    public async Task File_with_another_name_is_refused(string name)
    {
        var tar = new MadeTar();
        tar.Add("manifest.json", Manifest);
        tar.AddPart("shared", []);
        tar.Add(name, "x");
        await RefusedAsync(tar.Ended(0, 0));
    }

    [Fact]
    public async Task Links_extended_headers_and_sizes_that_lie_are_refused_without_memory_for_them()
    {
        using var stream = new MemoryStream();
        await using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "manifest.json") { LinkName = "/etc/passwd" });
        }

        await RefusedAsync(stream.ToArray());

        // A header that promises eight gigabytes.
        var tar = new MadeTar();
        tar.Add("manifest.json", Manifest);
        var large = tar.Bytes();
        "77777777777"u8.CopyTo(large.AsSpan(124));
        Checksum(large.AsSpan(0, 512));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RefusedAsync(large);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 50_000_000);
    }

    [Fact]
    public async Task Rows_that_unpack_to_gigabytes_are_refused_early()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 1024; i++)
                await gzip.WriteAsync(zeros);
        }

        var tar = new MadeTar();
        tar.Add("manifest.json", Manifest);
        tar.Add("shared/rows-0001.ndjson.gz", packed.ToArray());
        var bomb = tar.Bytes();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RefusedAsync(bomb);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 100_000_000);
    }

    [Fact]
    public async Task Archive_of_a_newer_program_says_so()
    {
        var tar = new MadeTar();
        tar.Add("manifest.json", Manifest.Replace("\"format\":1", "\"format\":2", StringComparison.Ordinal));
        Assert.Contains("Use the newer program that wrote it", await RefusedAsync(tar.Bytes()), StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(byte[] archive)
    {
        await using var target = new Target();
        var file = await FileAsync(archive);
        var refusal = await Assert.ThrowsAsync<ArchiveException>(() => target.RestoreAsync(file));
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await target.DumpAsync());
        Assert.Equal([Path.GetFileName(file)], Directory.GetFileSystemEntries(folder.FullName).Select(Path.GetFileName));
        return refusal.Message;
    }

    private async Task<string> FileAsync(byte[] content)
    {
        await File.WriteAllBytesAsync(folder.File("archive"), content);
        return folder.File("archive");
    }

    private static byte[] Whole(IReadOnlyList<string> rows)
    {
        var tar = new MadeTar();
        tar.Add("manifest.json", Manifest);
        tar.AddPart("shared", []);
        tar.AddPart($"people/{Id}", rows);
        return tar.Ended(1, rows.Count);
    }

    private static string Row(string table, string partition, string key, string value) =>
        $$$"""{"t":"{{{table}}}","p":"{{{partition}}}","k":"{{{key}}}","v":{"doc":{{{value}}} }}""";

    private static void Checksum(Span<byte> header)
    {
        header[148..156].Fill((byte)' ');
        var sum = 0;
        foreach (var b in header)
            sum += b;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }

    /// <summary>An archive by somebody who knows the format.</summary>
    private sealed class MadeTar
    {
        private readonly List<byte> written = [];
        private readonly StringBuilder parts = new();

        public void Add(string name, string content) => Add(name, Encoding.UTF8.GetBytes(content));

        public void Add(string name, byte[] content)
        {
            using var one = new MemoryStream();
            using (var tar = new TarWriter(one, TarEntryFormat.Ustar, leaveOpen: true))
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            written.AddRange(one.ToArray().AsSpan(..^1024));
        }

        public void AddPart(string folder, IReadOnlyList<string> rows)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => row + "\n"))));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (rows.Count > 0)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"rows-0001.ndjson.gz\n{packed.Length}\n"));
                hash.AppendData(packed.ToArray());
                Add($"{folder}/rows-0001.ndjson.gz", packed.ToArray());
            }

            var text = Convert.ToHexStringLower(hash.GetCurrentHash());
            parts.Append(text);
            Add($"{folder}/end.json", JsonSerializer.Serialize(new { rows = rows.Count, blobs = 0, sha256 = text }));
        }

        public byte[] Bytes() => [.. written];

        public byte[] Ended(int people, int rows)
        {
            Add("end.json", JsonSerializer.Serialize(new { people, rows, blobs = 0, changing = Array.Empty<string>(), sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(parts.ToString()))) }));
            written.AddRange(new byte[1024]);
            return Bytes();
        }
    }
}
