using System.Globalization;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Dates of digits alone: epoch seconds, and the short forms of ISO 8601 (<c>20031231</c>, <c>03335</c>, <c>-0312</c>).</summary>
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
            4 => FeedDates.Day((int)number, 1, 1),
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
            return FeedDates.Day(FeedDates.Century((int)year), (int)month, 1);
        return text.Length == 4 && AreDigits(text, out var both)
            ? FeedDates.Day(FeedDates.Century((int)(both / 100)), (int)(both % 100), 1)
            : null;
    }

    private static FeedDate? Second(long number)
    {
        var (hour, minute, second) = ((int)(number / 10000 % 100), (int)(number / 100 % 100), (int)(number % 100));
        if (hour > 23 || minute > 59 || second > 59) return null;
        var day = FeedDates.Day((int)(number / 10000000000), (int)(number / 100000000 % 100), (int)(number / 1000000 % 100));
        return day is { } known ? new FeedDate(known.Instant + new TimeSpan(hour, minute, second), false) : null;
    }

    private static bool AreDigits(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
