using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions;

/// <summary>All numbers of an entry as they stood at the end of a day they were measured or typed on.</summary>
/// <param name="Day">UTC.</param>
public sealed record Snapshot(DateOnly Day, IReadOnlyDictionary<string, Metric> Metrics);

/// <summary>
/// The numbers an entry had before. The latest stand in the entry itself, so a number that never changes costs no row, and each day keeps
/// its last ones.
/// </summary>
internal static class Snapshots
{
    public static async Task KeepAsync(LedgerTransaction set, Contribution? before, Contribution after)
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

/// <summary>One number of a contribution over time.</summary>
/// <param name="Values">Oldest first; each is there once, with the time it was first known.</param>
/// <param name="Growth">Null where there are not two values to compare.</param>
public sealed record MetricSeries(string Name, IReadOnlyList<Metric> Values, MetricGrowth? Growth);

/// <param name="By">What the last value has over the first; negative when it shrank.</param>
/// <param name="From">The last value known when the window began, or the first one in it.</param>
public sealed record MetricGrowth(double By, Metric From, Metric To);

/// <summary>How numbers of a contribution moved. Pure.</summary>
/// <param name="redefined">In the order of time.</param>
public sealed class MetricHistory(IReadOnlyList<MetricRedefinition> redefined)
{
    /// <param name="source">Where the contribution is from.</param>
    /// <param name="from">Inclusive, null for the beginning.</param>
    /// <param name="to">Exclusive, null for now.</param>
    public IReadOnlyList<MetricSeries> Of(
        string source, IReadOnlyList<Snapshot> snapshots, DateTimeOffset? from, DateTimeOffset? to)
    {
        var names = snapshots.SelectMany(s => s.Metrics.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var series = names.Select(name => Series(source, name, snapshots, from, to));
        return [.. series.Where(s => s.Values.Count > 0)];
    }

    private MetricSeries Series(
        string source, string name, IReadOnlyList<Snapshot> snapshots, DateTimeOffset? from, DateTimeOffset? to)
    {
        var all = snapshots.Select(s => s.Metrics.GetValueOrDefault(name)).OfType<Metric>().Where(m => to is null || m.At < to)
            .Distinct().OrderBy(m => m.At).ToList();
        var within = all.Where(m => from is null || m.At >= from).ToList();
        return new MetricSeries(name, within, Growth(source, name, all, within, from));
    }

    private MetricGrowth? Growth(string source, string name, List<Metric> all, List<Metric> within, DateTimeOffset? from)
    {
        if (within.Count == 0)
            return null;
        var last = within[^1];
        var seam = redefined.LastOrDefault(r => r.Source == source && r.Metric == name && r.At <= last.At)?.At ?? default;
        var comparable = all.Where(m => m.How == last.How && m.At >= seam).ToList();
        var first = comparable.LastOrDefault(m => from is not null && m.At < from) ?? comparable[0];
        return first == last ? null : new MetricGrowth(last.Value - first.Value, first, last);
    }
}
