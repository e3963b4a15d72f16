using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

/// <summary>
/// Large delivered bodies that wait to be read: container <c>pushes</c>, <c>(yyyyMMdd)/(person)/(hash of the content)</c>, with <c>shared</c> in place
/// of the person for one that concerns several. Several messages may share a body, so it is deleted by age.
/// </summary>
public sealed class PushBodyStore(IBlobs blobs, TimeProvider clock)
{
    public const string Container = "pushes";
    private const int Days = 2;
    private const string Shared = "shared";

    /// <summary>Bytes of a body that is stored in the message itself.</summary>
    public const int MaxInMessage = 32 * 1024;

    /// <summary>The same large body on one day is stored once.</summary>
    /// <param name="people">Whom it concerns.</param>
    public async Task<PushPayload> PutAsync(IEnumerable<string> people, byte[] body, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (body.Length <= MaxInMessage)
            return new PushPayload(Body: body) { ReceivedAt = now };
        var whose = people.Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : Shared;
        var name = $"{DatedBlobs.Day(now)}/{whose}/{Identity.Hash(body)}";
        await blobs.PutIfAbsentAsync(Container, name, body, cancel);
        return new PushPayload(name) { ReceivedAt = now };
    }

    /// <summary>Null if it has been deleted by age.</summary>
    public async Task<byte[]?> GetAsync(PushPayload pushPayload, CancellationToken cancel) =>
        pushPayload.Body ?? (pushPayload.Blob is { } name ? await blobs.GetAsync(Container, name, cancel) : null);

    /// <summary>Deletes some of what has expired. True if it left any.</summary>
    public Task<bool> PruneAsync(CancellationToken cancel) => DatedBlobs.PruneAsync(blobs, Container, clock.GetUtcNow().AddDays(-Days), cancel);

    /// <summary>Deletes the bodies that concern nobody but this person. The number of deleted blobs.</summary>
    public Task<int> DeleteAsync(string person, CancellationToken cancel) =>
        DatedBlobs.DeleteAsync(blobs, Container, person, Days, clock.GetUtcNow(), cancel);
}
