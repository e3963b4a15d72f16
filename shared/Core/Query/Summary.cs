using System.Globalization;
using ContributionIngest.Core.Ledger;

namespace ContributionIngest.Core.Query;

/// <summary>Counts of one stretch of days.</summary>
/// <param name="Name">2026-03-31, 2026-W14 (ISO 8601), 2026-03 or 2026.</param>
/// <param name="Start">Its first day, which may lie before the days that were asked for.</param>
public sealed record PeriodCounts(string Name, DateOnly Start, Counts Counts);

/// <summary>How much there was, from the counts of the months alone.</summary>
/// <param name="Public">Ascending; periods without anything are left out.</param>
/// <param name="Private">The same of entries marked private.</param>
public sealed record Summary(IReadOnlyList<PeriodCounts> Public, IReadOnlyList<PeriodCounts> Private)
{
    public static async Task<Summary> ReadAsync(
        LedgerReader reader, string person, Period by, DateOnly from, DateOnly to, CancellationToken cancel)
    {
        var (open, hidden) = (new SortedDictionary<DateOnly, Counts>(), new SortedDictionary<DateOnly, Counts>());
        await foreach (var (first, month) in reader.MonthsAsync(person, from, to, cancel))
        {
            Add(open, month.Public, first);
            Add(hidden, month.Private, first);
        }

        return new Summary(Named(open), Named(hidden));

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

        List<PeriodCounts> Named(SortedDictionary<DateOnly, Counts> periods) =>
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
