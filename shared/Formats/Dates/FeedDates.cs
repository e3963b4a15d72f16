using System.Globalization;
using NodaTime;
using NodaTime.TimeZones;

namespace ContributionIngest.Formats.Dates;

/// <summary>A parsed date.</summary>
/// <param name="Instant">In UTC.</param>
/// <param name="IsDay">The text is a day (or a month, or a year) without a time; the instant is midnight UTC at its beginning.</param>
public readonly record struct FeedDate(DateTimeOffset Instant, bool IsDay)
{
    /// <summary>The text has a time but no zone: UTC is a substitute.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The text is a month or a year; the instant is its beginning.</summary>
    public bool IsVague { get; init; }
}

/// <summary>
/// Parses dates as feeds and pages write them: ISO 8601 including RFC 3339, RFC 822 and 2822, asctime, epoch seconds, and other common forms (months
/// in other languages, 12-hour clocks, named zones, ordinals, comments). A missing zone means UTC; weekdays are ignored. Ambiguous
/// (<c>03/04/2020</c>) and impossible dates (<c>10:61</c>) give null, and an unknown zone gives the day; nothing is guessed.
/// </summary>
public static class FeedDates
{
    private const int Longest = 100;

    /// <summary>Null if the text is not a date, or longer than 100 characters.</summary>
    public static FeedDate? Parse(string? text) => text is null ? null : Parse(text.AsSpan());

    /// <inheritdoc cref="Parse(string?)"/>
    public static FeedDate? Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length is 0 or > Longest) return null;
        return FeedDateCompact.Parse(text) ?? new FeedDateReader(text).Read();
    }

    internal static FeedDate? Day(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new FeedDate(new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero), true)
            : null;

    internal static FeedDate? OrdinalDay(int year, int day) =>
        year is >= 1 and <= 9999 && day >= 1 && day <= (DateTime.IsLeapYear(year) ? 366 : 365)
            ? new FeedDate(new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day - 1), true)
            : null;

    /// <summary>RFC 2822, 4.3: two digits below 50 are in this century.</summary>
    internal static int Century(int year) => year < 50 ? 2000 + year : 1900 + year;

    /// <summary>Null for an unknown zone. Ambiguous times are the earlier one, skipped times move forward.</summary>
    internal static DateTimeOffset? InZone(string name, DateTime local) =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } zone
            ? zone.ResolveLocal(LocalDateTime.FromDateTime(local), Resolvers.LenientResolver).ToDateTimeOffset()
            : null;
}

/// <summary>Dates of only digits: epoch seconds, and the basic formats of ISO 8601 (<c>20031231</c>, <c>03335</c>, <c>-0312</c>).</summary>
internal static class FeedDateCompact
{
    public static FeedDate? Parse(ReadOnlySpan<char> text)
    {
        if (text.Length > 14 || !char.IsAsciiDigit(text[^1])) return null;
        if (text[0] == '-') return YearAndMonth(text[1..]);
        if (text.Length == 8 && text[2] == '-' && text[5] == '-' && AreDigits(text[..2], out var year)
            && AreDigits(text.Slice(3, 2), out var month) && AreDigits(text[6..], out var day))
        {
            return FeedDates.Day(FeedDates.Century((int)year), (int)month, (int)day);
        }

        if (text.Length == 6 && text[2] == '-' && AreDigits(text[..2], out year) && AreDigits(text[3..], out day))
            return FeedDates.OrdinalDay(FeedDates.Century((int)year), (int)day);
        if (!AreDigits(text, out var number)) return null;
        return text.Length switch
        {
            4 => FeedDates.Day((int)number, 1, 1) is { } first ? first with { IsVague = true } : null,
            5 => FeedDates.OrdinalDay(FeedDates.Century((int)(number / 1000)), (int)(number % 1000)),
            6 => FeedDates.Day(FeedDates.Century((int)(number / 10000)), (int)(number / 100 % 100), (int)(number % 100)),
            7 => FeedDates.OrdinalDay((int)(number / 1000), (int)(number % 1000)),
            8 => FeedDates.Day((int)(number / 10000), (int)(number / 100 % 100), (int)(number % 100)),
            9 or 10 => new FeedDate(DateTimeOffset.FromUnixTimeSeconds(number), false),
            13 => new FeedDate(DateTimeOffset.FromUnixTimeMilliseconds(number), false),
            14 => Second(number),
            _ => null,
        };
    }

    private static FeedDate? YearAndMonth(ReadOnlySpan<char> text)
    {
        if (text.Length == 5 && text[2] == '-' && AreDigits(text[..2], out var year) && AreDigits(text[3..], out var month))
            return Month((int)year, (int)month);
        return text.Length == 4 && AreDigits(text, out var both) ? Month((int)(both / 100), (int)(both % 100)) : null;
    }

    private static FeedDate? Month(int year, int month) =>
        FeedDates.Day(FeedDates.Century(year), month, 1) is { } first ? first with { IsVague = true } : null;

    private static FeedDate? Second(long number)
    {
        var (hour, minute, second) = ((int)(number / 10000 % 100), (int)(number / 100 % 100), (int)(number % 100));
        if (hour > 23 || minute > 59 || second > 59) return null;
        var day = FeedDates.Day((int)(number / 10000000000), (int)(number / 100000000 % 100), (int)(number / 1000000 % 100));
        return day is { } known ? new FeedDate(known.Instant + new TimeSpan(hour, minute, second), false) { IsLocal = true } : null;
    }

    private static bool AreDigits(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
