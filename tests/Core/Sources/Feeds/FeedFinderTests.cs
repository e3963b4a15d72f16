using System.Net;
using ContributionIngest.Core.Sources;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

public sealed class FeedFinderTests : IDisposable
{
    private const string Home = "https://blog.example/";

    private readonly FeedSite site = new();

    public void Dispose() => site.Dispose();

    [Theory]
    [InlineData("https://blog.example/feed/")]
    [InlineData(" blog.example/feed/ ")]
    [InlineData("feed:https://blog.example/feed/")]
    [InlineData("HTTPS://Blog.Example:443/feed/#top")]
    public async Task Feeds_own_address_is_resolved_to_the_feed(string typed)
    {
        site.On("https://blog.example/feed/", FeedSite.Rss([1]));

        var place = await site.ResolveAsync(typed);

        Assert.Equal(
            new Place("https://blog.example/feed", "https://blog.example/feed/", "Ann", "https://blog.example/"), place with { Alternatives = [] });
        Assert.Empty(place.Alternatives);
    }

    [Fact]
    public async Task Http_is_tried_when_https_does_not_answer()
    {
        site.On("https://old.example/", _ => throw new HttpRequestException("refused")).On("http://old.example/", FeedSite.Rss([1]));

        Assert.Equal("http://old.example/", (await site.ResolveAsync("old.example")).Address);
    }

    [Fact]
    public async Task Best_feed_of_a_page_is_chosen_and_the_others_are_named()
    {
        site.On(Home, "<link rel=alternate type=application/rss+xml title='Comments Feed' href=/comments/feed>"
            + "<link rel=alternate type=application/rss+xml title=Broken href=/broken>"
            + "<link rel=alternate type=application/atom+xml title=Posts href=https://feeds.example/ann>"
            + "<link rel=alternate type=application/rss+xml title=Podcast href=https://feeds.example/talks>", "text/html")
            .On("https://blog.example/broken", "<html>oops", "text/html")
            .On("https://feeds.example/ann", FeedSite.Rss([1]));

        var place = await site.ResolveAsync("blog.example");

        Assert.Equal("https://feeds.example/ann", place.Address);
        Assert.Equal(["https://blog.example/broken", "https://feeds.example/talks"], place.Alternatives.Select(other => other.Address));
    }

    [Fact]
    public async Task Permanent_redirect_is_followed_for_good_and_a_temporary_one_is_not()
    {
        site.Redirect("https://blog.example/old", 301, "/new").Redirect("https://blog.example/lent", 302, "/new").On("https://blog.example/new", FeedSite.Rss([1]));

        Assert.Equal("https://blog.example/new", (await site.ResolveAsync("https://blog.example/old")).Address);
        Assert.Equal("https://blog.example/lent", (await site.ResolveAsync("https://blog.example/lent")).Address);
    }

    [Theory]
    [InlineData("https://medium.com/@ann", "<p>Hi", "https://medium.com/feed/@ann")]
    [InlineData("https://dev.to/ann", "<p>Hi", "https://dev.to/feed/ann")]
    [InlineData("https://ann.substack.com/p/hello", "<p>Hi", "https://ann.substack.com/feed")]
    [InlineData("https://ann.hashnode.dev/", "<p>Hi", "https://ann.hashnode.dev/rss.xml")]
    [InlineData("https://ann.blogspot.com/", "<p>Hi", "https://ann.blogspot.com/feeds/posts/default")]
    [InlineData("https://blog.example/about/", "<meta name=generator content='WordPress 6.5'>", "https://blog.example/feed/")]
    [InlineData("https://blog.example/", "<meta name=generator content='Ghost 5.80'>", "https://blog.example/rss/")]
    [InlineData("https://blog.example/", "<meta name=generator content='Hugo 0.120'>", "https://blog.example/index.xml")]
    public async Task Page_without_a_feed_link_is_resolved_by_the_rule_of_its_platform(string typed, string head, string feed)
    {
        site.On(typed, head, "text/html").On(feed, FeedSite.Rss([1]));

        Assert.Equal(feed, (await site.ResolveAsync(typed)).Address);
    }

    [Fact]
    public async Task Platform_that_blocks_programs_from_its_pages_still_has_its_feeds()
    {
        site.On("https://medium.com/@ann", HttpStatusCode.Forbidden).On("https://medium.com/feed/@ann", FeedSite.Rss([1]));

        Assert.Equal("https://medium.com/feed/@ann", (await site.ResolveAsync("https://medium.com/@ann")).Address);
    }

