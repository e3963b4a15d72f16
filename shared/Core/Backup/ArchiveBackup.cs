using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Backup;

/// <summary>How an archive is made.</summary>
/// <param name="Store">Which store it is of, as an archive says.</param>
/// <param name="Product">The version of this program.</param>
/// <param name="WithRaw">With the raw answers of sources.</param>
/// <param name="Passphrase">Null to leave out what the secrets of the store can be read with.</param>
public sealed record BackupRequest(string File, string Store, string Product, bool WithRaw, string? Passphrase = null);

/// <summary>Writes a store, whatever its driver, into an archive, while others may write to the store.</summary>
public sealed class ArchiveBackup(PartMaker maker, PeopleStore people, TimeProvider clock)
{
    /// <summary>How often those who keep changing are read again.</summary>
    private const int Rounds = 6;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    /// <summary>Repeated after an interruption, it goes on behind the last whole person.</summary>
    /// <param name="secrets">Reads what a passphrase protects; asked only if one is given.</param>
    /// <returns>People who kept changing, and are missing in the archive.</returns>
    /// <exception cref="ArchiveException">The file is there already, or what was left of it was begun otherwise.</exception>
    public async Task<ArchiveEnd> RunAsync(BackupRequest request, Func<CancellationToken, Task<StoreSecrets>> secrets, Action<ArchiveProgress>? progress, CancellationToken cancel)
    {
        if (File.Exists(request.File))
            throw new ArchiveException($"'{request.File}' is there already. Name another file.");
        var passphrase = request.Passphrase;
        var read = passphrase is null ? null : await secrets(cancel);
        var manifest = new ArchiveManifest(ArchiveFormat.Current, Identity.Random(), request.Product, clock.GetUtcNow(), request.Store, request.WithRaw, read is not null);
        using var archive = await ArchiveFile.OpenAsync(request.File, manifest, read is null ? null : Seal, cancel);
        if (!archive.HasShared)
        {
            var shared = await maker.SharedAsync(isAnonymous: false, cancel);
            await using (shared.File)
                await archive.AppendAsync(shared, cancel);
        }

        var all = progress is null ? 0 : (await people.AllAsync(cancel)).Count;
        Report();
        var changing = new List<string>();
        string? after = null;
        for (IReadOnlyList<string> page; (page = await people.PageAsync(after, PartMaker.PeoplePerScan, cancel)).Count > 0; after = page[^1])
        {
            if (page.Where(person => !archive.Has(person)).ToList() is { Count: > 0 } missing)
                changing.AddRange(await AddAsync(missing));
        }

        for (var round = 0; round < Rounds && changing.Count > 0; round++)
        {
            await Task.Delay(FirstPause * Math.Pow(2, round), clock, cancel);
            var again = new List<string>();
            foreach (var chunk in changing.Chunk(PartMaker.PeoplePerScan))
                again.AddRange(await AddAsync(chunk));
            changing = again;
        }

        await archive.CompleteAsync(changing, cancel);
        return new ArchiveEnd(archive.People.Count, archive.Rows, archive.Blobs, changing, "");

        Task<IReadOnlyList<string>> AddAsync(IReadOnlyList<string> chunk) => maker.PeopleAsync(
            chunk,
            archive.Manifest.WithRaw,
            async part =>
            {
                await archive.AppendAsync(part, cancel);
                Report();
            },
            cancel);

        void Report() => progress?.Invoke(new ArchiveProgress(archive.People.Count, all, archive.Rows, archive.Bytes));

        SealedSecrets Seal(string id, SealedSecrets? before)
        {
            if (before is null)
                return SealedSecrets.Seal(read, passphrase!, id);
            return before.Open(passphrase!, id) is not null
                ? before
                : throw new ArchiveException($"'{request.File}{ArchiveFormat.UnfinishedSuffix}' was begun with another passphrase. Give that one, or delete the file.");
        }
    }
}
