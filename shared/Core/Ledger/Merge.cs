using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Ledger;

/// <summary>What a draft does to the entry it belongs to. Pure.</summary>
internal static class Merge
{
    /// <summary>Characters of the summary that stand for a missing title.</summary>
    private const int UntitledLength = 100;

    /// <param name="draft">Normalised.</param>
    public static Contribution New(string id, Draft draft, Observer observer, DateTimeOffset now) => new()
    {
        Id = id,
        Source = observer.Source,
        FirstSeen = now,
        Harvested = FactsOf(draft, null, now),
        Sightings = [See(draft, observer, null, now)],
        Metrics = Measure(draft, null, now),
    };

    /// <summary>The entry after the draft; the very same object when there is nothing to change.</summary>
    public static Contribution Into(Contribution entry, Draft draft, Observer observer, DateTimeOffset now)
    {
        var seen = Seen(entry, observer);
        if (seen is not null && IsOld(seen, draft, observer))
            return entry;
        var mine = See(draft, observer, seen, now);
        var sightings = entry.Sightings.Where(s => s != seen).Append(mine)
            .OrderBy(s => s.Rank, StringComparer.Ordinal).ToList();
        if (sightings[0] != mine)
            return entry with { Sightings = sightings };

        var facts = Facts(draft, entry.Harvested, now);
        return entry with
        {
            Sightings = sightings,
            Harvested = facts,
            Metrics = Measure(draft, entry.Metrics, now),
            Revision = entry.Revision + (entry.Harvested.IsRevisedBy(facts) ? 1 : 0),
        };
    }

    public static Sighting? Seen(Contribution entry, Observer observer) =>
        entry.Sightings.FirstOrDefault(s => string.Equals(s.Connection, observer.Connection, StringComparison.Ordinal));

    /// <summary>Nothing new, or older than what this connection told before (deliveries come out of order).</summary>
    private static bool IsOld(Sighting seen, Draft draft, Observer observer) =>
        draft.Version < seen.Version
        || (!(draft.Version > seen.Version)
            && ((observer.IsDelivered && observer.AsOf < seen.AsOf) || string.Equals(seen.Hash, DraftHash.Of(draft), StringComparison.Ordinal)));

    private static Sighting See(Draft draft, Observer observer, Sighting? before, DateTimeOffset now) => new()
    {
        Connection = observer.Connection,
        Source = observer.Source,
        Url = draft.Url,
        FirstSeen = before?.FirstSeen ?? now,
        LastSeen = now,
        Hash = DraftHash.Of(draft),
        Rank = observer.Rank,
        Version = draft.Version ?? before?.Version,
        AsOf = observer.AsOf,
        Names = before?.Names ?? 0,
    };

    private static Facts Facts(Draft draft, Facts before, DateTimeOffset now)
    {
        // A tombstone knows nothing but that the thing is gone.
        if (draft.Status == Status.Removed)
            return before with { Status = Status.Removed };
        return draft.IsPartial
            ? before with { Title = draft.Title ?? before.Title, Url = draft.Url ?? before.Url, Summary = draft.Summary ?? before.Summary }
            : FactsOf(draft, before, now);
    }

    /// <summary>What the place no longer says is kept as it was: unknown never overwrites known.</summary>
    private static Facts FactsOf(Draft draft, Facts? before, DateTimeOffset now) => new()
    {
        Kind = draft.Kind,
        Role = draft.Role,
        Status = draft.Status,
        Title = draft.Title ?? before?.Title ?? Normaliser.Text(draft.Summary, UntitledLength) ?? draft.Url ?? "Untitled",
        Url = draft.Url ?? before?.Url,
        Summary = draft.Summary ?? before?.Summary,
        When = draft.When ?? before?.When ?? now,
        DatePrecision = draft.When is null ? before?.DatePrecision ?? DatePrecision.FirstSeen : draft.DatePrecision,
        EndsAt = draft.EndsAt ?? before?.EndsAt,
        Container = draft.Container ?? before?.Container,
        Topics = draft.Topics,
    };

    private static IReadOnlyDictionary<string, Metric> Measure(Draft draft, IReadOnlyDictionary<string, Metric>? before, DateTimeOffset now)
    {
        var metrics = new SortedDictionary<string, Metric>(StringComparer.Ordinal);
        foreach (var (name, metric) in before ?? new Dictionary<string, Metric>(StringComparer.Ordinal))
            metrics[name] = metric;
        foreach (var (name, value) in draft.Metrics)
        {
            if (!metrics.TryGetValue(name, out var known) || known.Value != value)
                metrics[name] = new Metric(value, now, How.Measured);
        }

        return metrics;
    }
}
