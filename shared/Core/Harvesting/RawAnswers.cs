using System.IO.Compression;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Harvesting;

/// <summary>Responses of sources, for audit and replay: container <c>raw</c>, <c>(yyyyMMdd)/(person)/(hash of the content).gz</c>.</summary>
public sealed class RawAnswers(IBlobs blobs, TimeProvider clock)
{
    public const string Container = "raw";

    /// <returns>The blob's name; the same response on one day is stored once for a person.</returns>
    public async Task<string> PutAsync(string person, RawResponse answer, CancellationToken cancel)
    {
        var name = $"{DatedBlobs.Day(clock.GetUtcNow())}/{person}/{Identity.Hash(answer.Bytes)}.gz";
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(answer.Bytes, cancel);
        await blobs.PutIfAbsentAsync(Container, name, packed.ToArray(), cancel);
        return name;
    }

    /// <summary>Deletes some of what is older than so many days. True if it left any.</summary>
    public Task<bool> PruneAsync(int days, CancellationToken cancel) => DatedBlobs.PruneAsync(blobs, Container, clock.GetUtcNow().AddDays(-days), cancel);

    /// <summary>Deletes a person's responses, which are kept for so many days. The number of deleted blobs.</summary>
    public Task<int> DeleteAsync(string person, int days, CancellationToken cancel) =>
        DatedBlobs.DeleteAsync(blobs, Container, person, days, clock.GetUtcNow(), cancel);
}
