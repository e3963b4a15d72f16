using ContributionIngest.Core.Ledger;

namespace ContributionIngest.Core.Query;

/// <summary>Counts as they are shown. An entry with two topics counts in both.</summary>
public sealed record SummaryAnswer(DateOnly From, DateOnly To, Period By, Split? Split, SummarySide Public, SummarySide Private)
{
    public static SummaryAnswer Of(Summary summary, SummaryQuery query, DateOnly from, DateOnly to) => new(
        from, to, query.By, query.Split == Query.Split.None ? null : query.Split, SummarySide.Of(summary.Public, query.Split), SummarySide.Of(summary.Private, query.Split));
}

/// <param name="Other">What has no number of its own in <paramref name="Split"/>; absent where there is none.</param>
public sealed record SummarySide(int Total, IReadOnlyDictionary<string, int>? Split, int? Other, IReadOnlyList<SummaryItem> Items)
{
    /// <summary>Only the biggest have a number of their own.</summary>
    private const int MostTopics = 50;

    public static SummarySide Of(IReadOnlyList<PeriodCounts> periods, Split split)
    {
        var all = new Counts();
        foreach (var period in periods)
            all.Add(period.Counts);
        var shown = Parts(all, split).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(split == Query.Split.Topic ? MostTopics : int.MaxValue).Select(c => c.Key).ToList();
        var (named, unnamed) = Divide(all);
        return new SummarySide(all.Total, named, unnamed, [.. periods.Select(period =>
        {
            var (own, rest) = Divide(period.Counts);
            return new SummaryItem(period.Name, period.Start, period.Counts.Total, own, rest);
        })]);

        (OrderedDictionary<string, int>? Split, int? Other) Divide(Counts counts)
        {
            if (split == Query.Split.None)
                return (null, null);
            var parts = Parts(counts, split);
            var own = new OrderedDictionary<string, int>(shown.Where(parts.ContainsKey).Select(name => KeyValuePair.Create(name, parts[name])), StringComparer.Ordinal);
            return (own, parts.Values.Sum() - own.Values.Sum() is > 0 and var other ? other : null);
        }
    }

    private static SortedDictionary<string, int> Parts(Counts counts, Split split) => split switch
    {
        Query.Split.Kind => counts.Kind,
        Query.Split.Source => counts.Source,
        _ => counts.Topic,
    };
}

public sealed record SummaryItem(string Period, DateOnly Start, int Total, IReadOnlyDictionary<string, int>? Split, int? Other);
