using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Dates;
using NodaTime;

namespace ContributionIngest.Core.Import;

/// <summary>Which number of 3/4/2020 is the day.</summary>
public enum DayOrder
{
    DayFirst,
    MonthFirst,
}

/// <summary>A date of a list.</summary>
/// <param name="End">Of a range, or null.</param>
internal readonly record struct ListedDate(KnownDate When, DateTimeOffset? End);

/// <summary>
/// Dates as people write them in lists, as exactly as they are written: a month stays a month, a range has an end. Which number is the day is known from what else
/// stands in the column, or not at all; nothing is guessed.
/// </summary>
internal sealed partial class ListDate
{
    private const int MaxLength = 100;

    // Days since the end of 1899 that spreadsheets write for 1982 to 2064 (ECMA-376, 18.17.4.1).
    private const double FirstSerial = 30_000;
    private const double LastSerial = 60_000;

    private static readonly DateTime SerialStart = new(1899, 12, 30, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>The text is a year and a part of it that is no month; the year is what is certain.</summary>
    private static readonly string[] Seasons =
        ["spring", "summer", "autumn", "fall", "winter", "early", "mid", "late", "q1", "q2", "q3", "q4", "h1", "h2", "fruhling", "sommer", "herbst", "printemps", "ete", "automne", "hiver", "primavera", "verano", "otono", "invierno"];

    private readonly DateTimeZone zone;
    private readonly DayOrder? order;

    /// <param name="order">Null if it is not known.</param>
    public ListDate(DateTimeZone zone, DayOrder? order) => (this.zone, this.order) = (zone, order);

    /// <summary>The order that the unambiguous dates of a column have; null if there are none, or if they contradict each other.</summary>
    public static DayOrder? OrderOf(IEnumerable<string> column)
    {
        var orders = column.SelectMany(Numeric).Select(date => (date.First, date.Second) switch
        {
            ( > 12, <= 12) => (DayOrder?)DayOrder.DayFirst,
            ( <= 12, > 12) => DayOrder.MonthFirst,
            _ => null,
        }).OfType<DayOrder>().Distinct().ToList();
        return orders.Count == 1 ? orders[0] : null;
    }

    /// <summary>Whether a text is a date of some kind, whatever its order.</summary>
    public static bool IsDate(string text) => ImportWords.Value(text) is { } stated && (new ListDate(DateTimeZone.Utc, null).Read(stated).Date is not null || Numeric(stated).Any());

    /// <returns>The date; or a sentence that says what is wrong.</returns>
    public (ListedDate? Date, string? Fault) Read(string text)
    {
        text = Tidy(text);
        if (text.Length is 0 or > MaxLength)
            return (null, NoDate(text));
        if (OfNumbers(text, out var fault) is { } numbers)
            return (new ListedDate(numbers, null), null);
        if (fault is null && Range(text, out fault) is { } range)
            return (range, null);
        if (fault is not null)
            return (null, fault);
        return OfWords(text) is { } words ? (new ListedDate(words, null), null) : (null, NoDate(text));
    }

    private static string NoDate(string text) =>
        $"“{Normaliser.Text(text, 40)}” is no date that can be read. Write it like 2026-05-20, 20 May 2026, May 2026 or 2026.";

    /// <summary>Dates of numbers with the year last: their first two numbers.</summary>
    private static IEnumerable<(int First, int Second)> Numeric(string text)
    {
        foreach (Match match in YearLast().Matches(Tidy(text)))
            yield return (Number(match, "a"), Number(match, "b"));
    }

    private KnownDate? Single(string text, out string? fault) => OfNumbers(text, out fault) ?? (fault is null ? OfWords(text) : null);

    /// <summary>Dates that name no month, and seasons.</summary>
    private KnownDate? OfNumbers(string text, out string? fault)
    {
        fault = null;
        if (KnownDate.TryParse(text, zone, out var known))
            return known;
        if (Serial().IsMatch(text) && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var serial) && serial is >= FirstSerial and < LastSerial)
            return OfLocal(SerialStart.AddDays(serial));
        if (YearFirst().Match(text) is { Success: true } sorted)
            return Day(Number(sorted, "y"), Number(sorted, "m"), Number(sorted, "d"), sorted.Groups["time"].Value);
        if (MonthAndYear().Match(text) is { Success: true } month)
            return Number(month, "m") is >= 1 and <= 12 and var m ? KnownDate.OfMonth(Number(month, "y"), m) : null;
        if (YearLast().Match(text) is { Success: true } slashed && slashed.Length == text.Length)
            return Ordered(slashed, text, out fault);
        if (ShortYear().IsMatch(text))
        {
            fault = $"The year of “{text}” has two digits, so it is not certain which number is the year. Write it with four.";
            return null;
        }

        return Season(text) is { } year ? KnownDate.OfYear(year) : null;
    }

