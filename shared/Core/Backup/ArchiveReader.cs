using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>What an archive holds, in its order.</summary>
internal abstract record ArchiveItem
{
    /// <param name="Person">Null for what is about nobody.</param>
    public sealed record PartBegins(string? Person) : ArchiveItem;

    public sealed record Blob(string? Person, string Container, string Name, byte[] Content) : ArchiveItem;

    public sealed record StoredRow(string? Person, string Table, Row Row) : ArchiveItem;

    public sealed record PartEnds(string? Person, PartEnd End, long Position) : ArchiveItem;
}

/// <summary>
/// Reads an archive. Whatever somebody has made of it, memory stays bounded, and what is not exactly an archive is refused: other names and kinds of files, rows
/// of other people, sizes and hashes that differ.
/// </summary>
internal sealed class ArchiveReader(Stream file, string name)
{
    private const int Block = 512;
    private const int TypeOffset = 156;

    private readonly IncrementalHash parts = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly HashSet<string> people = new(StringComparer.Ordinal);
    private long rows;
    private long blobs;

    public ArchiveManifest Manifest { get; private set; } = null!;

    /// <summary>Null without.</summary>
    public SealedSecrets? Secrets { get; private set; }

    /// <summary>Null if the archive was cut off.</summary>
    public ArchiveEnd? End { get; private set; }

    /// <summary>Behind the last whole part.</summary>
    public long Position { get; private set; }

    /// <summary>Whose parts were read.</summary>
    public IReadOnlyCollection<string> People => people;

    public bool HasShared { get; private set; }

    public long Rows => rows;

    public long Blobs => blobs;

    /// <summary>The hash over the parts that were read.</summary>
    public IncrementalHash Parts => parts;

