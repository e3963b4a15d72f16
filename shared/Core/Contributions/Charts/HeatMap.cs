using System.Globalization;

namespace ContributionIngest.Core.Contributions.Charts;

/// <summary>Days as squares, a column a week beginning on Monday, the darker the more.</summary>
public static class HeatMap
{
    /// <summary>The most days one picture shows.</summary>
    public const int MostDays = 366;

    private const int Step = 14;
    private const int Square = 11;
    private const int Left = 30;
    private const int Top = 42;

    /// <param name="counts">Days without anything may be missing.</param>
    public static string Draw(IReadOnlyDictionary<DateOnly, int> counts, DateOnly from, DateOnly to)
    {
        var total = counts.Where(c => c.Key >= from && c.Key <= to).Sum(c => c.Value);
        var columns = Column(from, to) + 1;
        var svg = new Svg(
            Math.Max(Left + (columns * Step), 260), Top + (7 * Step) + 24,
            $"{ChartText.Number(total)}, {ChartText.Span(from, to)}", Describe(counts, from, to));
        foreach (var (row, name) in new[] { (0, "Mon"), (2, "Wed"), (4, "Fri") })
            svg.Text(0, Top + (row * Step) + 9, name);
        var scale = Scale(counts, from, to);
        var labelled = -3;
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            var (column, count) = (Column(from, day), counts.GetValueOrDefault(day));
            var hint = count == 0 ? null : $"{ChartText.Number(count)} on {ChartText.Day(day)}";
            svg.Box(Left + (column * Step), Top + (Row(day) * Step), Square, Square, "c" + Level(count, scale), hint);
            if ((day.Day != 1 && day != from) || column - labelled < 3)
                continue;

            // A month that is about to end would have no room for its name.
            if (day == from && day.Day > 14)
                continue;
            labelled = column;
            svg.Text(Left + (column * Step), Top - 6, ChartText.Month(day));
        }

        Legend(svg, Left + (columns * Step));
        return svg.ToString();
    }

    private static void Legend(Svg svg, int right)
    {
        var (x, y) = (Math.Max(right, 260) - (5 * Step) - 34, Top + (7 * Step) + 4);
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
        var most = days.OrderByDescending(d => d.Value).ThenBy(d => d.Key).First();
        return $"A square for each day from {ChartText.Day(from)} to {ChartText.Day(to)}. "
            + $"{days.Count} {(days.Count == 1 ? "day has" : "days have")} contributions; the most, {most.Value}, on {ChartText.Day(most.Key)}.";
    }

    /// <summary>The busiest days are not allowed to make all others pale: the scale ends at the ninth tenth of the days that have any.</summary>
    private static int Scale(IReadOnlyDictionary<DateOnly, int> counts, DateOnly from, DateOnly to)
    {
        var sizes = counts.Where(c => c.Key >= from && c.Key <= to && c.Value > 0).Select(c => c.Value).Order().ToList();
        return sizes.Count == 0 ? 1 : Math.Max(sizes[(sizes.Count - 1) * 9 / 10], Math.Min(4, sizes[^1]));
    }

    private static int Level(int count, int scale) => count == 0 ? 0 : Math.Clamp((int)Math.Ceiling(count * 4.0 / Math.Max(scale, 4)), 1, 4);

    private static int Row(DateOnly day) => ((int)day.DayOfWeek + 6) % 7;

    private static int Column(DateOnly from, DateOnly day) => (day.DayNumber - from.AddDays(-Row(from)).DayNumber) / 7;
}
