using System.Globalization;

namespace ContributionIngest.Core.Contributions.Charts;

/// <summary>A calendar heat map: one square per day, one column per week starting on Monday; darker means more.</summary>
public static class HeatMap
{
    /// <summary>The max days one chart shows.</summary>
    public const int MaxDays = 366;

    private const int Step = 14;
    private const int Square = 11;
    private const int Left = 30;
    private const int Top = 42;

    /// <param name="counts">Days without contributions may be missing.</param>
    public static string Draw(IReadOnlyDictionary<DateOnly, int> counts, DateOnly from, DateOnly to)
    {
        var total = counts.Where(c => c.Key >= from && c.Key <= to).Sum(c => c.Value);
        var columns = Column(from, to) + 1;
        var title = $"{ChartText.Number(total)}, {ChartText.Span(from, to)}";
        var width = Math.Max(Left + (columns * Step), ChartText.Width(title));
        var svg = new Svg(width, Top + (7 * Step) + 24, title, Describe(counts, from, to));
        foreach (var (row, name) in new[] { (0, "Mon"), (2, "Wed"), (4, "Fri") })
            svg.Text(0, Top + (row * Step) + 9, name);
        var scale = Scale(counts, from, to);
        var lastLabel = -3;
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            var (column, count) = (Column(from, day), counts.GetValueOrDefault(day));
            var tooltip = count == 0 ? null : $"{ChartText.Number(count)} on {ChartText.Day(day)}";
            svg.Box(Left + (column * Step), Top + (Row(day) * Step), Square, Square, "c" + Level(count, scale), tooltip);
            if ((day.Day != 1 && day != from) || column - lastLabel < 3)
                continue;

            // A first month that is almost over has no room for its label.
            if (day == from && day.Day > 14)
                continue;
            lastLabel = column;
            svg.Text(Left + (column * Step), Top - 6, ChartText.Month(day));
        }

        DrawLegend(svg, width);
        return svg.ToString();
    }

    private static void DrawLegend(Svg svg, int right)
    {
        var (x, y) = (right - (5 * Step) - 34, Top + (7 * Step) + 4);
        svg.Text(x - 6, y + 9, "Less", anchor: "end");
        for (var level = 0; level <= 4; level++)
            svg.Box(x + (level * Step), y, Square, Square, string.Create(CultureInfo.InvariantCulture, $"c{level}"));
        svg.Text(x + (5 * Step) + 2, y + 9, "More");
    }

    private static string Describe(IReadOnlyDictionary<DateOnly, int> counts, DateOnly from, DateOnly to)
    {
        var days = counts.Where(c => c.Key >= from && c.Key <= to && c.Value > 0).ToList();
        if (days.Count == 0)
            return $"A square for each day from {ChartText.Day(from)} to {ChartText.Day(to)}, all empty.";
        var max = days.OrderByDescending(d => d.Value).ThenBy(d => d.Key).First();
        return $"A square for each day from {ChartText.Day(from)} to {ChartText.Day(to)}. "
            + $"{days.Count} {(days.Count == 1 ? "day has" : "days have")} contributions; the most, {max.Value}, on {ChartText.Day(max.Key)}.";
    }

    /// <summary>Outliers would make all other days pale, so the scale ends at the 90th percentile of the days with contributions.</summary>
    private static int Scale(IReadOnlyDictionary<DateOnly, int> counts, DateOnly from, DateOnly to)
    {
        var sizes = counts.Where(c => c.Key >= from && c.Key <= to && c.Value > 0).Select(c => c.Value).Order().ToList();
        return sizes.Count == 0 ? 1 : Math.Max(sizes[(sizes.Count - 1) * 9 / 10], Math.Min(4, sizes[^1]));
    }

    private static int Level(int count, int scale) => count == 0 ? 0 : Math.Clamp((int)Math.Ceiling(count * 4.0 / Math.Max(scale, 4)), 1, 4);

    private static int Row(DateOnly day) => ((int)day.DayOfWeek + 6) % 7;

    private static int Column(DateOnly from, DateOnly day) => (day.DayNumber - from.AddDays(-Row(from)).DayNumber) / 7;
}
