using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>Dates as people type them, in the person's time zone. What is missing of a date is asked for, not invented.</summary>
internal static partial class TypedTime
{
    private const string Hint = "Type it like 20 May 2026, or 2026-05-20.";

    private static readonly string[] Days = ["d MMM yyyy", "d MMMM yyyy", "ddd d MMM yyyy", "dddd d MMMM yyyy", "yyyy-MM-dd", "yyyy-M-d"];
    private static readonly string[] Months = ["MMM yyyy", "MMMM yyyy", "yyyy-MM", "yyyy"];

    /// <summary>As forms show it: "20 May 2026", or "20 May 2026, 18:00" if it is known so exactly.</summary>
    public static string Show(DateTimeOffset at, bool isDay, DateTimeZone zone) => isDay
        ? MonthRollup.Day(at, zone).ToString(Days[0], CultureInfo.InvariantCulture)
        : Instant.FromDateTimeOffset(at).InZone(zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    /// <returns>The same as the API takes it, a day or an instant; or what is wrong with it.</returns>
    public static (string? Text, string? Fault) Read(string typed, DateTimeZone zone)
    {
        var text = Sept().Replace(typed.Trim(), "Sep");
        if (DateOrInstant.TryParse(text, out _))
            return (text, null);
        var (date, hour) = Hour().Match(text) is { Success: true } match ? (text[..match.Index], match.Groups["time"].Value) : (text, null);
        if (DateOnly.TryParseExact(date, Days, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var day) && DateOrInstant.IsSupported(day))
            return hour is null ? (day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), null) : At(day, hour, zone);
        if (TooLate(date) is { } month)
            return (null, $"{month.ToString("MMMM", CultureInfo.InvariantCulture)} {(month.Month == 2 ? $"{month.Year} " : "")}has {DateTime.DaysInMonth(month.Year, month.Month)} days.");
        return DateOnly.TryParseExact(date, Months, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out _)
            ? (null, $"The ledger keeps days, and a {(date.Length == 4 ? "year" : "month")} alone has none. {Hint}")
            : (null, $"That is no date. {Hint}");
    }

    /// <summary>The days of what was typed: a day, a month or a year. Null if it is none of these.</summary>
    public static (DateOnly First, DateOnly Last)? Span(string typed)
    {
        var text = Sept().Replace(typed.Trim(), "Sep");
        if (DateOnly.TryParseExact(text, Days, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var day))
            return DateOrInstant.IsSupported(day) ? (day, day) : null;
        if (!DateOnly.TryParseExact(text, Months, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var first) || !DateOrInstant.IsSupported(first))
            return null;
        return (first, text.Length == 4 ? new DateOnly(first.Year, 12, 31) : new DateOnly(first.Year, first.Month, DateTime.DaysInMonth(first.Year, first.Month)));
    }

    private static (string? Text, string? Fault) At(DateOnly day, string hour, DateTimeZone zone)
    {
        if (!TimeOnly.TryParseExact(hour, "H:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return (null, $"{hour} is no time of day. Type it like 18:00.");
        var instant = zone.AtLeniently(new LocalDate(day.Year, day.Month, day.Day).At(new LocalTime(time.Hour, time.Minute))).ToDateTimeOffset();
        return (instant.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture), null);
    }

    /// <summary>The first of the month that has no such day; null if that is not what is wrong.</summary>
    private static DateOnly? TooLate(string date) =>
        LateDay().Match(date.Trim()) is { Success: true } match
        && DateOnly.TryParseExact(match.Groups["year"].Success ? $"{match.Groups["year"].Value}-{match.Groups["number"].Value}" : match.Groups["month"].Value, Months, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var month)
            ? month
            : null;

    [GeneratedRegex(@"\bSept\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Sept();

    [GeneratedRegex(@"(,\s*|\s+)(?<time>\d{1,2}:\d{2})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hour();

    [GeneratedRegex(@"^(29|30|31)\s+(?<month>[A-Za-z]+\s+\d{4})$|^(?<year>\d{4})-(?<number>\d{2})-(29|30|31)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LateDay();
}
