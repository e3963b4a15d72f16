using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions;

/// <summary>Merges a draft into the entry it belongs to. Pure.</summary>
internal static class SightingMerge
{
    /// <summary>The number of characters of the summary that replace a missing title.</summary>
    private const int UntitledLength = 100;

    /// <param name="draft">Normalised.</param>
    public static Contribution Create(string id, Draft draft, SightingContext context, DateTimeOffset now) => new()
    {
        Id = id,
        Source = context.Source,
        FirstSeen = now,
        Harvested = ValuesOf(draft, null, now),
        Sightings = [CreateSighting(draft, context, null, now)],
        Metrics = MergeMetrics(draft, null, now),
    };

    /// <summary>The merged entry; the same instance when there is nothing to change.</summary>
    public static Contribution Merge(Contribution entry, Draft draft, SightingContext context, DateTimeOffset now)
    {
        var seen = FindSighting(entry, context);
        if (seen is not null && (IsLagging(entry, seen, draft, context) || (IsStale(seen, draft, context) && !IsBack(entry, seen, draft, context))))
            return entry;
        var sighting = CreateSighting(draft, context, seen, now);
        var sightings = entry.Sightings.Where(s => s != seen).Append(sighting)
            .OrderBy(s => s.Rank, StringComparer.Ordinal).ToList();
        if (sightings[0] != sighting)
            return entry with { Sightings = sightings };

        var values = MergeValues(draft, entry.Harvested, now);
        return entry with
        {
            Sightings = sightings,
            Harvested = values,
            Metrics = MergeMetrics(draft, entry.Metrics, now),
            Revision = entry.Revision + (entry.Harvested.IsRevisedBy(values) ? 1 : 0),
        };
    }

    public static Sighting? FindSighting(Contribution entry, SightingContext context) =>
        entry.Sightings.FirstOrDefault(s => string.Equals(s.Connection, context.Connection, StringComparison.Ordinal));

    /// <summary>A read shows an item shortly after a delivery removed it.</summary>
    private static bool IsLagging(Contribution entry, Sighting seen, Draft draft, SightingContext context) =>
        seen.IsDelivered && !context.IsDelivered && entry.Harvested.Status == Status.Removed && draft.Status != Status.Removed
        && !(draft.Version > seen.Version) && context.AsOf - seen.AsOf < PushOffer.LongestLag;

    /// <summary>Nothing new, or older than what this connection reported before: deliveries arrive out of order, and during reads.</summary>
    private static bool IsStale(Sighting seen, Draft draft, SightingContext context) =>
        draft.Version < seen.Version
        || (!(draft.Version > seen.Version)
            && (((context.IsDelivered || seen.IsDelivered) && context.AsOf < seen.AsOf) || string.Equals(seen.Hash, DraftHash.Of(draft), StringComparison.Ordinal)));

    /// <summary>A removed item that is shown long after its removal is public again, although its own last change is older than that.</summary>
    private static bool IsBack(Contribution entry, Sighting seen, Draft draft, SightingContext context) =>
        entry.Harvested.Status == Status.Removed && draft.Status != Status.Removed && context.AsOf - (seen.AsOf ?? seen.LastSeen) >= PushOffer.LongestLag;

    private static Sighting CreateSighting(Draft draft, SightingContext context, Sighting? before, DateTimeOffset now) => new()
    {
        Connection = context.Connection,
        Source = context.Source,
        Url = draft.Url,
        FirstSeen = before?.FirstSeen ?? now,
        LastSeen = now,
        Hash = DraftHash.Of(draft),
        Rank = context.Rank,
        Version = draft.Version ?? before?.Version,
        AsOf = context.AsOf,
        Names = before?.Names ?? 0,
        IsDelivered = context.IsDelivered,
    };

    private static ContributionValues MergeValues(Draft draft, ContributionValues before, DateTimeOffset now)
    {
        // A tombstone reports only that the item is gone.
        if (draft.Status == Status.Removed)
            return before with { Status = Status.Removed };
        return draft.IsPartial
            ? before with
            {
                Status = before.Status == Status.Removed ? draft.Status : before.Status,
                Title = draft.Title ?? before.Title,
                Url = draft.Url ?? before.Url,
                Summary = draft.Summary ?? before.Summary,
            }
            : ValuesOf(draft, before, now);
    }

    /// <summary>A value that the source no longer gives is kept: unknown never overwrites known.</summary>
    private static ContributionValues ValuesOf(Draft draft, ContributionValues? before, DateTimeOffset now) => new()
    {
        Kind = draft.Kind,
        Role = draft.Role,
        Status = draft.Status,
        Title = draft.Title ?? before?.Title ?? Normaliser.Text(draft.Summary, UntitledLength) ?? draft.Url ?? "Untitled",
        Url = draft.Url ?? before?.Url,
        Summary = draft.Summary ?? before?.Summary,
        When = IsDerivedAgain(draft, before) ? before!.When : draft.When ?? before?.When ?? now,
        DatePrecision = draft.When is null ? before?.DatePrecision ?? DatePrecision.FirstSeen : draft.DatePrecision,
        EndsAt = draft.EndsAt ?? before?.EndsAt,
        Container = draft.Container ?? before?.Container,
        Topics = draft.Topics,
    };

    /// <summary>A derived date is at most the date of the last change, so the earliest one known is the best: sites change all dates when they are built.</summary>
    private static bool IsDerivedAgain(Draft draft, ContributionValues? before) =>
        draft.DatePrecision == DatePrecision.Derived && before?.DatePrecision == DatePrecision.Derived && draft.When > before.When;

    private static IReadOnlyDictionary<string, Metric> MergeMetrics(Draft draft, IReadOnlyDictionary<string, Metric>? before, DateTimeOffset now)
    {
        var metrics = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
        foreach (var (name, metric) in before ?? new Dictionary<string, Metric>(StringComparer.Ordinal))
            metrics[name] = metric;
        foreach (var (name, value) in draft.Metrics)
        {
            if (!metrics.TryGetValue(name, out var known) || known.Value != value)
                metrics[name] = new Metric(value, now, MetricOrigin.Measured);
        }

        return metrics;
    }
}