    /// <summary>Dates with the name of a month, and instants, by the reader of feeds' dates.</summary>
    private KnownDate? OfWords(string text)
    {
        if (!text.Any(char.IsLetter) || FeedDates.Parse(text) is not { } parsed || parsed.Instant.Year is < 1000 or > 9000 || !HasYear().IsMatch(text))
            return null;
        var day = DateOnly.FromDateTime(parsed.Instant.UtcDateTime);
        if (parsed.IsVague)
            return KnownDate.OfMonth(day.Year, day.Month);
        if (parsed.IsDay)
            return KnownDate.OfDay(day, zone);
        return parsed.IsLocal ? OfLocal(parsed.Instant.UtcDateTime) : new KnownDate(parsed.Instant.ToUniversalTime(), DatePrecision.Exact);
    }

    private KnownDate? Ordered(Match match, string text, out string? fault)
    {
        fault = null;
        var (first, second, year) = (Number(match, "a"), Number(match, "b"), Number(match, "y"));
        var actual = (first, second) switch
        {
            ( > 12, _) => DayOrder.DayFirst,
            (_, > 12) => DayOrder.MonthFirst,
            _ when first == second => DayOrder.DayFirst,
            _ => order,
        };
        if (actual is null)
        {
            fault = $"“{text}” could be {Said(year, second, first)} or {Said(year, first, second)}, and nothing else in the column tells. Choose whether the day or the month comes first.";
            return null;
        }

        return actual == DayOrder.DayFirst ? Day(year, second, first, match.Groups["time"].Value) : Day(year, first, second, match.Groups["time"].Value);
    }

