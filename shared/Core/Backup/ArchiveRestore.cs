using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>How an archive is restored.</summary>
/// <param name="Passphrase">Null to leave secrets unreadable: accounts are connected again then, and everybody signs in again.</param>
/// <param name="Person">The id or a mail address of the one person to restore; null for everybody.</param>
public sealed record RestoreRequest(string File, string? Passphrase = null, string? Person = null);

/// <param name="HasSecrets">What the secrets can be read with was restored, too.</param>
/// <param name="Taken">What now belongs to somebody else, or was sent meanwhile, and was left as it is: the number of rows.</param>
/// <param name="Replaced">The archive of the person as they were before; null if nobody was replaced.</param>
public sealed record RestoreResult(int People, long Rows, long Blobs, bool HasSecrets, IReadOnlyList<string> Changing, int Taken = 0, string? Replaced = null);

/// <summary>
/// Restores an archive into a store, whatever its driver. All of it is verified before anything is written. The rows that make a person visible to a running
/// app come last, so that none works on half a person. Repeated after an interruption, it goes on: whoever is visible is complete.
/// </summary>
public sealed class ArchiveRestore(
    RestoreTarget target, RestoredWork work, PartMaker maker, PeopleStore people, Deletions deletions, ITable table, IBlobs blobs, ConnectionStore connections, WebhookStore hooks, SubscriptionStore subscriptions)
{
    private readonly StoreReader reader = new(table, blobs, connections, hooks, subscriptions);

    /// <summary>Looks at the beginning of a file.</summary>
    /// <exception cref="ArchiveException">It is no archive that this program can read.</exception>
    public static async Task CheckAsync(string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        await new ArchiveReader(file, path).OpenAsync(cancel);
    }

    /// <param name="secrets">Protects the secrets of the archive anew in this store.</param>
    /// <exception cref="ArchiveException">The archive or the store is refused; nothing was written.</exception>
    public async Task<RestoreResult> RunAsync(RestoreRequest request, string product, Func<StoreSecrets, CancellationToken, Task> secrets, Action<ArchiveProgress>? progress, CancellationToken cancel)
    {
        await using var file = new FileStream(request.File, FileMode.Open, FileAccess.Read, FileShare.Read);
        var verified = new ArchiveReader(file, request.File);
        await verified.OpenAsync(cancel);
        var opened = request.Passphrase is null || verified.Secrets is null ? null
            : verified.Secrets.Open(request.Passphrase, verified.Manifest.Id)
            ?? throw new ArchiveException($"The passphrase does not open the secrets of '{request.File}'. Give the one it was made with, or none: everybody connects accounts and signs in again then.");
        var found = new FindPerson(request.Person);
        await verified.ReadAsync(request.Person is null ? null : found.VisitAsync, isUnfinished: false, cancel);
        if (request.Person is not null)
            return await PersonAsync(request, product, file, verified, found.Id ?? throw new ArchiveException($"'{request.File}' has nobody with the id or the address '{request.Person}'."), cancel);

        var underWay = await target.UnderWayAsync(cancel);
        if (underWay is { } other && other.Archive != verified.Manifest.Id)
            throw new ArchiveException("The restoration of another archive into this store was cut off. Repeat it with that archive, or use an empty store.");
        if (underWay is null && await target.HasPeopleAsync(cancel))
            throw new ArchiveException("This store has people already. Restore into an empty one, or one person with --person.");
        await target.NoteAsync(verified.Manifest.Id, underWay?.People ?? 0, cancel);
        await target.HoldOwnerAsync(cancel);
        if (opened is not null)
            await secrets(opened, cancel);
        await EverybodyAsync(file, request.File, verified, underWay?.People ?? 0, progress, cancel);
        await target.EndAsync(cancel);
        return new RestoreResult(verified.People.Count, verified.Rows, verified.Blobs, opened is not null, verified.End!.Changing);
    }

    private async Task EverybodyAsync(FileStream file, string name, ArchiveReader verified, int done, Action<ArchiveProgress>? progress, CancellationToken cancel)
    {
        file.Position = 0;
        var read = new ArchiveReader(file, name);
        await read.OpenAsync(cancel);
        var isComplete = false;
        await read.ReadAsync(VisitAsync, isUnfinished: false, cancel);

        async Task VisitAsync(ArchiveItem item)
        {
            switch (item)
            {
                case ArchiveItem.PartBegins { Person: var person }:
                    isComplete = person is null ? done > 0 : read.People.Count < done || await people.IsListedAsync(person, cancel);
                    break;
                case ArchiveItem.Blob blob when !isComplete:
                    await target.PutAsync(blob.Container, blob.Name, blob.Content, cancel);
                    break;
                case ArchiveItem.StoredRow row when !isComplete:
                    await target.PutAsync(row.Table, row.Row, cancel);
                    break;
                case ArchiveItem.PartEnds end:
                    await target.FlushAsync(cancel);
                    if (end.Person is { } complete && read.People.Count > done)
                    {
                        await work.ResumeAsync(complete, isAlone: false, cancel);
                        await target.NoteAsync(read.Manifest.Id, read.People.Count, cancel);
                    }

                    progress?.Invoke(new ArchiveProgress(read.People.Count, verified.People.Count, read.Rows, read.Position));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>
    /// Restores one person as they were. Who is there is first written to an archive beside this one, then hidden, replaced and shown again. Repeated after an
    /// interruption, it goes on. Digests that were sent since stay sent, and an address or a name that is somebody else's by now stays theirs.
    /// </summary>
    private async Task<RestoreResult> PersonAsync(RestoreRequest request, string product, FileStream file, ArchiveReader verified, string person, CancellationToken cancel)
    {
        if (await deletions.HasPersonAsync(person, cancel))
            throw new ArchiveException("This person is just being deleted. Wait until that is done, an hour or two, and repeat this.");
        string? replaced = null;
        var replacing = await target.ReplacingAsync(person, cancel);
        if (replacing is not null && replacing != verified.Manifest.Id)
            throw new ArchiveException("The restoration of this person from another archive was cut off. Repeat it with that archive first.");
        if (replacing is null && await people.GetAsync(person, cancel) is not null)
            replaced = await SaveAsync(person, request.File, product, cancel);
        var before = await reader.ScanAsync([person], withRaw: false, cancel);
        var hooked = new List<Row>();
        foreach (var connected in await connections.ListAsync(person, cancel))
            hooked.AddRange(await hooks.RowsAsync(connected.Connection.Id, cancel).ToListAsync(cancel));
        await target.HideAsync(person, verified.Manifest.Id, [.. before.Rows[person], .. hooked.Select(row => (TableNames.Lookups, row))], cancel);

        var kept = new HashSet<string>(StringComparer.Ordinal);
        var (taken, rows, stored, isHere) = (0, 0L, 0L, false);
        var last = new List<ArchiveItem.StoredRow>();
        file.Position = 0;
        var read = new ArchiveReader(file, request.File);
        await read.OpenAsync(cancel);
        await read.ReadAsync(VisitAsync, isUnfinished: false, cancel);
        foreach (var row in last)
            await target.PutAsync(row.Table, row.Row, cancel);
        await target.FlushAsync(cancel);
        await work.ResumeAsync(person, isAlone: true, cancel);
        await target.ShownAsync(person, cancel);
        return new RestoreResult(1, rows, stored, HasSecrets: false, [], taken, replaced);

        async Task VisitAsync(ArchiveItem item)
        {
            switch (item)
            {
                case ArchiveItem.PartBegins begins:
                    isHere = begins.Person == person;
                    break;
                case ArchiveItem.Blob blob when isHere:
                    stored++;
                    await target.PutAsync(blob.Container, blob.Name, blob.Content, cancel);
                    break;
                case ArchiveItem.StoredRow row when isHere:
                    rows++;
                    if (row.Table == TableNames.Schedule || (row.Table == TableNames.Lookups && row.Row.Partition == PeopleStore.AllPeople))
                    {
                        last.Add(row);
                        break;
                    }

                    kept.Add(RestoreTarget.IdOf(row.Table, row.Row));
                    if (await target.IsTakenAsync(person, row.Table, row.Row, cancel))
                        taken++;
                    else
                        await target.PutAsync(row.Table, row.Row, cancel);
                    break;
                case ArchiveItem.PartEnds when isHere:
                    await target.FlushAsync(cancel);
                    await target.RemoveOthersAsync(person, kept, before, cancel);
                    isHere = false;
                    break;
                default:
                    break;
            }
        }
    }

    private async Task<string> SaveAsync(string person, string beside, string product, CancellationToken cancel)
    {
        for (var number = 1; ; number++)
        {
            var path = $"{beside}.{person}-before{(number == 1 ? "" : $"-{number}")}";
            if (File.Exists(path))
                continue;
            var manifest = new ArchiveManifest(ArchiveFormat.Current, Identity.Random(), product, DateTimeOffset.UnixEpoch, "one person", WithRaw: false, HasSecrets: false);
            using var archive = await ArchiveFile.OpenAsync(path, manifest, null, cancel);
            if (!archive.HasShared)
            {
                var shared = await maker.SharedAsync(isAnonymous: true, cancel);
                await using (shared.File)
                    await archive.AppendAsync(shared, cancel);
            }

            if (!archive.Has(person) && await maker.PeopleAsync([person], withRaw: false, part => archive.AppendAsync(part, cancel), cancel) is [_, ..])
                throw new ArchiveException("This person's rows are just changing. Repeat this in a minute, or stop the app for it.");
            await archive.CompleteAsync([], cancel);
            return path;
        }
    }

    /// <summary>Looks for a person by id or mail address.</summary>
    private sealed class FindPerson(string? asked)
    {
        private readonly string? address = asked is null ? null : SignInAddresses.Normalise(asked);

        public string? Id { get; private set; }

        public Task VisitAsync(ArchiveItem item)
        {
            if (item is ArchiveItem.PartBegins { Person: { } person } && person == asked)
                Id = person;
            if (address is not null && item is ArchiveItem.StoredRow { Person: { } holder } row && IsAddressed(row))
                Id = holder;
            return Task.CompletedTask;
        }

        private bool IsAddressed(ArchiveItem.StoredRow row) => row.Table switch
        {
            TableNames.Lookups => row.Row.Partition == $"e|{Identity.Hash(address!)}",
            TableNames.People => row.Row.Key == PeopleStore.PersonKey && SignInAddresses.Normalise(RowDocument.Read(row.Row, PeopleJson.Default.Person).Email) == address,
            _ => false,
        };
    }
}