    [Fact]
    public async Task Common_feed_paths_are_the_last_resort_and_their_redirects_are_not_followed()
    {
        site.Elsewhere = FeedSite.NotFound;
        site.On("https://blog.example/en/", "<title>Ann</title>", "text/html")
            .Redirect("https://blog.example/en/feed", 302, "/hello")
            .On("https://blog.example/en/rss", "<html>a page for everything", "text/html")
            .On("https://blog.example/atom.xml", FeedSite.Rss([1]));

        Assert.Equal("https://blog.example/atom.xml", (await site.ResolveAsync("https://blog.example/en/")).Address);
        Assert.DoesNotContain("https://blog.example/hello", site.Web.Addresses);
    }

    [Theory]
    [InlineData(200, "<title>Ann's page</title>", "text/html", "noFeed", "“Ann's page”")]
    [InlineData(200, "<title>Page not found</title>", "text/html", "missing", "nothing at this address")]
    [InlineData(200, "<title>Oh</title><link rel=alternate type=application/rss+xml href=/dead>", "text/html", "notAFeed", "https://blog.example/dead")]
    [InlineData(200, "", "text/html", "empty", "empty page")]
    [InlineData(200, "{\"items\":1}", "application/json", "notAFeed", "JSON")]
    [InlineData(200, "%PDF-1.7", "application/pdf", "notAFeed", "neither")]
    [InlineData(404, "", "text/html", "missing", "404")]
    [InlineData(410, "", "text/html", "gone", "gone for good")]
    [InlineData(401, "", "text/html", "denied", "sign-in")]
    [InlineData(500, "", "text/html", "status", "trouble")]
    public async Task Rejection_says_what_was_found_and_what_to_try(int status, string body, string type, string code, string words)
    {
        site.Elsewhere = FeedSite.NotFound;
        site.On(Home, (HttpStatusCode)status, body, type);

        var refusal = await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync(Home));

        Assert.Equal(code, refusal.Code);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("blog.example", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_behind_a_sign_in_and_page_for_browsers_only_are_distinguished()
    {
        site.Elsewhere = FeedSite.NotFound;
        site.Redirect("https://blog.example/private", 302, "/login?next=private").On("https://blog.example/login?next=private", "<title>Hi</title>", "text/html")
            .On("https://blog.example/walled", HttpStatusCode.Forbidden, "x", "text/html", ("cf-mitigated", "challenge"));

        Assert.Equal("signIn", (await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync("https://blog.example/private"))).Code);
        Assert.Equal("botProtection", (await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync("https://blog.example/walled"))).Code);
    }

    [Theory]
    [InlineData("http://127.0.0.1/feed")]
    [InlineData("localhost")]
    [InlineData("ftp://blog.example/")]
    [InlineData("https://ann:pw@blog.example/")]
    [InlineData("my blog")]
    [InlineData("https://")]
    [InlineData("")]
    public async Task Address_that_is_not_public_is_rejected_without_a_request(string typed)
    {
        var refusal = await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync(typed));

        Assert.Equal((Failure.Terminal, "refusedAddress"), (refusal.Failure, refusal.Code));
        Assert.Empty(site.Web.Asked);
        Assert.DoesNotContain("pw", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_for_a_feed_stops_when_the_site_stops_answering()
    {
        site.Elsewhere = _ => throw new HttpRequestException("reset");
        site.On(Home, "<title>Ann</title>", "text/html");

        Assert.Equal(Failure.Transient, (await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync(Home))).Failure);
        Assert.Equal(4, site.Web.Asked.Count);
    }

    [Fact]
    public async Task Pause_during_the_search_is_not_reported_as_a_site_without_a_feed()
    {
        site.On(Home, "<title>Ann</title>", "text/html").On("https://blog.example/feed", HttpStatusCode.TooManyRequests, "", null, ("Retry-After", "90"));

        var refusal = await Assert.ThrowsAsync<SourceException>(() => site.ResolveAsync(Home));

        Assert.Equal((Failure.Transient, site.Clock.GetUtcNow().AddSeconds(90)), (refusal.Failure, refusal.RetryAt));
    }
}
