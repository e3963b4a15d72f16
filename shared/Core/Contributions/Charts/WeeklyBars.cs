using System.Globalization;

namespace ContributionIngest.Core.Contributions.Charts;

/// <summary>A bar chart with one bar per week, starting on Monday.</summary>
public static class WeeklyBars
{
    private const int Step = 14;
    private const int Bar = 10;
    private const int Left = 34;
    private const int Top = 34;
    private const int Height = 110;

    /// <param name="counts">By day; days without contributions may be missing.</param>
    public static string Draw(IReadOnlyDictionary<DateOnly, int> counts, DateOnly from, DateOnly to)
    {
        var first = Monday(from);
        var weeks = new int[((Monday(to).DayNumber - first.DayNumber) / 7) + 1];
        foreach (var (day, count) in counts.Where(c => c.Key >= from && c.Key <= to))
            weeks[(Monday(day).DayNumber - first.DayNumber) / 7] += count;
        var max = Ceiling(weeks.Max());
        var title = $"{ChartText.Number(weeks.Sum())} by week, {ChartText.Span(from, to)}";
        var width = Math.Max(Left + (weeks.Length * Step), ChartText.Width(title));
        var svg = new Svg(width, Top + Height + 22, title, Describe(weeks, first, from, to));
        foreach (var value in max % 2 == 0 ? [0, max / 2, max] : new[] { 0, max })
        {
            var y = Top + Height - (Height * value / (double)max);
            svg.Line(Left, y, width, y);
            svg.Text(Left - 6, y + 4, value.ToString("N0", CultureInfo.InvariantCulture), anchor: "end");
        }

        var lastLabel = -3;
        foreach (var (week, count) in weeks.Index())
        {
            var (x, start) = (Left + (week * Step) + 2, first.AddDays(week * 7));
            var height = Height * count / (double)max;
            if (count > 0)
                svg.Box(x, Top + Height - height, Bar, height, "c3", $"{ChartText.Number(count)} in the week of {ChartText.Day(start)}");
            if (start.Day > 7 || week - lastLabel < 3)
                continue;
            lastLabel = week;
            svg.Text(x, Top + Height + 15, ChartText.Month(start));
        }

        return svg.ToString();
    }

    private static string Describe(int[] weeks, DateOnly first, DateOnly from, DateOnly to)
    {
        var busiest = Array.IndexOf(weeks, weeks.Max());
        var summary = weeks[busiest] == 0 ? "All are empty." : $"The most, {weeks[busiest]}, in the week of {ChartText.Day(first.AddDays(busiest * 7))}.";
        return $"A bar for each of {weeks.Length} weeks from {ChartText.Day(from)} to {ChartText.Day(to)}. {summary}";
    }

    /// <summary>Rounds the end of the scale up to 1, 2, 4, 6, 8 or 10, times a power of ten.</summary>
    private static int Ceiling(int max)
    {
        var unit = 1;
        while (max > unit * 10)
            unit *= 10;
        foreach (var step in (ReadOnlySpan<int>)[1, 2, 4, 6, 8])
        {
            if (max <= step * unit)
                return step * unit;
        }

        return 10 * unit;
    }

    private static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
}
