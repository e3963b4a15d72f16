using System.Globalization;
using NodaTime;

namespace ContributionIngest.Core.Model;

/// <summary>When something was, as exactly as a person gives it: an instant, a day, a month or a year.</summary>
/// <param name="Time">The instant; noon UTC of the day, or of the first day of the month or year.</param>
public readonly record struct KnownDate(DateTimeOffset Time, DatePrecision Precision)
{
    public const string Allowed = "a day like 2026-03-31, a month like 2026-03, a year like 2026, or an instant like 2026-03-31T12:00:00Z";

    /// <param name="zone">The person's time zone, in which days begin.</param>
    public static bool TryParse(string text, DateTimeZone zone, out KnownDate date)
    {
        date = default;
        if (DateOrInstant.TryParse(text, out var moment))
        {
            date = moment.Day is { } day ? OfDay(day, zone) : new KnownDate(moment.Instant!.Value, DatePrecision.Exact);
            return true;
        }

        if (!DateOnly.TryParseExact(text, ["yyyy-MM", "yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) || !DateOrInstant.IsSupported(first))
            return false;
        date = text.Length == 4 ? OfYear(first.Year) : OfMonth(first.Year, first.Month);
        return true;
    }

    /// <summary>
    /// A day is stored as noon UTC. That lies within the day almost everywhere, so neither an export nor a move to another zone changes the day.
    /// East of UTC+11:59, the day's own start is used.
    /// </summary>
    public static KnownDate OfDay(DateOnly day, DateTimeZone zone)
    {
        var noon = Noon(day);
        return new KnownDate(Instant.FromDateTimeOffset(noon).InZone(zone).Date == new LocalDate(day.Year, day.Month, day.Day) ? noon : new DateOrInstant(null, day).Start(zone), DatePrecision.Day);
    }

    public static KnownDate OfMonth(int year, int month) => new(Noon(new DateOnly(year, month, 1)), DatePrecision.Month);

    public static KnownDate OfYear(int year) => new(Noon(new DateOnly(year, 1, 1)), DatePrecision.Year);

    /// <summary>All of it is still to come. Of a day, a month or a year that has begun it may have been already.</summary>
    public bool IsAfter(DateTimeOffset now) => (Precision == DatePrecision.Exact ? Time : Time.AddHours(-12)) > now;

    private static DateTimeOffset Noon(DateOnly day) => new(day, new TimeOnly(12, 0), TimeSpan.Zero);
}
