using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Import;

/// <summary>
/// Files that wait between the look at them and their import: container <c>imports</c>, <c>(yyyyMMdd)/(person)/(hash of the content)</c>. They are deleted after
/// a day.
/// </summary>
public sealed class WaitingFiles(IBlobs blobs, TimeProvider clock)
{
    public const string Container = "imports";

    private const int Days = 1;

    /// <returns>The id by which the person finds it again.</returns>
    public async Task<string> PutAsync(string person, byte[] content, CancellationToken cancel)
    {
        var id = Identity.Hash(content);
        await blobs.PutIfAbsentAsync(Container, Name(clock.GetUtcNow(), person, id), content, cancel);
        return id;
    }

    /// <summary>Null if there is none, or it has been deleted by age; malformed ids are not looked up.</summary>
    public async Task<byte[]?> GetAsync(string person, string id, CancellationToken cancel)
    {
        if (!Identity.IsWellFormed(id))
            return null;
        for (var day = 0; day <= Days; day++)
        {
            if (await blobs.GetAsync(Container, Name(clock.GetUtcNow().AddDays(-day), person, id), cancel) is { } content)
                return content;
        }

        return null;
    }

    /// <summary>Deletes it after its import.</summary>
    public async Task RemoveAsync(string person, string id, CancellationToken cancel)
    {
        for (var day = 0; day <= Days; day++)
            await blobs.DeleteAsync(Container, Name(clock.GetUtcNow().AddDays(-day), person, id), cancel);
    }

    /// <summary>Deletes some of what has expired. True if it left any.</summary>
    public Task<bool> PruneAsync(CancellationToken cancel) => DatedBlobs.PruneAsync(blobs, Container, clock.GetUtcNow().AddDays(-Days), cancel);

    /// <summary>Deletes a person's files. The number of deleted blobs.</summary>
    public Task<int> DeleteAsync(string person, CancellationToken cancel) => DatedBlobs.DeleteAsync(blobs, Container, person, Days, clock.GetUtcNow(), cancel);

    private static string Name(DateTimeOffset at, string person, string id) => $"{DatedBlobs.Day(at)}/{person}/{id}";
}
