using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ContributionIngest.Core.Backup;

/// <summary>An archive that is being written: <c>FILE.unfinished</c>, which only its owner can read, until it is complete. One that was cut off goes on.</summary>
internal sealed class ArchiveFile : IDisposable
{
    private readonly string path;
    private readonly FileStream file;
    private readonly HashSet<string> people;
    private readonly IncrementalHash parts;

    private ArchiveFile(string path, FileStream file, ArchiveReader read)
    {
        (this.path, this.file, people, parts) = (path, file, [.. read.People], read.Parts);
        (Manifest, HasShared, Rows, Blobs) = (read.Manifest, read.HasShared, read.Rows, read.Blobs);
    }

    public ArchiveManifest Manifest { get; }

    public bool HasShared { get; private set; }

    public IReadOnlyCollection<string> People => people;

    public long Rows { get; private set; }

    public long Blobs { get; private set; }

    public long Bytes => file.Length;

    /// <summary>Opens what was left of it, or begins it.</summary>
    /// <param name="manifest">With an id that is used for a new one.</param>
    /// <param name="seal">Given the archive's id, what was sealed before if it is resumed, returns the sealed secrets; null without secrets.</param>
    /// <exception cref="ArchiveException">What was left is of another store, or was begun otherwise.</exception>
    public static async Task<ArchiveFile> OpenAsync(string path, ArchiveManifest manifest, Func<string, SealedSecrets?, SealedSecrets>? seal, CancellationToken cancel)
    {
        var unfinished = path + ArchiveFormat.UnfinishedSuffix;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var opened = new FileStream(unfinished, options);
        try
        {
            var read = await ResumeAsync(opened, unfinished, manifest, seal, cancel) ?? await BeginAsync(opened, unfinished, manifest, seal, cancel);
            return new ArchiveFile(path, opened, read);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public bool Has(string person) => people.Contains(person);

    public async Task AppendAsync(MadePart part, CancellationToken cancel)
    {
        part.File.Position = 0;
        file.Position = file.Length;
        await part.File.CopyToAsync(file, cancel);
        file.Flush(flushToDisk: true);
        parts.AppendData(Encoding.ASCII.GetBytes(part.End.Sha256));
        Rows += part.End.Rows;
        Blobs += part.End.Blobs;
        if (part.Person is { } person)
            people.Add(person);
        else
            HasShared = true;
    }

    /// <summary>Appends bytes of parts that are stored elsewhere; <see cref="SealAsync"/> reads them.</summary>
    public async Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        file.Position = file.Length;
        await file.WriteAsync(bytes, cancel);
    }

    /// <summary>Reads what was appended as bytes, verifies it, and completes the archive.</summary>
    public async Task SealAsync(IReadOnlyList<string> changing, CancellationToken cancel)
    {
        file.Position = 0;
        var read = new ArchiveReader(file, path);
        await read.OpenAsync(cancel);
        await read.ReadAsync(null, isUnfinished: true, cancel);
        if (read.Position != file.Length)
            throw new ArchiveException($"'{path}' cannot be put together: a copy of a person is damaged or incomplete, {read.People.Count} are whole. Take another week.");
        await CompleteAsync(new ArchiveEnd(read.People.Count, read.Rows, read.Blobs, changing, Convert.ToHexStringLower(read.Parts.GetCurrentHash())), cancel);
    }

    /// <summary>Completes the archive.</summary>
    public Task CompleteAsync(IReadOnlyList<string> changing, CancellationToken cancel) =>
        CompleteAsync(new ArchiveEnd(people.Count, Rows, Blobs, changing, Convert.ToHexStringLower(parts.GetCurrentHash())), cancel);

    public void Dispose()
    {
        file.Dispose();
        parts.Dispose();
    }

    private async Task CompleteAsync(ArchiveEnd end, CancellationToken cancel)
    {
        file.Position = file.Length;
        await PartWriter.WriteFileAsync(file, ArchiveFormat.End, JsonSerializer.SerializeToUtf8Bytes(end, ArchiveJson.Default.ArchiveEnd), Manifest.At, cancel);
        await file.WriteAsync(new byte[1024], cancel);
        file.Flush(flushToDisk: true);
        await file.DisposeAsync();
        File.Move(path + ArchiveFormat.UnfinishedSuffix, path, overwrite: false);
    }

    /// <summary>Null if nothing whole was left.</summary>
    private static async Task<ArchiveReader?> ResumeAsync(FileStream file, string name, ArchiveManifest wanted, Func<string, SealedSecrets?, SealedSecrets>? seal, CancellationToken cancel)
    {
        var read = new ArchiveReader(file, name);
        try
        {
            await read.OpenAsync(cancel);
        }
        catch (ArchiveException) when (file.Length < 16 * 1024)
        {
            // It was cut off before its first part.
            return null;
        }

        var begun = read.Manifest;
        if (begun.Store != wanted.Store || begun.WithRaw != wanted.WithRaw || begun.HasSecrets != wanted.HasSecrets)
            throw new ArchiveException($"'{name}' was begun for {begun.Store}{(begun.WithRaw ? "" : ", without raw answers")}{(begun.HasSecrets ? ", with a passphrase" : ", without a passphrase")}. Go on in the same way, or delete it.");
        if (read.Secrets is { } sealedBefore)
            seal!(begun.Id, sealedBefore);
        await read.ReadAsync(null, isUnfinished: true, cancel);
        file.SetLength(read.Position);
        return read;
    }

    private static async Task<ArchiveReader> BeginAsync(FileStream file, string name, ArchiveManifest manifest, Func<string, SealedSecrets?, SealedSecrets>? seal, CancellationToken cancel)
    {
        file.SetLength(0);
        await PartWriter.WriteFileAsync(file, ArchiveFormat.Manifest, JsonSerializer.SerializeToUtf8Bytes(manifest, ArchiveJson.Default.ArchiveManifest), manifest.At, cancel);
        if (seal is not null)
            await PartWriter.WriteFileAsync(file, ArchiveFormat.Secrets, JsonSerializer.SerializeToUtf8Bytes(seal(manifest.Id, null), ArchiveJson.Default.SealedSecrets), manifest.At, cancel);
        file.Position = 0;
        var read = new ArchiveReader(file, name);
        await read.OpenAsync(cancel);
        return read;
    }
}
