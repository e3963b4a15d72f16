using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>How many entries match a query.</summary>
/// <param name="Months">By the first day of the month, in the person's time zone.</param>
/// <param name="IsAtLeast">Older entries may match as well; they were not looked at.</param>
public sealed record MatchCount(int Total, IReadOnlyDictionary<Kind, int> Kinds, IReadOnlyDictionary<DateOnly, int> Months, bool IsAtLeast = false);

/// <summary>
/// Counts the entries that match a query, on whichever page they are: by the months' counts if these know, and else by reading a bounded number of entries.
/// What was cancelled or removed is not counted, as in all counts, unless the query asks for it by state.
/// </summary>
public sealed class LedgerMatches(LedgerReader reader)
{
    /// <summary>The most entries read for a count.</summary>
    public const int MaxEntries = 2000;

    private const int EntriesPerRead = 500;

    /// <param name="zone">The person's time zone.</param>
    public async Task<MatchCount> CountAsync(string person, LedgerQuery query, DateTimeZone zone, CancellationToken cancel) => IsKeptByMonth(query)
        ? Of(query, await Summary.ReadAsync(reader, person, Period.Month, query.From?.Day ?? DateOnly.MinValue, query.To?.Day ?? DateOnly.MaxValue, cancel))
        : (await ReadAsync(person, [query], zone, cancel))[0];

    /// <summary>Counts several queries in one pass over the entries.</summary>
    public async Task<IReadOnlyList<MatchCount>> ReadAsync(string person, IReadOnlyList<LedgerQuery> queries, DateTimeZone zone, CancellationToken cancel)
    {
        var ranges = queries.Select(query => (Query: query, From: query.From?.Start(zone), To: query.To?.End(zone))).ToList();
        var from = ranges.Exists(range => range.From is null) ? null : ranges.Min(range => range.From);
        var to = ranges.Exists(range => range.To is null) ? null : ranges.Max(range => range.To);
        var counts = ranges.ConvertAll(range => (range.Query, Filter: new Filter(range.Query, range.From, range.To), Kinds: new Dictionary<Kind, int>(), Months: new Dictionary<DateOnly, int>()));
        var read = 0;
        await foreach (var entry in reader.NewestFirstAsync(person, from, to, null, EntriesPerRead, cancel))
        {
            if (read++ == MaxEntries)
                break;
            var values = entry.Effective();
            foreach (var (query, filter, kinds, months) in counts)
            {
                if ((query.Statuses.Count == 0 && !MonthRollup.IsCounted(values.Status)) || !filter.Matches(entry))
                    continue;
                var month = Summary.Start(MonthRollup.Day(values.When, zone), Period.Month);
                kinds[values.Kind] = kinds.GetValueOrDefault(values.Kind) + 1;
                months[month] = months.GetValueOrDefault(month) + 1;
            }
        }

        return counts.ConvertAll(count => new MatchCount(count.Kinds.Values.Sum(), count.Kinds, count.Months, read > MaxEntries));
    }

    private static bool IsKeptByMonth(LedgerQuery query) =>
        query.HasUsualReviews && query.Sources.Count + query.Connections.Count + query.Topics.Count + query.Statuses.Count + query.Words.Count == 0
        && (query.From is null || query.From.Value.Day is not null) && (query.To is null || query.To.Value.Day is not null);

    private static MatchCount Of(LedgerQuery query, Summary summary)
    {
        var (kinds, months) = (new Dictionary<Kind, int>(), new Dictionary<DateOnly, int>());
        var sides = (query.Private == true ? [] : summary.Public).Concat(query.Private == false ? [] : summary.Private);
        foreach (var (month, name, count) in sides.SelectMany(month => month.Counts.Kind, (month, kind) => (month.Start, kind.Key, kind.Value)))
        {
            if (!EnumText<Kind>.TryParse(name, out var kind) || (query.Kinds.Count > 0 && !query.Kinds.Contains(kind)))
                continue;
            kinds[kind] = kinds.GetValueOrDefault(kind) + count;
            months[month] = months.GetValueOrDefault(month) + count;
        }

        return new MatchCount(kinds.Values.Sum(), kinds, months);
    }
}
