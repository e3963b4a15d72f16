using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Calendars;

namespace ContributionIngest.Core.Digests;

/// <summary>A week from Monday to Sunday (ISO 8601), written <c>2026-W47</c>.</summary>
public readonly partial record struct Week(int Year, int Number)
{
    public DateOnly Monday => DateOnly.FromDateTime(ISOWeek.ToDateTime(Year, Number, DayOfWeek.Monday));

    public DateOnly Sunday => Monday.AddDays(6);

    public Week Before => Of(Monday.AddDays(-7));

    public static Week Of(DateOnly day)
    {
        var rule = WeekYearRules.Iso;
        var date = new LocalDate(day.Year, day.Month, day.Day);
        return new Week(rule.GetWeekYear(date), rule.GetWeekOfWeekYear(date));
    }

    public static Week? Parse(string text)
    {
        if (!Form().IsMatch(text))
            return null;
        var (year, number) = (int.Parse(text.AsSpan(0, 4), CultureInfo.InvariantCulture), int.Parse(text.AsSpan(6), CultureInfo.InvariantCulture));
        return year is >= 1970 and <= 9000 && number >= 1 && number <= ISOWeek.GetWeeksInYear(year) ? new Week(year, number) : null;
    }

    /// <summary>The first instant of the week where the person is.</summary>
    public DateTimeOffset Start(DateTimeZone zone) => StartOf(Monday, zone);

    /// <summary>The first instant after it.</summary>
    public DateTimeOffset End(DateTimeZone zone) => StartOf(Monday.AddDays(7), zone);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:D4}-W{Number:D2}");

    private static DateTimeOffset StartOf(DateOnly day, DateTimeZone zone) =>
        zone.AtStartOfDay(new LocalDate(day.Year, day.Month, day.Day)).ToDateTimeOffset().ToUniversalTime();

    [GeneratedRegex(@"^[0-9]{4}-W[0-9]{2}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
