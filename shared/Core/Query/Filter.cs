using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Query;

/// <summary>Which entries a query means, by their effective values. Pure.</summary>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
public sealed class Filter(LedgerQuery query, DateTimeOffset? from, DateTimeOffset? to)
{
    public bool Holds(Contribution entry)
    {
        if (!query.Reviews.Contains(entry.Review))
            return false;
        var values = entry.Effective();

        // The range is read by keys already; a made-up cursor must not lead out of it.
        return (from is null || values.When >= from)
            && (to is null || values.When < to)
            && Has(query.Kinds, values.Kind)
            && Has(query.Statuses, values.Status)
            && Has(query.Sources, entry.Source)
            && (query.Connections.Count == 0 || entry.Sightings.Any(s => query.Connections.Contains(s.Connection)))
            && (query.Topics.Count == 0 || values.Topics.Any(query.Topics.Contains))
            && (query.Words.Count == 0 || Says(entry, values));
    }

    private static bool Has<T>(IReadOnlySet<T> allowed, T value) => allowed.Count == 0 || allowed.Contains(value);

    private bool Says(Contribution entry, ContributionValues values)
    {
        string?[] said = [values.Title, values.Summary, values.Container?.Name, entry.Note, .. values.Topics];
        var text = Folded.Of(string.Join('\n', said));
        return query.Words.All(word => text.Contains(word, StringComparison.Ordinal));
    }
}
