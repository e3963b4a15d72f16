using System.Globalization;
using System.IO.Compression;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Ports;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Harvest;

/// <summary>What places answered, for audit and replay: container <c>raw</c>, <c>(yyyyMMdd)/(hash of the content).gz</c>.</summary>
public sealed class RawAnswers(IBlobs blobs, TimeProvider clock)
{
    public const string Container = "raw";

    /// <returns>The blob's name; the same answer on one day is kept once.</returns>
    public async Task<string> Keep(RawAnswer answer, CancellationToken cancel)
    {
        var name = $"{Day(clock.GetUtcNow())}/{Identity.Hash(answer.Bytes)}.gz";
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(answer.Bytes, cancel);
        await blobs.PutIfAbsent(Container, name, packed.ToArray(), cancel);
        return name;
    }

    /// <summary>Removes what is older than so many days. Returns how many.</summary>
    public async Task<int> Prune(int days, CancellationToken cancel)
    {
        var oldest = Day(clock.GetUtcNow().AddDays(-days));
        var removed = 0;
        string? more = null;
        do
        {
            var page = await blobs.List(Container, string.Empty, 1000, more, cancel);
            foreach (var name in page.Names)
            {
                // Names ascend by day: the first one young enough ends the walk.
                if (string.CompareOrdinal(name, oldest) >= 0)
                    return removed;
                await blobs.Delete(Container, name, cancel);
                removed++;
            }

            more = page.Next;
        }
        while (more is not null);
        return removed;
    }

    private static string Day(DateTimeOffset at) => at.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
