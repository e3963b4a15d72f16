using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Harvest.Pushes;

/// <summary>
/// What was delivered and waits to be read: container <c>pushes</c>, <c>(yyyyMMdd)/(hash of the content)</c>. Nobody knows who reads a body
/// last, so it goes by age.
/// </summary>
public sealed class PushedBodies(IBlobs blobs, TimeProvider clock)
{
    public const string Container = "pushes";
    private const int Days = 2;

    /// <returns>The blob's name; the same body on one day is kept once.</returns>
    public async Task<string> Keep(byte[] body, CancellationToken cancel)
    {
        var name = $"{DayBlobs.Day(clock.GetUtcNow())}/{Identity.Hash(body)}";
        await blobs.PutIfAbsent(Container, name, body, cancel);
        return name;
    }

    public Task<byte[]?> Get(string name, CancellationToken cancel) => blobs.Get(Container, name, cancel);

    public Task<int> Prune(CancellationToken cancel) => DayBlobs.Prune(blobs, Container, clock.GetUtcNow().AddDays(-Days), cancel);
}
