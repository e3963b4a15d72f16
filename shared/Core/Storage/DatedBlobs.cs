using System.Globalization;

namespace ContributionIngest.Core.Storage;

/// <summary>Blobs whose names begin with the day they were kept on, <c>(yyyyMMdd)/…</c>, and which go by age.</summary>
internal static class DatedBlobs
{
    public static string Day(DateTimeOffset at) => at.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Removes what was kept before that day. Returns how many.</summary>
    public static async Task<int> PruneAsync(IBlobs blobs, string container, DateTimeOffset before, CancellationToken cancel)
    {
        var oldest = Day(before);
        var removed = 0;
        await foreach (var name in blobs.ListAsync(container, string.Empty, cancel))
        {
            // Names ascend by day: the first one young enough ends the walk.
            if (string.CompareOrdinal(name, oldest) >= 0)
                break;
            await blobs.DeleteAsync(container, name, cancel);
            removed++;
        }

        return removed;
    }
}
