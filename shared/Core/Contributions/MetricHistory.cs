using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions;

/// <summary>An entry's metrics at the end of a day on which they were measured or entered.</summary>
/// <param name="Day">UTC.</param>
public sealed record Snapshot(DateOnly Day, IReadOnlyDictionary<string, Metric> Metrics);

/// <summary>
/// An entry's previous metrics. The latest are in the entry itself, so a metric that never changes costs no row. Each day keeps its last
/// values.
/// </summary>
internal static class Snapshots
{
    public static async Task SaveAsync(LedgerTransaction transaction, Contribution? before, Contribution after)
    {
        if (before?.EffectiveMetrics() is not { Count: > 0 } old || AreEqual(old, after.EffectiveMetrics()))
            return;
        var day = DateOnly.FromDateTime(old.Values.Max(m => m.At).UtcDateTime);
        var key = LedgerKeys.Snapshot(before.Id, day);

        // The row must have been read for the write to know whether it replaces one.
        await transaction.GetAsync(key);
        transaction.Put(key, new Snapshot(day, old), LedgerJson.Default.Snapshot);
    }

    private static bool AreEqual(IReadOnlyDictionary<string, Metric> one, IReadOnlyDictionary<string, Metric> other) =>
        one.Count == other.Count && one.All(m => other.TryGetValue(m.Key, out var o) && o == m.Value);
}

/// <summary>One metric of a contribution over time.</summary>
/// <param name="Values">Oldest first; each value once, with the time it was first known.</param>
/// <param name="Growth">Null without two values to compare.</param>
public sealed record MetricSeries(string Name, IReadOnlyList<Metric> Values, MetricGrowth? Growth);

/// <param name="By">The last value minus the first; negative for a decrease.</param>
/// <param name="From">The last value known when the period began, or else the first one in it.</param>
public sealed record MetricGrowth(double By, Metric From, Metric To);

/// <summary>How a contribution's metrics changed over time. Pure.</summary>
/// <param name="redefined">In chronological order.</param>
public sealed class MetricHistory(IReadOnlyList<MetricRedefinition> redefined)
{
    /// <param name="source">The contribution's source.</param>
    /// <param name="from">Inclusive; null for no lower bound.</param>
    /// <param name="to">Exclusive; null for now.</param>
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
        var redefinedAt = redefined.LastOrDefault(r => r.Source == source && r.Metric == name && r.At <= last.At)?.At ?? default;
        var comparable = all.Where(m => m.How == last.How && m.At >= redefinedAt).ToList();
        var first = comparable.LastOrDefault(m => from is not null && m.At < from) ?? comparable[0];
        return first == last ? null : new MetricGrowth(last.Value - first.Value, first, last);
    }
}
