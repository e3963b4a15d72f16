using System.Text.RegularExpressions;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed partial class TextsTests
{
    private static readonly string[] Pages = ["notMine", "private", "edit"];
    private static readonly DigestTexts English = DigestTexts.Of("en");
    private static readonly DigestTexts German = DigestTexts.Of("de-CH");

    [Fact]
    public void Both_languages_have_the_same_texts_with_the_same_placeholders()
    {
        Assert.Equal(English.Names.Order(StringComparer.Ordinal), German.Names.Order(StringComparer.Ordinal));
        Assert.All(English.Names, name => Assert.Equal((name, Places(English[name])), (name, Places(German[name]))));
        Assert.All(English.Names.Concat(German.Names), name => Assert.NotEqual("", English[name].Trim()));
    }

    [Fact]
    public void Every_text_used_by_the_code_exists()
    {
        var named = Code().SelectMany(code => Asked().Matches(code)).SelectMany(m => Literal().Matches(m.Value)).Select(m => m.Groups["name"].Value).ToList();
        Assert.InRange(named.Count, 50, 200);
        Assert.All(named.Concat(PutTogether()), name => Assert.Contains(name, English.Names));
    }

    [Fact]
    public void Every_text_is_used()
    {
        var literals = Code().SelectMany(code => Literal().Matches(code)).Select(m => m.Groups["name"].Value).Concat(PutTogether()).ToHashSet(StringComparer.Ordinal);
        var held = English.Names.Where(name => !name.StartsWith("metric.", StringComparison.Ordinal))
            .Select(name => name.EndsWith(".one", StringComparison.Ordinal) ? name[..^4] : name);
        Assert.All(held, name => Assert.Contains(name, literals));
    }

    [Fact]
    public void Every_text_with_a_count_has_a_singular()
    {
        var counted = Code().SelectMany(code => Counted().Matches(code)).Select(m => m.Groups["name"].Value).Concat(EnumText<Kind>.All.Select(kind => "kind." + kind))
            .Concat(English.Names.Where(name => name.StartsWith("metric.", StringComparison.Ordinal) && !name.EndsWith(".one", StringComparison.Ordinal)));
        Assert.All(counted, name => Assert.Contains(name + ".one", English.Names));
    }

    [Theory]
    [InlineData("en", "Mon 8 Jun, 09:30", "8 June", "1,234.5")]
    [InlineData("en-US", "Mon, Jun 8, 9:30 AM", "June 8", "1,234.5")]
    [InlineData("de", "Mo, 8. Juni, 09:30", "8. Juni", "1.234,5")]
    [InlineData("de-Latn-AT", "Mo, 8. Juni, 09:30", "8. Juni", "1 234,5")]
    [InlineData("sv", "Mon 8 Jun, 09:30", "8 June", "1,234.5")]
    [InlineData("", "Mon 8 Jun, 09:30", "8 June", "1,234.5")]
    public void Dates_and_numbers_are_formatted_for_the_persons_culture(string locale, string when, string day, string number)
    {
        var texts = DigestTexts.Of(locale);
        var at = new DateTimeOffset(2026, 6, 8, 7, 30, 0, TimeSpan.Zero);
        Assert.Equal(when, texts.When(at, isDay: false, NodaTime.DateTimeZoneProviders.Tzdb["Europe/Stockholm"], 2026));
        Assert.Equal(day, texts.Day(new DateOnly(2026, 6, 8)));
        Assert.Equal("1" + number[^2..^1] + "25", texts.Number(1.25));
        Assert.Equal(number, texts.Number(1234.5).Replace('\u00A0', ' '));
    }

    [Fact]
    public void Date_without_a_time_is_the_same_day_everywhere_and_another_year_is_shown()
    {
        var zone = NodaTime.DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
        var day = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal("Thu 1 Jan", English.When(day, isDay: true, zone, 2026));
        Assert.Equal("Wed 31 Dec 2025, 16:00", English.When(day, isDay: false, zone, 2026));
        Assert.Equal("Mi, 31. Dez. 2025", German.DayOf(day, zone, 2026));
    }

    [Theory]
    [InlineData("en", "2026-06-08", "8 – 14 June 2026")]
    [InlineData("en", "2026-06-29", "29 June – 5 July 2026")]
    [InlineData("en", "2026-12-28", "28 December 2026 – 3 January 2027")]
    [InlineData("en-US", "2026-06-08", "June 8 – June 14, 2026")]
    [InlineData("de", "2026-06-08", "8. bis 14. Juni 2026")]
    [InlineData("de", "2026-12-28", "28. Dezember 2026 bis 3. Januar 2027")]
    public void Week_says_once_what_its_ends_share(string locale, string monday, string expected)
    {
        var first = DateOnly.ParseExact(monday, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(expected, DigestTexts.Of(locale).Span(first, first.AddDays(6)));
    }

    private static IEnumerable<string> Code() => Directory.EnumerateFiles(Repository.Path("shared", "Core", "Digests"), "*.cs")
        .Concat(Directory.EnumerateFiles(Repository.Path("functions", "Api", "Digests"), "*Pages.cs"))
        .Concat(Directory.EnumerateFiles(Repository.Path("shared", "Web", "Digests"), "Linked*.razor")).Select(File.ReadAllText);

    private static string Places(string text) => string.Join(' ', Place().Matches(text).Select(m => m.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    /// <summary>Names the code makes of a word and what goes before it.</summary>
    private static IEnumerable<string> PutTogether() => EnumText<Kind>.All.SelectMany(kind => new[] { "kind." + kind, "name." + kind })
        .Concat(EnumText<Status>.All.Select(status => "status." + status))
        .Concat(new[] { Health.Failing, Health.Broken, Health.Gone }.Select(health => "care." + EnumText<Health>.Of(health)))
        .Concat(Pages.SelectMany(page => new[] { "title", "text", "do", "done" }.Select(part => $"act.{page}.{part}")));

    [GeneratedRegex(@"([tT]exts\[|With\(|Count\(|Section\()[^,\]\)]*", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Asked();

    [GeneratedRegex("(?<!\\$)\"(?<name>[a-z][A-Za-z]*(\\.[a-z][A-Za-z]*)*)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Literal();

    [GeneratedRegex("Count\\(\"(?<name>[A-Za-z.]*[A-Za-z])\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Counted();

    [GeneratedRegex(@"\{[0-9]\}", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Place();
}