    private static string Said(int year, int month, int day) =>
        month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day).ToString("d MMMM yyyy", CultureInfo.InvariantCulture) : "another day";

    private KnownDate? Day(int year, int month, int day, string time)
    {
        if (year is < 1000 or > 9000 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
            return null;
        if (time.Trim().Length == 0)
            return KnownDate.OfDay(new DateOnly(year, month, day), zone);
        return TimeOnly.TryParse(time.Trim().TrimStart('T'), CultureInfo.InvariantCulture, out var at) ? OfLocal(new DateOnly(year, month, day).ToDateTime(at)) : null;
    }

    /// <summary>A time without a zone is the person's; midnight is a day.</summary>
    private KnownDate OfLocal(DateTime local) => local.TimeOfDay < TimeSpan.FromSeconds(1)
        ? KnownDate.OfDay(DateOnly.FromDateTime(local), zone)
        : new KnownDate(zone.AtLeniently(LocalDateTime.FromDateTime(local)).ToDateTimeOffset().ToUniversalTime(), DatePrecision.Exact);

    private static int? Season(string text)
    {
        var words = SearchText.Of(text).Split([' ', ',', '-', '/'], StringSplitOptions.RemoveEmptyEntries);
        var isSeason = words.Length is 2 or 3 && words.Any(word => Seasons.Contains(word)) && words.All(word => Seasons.Contains(word) || word.Length == 4);
        return isSeason && words.SingleOrDefault(word => word.Length == 4 && word.All(char.IsAsciiDigit)) is { } year ? int.Parse(year, CultureInfo.InvariantCulture) : null;
    }

    private ListedDate? Range(string text, out string? fault)
    {
        fault = null;

        // "18-20 September 2017", "September 18-20 2017": two days of one month.
        if (DaysOfMonth().Match(text) is { Success: true } days)
        {
            var (first, last) = (text[..days.Index] + days.Groups["a"].Value + text[(days.Index + days.Length)..], text[..days.Index] + days.Groups["b"].Value + text[(days.Index + days.Length)..]);
            if (Both(first, last) is { } range)
                return range;
        }

        // "18.–20.09.2017"
        if (DottedDays().Match(text) is { Success: true } dotted
            && Day(Number(dotted, "y"), Number(dotted, "m"), Number(dotted, "a"), "") is { } from && Day(Number(dotted, "y"), Number(dotted, "m"), Number(dotted, "b"), "") is { } to && to.Time >= from.Time)
            return new ListedDate(from, to.Time);
        foreach (Match between in Between().Matches(text))
        {
            var (left, right) = (text[..between.Index].Trim(), text[(between.Index + between.Length)..].Trim());
            if (left.Length == 0 || right.Length == 0)
                continue;
            if (Both(left, right) is { } whole)
                return whole;
            if (Hour().IsMatch(right) && Hour().Match(left) is { Success: true } hour && Both(left, left[..hour.Index] + right) is { } hours)
                return hours;
            if (Year().Match(right) is { Success: true } year && !Year().IsMatch(left) && Both($"{left.TrimEnd(',')} {year.Value}", right) is { } inYear)
                return inYear;
            _ = Single(left, out fault);
            if (fault is not null)
                return null;
        }

        return null;
    }

    private ListedDate? Both(string first, string last) =>
        Single(Tidy(first), out _) is { } from && Single(Tidy(last), out _) is { } to && EndOf(to) is var end && end >= from.Time
        && from.Precision == to.Precision ? new ListedDate(from, end) : null;

    /// <summary>Of a month or a year the last day, which the range still has.</summary>
    private DateTimeOffset EndOf(KnownDate date)
    {
        var first = DateOnly.FromDateTime(date.Time.UtcDateTime);
        return date.Precision switch
        {
            DatePrecision.Month => KnownDate.OfDay(first.AddMonths(1).AddDays(-1), zone).Time,
            DatePrecision.Year => KnownDate.OfDay(first.AddYears(1).AddDays(-1), zone).Time,
            _ => date.Time,
        };
    }

    /// <summary>Without brackets, weekdays and what stands around numbers of days.</summary>
    private static string Tidy(string text)
    {
        text = Spaces().Replace(text.Trim().Trim('(', ')', '[', ']', '"'), " ");
        text = Ordinals().Replace(text, "${n}");
        text = Weekdays().Replace(text, "");
        return Spaces().Replace(text, " ").Trim(' ', ',', '.');
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private const RegexOptions Plain = RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\s+", Plain, 1000)]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\b(?<n>\d{1,2})(st|nd|rd|th|er|º|ª)\b", Plain, 1000)]
    private static partial Regex Ordinals();

    [GeneratedRegex(@"\b(mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miercoles|miércoles|jueves|viernes|sabado|sábado|domingo)\b\.?,?", Plain, 1000)]
    private static partial Regex Weekdays();

    [GeneratedRegex(@"^\d{5}(\.\d+)?$", Plain, 1000)]
    private static partial Regex Serial();

    [GeneratedRegex(@"^(?<y>\d{4})[./-](?<m>\d{1,2})[./-](?<d>\d{1,2})(?<time>[ T]\d{1,2}:\d{2}(:\d{2})?)?$", Plain, 1000)]
    private static partial Regex YearFirst();

    [GeneratedRegex(@"(?<!\d)(?<a>\d{1,2})[./-] ?(?<b>\d{1,2})[./-] ?(?<y>\d{4})(?!\d)(?<time>,? \d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?)?", Plain, 1000)]
    private static partial Regex YearLast();

    [GeneratedRegex(@"^((?<m>\d{1,2})[./-](?<y>\d{4})|(?<y>\d{4})[./](?<m>\d{1,2}))$", Plain, 1000)]
    private static partial Regex MonthAndYear();

    [GeneratedRegex(@"^\d{1,2}[./-]\d{1,2}[./-]\d{2}$", Plain, 1000)]
    private static partial Regex ShortYear();

    [GeneratedRegex(@"(?<=^| )\d{1,2}:\d{2}$", Plain, 1000)]
    private static partial Regex Hour();

    [GeneratedRegex(@"(?<![\d:])(?<a>\d{1,2})\.? ?(-|–|—|&|/|to|bis|and|und|\+) ?(?<b>\d{1,2})(?!\d|:|[./-]\d)", Plain, 1000)]
    private static partial Regex DaysOfMonth();

    [GeneratedRegex(@"^(?<a>\d{1,2})\.? ?[-–—] ?(?<b>\d{1,2})\.(?<m>\d{1,2})\.(?<y>\d{4})$", Plain, 1000)]
    private static partial Regex DottedDays();

    [GeneratedRegex(@" ?[–—] ?| - |/|(?<=\d{4}) ?- ?(?=\d{4})|(?<=[a-z]) ?- ?(?=[a-z])|(?<=\d) ?- ?(?=[a-z])| (to|until|till|through|bis|au|al|hasta|a) ", Plain, 1000)]
    private static partial Regex Between();

    [GeneratedRegex(@"\b(1|2)\d{3}\b", Plain, 1000)]
    private static partial Regex Year();

    [GeneratedRegex(@"(?<!\d)\d{4}(?!\d)|\d{4}-\d{2}-\d{2}|\d{8}", Plain, 1000)]
    private static partial Regex HasYear();
}
