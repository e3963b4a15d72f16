using System.Diagnostics;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources.Feeds;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

public sealed class FeedPageTests
{
    [Fact]
    public void Feed_of_the_posts_is_preferred_to_feeds_of_comments_and_sections()
    {
        var page = Read(
            """
            <!doctype html><title> Ann's
              blog </title><meta name="Generator" content="WordPress 6.5">
            <link rel="alternate" type="application/rss+xml" title="Ann » Comments Feed" href="/comments/feed/">
            <link rel="alternate" type="application/rss+xml" title="Ann » Net" href="/category/net/feed/">
            <link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x">
            <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">
            <link rel="alternate" type="application/atom+xml" href="https://elsewhere.example/atom">
            <link rel="alternate" type="application/rss+xml; charset=utf-8" title="Ann » Feed" href="feed/">
            <link rel="stylesheet" type="text/css" href="style.css">
            <a href="feed:http://blog.example/podcast.rss">Podcast</a>
            """);

        Assert.Equal(("Ann's blog", "WordPress 6.5"), (page.Title, page.Generator));
        Assert.Equal(
            [
                "https://blog.example/feed/", "https://blog.example/category/net/feed/", "https://elsewhere.example/atom",
                "http://blog.example/podcast.rss", "https://blog.example/comments/feed/",
            ],
            page.Links.Select(link => link.Address.AbsoluteUri));
        Assert.True(page.Links[^1].Rank < 0);
    }

    [Theory]
    [InlineData("https://blog.example/en/", "/en/feed.xml")]
    [InlineData("https://blog.example/de/artikel", "/de/feed.xml")]
    [InlineData("https://blog.example/category/net/", "/category/net/feed.xml")]
    [InlineData("https://blog.example/", "/feed.xml")]
    public void Feed_of_the_entered_section_is_chosen(string address, string best)
    {
        var page = Read(
            """
            <link rel=alternate type=application/rss+xml href=/feed.xml>
            <link rel=alternate type=application/rss+xml href=/category/net/feed.xml>
            <link rel=alternate type=application/atom+xml href=/en/feed.xml>
            <link rel=alternate type=application/feed+json href=/de/feed.xml>
            """,
            address);

        Assert.Equal(best, page.Links[0].Address.AbsolutePath);
    }

    [Fact]
    public void Base_element_and_Link_header_are_honoured()
    {
        var page = Read(
            "<base href='/sub/'><link rel='Alternate Home' type='Application/Atom+XML' href='atom'>",
            link: "</style.css>; rel=preload, </h.rss>; rel=\"alternate\"; type=\"application/rss+xml\"; title=\"By header, really\"");

        Assert.Equal(
            [("https://blog.example/h.rss", "By header, really"), ("https://blog.example/sub/atom", null)],
            page.Links.Select(found => (found.Address.AbsoluteUri, found.Title)));
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b><i>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<a href=/feed>")]
    [InlineData("<link rel=alternate type=application/rss+xml href=/f>")]
    [InlineData("<svg><desc>")]
    [InlineData("&#x")]
    [InlineData("<!--")]
    [InlineData("<p a=")]
    [InlineData("<title>")]
    [InlineData("<script>")]
    public void Hostile_page_is_read_in_bounded_time(string piece)
    {
        var clock = Stopwatch.StartNew();

        Read(string.Concat(Enumerable.Repeat(piece, 4_000_000 / piece.Length)));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"took {clock.Elapsed}");
    }

    private static FeedPage Read(string html, string address = "https://blog.example/", string? link = null)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (link is not null)
            headers["Link"] = link;
        return FeedPage.Read(new Fetched(FetchOutcome.Content, new Uri(address)) { Body = Encoding.UTF8.GetBytes(html), Headers = headers });
    }
}
