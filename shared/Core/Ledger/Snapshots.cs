using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Ledger;

/// <summary>All numbers of an entry as they stood at the end of a day they were measured or typed on.</summary>
/// <param name="Day">UTC.</param>
public sealed record Snapshot(DateOnly Day, IReadOnlyDictionary<string, Metric> Metrics);

/// <summary>
/// The numbers an entry had before. The latest stand in the entry itself, so a number that never changes costs no row, and each day keeps
/// its last ones.
/// </summary>
internal static class Snapshots
{
    public static async Task KeepAsync(WorkingSet set, Contribution? before, Contribution after)
    {
        if (before?.EffectiveMetrics() is not { Count: > 0 } old || Same(old, after.EffectiveMetrics()))
            return;
        var day = DateOnly.FromDateTime(old.Values.Max(m => m.At).UtcDateTime);
        var key = LedgerKeys.Snapshot(before.Id, day);

        // Read, so that the write knows whether it replaces.
        await set.GetAsync(key);
        set.Put(key, new Snapshot(day, old), LedgerJson.Default.Snapshot);
    }

    private static bool Same(IReadOnlyDictionary<string, Metric> one, IReadOnlyDictionary<string, Metric> other) =>
        one.Count == other.Count && one.All(m => other.TryGetValue(m.Key, out var o) && o == m.Value);
}
