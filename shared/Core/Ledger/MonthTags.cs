using NodaTime;

namespace ContributionIngest.Core.Ledger;

/// <summary>
/// ETags of the counts of some months. Whatever comes, goes or moves changes the counts of its months, so whoever reads entries for long knows by
/// two of these where to look again.
/// </summary>
/// <param name="Zone">The zone the counts are made in.</param>
internal sealed record MonthTags(DateTimeZone Zone, IReadOnlyDictionary<DateOnly, string> Tags)
{
    /// <summary>Those parts of the range whose entries may have changed since, ascending: all of it when months have other bounds by now.</summary>
    /// <param name="from">Inclusive; null where the range has no beginning.</param>
    /// <param name="to">Exclusive; null where the range has no end.</param>
    public IReadOnlyList<(DateTimeOffset? From, DateTimeOffset? To)> ChangedSince(MonthTags before, DateTimeOffset? from, DateTimeOffset? to)
    {
        if (before.Zone.Id != Zone.Id)
            return [(from, to)];
        return [.. Tags.Where(t => before.Tags.GetValueOrDefault(t.Key) != t.Value).Select(t => t.Key).Order().Select(Part)];

        (DateTimeOffset? From, DateTimeOffset? To) Part(DateOnly month)
        {
            var (first, next) = (LedgerReader.StartOf(month, Zone), LedgerReader.StartOf(month.AddMonths(1), Zone));
            return (from > first ? from : first, to < next ? to : next);
        }
    }
}
