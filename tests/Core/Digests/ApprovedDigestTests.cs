using System.Net;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed partial class ApprovedDigestTests
{
    /// <summary>
    /// What caniemail.com (data of its repository, _features/css-*.md) marks as supported, at least on table cells, by Gmail and by every Outlook:
    /// padding and border stand on cells alone; margin is never negative; width and max-width are not used as properties.
    /// </summary>
    private static readonly string[] Properties =
        ["background-color", "border", "border-top", "color", "font-family", "font-size", "line-height", "margin", "padding", "text-decoration"];

    private static readonly string[] Elements =
        ["a", "body", "br", "h1", "h2", "head", "html", "meta", "p", "span", "table", "td", "title", "tr"];

    private static readonly string[] Attributes =
        ["align", "border", "cellpadding", "cellspacing", "charset", "content", "dir", "href", "lang", "name", "role", "style", "width"];

    private static readonly MailRenderer Renderer = new(new ServiceCollection().BuildServiceProvider(), NullLoggerFactory.Instance);

    private static readonly Approval Approved = new("tests/Core/Digests/Approved");

    public static TheoryData<string> Names => [.. Sample.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Digest_matches_its_approved_text(string name)
    {
        var parts = DigestParts.Of(Sample.All[name], Sample.Links);
        Approved.Of(($"{name}.html", await Renderer.DigestAsync(parts)), ($"{name}.txt", $"Subject: {parts.Headline}\r\n\r\n{DigestText.Of(parts)}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task HTML_uses_only_what_Gmail_and_Outlook_support(string name)
    {
        var html = await Renderer.DigestAsync(DigestParts.Of(Sample.All[name], Sample.Links));
        var tags = Tag().Matches(html);
        Assert.Subset(Elements.ToHashSet(StringComparer.Ordinal), tags.Select(t => t.Groups["name"].Value).ToHashSet(StringComparer.Ordinal));
        var attributes = tags.SelectMany(t => Attribute().Matches(t.Groups["rest"].Value)).ToList();
        Assert.Subset(Attributes.ToHashSet(StringComparer.Ordinal), attributes.Select(a => a.Groups["name"].Value).ToHashSet(StringComparer.Ordinal));
        foreach (var tag in tags.Where(t => t.Groups["rest"].Value.Contains("style=", StringComparison.Ordinal)))
        {
            var style = Attribute().Matches(tag.Groups["rest"].Value).Single(a => a.Groups["name"].Value == "style").Groups["value"].Value;
            var used = style.Split(';').Select(p => p.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
            Assert.Subset(Properties.ToHashSet(StringComparer.Ordinal), used);
            Assert.True(tag.Groups["name"].Value == "td" || !used.Overlaps(["padding", "border", "border-top", "background-color"]), tag.Value);
            Assert.True(used.Contains("background-color") == used.Contains("color"), "A colour of its own stands only on a ground of its own: " + tag.Value);
            Assert.DoesNotContain("margin:-", style, StringComparison.Ordinal);
        }

        Assert.All(attributes.Where(a => a.Groups["name"].Value == "href"), a => Assert.StartsWith("https://", a.Groups["value"].Value, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Both_parts_say_the_same_in_the_same_order(string name)
    {
        var parts = DigestParts.Of(Sample.All[name], Sample.Links);
        var text = DigestText.Of(parts);
        var flat = Space().Replace(text, " ");
        var html = WebUtility.HtmlDecode(Markup().Replace(await Renderer.DigestAsync(parts), "")).Replace("\u200B", "", StringComparison.Ordinal);
        var (inText, inHtml) = (0, html.IndexOf("<body>", StringComparison.Ordinal) + 1);
        Follows(parts.Week, parts.Week);
        Follows(parts.Headline, parts.Headline);
        foreach (var sentence in parts.Opening)
            Follows(sentence, sentence);
        foreach (var section in parts.Sections)
        {
            Follows(section.Heading.ToUpperInvariant(), section.Heading);
            foreach (var line in section.Lines)
            {
                Follows(line.Title, line.Title);
                foreach (var fact in line.Facts)
                    Follows(fact.Text, fact.Text);
                foreach (var act in line.Acts)
                    Follows($"{act.Text}: {act.Address.AbsoluteUri}", act.Text.Replace(' ', '\u00A0'));
            }

            if (section.More is { } more)
                Follows(more, more);
            foreach (var act in section.Acts)
                Follows($"{act.Text}: {act.Address.AbsoluteUri}", act.Text.Replace(' ', '\u00A0'));
        }

        Follows(parts.Why, parts.Why);
        foreach (var link in parts.Foot)
            Follows($"{link.Text}: {link.Address.AbsoluteUri}", link.Text.Replace(' ', '\u00A0'));

        void Follows(string told, string shown)
        {
            inText = flat.IndexOf(told, inText, StringComparison.Ordinal) + told.Length;
            Assert.True(inText >= told.Length, $"The text part does not say in its place: {told}");
            inHtml = html.IndexOf(shown, inHtml, StringComparison.Ordinal) + shown.Length;
            Assert.True(inHtml >= shown.Length, $"The HTML does not say in its place: {shown}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Lines_of_the_text_part_have_at_most_76_characters_unless_they_hold_an_address_or_one_long_word(string name)
    {
        var lines = DigestText.Of(DigestParts.Of(Sample.All[name], Sample.Links)).Split("\r\n");
        Assert.All(lines, line => Assert.DoesNotContain(line, c => char.IsControl(c)));
        Assert.All(lines.Where(line => line.Length > 76), line => Assert.True(line.Contains("https://", StringComparison.Ordinal) || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
    }

    [Fact]
    public void Subject_is_one_line_without_any_title_in_it()
    {
        var digest = Sample.All["hostile"];
        Assert.Equal("4 blog posts", DigestParts.Of(digest, Sample.Links).Headline);
        Assert.Equal("A quiet week", DigestParts.Of(digest with { New = [], Total = 0, Coming = [digest.New[1]] }, Sample.Links).Headline);
    }

    [GeneratedRegex(@"<(?<name>[a-z][a-z0-9]*)(?<rest>[^>]*)>", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Tag();

    [GeneratedRegex("(?<name>[a-z-]+)=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Attribute();

    /// <summary>What stands within a line.</summary>
    [GeneratedRegex("</?(a|span|br)[^>]*>", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Markup();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Space();
}
