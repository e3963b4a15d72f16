using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Web.Home;

/// <summary>Addresses of the entries behind a number.</summary>
internal static class Links
{
    public static string Days(DateOnly from, DateOnly to) => $"/ledger?from={Numbers.Iso(from)}&to={Numbers.Iso(to)}";

    public static string Days(DateOnly from, DateOnly to, IEnumerable<Kind> kinds) => $"{Days(from, to)}&kind={string.Join(',', kinds.Select(EnumText<Kind>.Of))}";
}

/// <summary>From how many contributions a day is drawn in which of four steps; chosen once for the days shown.</summary>
/// <param name="First">The least number of each step, ascending; the first is 1.</param>
public sealed record HeatScale(IReadOnlyList<int> First)
{
    private static readonly HeatScale Few = new([1, 2, 3, 4]);

    public static HeatScale Of(YearOverview year)
    {
        var counts = year.Days.Keys.Select(year.On).Order().ToList();
        if (counts.Count == 0 || At(0.9) <= 4)
            return Few;
        var second = Math.Max(2, At(0.35) + 1);
        var third = Math.Max(second + 1, At(0.65) + 1);
        return new HeatScale([1, second, third, Math.Max(third + 1, At(0.9))]);

        int At(double share) => counts[(int)((counts.Count - 1) * share)];
    }

    /// <summary>0 for none, or 1 to 4.</summary>
    public int Step(int count) => First.Count(least => count >= least);

    /// <summary>"none", "1", "2–4", "10 or more".</summary>
    public string Text(int step)
    {
        if (step == 0)
            return "none";
        var least = First[step - 1];
        if (step == First.Count)
            return $"{least} or more";
        return First[step] - 1 == least ? $"{least}" : $"{least}–{First[step] - 1}";
    }
}

/// <summary>The contributions of one kind, or of several rare ones, by week and by month.</summary>
internal sealed record Lane(string Name, IReadOnlyList<Kind> Kinds, int Total, int Before, IReadOnlyList<int> Weeks, IReadOnlyList<int> Months)
{
    /// <summary>More than that in a week are drawn as a bar.</summary>
    public const int MaxMarks = 5;

    private const int MaxLanes = 9;

    public int Highest => Weeks.Count == 0 ? 0 : Weeks.Max();

    /// <summary>A lane for each kind, the rarest together if there are many.</summary>
    /// <param name="months">The first days of the months.</param>
    public static IReadOnlyList<Lane> Of(YearOverview year, IReadOnlyList<DateOnly> months)
    {
        var kinds = year.Kinds;
        if (kinds.Count <= MaxLanes)
            return [.. kinds.Select(kind => Of(year, months, KindText.Titles(kind.Kind), [kind]))];
        return
        [
            .. kinds.Take(MaxLanes - 1).Select(kind => Of(year, months, KindText.Titles(kind.Kind), [kind])),
            Of(year, months, "Other kinds", [.. kinds.Skip(MaxLanes - 1)]),
        ];
    }

    private static Lane Of(YearOverview year, IReadOnlyList<DateOnly> months, string name, IReadOnlyList<KindYear> kinds)
    {
        var (byWeek, byMonth) = (new int[year.Weeks], new int[months.Count]);
        foreach (var (day, counts) in year.Days)
        {
            var count = kinds.Sum(kind => counts.GetValueOrDefault(kind.Kind));
            byWeek[year.Week(day)] += count;
            byMonth[((day.Year - months[0].Year) * 12) + day.Month - months[0].Month] += count;
        }

        return new Lane(name, [.. kinds.Select(kind => kind.Kind)], kinds.Sum(kind => kind.Total), kinds.Sum(kind => kind.Before), byWeek, byMonth);
    }
}
