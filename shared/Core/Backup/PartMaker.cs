using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>A part of an archive in a file of its own, which is deleted with it.</summary>
internal sealed record MadePart(string? Person, FileStream File, PartEnd End);

/// <summary>
/// Makes parts of an archive while the app runs. A person is read, and everything of the person is looked at again: only if no row and no blob has changed in
/// between, the part is what the store held at one moment. Several people share the two scans of what is not arranged by person.
/// </summary>
public sealed class PartMaker(ITable table, IBlobs blobs, ConnectionStore connections, WebhookStore hooks, SubscriptionStore subscriptions, TimeProvider clock)
{
    /// <summary>People in one scan: their rows of the scanned tables are held in memory.</summary>
    public const int PeoplePerScan = 100;

    private readonly StoreReader reader = new(table, blobs, connections, hooks, subscriptions);

    /// <summary>Makes a part of what is about nobody.</summary>
    internal async Task<MadePart> SharedAsync(bool isAnonymous, CancellationToken cancel)
    {
        var file = Temporary();
        try
        {
            await using var part = new PartWriter(file, ArchiveFormat.Shared, clock.GetUtcNow());
            await reader.ReadSharedAsync(
                isAnonymous,
                (container, name, content) => part.AddBlobAsync(container, name, content, cancel),
                (name, row) => part.AddRowAsync(name, row, cancel),
                cancel);
            return new MadePart(null, file, await part.EndAsync(cancel));
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the parts of people, at most <see cref="PeoplePerScan"/>, and hands each to <paramref name="take"/>.</summary>
    /// <returns>Who changed meanwhile.</returns>
    internal async Task<IReadOnlyList<string>> PeopleAsync(IReadOnlyList<string> people, bool withRaw, Func<MadePart, Task> take, CancellationToken cancel)
    {
        var made = new List<(MadePart Part, string Stamp)>();
        var changed = new List<string>();
        try
        {
            var before = await reader.ScanAsync(people, withRaw, cancel);
            foreach (var person in people)
                made.Add(await PersonAsync(person, before, cancel));
            var after = await reader.ScanAsync(people, withRaw, cancel);
            foreach (var (part, stamp) in made)
            {
                if (stamp == await reader.ReadAsync(part.Person!, after, null, null, cancel))
                    await take(part);
                else
                    changed.Add(part.Person!);
            }

            return changed;
        }
        finally
        {
            foreach (var (part, _) in made)
                await part.File.DisposeAsync();
        }
    }

    private async Task<(MadePart Part, string Stamp)> PersonAsync(string person, FoundByScan found, CancellationToken cancel)
    {
        var file = Temporary();
        try
        {
            await using var part = new PartWriter(file, ArchiveFormat.FolderOf(person), clock.GetUtcNow());
            var stamp = await reader.ReadAsync(
                person, found, (container, name, content) => part.AddBlobAsync(container, name, content, cancel), (name, row) => part.AddRowAsync(name, row, cancel), cancel);
            return (new MadePart(person, file, await part.EndAsync(cancel)), stamp);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static FileStream Temporary()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(Path.GetTempPath(), $"contributions-{Guid.NewGuid():N}"), options);
    }
}
