using System.Globalization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Queries;

/// <summary>What a person did from one day to another, and in the same days a year earlier: the counts of months alone.</summary>
public sealed record YearOverview
{
    /// <summary>The first day.</summary>
    public required DateOnly From { get; init; }

    /// <summary>The last day, inclusive.</summary>
    public required DateOnly To { get; init; }

    /// <summary>Days with contributions, ascending, by kind.</summary>
    public required IReadOnlyDictionary<DateOnly, IReadOnlyDictionary<Kind, int>> Days { get; init; }

    public required int Total { get; init; }

    /// <summary>The same days a year earlier.</summary>
    public required int TotalBefore { get; init; }

    /// <summary>Kinds of either year, the most frequent first.</summary>
    public required IReadOnlyList<KindYear> Kinds { get; init; }

    /// <summary>Weeks that begin on Monday, the first and the last of which may be cut.</summary>
    public int Weeks => Week(To) + 1;

    public int WeeksWithSomething => Days.Keys.Select(Week).Distinct().Count();

    /// <summary>The number of contributions on a day.</summary>
    public int On(DateOnly day) => Days.TryGetValue(day, out var kinds) ? kinds.Values.Sum() : 0;

    /// <summary>The week of a day, from 0.</summary>
    public int Week(DateOnly day) => (day.DayNumber - Monday(From).DayNumber) / 7;

    /// <summary>The Monday on which a week begins.</summary>
    public DateOnly Start(int week) => Monday(From).AddDays(7 * week);

    /// <summary>The longest run of days without contributions, of those after the first contribution; null if there is none.</summary>
    public (DateOnly From, DateOnly To)? LongestSilence()
    {
        (DateOnly From, DateOnly To)? longest = null;
        DateOnly? last = TotalBefore > 0 ? From.AddDays(-1) : null;
        foreach (var day in Days.Keys.Append(To.AddDays(1)))
        {
            if (last is { } l && day.DayNumber - l.DayNumber > 1 && (longest is not { } known || day.DayNumber - l.DayNumber - 2 > known.To.DayNumber - known.From.DayNumber))
                longest = (l.AddDays(1), day.AddDays(-1));
            last = day;
        }

        return longest;
    }

    /// <param name="from">The first day; at most 366 days before <paramref name="to"/>.</param>
    /// <param name="hasPrivate">Whether private entries count.</param>
    public static async Task<YearOverview> ReadAsync(LedgerReader reader, string person, DateOnly from, DateOnly to, bool hasPrivate, CancellationToken cancel)
    {
        var (firstBefore, lastBefore) = (from.AddYears(-1), to.AddYears(-1) < from ? to.AddYears(-1) : from.AddDays(-1));
        var days = new SortedDictionary<DateOnly, IReadOnlyDictionary<Kind, int>>();
        var (kinds, kindsBefore) = (new Dictionary<Kind, int>(), new Dictionary<Kind, int>());
        var (total, totalBefore) = (0, 0);
        await foreach (var (first, month) in reader.MonthsAsync(person, firstBefore, to, cancel))
        {
            foreach (var (number, counts) in hasPrivate ? month.Public.Concat(month.Private) : month.Public)
            {
                var day = first.AddDays(int.Parse(number, CultureInfo.InvariantCulture) - 1);
                if (day >= from && day <= to)
                {
                    var own = days.TryGetValue(day, out var known) ? (Dictionary<Kind, int>)known : [];
                    days[day] = own;
                    Add(own, counts);
                    Add(kinds, counts);
                    total += counts.Total;
                }
                else if (day >= firstBefore && day <= lastBefore)
                {
                    Add(kindsBefore, counts);
                    totalBefore += counts.Total;
                }
            }
        }

        return new YearOverview
        {
            From = from,
            To = to,
            Days = days,
            Total = total,
            TotalBefore = totalBefore,
            Kinds = [.. kinds.Keys.Union(kindsBefore.Keys)
                .Select(kind => new KindYear(kind, kinds.GetValueOrDefault(kind), kindsBefore.GetValueOrDefault(kind)))
                .OrderByDescending(kind => kind.Total).ThenByDescending(kind => kind.Before).ThenBy(kind => kind.Kind)],
        };

        static void Add(Dictionary<Kind, int> sums, Counts counts)
        {
            foreach (var (name, count) in counts.Kind)
            {
                if (EnumText<Kind>.TryParse(name, out var kind))
                    sums[kind] = sums.GetValueOrDefault(kind) + count;
            }
        }
    }

    private static DateOnly Monday(DateOnly day) => Summary.Start(day, Period.Week);
}

/// <param name="Before">In the same days a year earlier.</param>
public sealed record KindYear(Kind Kind, int Total, int Before);
