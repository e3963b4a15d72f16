using System.Globalization;

namespace ContributionIngest.Core.Contributions.Charts;

/// <summary>A bar for each week, beginning on Monday.</summary>
public static class WeeklyBars
{
    private const int Step = 14;
    private const int Bar = 10;
    private const int Left = 34;
    private const int Top = 34;
    private const int Height = 110;

    /// <param name="counts">By day; days without anything may be missing.</param>
    public static string Draw(IReadOnlyDictionary<DateOnly, int> counts, DateOnly from, DateOnly to)
    {
        var first = Monday(from);
        var weeks = new int[((Monday(to).DayNumber - first.DayNumber) / 7) + 1];
        foreach (var (day, count) in counts.Where(c => c.Key >= from && c.Key <= to))
            weeks[(Monday(day).DayNumber - first.DayNumber) / 7] += count;
        var most = Ceiling(weeks.Max());
        var width = Math.Max(Left + (weeks.Length * Step), 260);
        var svg = new Svg(
            width, Top + Height + 22, $"{ChartText.Number(weeks.Sum())} by week, {ChartText.Span(from, to)}", Describe(weeks, first, from, to));
        foreach (var value in most % 2 == 0 ? [0, most / 2, most] : new[] { 0, most })
        {
            var y = Top + Height - (Height * value / (double)most);
            svg.Line(Left, y, width, y);
            svg.Text(Left - 6, y + 4, value.ToString("N0", CultureInfo.InvariantCulture), anchor: "end");
        }

        var labelled = -3;
        foreach (var (week, count) in weeks.Index())
        {
            var (x, start) = (Left + (week * Step) + 2, first.AddDays(week * 7));
            var height = Height * count / (double)most;
            if (count > 0)
                svg.Box(x, Top + Height - height, Bar, height, "c3", $"{ChartText.Number(count)} in the week of {ChartText.Day(start)}");
            if (start.Day > 7 || week - labelled < 3)
                continue;
            labelled = week;
            svg.Text(x, Top + Height + 15, ChartText.Month(start));
        }

        return svg.ToString();
    }

    private static string Describe(int[] weeks, DateOnly first, DateOnly from, DateOnly to)
    {
        var best = Array.IndexOf(weeks, weeks.Max());
        var most = weeks[best] == 0 ? "All are empty." : $"The most, {weeks[best]}, in the week of {ChartText.Day(first.AddDays(best * 7))}.";
        return $"A bar for each of {weeks.Length} weeks from {ChartText.Day(from)} to {ChartText.Day(to)}. {most}";
    }

    /// <summary>A round number to end the scale at: 1, 2, 4, 6, 8, 10 and their tenfolds.</summary>
    private static int Ceiling(int most)
    {
        var unit = 1;
        while (most > unit * 10)
            unit *= 10;
        foreach (var step in (ReadOnlySpan<int>)[1, 2, 4, 6, 8])
        {
            if (most <= step * unit)
                return step * unit;
        }

        return 10 * unit;
    }

    private static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
}
