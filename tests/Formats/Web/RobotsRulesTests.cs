using System.Text;
using ContributionIngest.Formats.Web;
using Xunit;

namespace ContributionIngest.Tests.Formats.Web;

public sealed class RobotsRulesTests
{
    [Theory]
    [InlineData("", "/anything", true)]
    [InlineData("User-agent: *\nDisallow: /api/", "/api/event/", false)]
    [InlineData("User-agent: *\nDisallow: /api/", "/apis", true)]
    [InlineData("User-agent: *\nDisallow:", "/", true)]
    [InlineData("User-agent: *\nDisallow: /\nAllow: /events/", "/events/1", true)]
    [InlineData("User-agent: *\nAllow: /events/\nDisallow: /events/", "/events/1", true)]
    [InlineData("User-agent: *\nDisallow: /*.json$", "/a/b.json", false)]
    [InlineData("User-agent: *\nDisallow: /*.json$", "/a/b.json?x=1", true)]
    [InlineData("User-agent: *\nDisallow: /a*b*c", "/axxbyyczz", false)]
    [InlineData("User-agent: *\nDisallow: /a*b*c", "/axxcyyb", true)]
    [InlineData("User-agent: *\nDisallow: /page$", "/page", false)]
    [InlineData("User-agent: *\nDisallow: /page$", "/pages", true)]
    [InlineData("User-agent: *\nDisallow: /", "/robots.txt", true)]
    [InlineData("User-agent: *\nDisallow: /%7Esam/caf%c3%a9", "/~sam/café", false)]
    [InlineData("User-agent: *\nDisallow: /a%2Fb", "/a/b", true)]
    [InlineData("User-agent: *\nDisallow: /x?y=", "/x?y=1", false)]
    [InlineData("User-agent: *\nDisallow: /\n\nUser-agent: ContributionIngest/1.0\nDisallow: /private", "/public", true)]
    [InlineData("user-agent: CONTRIBUTIONINGEST\ndisallow: /private # ours\nUser-agent: *\nAllow: /", "/private", false)]
    [InlineData("User-agent: ContributionIngestor\nDisallow: /", "/", true)]
    [InlineData("User-agent: a\nUser-agent: ContributionIngest\nDisallow: /x\n\nUser-agent: b\nDisallow: /y", "/x", false)]
    [InlineData("User-agent: a\nUser-agent: ContributionIngest\nDisallow: /x\n\nUser-agent: b\nDisallow: /y", "/y", true)]
    [InlineData("User-agent: ContributionIngest\nDisallow: /x\nUser-agent: b\nDisallow: /z\nUser-agent: ContributionIngest\nDisallow: /y", "/y", false)]
    [InlineData("User-agent: a\nSitemap: https://x.example/s.xml\nUser-agent: *\nDisallow: /x", "/x", false)]
    [InlineData("Disallow: /x\nUser-agent: *\nDisallow: /y", "/x", true)]
    [InlineData("\uFEFFUser-agent: *\r\nDisallow: /x\r\n", "/x", false)]
    [InlineData("<html><p>no such page</p></html>", "/x", true)]
    public void What_may_be_read_is_decided_by_the_longest_rule_of_the_programs_own_group(string file, string path, bool isAllowed) =>
        Assert.Equal(isAllowed, RobotsRules.Read(Encoding.UTF8.GetBytes(file), "ContributionIngest").IsAllowed(new Uri("https://site.example" + path)));

    [Theory]
    [InlineData("User-agent: *\nCrawl-delay: 2.5\nDisallow: /api/", 2.5)]
    [InlineData("User-agent: other\nCrawl-delay: 9\n\nUser-agent: *\nDisallow: /", null)]
    [InlineData("User-agent: *\nCrawl-delay: soon", null)]
    public void Time_between_requests_is_that_of_the_programs_own_group(string file, double? delay) =>
        Assert.Equal(delay, RobotsRules.Read(Encoding.UTF8.GetBytes(file), "ContributionIngest").CrawlDelay);

    [Fact]
    public void Hostile_file_is_read_in_part_and_matched_in_time()
    {
        var file = "User-agent: *\n" + string.Concat(Enumerable.Repeat("Disallow: /" + string.Concat(Enumerable.Repeat("a*", 900)) + "b\n", 3_000));
        var rules = RobotsRules.Read(Encoding.UTF8.GetBytes(file), "ContributionIngest");
        Assert.InRange(rules.Rules.Count, 1, 2_000);
        Assert.True(rules.IsAllowed(new Uri("https://site.example/" + new string('a', 1_500))));
    }
}
