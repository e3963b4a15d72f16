using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

/// <summary>
/// Large delivered bodies that wait to be read: container <c>pushes</c>, <c>(yyyyMMdd)/(hash of the content)</c>. Several messages may share a body, so it is
/// deleted by age.
/// </summary>
public sealed class PushBodyStore(IBlobs blobs, TimeProvider clock)
{
    public const string Container = "pushes";
    private const int Days = 2;

    /// <summary>Bytes of a body that is stored in the message itself.</summary>
    public const int MaxInMessage = 32 * 1024;

    /// <summary>The same large body on one day is stored once.</summary>
    public async Task<PushPayload> PutAsync(byte[] body, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (body.Length <= MaxInMessage)
            return new PushPayload(Body: body) { ReceivedAt = now };
        var name = $"{DatedBlobs.Day(now)}/{Identity.Hash(body)}";
        await blobs.PutIfAbsentAsync(Container, name, body, cancel);
        return new PushPayload(name) { ReceivedAt = now };
    }

    /// <summary>Null if it has been deleted by age.</summary>
    public async Task<byte[]?> GetAsync(PushPayload pushPayload, CancellationToken cancel) =>
        pushPayload.Body ?? (pushPayload.Blob is { } name ? await blobs.GetAsync(Container, name, cancel) : null);

    /// <summary>Deletes some of what has expired. True if it left any.</summary>
    public Task<bool> PruneAsync(CancellationToken cancel) => DatedBlobs.PruneAsync(blobs, Container, clock.GetUtcNow().AddDays(-Days), cancel);
}
