using System.Globalization;

namespace ContributionIngest.Core.Storage;

/// <summary>Blobs that expire by age; their names begin with the day they were stored and whose they are, <c>(yyyyMMdd)/(person)/…</c>.</summary>
internal static class DatedBlobs
{
    private const int MaxDeletions = 1000;

    /// <summary>How many days blobs may have outlived theirs.</summary>
    private const int MaxDelay = 30;

    public static string Day(DateTimeOffset at) => at.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Deletes blobs stored before that day, at most 1,000, so that it takes seconds. True if it left any.</summary>
    public static async Task<bool> PruneAsync(IBlobs blobs, string container, DateTimeOffset before, CancellationToken cancel)
    {
        var oldest = Day(before);
        var removed = 0;
        await foreach (var name in blobs.ListAsync(container, string.Empty, cancel))
        {
            // Names ascend by day, so the first one that is recent enough ends the loop.
            if (string.CompareOrdinal(name, oldest) >= 0)
                break;
            if (removed == MaxDeletions)
                return true;
            await blobs.DeleteAsync(container, name, cancel);
            removed++;
        }

        return false;
    }

    /// <summary>Deletes a person's blobs. The number of deleted blobs.</summary>
    /// <param name="days">How long they are kept.</param>
    public static async Task<int> DeleteAsync(IBlobs blobs, string container, string person, int days, DateTimeOffset now, CancellationToken cancel)
    {
        var deleted = 0;
        for (var day = now.AddDays(-days - MaxDelay); day <= now.AddDays(1); day = day.AddDays(1))
        {
            await foreach (var name in blobs.ListAsync(container, $"{Day(day)}/{person}/", cancel))
                deleted += await blobs.DeleteAsync(container, name, cancel) ? 1 : 0;
        }

        return deleted;
    }
}
