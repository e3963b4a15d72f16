using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace ContributionIngest.Core.Model;

/// <summary>An instant, or a whole day in the person's time zone.</summary>
public readonly record struct DateOrInstant(DateTimeOffset? Instant, DateOnly? Day)
{
    public const string Allowed = "a day like 2026-03-31 or an instant like 2026-03-31T12:00:00Z";

    public static bool TryParse(string text, out DateOrInstant moment)
    {
        moment = default;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            moment = new DateOrInstant(null, day);
            return IsSupported(day);
        }

        // An unescaped plus sign in a query string arrives as a space.
        var parsed = OffsetDateTimePattern.Rfc3339.Parse(text.Replace(' ', '+'));
        if (!parsed.Success || parsed.Value.Year is < 1000 or > 9000)
            return false;
        moment = new DateOrInstant(parsed.Value.ToInstant().ToDateTimeOffset(), null);
        return true;
    }

    /// <summary>Days near either end of the range have no instants in some time zones.</summary>
    public static bool IsSupported(DateOnly day) => day.Year is >= 1000 and <= 9000;

    /// <summary>The first instant it covers.</summary>
    public DateTimeOffset Start(DateTimeZone zone) => Instant ?? StartOf(Day!.Value, zone);

    /// <summary>For a day, the first instant after it; otherwise the instant itself.</summary>
    public DateTimeOffset End(DateTimeZone zone) => Instant ?? StartOf(Day!.Value.AddDays(1), zone);

    private static DateTimeOffset StartOf(DateOnly day, DateTimeZone zone) =>
        zone.AtStartOfDay(new LocalDate(day.Year, day.Month, day.Day)).ToDateTimeOffset().ToUniversalTime();
}
