using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Pages;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Evidence;

/// <summary>Looks for a name and a day on a page. Case and accents do not matter.</summary>
internal sealed partial class PageText(PageWords page)
{
    private const int MaxName = 200;

    private readonly string text = page.Text is null ? "" : SearchText.Of(page.Text);

    /// <summary>What is not there may be on a page whose text is not, such as one that is made by scripts.</summary>
    private PageFinding Otherwise => text.Length == 0 ? PageFinding.NotChecked : PageFinding.NotFound;

    /// <param name="name">Null if the person has none.</param>
    public PageFinding Name(string? name)
    {
        if (Normaliser.Line(name, MaxName) is not { } line)
            return PageFinding.NotChecked;
        var folded = SearchText.Of(line);
        return Has(text, folded) || page.Authors.Any(author => Normaliser.Text(author, MaxName) is { } known && Has(SearchText.Of(known), folded)) ? PageFinding.Found : Otherwise;
    }

    public PageFinding Date(DateOnly day, DateTimeZone zone)
    {
        if (page.Dates.Any(date => DayOf(date, zone) == day))
            return PageFinding.Found;
        foreach (Match match in Dates().Matches(text))
        {
            if (Means(match, day))
                return PageFinding.Found;
        }

        return Otherwise;
    }

    /// <summary>As whole words. Scripts without spaces between words have no such ends.</summary>
    private static bool Has(string text, string words)
    {
        for (var at = text.IndexOf(words, StringComparison.Ordinal); at >= 0; at = text.IndexOf(words, at + 1, StringComparison.Ordinal))
        {
            var end = at + words.Length;
            if ((at == 0 || !IsPartOfWord(text[at - 1])) && (end == text.Length || !IsPartOfWord(text[end])))
                return true;
        }

        return false;
    }

    private static bool IsPartOfWord(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.DecimalDigitNumber;

    /// <summary>The day as the page writes it, or that of the moment in the zone.</summary>
    private static DateOnly DayOf(FeedDate date, DateTimeZone zone)
    {
        if (date.IsDay)
            return DateOnly.FromDateTime(date.Instant.UtcDateTime);
        var local = date.Instant.ToInstant().InZone(zone).Date;
        return new DateOnly(local.Year, local.Month, local.Day);
    }

    private static bool Means(Match match, DateOnly day)
    {
        if (Number(match, "year") != day.Year)
            return false;
        if (match.Groups["name"] is { Success: true, Value: var name })
            return Number(match, "day") == day.Day && MonthOf(name) == day.Month;
        if (match.Groups["month"].Success)
            return (Number(match, "day"), Number(match, "month")) == (day.Day, day.Month);

        // With slashes, countries write the day and the month in either order: it is only told by a day after the twelfth.
        var (one, other) = (Number(match, "one"), Number(match, "other"));
        return (one > 12 || other > 12 || one == other) && ((one, other) == (day.Day, day.Month) || (one, other) == (day.Month, day.Day));
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    private static int MonthOf(string name) => 1 + Array.FindIndex(Months, names => names.Contains(name, StringComparer.Ordinal));

    /// <summary>Without accents: English, German, French, Spanish, Italian, Portuguese, Dutch.</summary>
    private static readonly string[][] Months =
    [
        ["january", "jan", "januar", "janvier", "enero", "gennaio", "janeiro", "januari"],
        ["february", "feb", "februar", "fevrier", "febrero", "febbraio", "fevereiro", "februari"],
        ["march", "mar", "marz", "mars", "marzo", "marco", "maart"],
        ["april", "apr", "avril", "abril", "aprile"],
        ["may", "mai", "mayo", "maggio", "maio", "mei"],
        ["june", "jun", "juni", "juin", "junio", "giugno", "junho"],
        ["july", "jul", "juli", "juillet", "julio", "luglio", "julho"],
        ["august", "aug", "aout", "agosto", "augustus"],
        ["september", "sep", "sept", "septembre", "septiembre", "settembre", "setembro"],
        ["october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "outubro"],
        ["november", "nov", "novembre", "noviembre", "novembro"],
        ["december", "dec", "dezember", "dez", "decembre", "diciembre", "dicembre", "dezembro"],
    ];

    /// <summary>2026-05-20, 20.05.2026, 2026年5月20日, 20/05/2026, 20 May 2026, 20 de mayo de 2026, May 20, 2026.</summary>
    [GeneratedRegex(
        @"(?<![\d./-])((?<year>\d{4})(-(?<month>\d{1,2})-|/(?<month>\d{1,2})/|\.(?<month>\d{1,2})\.|年 ?(?<month>\d{1,2})月 ?)(?<day>\d{1,2})(?!\d)"
        + @"|(?<day>\d{1,2})(\. ?(?<month>\d{1,2})\. ?|-(?<month>\d{1,2})-)(?<year>\d{4})(?!\d)"
        + @"|(?<one>\d{1,2})/(?<other>\d{1,2})/(?<year>\d{4})(?!\d)"
        + @"|(?<day>\d{1,2})(st|nd|rd|th|er|\.)?( of| de)?[ -](?<name>[a-z]{3,10})\.?,?( de)?[ -](?<year>\d{4})(?!\d)"
        + @"|\b(?<name>[a-z]{3,10})\.? (?<day>\d{1,2})(st|nd|rd|th)?,? (?<year>\d{4})(?!\d))",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Dates();
}
