using System.Globalization;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>The counts of one period.</summary>
/// <param name="Name">2026-03-31, 2026-W14 (ISO 8601), 2026-03 or 2026.</param>
/// <param name="Start">Its first day, which may precede the requested range.</param>
public sealed record PeriodCounts(string Name, DateOnly Start, Counts Counts);

/// <summary>A summary by period, computed from the month counts alone.</summary>
/// <param name="Public">Ascending; periods without contributions are omitted.</param>
/// <param name="Private">The same for entries marked private.</param>
public sealed record Summary(IReadOnlyList<PeriodCounts> Public, IReadOnlyList<PeriodCounts> Private)
{
    public static async Task<Summary> ReadAsync(
        LedgerReader reader, string person, Period by, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        var (publicCounts, privateCounts) = (new SortedDictionary<DateOnly, Counts>(), new SortedDictionary<DateOnly, Counts>());
        await foreach (var (first, month) in reader.MonthsAsync(person, from, to, cancel))
        {
            Add(publicCounts, month.Public, first);
            Add(privateCounts, month.Private, first);
        }

        return new Summary(ToPeriods(publicCounts), ToPeriods(privateCounts));

        void Add(SortedDictionary<DateOnly, Counts> periods, SortedDictionary<string, Counts> days, DateOnly first)
        {
            foreach (var (number, counts) in days)
            {
                var day = first.AddDays(int.Parse(number, CultureInfo.InvariantCulture) - 1);
                if (day < from || day > to)
                    continue;
                var start = Start(day, by);
                if (!periods.TryGetValue(start, out var sum))
                    periods[start] = sum = new Counts();
                sum.Add(counts);
            }
        }

        List<PeriodCounts> ToPeriods(SortedDictionary<DateOnly, Counts> periods) =>
            [.. periods.Select(p => new PeriodCounts(Name(p.Key, by), p.Key, p.Value))];
    }

    public static DateOnly Start(DateOnly day, Period by) => by switch
    {
        Period.Day => day,
        Period.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
        Period.Month => new DateOnly(day.Year, day.Month, 1),
        _ => new DateOnly(day.Year, 1, 1),
    };

    public static string Name(DateOnly start, Period by) => by switch
    {
        Period.Day => start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Period.Week => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(start):D4}-W{ISOWeek.GetWeekOfYear(start):D2}"),
        Period.Month => start.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => start.ToString("yyyy", CultureInfo.InvariantCulture),
    };
}

[JsonConverter(typeof(EnumTextConverter<Period>))]
public enum Period
{
    Day,
    Week,
    Month,
    Year,
}

[JsonConverter(typeof(EnumTextConverter<Split>))]
public enum Split
{
    None,
    Kind,
    Source,
    Topic,
}

/// <summary>The counts that are requested.</summary>
/// <param name="From">Inclusive, in the person's time zone; null for a year before <paramref name="To"/>.</param>
/// <param name="To">Inclusive; null for today.</param>
public sealed record SummaryQuery(Period By, Split Split, DateOnly? From, DateOnly? To)
{
    public static SummaryQuery Parse(Parameters parameters)
    {
        var by = parameters.Choice("by", "month", "day", "week", "year");
        var split = parameters.One("split") is null ? "none" : parameters.Choice("split", "kind", "source", "topic");
        var (from, to) = (parameters.Day("from"), parameters.Day("to"));
        if (from > to)
            parameters.Fault("to", "'to' is before 'from'.");
        return new SummaryQuery(Enum.Parse<Period>(by, ignoreCase: true), Enum.Parse<Split>(split, ignoreCase: true), from, to);
    }

    /// <summary>The requested days: by default the last 365.</summary>
    public (DateOnly From, DateOnly To) Days(DateOnly today)
    {
        var to = To ?? (From > today ? From.Value : today);
        return (From ?? to.AddDays(-364), to);
    }
}

/// <summary>The counts as returned. An entry with two topics counts in both.</summary>
public sealed record SummaryAnswer(DateOnly From, DateOnly To, Period By, Split? Split, SummarySide Public, SummarySide Private)
{
    public static SummaryAnswer Of(Summary summary, SummaryQuery query, DateOnly from, DateOnly to) => new(
        from, to, query.By, query.Split == Queries.Split.None ? null : query.Split, SummarySide.Of(summary.Public, query.Split), SummarySide.Of(summary.Private, query.Split));
}

/// <param name="Other">The sum of everything not listed in <paramref name="Split"/>; absent if zero.</param>
public sealed record SummarySide(int Total, IReadOnlyDictionary<string, int>? Split, int? Other, IReadOnlyList<SummaryItem> Items)
{
    /// <summary>Only the most frequent topics are listed.</summary>
    private const int MaxTopics = 50;

    public static SummarySide Of(IReadOnlyList<PeriodCounts> periods, Split split)
    {
        var all = new Counts();
        foreach (var period in periods)
            all.Add(period.Counts);
        var shown = Parts(all, split).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal)
            .Take(split == Queries.Split.Topic ? MaxTopics : int.MaxValue).Select(c => c.Key).ToList();
        var (named, unnamed) = Divide(all);
        return new SummarySide(all.Total, named, unnamed, [.. periods.Select(period =>
        {
            var (own, rest) = Divide(period.Counts);
            return new SummaryItem(period.Name, period.Start, period.Counts.Total, own, rest);
        })]);

        (OrderedDictionary<string, int>? Split, int? Other) Divide(Counts counts)
        {
            if (split == Queries.Split.None)
                return (null, null);
            var parts = Parts(counts, split);
            var own = new OrderedDictionary<string, int>(shown.Where(parts.ContainsKey).Select(name => KeyValuePair.Create(name, parts[name])), StringComparer.Ordinal);
            return (own, parts.Values.Sum() - own.Values.Sum() is > 0 and var other ? other : null);
        }
    }

    private static SortedDictionary<string, int> Parts(Counts counts, Split split) => split switch
    {
        Queries.Split.Kind => counts.Kind,
        Queries.Split.Source => counts.Source,
        _ => counts.Topic,
    };
}

/// <param name="Period">2026-03-31, 2026-W14, 2026-03 or 2026.</param>
public sealed record SummaryItem(string Period, DateOnly Start, int Total, IReadOnlyDictionary<string, int>? Split, int? Other);