    /// <summary>Reads what comes before the parts.</summary>
    /// <exception cref="ArchiveException">It is no archive that this program can read.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        try
        {
            if (await NextAsync(cancel) is not { } first || first.Name != ArchiveFormat.Manifest)
                throw new InvalidDataException("it does not begin like one");
            Manifest = await DocumentAsync(first, ArchiveJson.Default.ArchiveManifest, cancel);
            if (Manifest.Format > ArchiveFormat.Current)
                throw new ArchiveException($"'{name}' has format {Manifest.Format}; this program knows formats up to {ArchiveFormat.Current}. Use the newer program that wrote it, {Manifest.Product}.");
            if (Manifest.Format < 1 || !Identity.IsWellFormed(Manifest.Id) || Manifest.Store is null || Manifest.Product is null)
                throw new InvalidDataException("its manifest is none");
            if (Manifest.HasSecrets)
            {
                if (await NextAsync(cancel) is not { Name: ArchiveFormat.Secrets } secrets)
                    throw new InvalidDataException("its secrets are missing");
                Secrets = await DocumentAsync(secrets, ArchiveJson.Default.SealedSecrets, cancel);
            }

            Position = file.Position;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Refusal(e);
        }
    }

    /// <summary>Reads the parts, and verifies each.</summary>
    /// <param name="visit">Is told what a part holds before its end is verified; null to look at nothing.</param>
    /// <param name="isUnfinished">Ends without an error where the archive was cut off, behind the last whole part.</param>
    /// <exception cref="ArchiveException">It is damaged, or somebody has changed it.</exception>
    public async Task ReadAsync(Func<ArchiveItem, Task>? visit, bool isUnfinished, CancellationToken cancel)
    {
        try
        {
            bool isMore;
            do
                isMore = await PartAsync(visit ?? (_ => Task.CompletedTask), cancel);
            while (isMore);
        }
        catch (Exception e) when (IsDamage(e))
        {
            if (!isUnfinished)
                throw Refusal(e);
        }

        if (End is null && !isUnfinished)
            throw new ArchiveException($"'{name}' is incomplete: its end is missing. Repeat the command that made it, or use another archive.");
    }

    private async Task<bool> PartAsync(Func<ArchiveItem, Task> visit, CancellationToken cancel)
    {
        file.Position = Position;
        if (await NextAsync(cancel) is not { } entry)
            return false;
        if (entry.Name == ArchiveFormat.End)
        {
            End = await DocumentAsync(entry, ArchiveJson.Default.ArchiveEnd, cancel);
            if (End.Sha256 != Convert.ToHexStringLower(parts.GetCurrentHash()) || End.People != people.Count || End.Rows != rows || End.Blobs != blobs || End.Changing is null || !HasShared)
                throw new InvalidDataException("its parts are not those it was made of");
            return false;
        }

        var (folder, person) = FolderOf(entry.Name);
        if (person is null ? HasShared : !HasShared || people.Contains(person))
            throw new InvalidDataException($"'{folder}' stands where it should not");
        await visit(new ArchiveItem.PartBegins(person));
        using var hash = new PartHash();
        var (partRows, partBlobs) = (0L, 0L);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (!entry.Name.StartsWith(folder + "/", StringComparison.Ordinal))
                throw new InvalidDataException($"'{folder}' has no end");
            var within = entry.Name[(folder.Length + 1)..];
            if (within == ArchiveFormat.End)
            {
                var end = await DocumentAsync(entry, ArchiveJson.Default.PartEnd, cancel);
                if (end.Sha256 != hash.Current() || end.Rows != partRows || end.Blobs != partBlobs)
                    throw new InvalidDataException($"'{folder}' is not what it was");
                Complete(person, end);
                await visit(new ArchiveItem.PartEnds(person, end, Position));
                return true;
            }

            if (within.StartsWith(ArchiveFormat.Blobs, StringComparison.Ordinal) && partRows == 0)
            {
                partBlobs++;
                await visit(await BlobAsync(entry, within[ArchiveFormat.Blobs.Length..], person, hash, cancel));
            }
            else if (within.StartsWith("rows-", StringComparison.Ordinal) && within.EndsWith(".ndjson.gz", StringComparison.Ordinal))
            {
                partRows += await RowsAsync(entry, within, person, hash, visit, cancel);
            }
            else
            {
                throw new InvalidDataException($"it has '{Shown(entry.Name)}'");
            }

            entry = await NextAsync(cancel) ?? throw new EndOfStreamException();
        }
    }

    private void Complete(string? person, PartEnd end)
    {
        parts.AppendData(Encoding.ASCII.GetBytes(end.Sha256));
        rows += end.Rows;
        blobs += end.Blobs;
        if (person is null)
            HasShared = true;
        else
            people.Add(person);
        Position = file.Position;
    }

    private async Task<ArchiveItem> BlobAsync(Entry entry, string path, string? person, PartHash hash, CancellationToken cancel)
    {
        var content = await BytesAsync(entry, ArchiveFormat.MaxBlobBytes, cancel);
        hash.Add(ArchiveFormat.Blobs + path, content.Length);
        hash.Add(content);
        if (path.Split('/', 2) is not [var container, var blob] || !StoreReader.IsBlobOf(person, container, blob))
            throw new InvalidDataException($"it has '{Shown(entry.Name)}'");
        BlobLimits.Check(container, blob);
        return new ArchiveItem.Blob(person, container, blob, content);
    }

    private async Task<long> RowsAsync(Entry entry, string within, string? person, PartHash hash, Func<ArchiveItem, Task> visit, CancellationToken cancel)
    {
        var packed = await BytesAsync(entry, ArchiveFormat.MaxRowFileBytes, cancel);
        hash.Add(within, packed.Length);
        hash.Add(packed);
        var plain = Unpack(packed);
        var (count, start) = (0L, 0);
        while (start < plain.Length)
        {
            var length = plain.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0)
                throw new InvalidDataException("a row has no end");
            var (table, row) = RowLine.Read(plain.AsMemory(start, length));
            if (!StoreReader.IsRowOf(person, table, row))
                throw new InvalidDataException($"'{Shown(entry.Name)}' has a row of somebody else");
            CheckDocument(table, row);
            await visit(new ArchiveItem.StoredRow(person, table, row));
            count++;
            start += length + 1;
        }

        return count;
    }

    /// <summary>What is read as soon as it is restored must be readable.</summary>
    private static void CheckDocument(string table, Row row)
    {
        if (table != TableNames.People)
            return;
        _ = row.Key.Split('|') switch
        {
            [PeopleStore.PersonKey] => RowDocument.Read(row, PeopleJson.Default.Person) as object,
            ["w", _] => RowDocument.Read(row, DigestJson.Default.DigestRecord) is { Week: { } week } && Week.Parse(week) is { } known ? known : throw new FormatException("A digest has no week."),
            ["c", _] => RowDocument.Read(row, ConnectionJson.Default.Connection),
            ["c", _, _] => RowDocument.Read(row, ConnectionJson.Default.ConnectionState),
            _ => null,
        };
    }

    /// <summary>Bounded, however much it unpacks to.</summary>
    private static byte[] Unpack(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = gzip.Read(buffer)) > 0;)
        {
            if (plain.Length + read > ArchiveFormat.MaxRowFileBytes)
                throw new InvalidDataException("a file of rows is too large");
            plain.Write(buffer, 0, read);
        }

        return plain.ToArray();
    }

    private async Task<T> DocumentAsync<T>(Entry entry, JsonTypeInfo<T> type, CancellationToken cancel) =>
        JsonSerializer.Deserialize(await BytesAsync(entry, ArchiveFormat.MaxDocumentBytes, cancel), type) ?? throw new JsonException();

    private async Task<byte[]> BytesAsync(Entry entry, int limit, CancellationToken cancel)
    {
        if (entry.Length > limit)
            throw new InvalidDataException($"'{Shown(entry.Name)}' is too large");

        // Before the memory is taken, so that a header that lies about its length costs nothing.
        if (entry.Start + entry.Length > file.Length)
            throw new EndOfStreamException();
        var content = new byte[entry.Length];
        file.Position = entry.Start;
        await file.ReadExactlyAsync(content, cancel);
        file.Position = entry.End;
        return content;
    }

    /// <summary>The next file; null at the end. Nothing but plain files is accepted, and that is seen before the framework reads what others may carry along.</summary>
    private async Task<Entry?> NextAsync(CancellationToken cancel)
    {
        var start = file.Position;
        var header = new byte[Block];
        var length = await file.ReadAtLeastAsync(header, Block, throwOnEndOfStream: false, cancel);
        if (length == 0 || (length == Block && !header.AsSpan().ContainsAnyExcept((byte)0)))
            return null;
        if (length < Block)
            throw new EndOfStreamException();
        if (header[TypeOffset] != (byte)'0')
            throw new InvalidDataException("it holds something else than files");
        file.Position = start;
        await using var tar = new TarReader(file, leaveOpen: true);
        var entry = await tar.GetNextEntryAsync(copyData: false, cancel) ?? throw new InvalidDataException("it is no tar");
        var data = start + Block;
        return new Entry(entry.Name, entry.Length, data, data + ((entry.Length + Block - 1) / Block * Block));
    }

    /// <summary>Null as person for what is about nobody.</summary>
    private static (string Folder, string? Person) FolderOf(string entry)
    {
        if (entry.StartsWith(ArchiveFormat.Shared + "/", StringComparison.Ordinal))
            return (ArchiveFormat.Shared, null);
        var segments = entry.Split('/');
        return entry.StartsWith(ArchiveFormat.People, StringComparison.Ordinal) && segments.Length > 2 && Identity.IsWellFormed(segments[1])
            ? (ArchiveFormat.FolderOf(segments[1]), segments[1])
            : throw new InvalidDataException($"it has '{Shown(entry)}'");
    }

    private static string Shown(string text) => new([.. text.Take(100).Select(c => char.IsControl(c) ? '?' : c)]);

    private static bool IsDamage(Exception e) => e is InvalidDataException or EndOfStreamException or FormatException or JsonException or ArgumentException or OverflowException or NotSupportedException or KeyNotFoundException or InvalidCastException;

    private ArchiveException Refusal(Exception e) => new(
        $"'{name}' is not an archive of this program, or is damaged: {(e is InvalidDataException && !e.Message.EndsWith('.') ? e.Message : "a part of it cannot be read")}. Use another one.", e);

    private sealed record Entry(string Name, long Length, long Start, long End);
}
