using System.IO.Compression;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Harvesting;

/// <summary>What places answered, for audit and replay: container <c>raw</c>, <c>(yyyyMMdd)/(hash of the content).gz</c>.</summary>
public sealed class RawAnswers(IBlobs blobs, TimeProvider clock)
{
    public const string Container = "raw";

    /// <returns>The blob's name; the same answer on one day is kept once.</returns>
    public async Task<string> PutAsync(RawResponse answer, CancellationToken cancel)
    {
        var name = $"{DatedBlobs.Day(clock.GetUtcNow())}/{Identity.Hash(answer.Bytes)}.gz";
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(answer.Bytes, cancel);
        await blobs.PutIfAbsentAsync(Container, name, packed.ToArray(), cancel);
        return name;
    }

    /// <summary>Removes what is older than so many days. Returns how many.</summary>
    public Task<int> PruneAsync(int days, CancellationToken cancel) => DatedBlobs.PruneAsync(blobs, Container, clock.GetUtcNow().AddDays(-days), cancel);
}
