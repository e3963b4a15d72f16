using System.Globalization;

namespace ContributionIngest.Core.Storage;

/// <summary>Blobs that expire by age; their names begin with the day they were stored, <c>(yyyyMMdd)/…</c>.</summary>
internal static class DatedBlobs
{
    public static string Day(DateTimeOffset at) => at.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Deletes the blobs stored before that day. Returns how many.</summary>
    public static async Task<int> PruneAsync(IBlobs blobs, string container, DateTimeOffset before, CancellationToken cancel)
    {
        var oldest = Day(before);
        var removed = 0;
        await foreach (var name in blobs.ListAsync(container, string.Empty, cancel))
        {
            // Names ascend by day, so the first one that is recent enough ends the loop.
            if (string.CompareOrdinal(name, oldest) >= 0)
                break;
            await blobs.DeleteAsync(container, name, cancel);
            removed++;
        }

        return removed;
    }
}
