using System.Globalization;

namespace ContributionIngest.Core.Charts;

/// <summary>How charts speak of numbers and days.</summary>
internal static class ChartText
{
    public static string Number(int count) =>
        count == 1 ? "1 contribution" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} contributions");

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    public static string Month(DateOnly day) => day.ToString("MMM", CultureInfo.InvariantCulture);

    public static string Span(DateOnly from, DateOnly to) =>
        from is { Month: 1, Day: 1 } && to == from.AddYears(1).AddDays(-1)
            ? from.Year.ToString(CultureInfo.InvariantCulture)
            : $"{Day(from)} to {Day(to)}";
}
