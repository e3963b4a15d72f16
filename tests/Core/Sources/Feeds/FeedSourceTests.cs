using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

public sealed class FeedSourceTests : IDisposable
{
    private readonly FeedSite site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task First_read_returns_the_feed_with_its_name_and_bytes()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([2, 1]), "application/rss+xml; charset=utf-8");

        var page = Assert.Single(await site.ReadAsync());

        Assert.Equal(["g2", "g1"], page.Drafts.Select(draft => draft.NativeId));
        Assert.Equal(("Ann", "https://blog.example/", false), (page.Title, page.Url, page.More));
        Assert.Equal(("application/rss+xml; charset=utf-8", FeedSite.Rss([2, 1])), (page.Raw!.ContentType, Encoding.UTF8.GetString(page.Raw.Bytes)));
        Assert.Equal((new DateTimeOffset(2020, 1, 2, 0, 0, 0, TimeSpan.Zero), false), (page.Coverage!.Since, page.Coverage.Complete));
    }

    [Fact]
    public async Task Next_read_sends_both_validators_and_an_unchanged_feed_yields_no_page()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([1]), "text/xml", ("ETag", "W/\"x y\""), ("Last-Modified", "yesterday, 9 o'clock"));
        var cursor = (await site.ReadAsync())[0].Cursor;
        site.On(FeedSite.Feed, HttpStatusCode.NotModified);

        Assert.Empty(await site.ReadAsync(cursor));

        var headers = site.Web.Asked[^1].Headers.NonValidated;
        Assert.Equal(("W/\"x y\"", "yesterday, 9 o'clock"), (headers["If-None-Match"].ToString(), headers["If-Modified-Since"].ToString()));
    }

    [Fact]
    public async Task Identical_bytes_yield_no_page_and_different_bytes_do()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([1]));
        var cursor = (await site.ReadAsync())[0].Cursor;
        Assert.Empty(await site.ReadAsync(cursor));

        site.On(FeedSite.Feed, FeedSite.Rss([2, 1]));

        var page = Assert.Single(await site.ReadAsync(cursor));
        Assert.Equal(2, page.Drafts.Count);
        Assert.False(page.Coverage!.Complete);
    }

    [Fact]
    public async Task Validators_of_one_address_are_not_sent_to_another()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([1]), "text/xml", ("ETag", "\"a\"")).On("https://new.example/feed", FeedSite.Rss([1]));
        var cursor = (await site.ReadAsync())[0].Cursor;

        Assert.Single(await site.ReadAsync(cursor, "https://new.example/feed"));
        Assert.False(site.Web.Asked[^1].Headers.Contains("If-None-Match"));
    }

    [Fact]
    public async Task Permanent_redirect_is_believed_after_three_consecutive_reads()
    {
        site.Redirect(FeedSite.Feed, 301, "https://new.example/feed").On("https://new.example/feed", FeedSite.Rss([1]), "text/xml", ("ETag", "\"n\""));
        var first = Assert.Single(await site.ReadAsync());
        var second = Assert.Single(await site.ReadAsync(first.Cursor));
        var third = Assert.Single(await site.ReadAsync(second.Cursor));

        Assert.Equal((null, null, "https://new.example/feed"), (first.MovedTo, second.MovedTo, third.MovedTo));
        Assert.Empty(second.Drafts);

        site.On("https://new.example/feed", HttpStatusCode.NotModified);
        Assert.Empty(await site.ReadAsync(third.Cursor, third.MovedTo!));
        Assert.Equal("\"n\"", site.Web.Asked[^1].Headers.NonValidated["If-None-Match"].ToString());
    }

    [Fact]
    public async Task Changing_or_temporary_redirect_is_not_believed()
    {
        site.On("https://a.example/", FeedSite.Rss([1])).On("https://b.example/", FeedSite.Rss([1]));
        string? cursor = null;
        foreach (var (status, to) in new[] { (301, "a"), (308, "a"), (301, "b"), (301, "b"), (302, "b"), (301, "b"), (301, "b") })
        {
            site.Redirect(FeedSite.Feed, status, $"https://{to}.example/");
            foreach (var page in await site.ReadAsync(cursor))
            {
                Assert.Null(page.MovedTo);
                cursor = page.Cursor;
            }
        }

        Assert.Equal("https://b.example/", Assert.Single(await site.ReadAsync(cursor)).MovedTo);
    }

    [Fact]
    public async Task Redirect_to_something_else_than_a_feed_is_a_failure()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([1]));
        var cursor = (await site.ReadAsync())[0].Cursor;
        site.Redirect(FeedSite.Feed, 301, "https://parked.example/").On("https://parked.example/", "<title>For sale</title>", "text/html");

        for (var i = 0; i < 4; i++)
            Assert.Contains("“For sale”", (await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync(cursor))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(410, "", Failure.Gone, "gone")]
    [InlineData(404, "", Failure.Transient, "missing")]
    [InlineData(401, "", Failure.Terminal, "denied")]
    [InlineData(500, "", Failure.Transient, "status")]
    [InlineData(418, "", Failure.Terminal, "status")]
    [InlineData(200, "", Failure.Transient, "empty")]
    [InlineData(200, "<!doctype html><title>Maintenance</title>", Failure.Transient, "notAFeed")]
    [InlineData(200, "{\"error\":1}", Failure.Transient, "notAFeed")]
    public async Task Unreadable_feed_is_classified_as_transient_or_permanent(int status, string body, Failure failure, string code)
    {
        site.On(FeedSite.Feed, (HttpStatusCode)status, body);

        var problem = await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync());

        Assert.Equal((failure, code), (problem.Failure, problem.Code));
    }

    [Fact]
    public async Task Requested_pause_is_passed_on()
    {
        site.On(FeedSite.Feed, HttpStatusCode.ServiceUnavailable, "", null, ("Retry-After", "600"));

        var problem = await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync());

        Assert.Equal((Failure.Transient, site.Clock.GetUtcNow().AddMinutes(10)), (problem.Failure, problem.RetryAt));
    }

    [Theory]
    [InlineData("<ttl>90</ttl>", null, null, 90)]
    [InlineData("", "public, Max-Age=7200", null, 120)]
    [InlineData("<ttl>90</ttl>", "max-age=60", null, 90)]
    [InlineData("", null, "Mon, 01 Jun 2026 13:00:00 GMT", 60)]
    [InlineData("", "max-age=31536000", null, 1440)]
    [InlineData("", "no-cache, max-age=0", "0", null)]
    [InlineData("", null, null, null)]
    public async Task Poll_interval_declared_by_the_feed_is_passed_on(string channel, string? cacheControl, string? expires, int? minutes)
    {
        (string, string)[] headers =
            [.. new[] { ("Cache-Control", cacheControl), ("Expires", expires) }.Where(header => header.Item2 is not null).Select(header => (header.Item1, header.Item2!))];
        site.On(FeedSite.Feed, FeedSite.Rss([1], channel), "text/xml", headers);

        Assert.Equal(minutes, (await site.ReadAsync())[0].MinPollInterval?.TotalMinutes);
    }

    [Fact]
    public async Task Hub_and_topic_in_the_header_take_precedence_over_the_document()
    {
        const string links = "<atom:link rel='hub' href='https://hub.example/'/><atom:link rel='self' href='https://blog.example/feed?self'/>";
        site.On(FeedSite.Feed, FeedSite.Rss([1], links));
        Assert.Equal(new PushOffer("https://hub.example/", "https://blog.example/feed?self"), (await site.ReadAsync())[0].Push);

        site.On(FeedSite.Feed, FeedSite.Rss([1], links), "text/xml", ("Link", "<https://other.example/>; rel=hub, </topic>; rel=\"self\""));
        Assert.Equal(new PushOffer("https://other.example/", "https://blog.example/topic", OtherHubs: "https://hub.example/"), (await site.ReadAsync())[0].Push);

        site.On(FeedSite.Feed, FeedSite.Rss([1]));
        Assert.Null((await site.ReadAsync())[0].Push);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"address\":\"https://blog.example/feed\",\"notYetInvented\":{\"a\":[1]}}")]
    public async Task Unusable_cursor_starts_from_the_beginning(string cursor)
    {
        site.On(FeedSite.Feed, FeedSite.Rss([1]));

        Assert.Single(Assert.Single(await site.ReadAsync(cursor)).Drafts);
    }

    [Fact]
    public async Task Cursor_stays_small_whatever_the_server_sends()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([1], $"<atom:link rel='next' href='https://blog.example/{new string('n', 20_000)}'/>"), "text/xml", ("ETag", new string('e', 30_000)));

        Assert.InRange((await site.ReadAsync())[0].Cursor.Length, 1, 10_000);
    }

    [Fact]
    public async Task Invalid_item_does_not_spoil_the_rest()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([3], "<item></item><item><title>&bad; \u0001</title><link>::</link><pubDate>never</pubDate></item>"));

        var page = Assert.Single(await site.ReadAsync());

        Assert.Contains(page.Drafts, draft => draft.NativeId == "g3");
        Assert.Contains(page.Repairs, repair => repair is { What: "itemSkipped", Count: 1 });
    }

    [Fact]
    public async Task Push_yields_drafts_by_the_same_rules()
    {
        var push = new PushDelivery(
            FeedSite.Feed,
            "websub",
            Encoding.UTF8.GetBytes(FeedSite.Rss([7]).Replace("<title>Post", "<author>bob@blog.example (Bob)</author><title>Post")),
            new Dictionary<string, string> { ["content-type"] = "application/rss+xml; charset=utf-8" },
            new Dictionary<string, string> { ["author"] = "Bob" });

        var draft = Assert.Single((await site.Source.AcceptAsync(push, default))!);

        Assert.Equal(("g7", Kind.BlogPost, "Bob"), (draft.NativeId, draft.Kind, draft.Author));
        Assert.Empty((await site.Source.AcceptAsync(push with { Options = new Dictionary<string, string> { ["author"] = "Ann" } }, default))!);
        Assert.Null(await site.Source.AcceptAsync(push with { Body = "<html>"u8.ToArray() }, default));
        Assert.Null(await site.Source.AcceptAsync(push with { Body = push.Body[..^30] }, default));
    }

    [Fact]
    public async Task Cursor_is_JSON_without_a_list_of_seen_items()
    {
        site.On(FeedSite.Feed, FeedSite.Rss(Enumerable.Range(1, 500)), "text/xml", ("ETag", "\"a\""));

        var cursor = (await site.ReadAsync())[0].Cursor;

        Assert.Equal("\"a\"", (string?)JsonNode.Parse(cursor)!["eTag"]);
        Assert.True(cursor.Length < 500, cursor);
    }
}
