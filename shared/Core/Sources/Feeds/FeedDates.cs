using NodaTime;
using NodaTime.TimeZones;

namespace ContributionIngest.Core.Sources.Feeds;

/// <param name="IsDay">It names a day (or a month, or a year) and no time; the instant is midnight UTC at its beginning.</param>
public readonly record struct FeedDate(DateTimeOffset Instant, bool IsDay);

/// <summary>
/// Dates as feeds and pages write them: RFC 3339 and the rest of ISO 8601, RFC 822 and 2822, asctime, epoch seconds, and what else is found
/// (names of months in other languages, 12-hour clocks, zones by name, ordinals, comments). A missing zone means UTC. What is ambiguous
/// (<c>03/04/2020</c>), impossible (<c>10:61</c>) or of an unknown zone is null; nothing is guessed. Weekdays are not believed.
/// </summary>
public static class FeedDates
{
    private const int Longest = 100;

    public static FeedDate? Parse(string? text) => text is null ? null : Parse(text.AsSpan());

    public static FeedDate? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length is 0 or > Longest) return null;
        var compact = FeedDateCompact.Parse(text);
        if (compact is not null) return compact;
        var reader = new FeedDateReader(text);
        return reader.Read();
    }

    internal static FeedDate? Day(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new FeedDate(new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero), true)
            : null;

    internal static FeedDate? OrdinalDay(int year, int day) =>
        year is >= 1 and <= 9999 && day >= 1 && day <= (DateTime.IsLeapYear(year) ? 366 : 365)
            ? new FeedDate(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day - 1), true)
            : null;

    /// <summary>RFC 2822, 4.3: two digits below 50 are of this century.</summary>
    internal static int Century(int year) => year < 50 ? 2000 + year : 1900 + year;

    /// <summary>Null for an unknown zone. Times that occur twice mean the first, times that do not occur move on with the clock.</summary>
    internal static DateTimeOffset? InZone(string name, DateTime local) =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } zone
            ? zone.ResolveLocal(LocalDateTime.FromDateTime(local), Resolvers.LenientResolver).ToDateTimeOffset()
            : null;
}
