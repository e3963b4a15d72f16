using System.Text;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Digests;

public sealed partial class ApprovedDigestTests
{
    /// <summary>
    /// What caniemail.com (data of its repository, _features/css-*.md) marks as supported, at least on table cells, by Gmail and by every Outlook:
    /// padding and border stand on cells alone; margin is never negative; width and max-width are not used as properties.
    /// </summary>
    private static readonly string[] Properties =
        ["background-color", "border", "border-top", "color", "font-family", "font-size", "line-height", "margin", "padding"];

    private static readonly string[] Elements =
        ["a", "body", "br", "h1", "h2", "head", "html", "meta", "p", "span", "table", "td", "title", "tr"];

    private static readonly string[] Attributes =
        ["align", "border", "cellpadding", "cellspacing", "charset", "content", "dir", "href", "lang", "name", "role", "style", "width"];

    private static readonly Approval Approved = new("tests/Core/Digests/Approved");

    public static TheoryData<string> Names => [.. Sample.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Digest_matches_its_approved_text(string name)
    {
        var digest = Sample.All[name];
        var subject = DigestParts.Of(digest, Sample.Links).Subject;
        Approved.Of(($"{name}.html", DigestHtml.Of(digest, Sample.Links)), ($"{name}.txt", $"Subject: {subject}\r\n\r\n{DigestText.Of(digest, Sample.Links)}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void HTML_uses_only_what_Gmail_and_Outlook_support(string name)
    {
        var html = DigestHtml.Of(Sample.All[name], Sample.Links);
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
    public void Text_part_says_everything_the_HTML_says(string name)
    {
        var (digest, text) = (Sample.All[name], DigestText.Of(Sample.All[name], Sample.Links));
        var parts = DigestParts.Of(digest, Sample.Links);
        var flat = Space().Replace(text, " ");
        foreach (var section in parts.Sections)
        {
            Assert.Contains(section.Heading, flat, StringComparison.Ordinal);
            foreach (var line in section.Lines)
            {
                Assert.Contains(line.Title, flat, StringComparison.Ordinal);
                Assert.Contains(line.Detail, flat, StringComparison.Ordinal);
                Assert.All(line.Actions, a => Assert.Contains(a.Link.AbsoluteUri, text, StringComparison.Ordinal));
            }
        }

        Assert.All(parts.Opening, sentence => Assert.Contains(sentence, flat, StringComparison.Ordinal));
        Assert.All(text.Split("\r\n"), line => Assert.DoesNotContain(line, c => char.IsControl(c)));
        Assert.Contains(Sample.Links.Unsubscribe!.AbsoluteUri, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Subject_is_one_line_whatever_the_titles()
    {
        var digest = Sample.All["hostile"];
        var subject = DigestParts.Of(digest with { New = [], Total = 0, Coming = [digest.New[1]] }, Sample.Links).Subject;
        Assert.Equal("Your week: Hello Bcc: everybody@example.org <html> coming up", subject);
    }

    [GeneratedRegex(@"<(?<name>[a-z][a-z0-9]*)(?<rest>[^>]*)>", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Tag();

    [GeneratedRegex("(?<name>[a-z-]+)=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Space();
}
