using System.Net;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

public sealed class FeedBackfillTests : IDisposable
{
    private const string WordPress = "<generator>https://wordpress.org/?v=6.5</generator>";

    private readonly FeedSite site = new();

    public void Dispose() => site.Dispose();

    [Fact]
    public async Task WordPress_blog_is_read_page_by_page_to_its_end()
    {
        Numbered(3);

        var pages = await site.ReadAsync();

        Assert.Equal([30, 29, 28, 20, 19, 18, 10, 9, 8], Posts(pages));
        Assert.Equal([true, true, true, false], pages.Select(page => page.More));
        Assert.Equal(new DateTimeOffset(2020, 1, 29, 0, 0, 0, TimeSpan.Zero), pages[0].Coverage!.Since);
        Assert.All(pages, page => Assert.False(page.Coverage!.Complete));
        Assert.Equal(new Coverage(null, true, null), Assert.Single(await site.ReadAsync(pages[^1].Cursor)).Coverage);
    }

    [Fact]
    public async Task Interrupted_walk_reads_the_newest_page_first_and_resumes_where_it_stopped()
    {
        Numbered(3);
        var begun = (await site.ReadAsync(most: 2))[^1].Cursor;
        site.On(FeedSite.Feed, FeedSite.Rss([31, 30, 29], WordPress));

        var pages = await site.ReadAsync(begun);

        Assert.Equal([31, 30, 29, 10, 9, 8], Posts(pages));
        var end = Assert.Single(await site.ReadAsync(pages[^1].Cursor));
        Assert.True(end.Coverage!.Complete);
        Assert.Empty(await site.ReadAsync(end.Cursor));
    }

    [Fact]
    public async Task Validators_of_the_newest_page_survive_the_walk()
    {
        Numbered(3);
        site.On(FeedSite.Feed, FeedSite.Rss([30, 29, 28], WordPress), "text/xml", ("ETag", "\"newest\""));
        var cursor = await CompleteAsync();
        site.On(FeedSite.Feed, HttpStatusCode.NotModified);

        Assert.Empty(await site.ReadAsync(cursor));
        Assert.Equal("\"newest\"", site.Web.Asked[^1].Headers.NonValidated["If-None-Match"].ToString());
    }

    [Fact]
    public async Task Older_pages_are_requested_a_second_apart_and_without_validators()
    {
        Numbered(3);
        var start = site.Clock.GetUtcNow();

        await site.ReadAsync();

        Assert.Equal(3, (site.Clock.GetUtcNow() - start).TotalSeconds);
        Assert.All(site.Web.Asked.Skip(1), asked => Assert.False(asked.Headers.Contains("If-None-Match")));
    }

    [Fact]
    public async Task Blogger_blog_is_paged_by_entry_number()
    {
        const string feed = "https://ann.blogspot.com/feeds/posts/default?alt=rss";
        site.On(feed, FeedSite.Rss([9, 8]))
            .On("https://ann.blogspot.com/feeds/posts/default?alt=rss&start-index=3&max-results=100", FeedSite.Rss([7, 6, 5]))
            .On("https://ann.blogspot.com/feeds/posts/default?alt=rss&start-index=6&max-results=100", FeedSite.Rss([]));

        var pages = await site.ReadAsync(address: feed);

        Assert.Equal([9, 8, 7, 6, 5], Posts(pages));
        Assert.True(Assert.Single(await site.ReadAsync(pages[^1].Cursor, feed)).Coverage!.Complete);
    }

    [Fact]
    public async Task Ghost_blog_has_its_pages_below_its_feed()
    {
        const string ghost = "<generator>Ghost 5.80</generator>";
        site.On("https://blog.example/rss/", FeedSite.Rss([9, 8], ghost))
            .On("https://blog.example/rss/2/", FeedSite.Rss([7], ghost))
            .On("https://blog.example/rss/3/", HttpStatusCode.NotFound);

        var pages = await site.ReadAsync(address: "https://blog.example/rss/");

        Assert.Equal([9, 8, 7], Posts(pages));
        Assert.True(Assert.Single(await site.ReadAsync(pages[^1].Cursor, "https://blog.example/rss/")).Coverage!.Complete);
    }

    [Theory]
    [InlineData(14, true)]
    [InlineData(15, false)]
    public async Task Ghost_blog_without_pages_is_complete_only_if_its_feed_is_not_full(int entries, bool isComplete)
    {
        const string Address = "https://blog.example/rss/";
        site.On(Address, FeedSite.Rss(Enumerable.Range(1, entries).Reverse(), "<generator>Ghost 5.80</generator>")).On(Address + "2/", HttpStatusCode.NotFound);
        var cursor = (await site.ReadAsync(address: Address))[^1].Cursor;
        var coverage = (await site.ReadAsync(cursor, Address))[^1].Coverage!;
        Assert.Equal((isComplete, isComplete ? null : "The feed shows 15 entries and no older pages; if there is more, log it by hand."), (coverage.Complete, coverage.Reason));
    }

    [Fact]
    public async Task Coverage_of_a_feed_without_pages_tells_what_it_shows_now()
    {
        async Task<(SourcePage Page, string? Reason)> ReadAsync(string? cursor, string body)
        {
            var page = Assert.Single(await site.On(FeedSite.Feed, body).ReadAsync(cursor));
            return (page, page.Coverage!.Reason);
        }

        var (first, reason) = await ReadAsync(null, FeedSite.Rss([3]));
        Assert.Equal("The feed shows one entry and no older pages; if there is more, log it by hand.", reason);
        (first, reason) = await ReadAsync(first.Cursor, FeedSite.Rss([4, 3, 2]));
        Assert.Equal(("The feed shows 3 entries and no older pages; if there is more, log it by hand.", new DateTimeOffset(2020, 1, 3, 0, 0, 0, TimeSpan.Zero)), (reason, first.Coverage!.Since!.Value));

        // An entry that could not be read is read in the end, and old ones are dropped.
        (first, reason) = await ReadAsync(first.Cursor, FeedSite.Rss([5, 4]).Replace("<item>", "<item></item><item>", StringComparison.Ordinal));
        (first, reason) = await ReadAsync(first.Cursor, FeedSite.Rss([6, 5]));
        Assert.Equal(("The feed shows 2 entries and no older pages; if there is more, log it by hand.", new DateTimeOffset(2020, 1, 3, 0, 0, 0, TimeSpan.Zero)), (reason, first.Coverage!.Since!.Value));
    }

    [Fact]
    public async Task Feed_that_ended_early_for_a_week_is_no_longer_said_to_once_it_is_whole()
    {
        var whole = FeedSite.Rss([3, 2, 1]);
        site.On(FeedSite.Feed, whole[..^60]);
        var cursor = Assert.Single(await site.ReadAsync()).Cursor;
        site.Clock.Advance(TimeSpan.FromDays(8));
        var page = Assert.Single(await site.ReadAsync(cursor));
        Assert.Contains("ends before it is complete", page.Coverage!.Reason, StringComparison.Ordinal);
        site.On(FeedSite.Feed, whole);
        Assert.StartsWith("The feed shows 3 entries", Assert.Single(await site.ReadAsync(page.Cursor)).Coverage!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_to_older_pages_elsewhere_is_not_followed_and_coverage_says_so()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([2], "<atom:link rel='next' href='https://other.example/older'/>"));
        Assert.Contains("not followed", Assert.Single(await site.ReadAsync()).Coverage!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("next")]
    [InlineData("prev-archive")]
    public async Task Linked_pages_are_followed_to_their_end(string relation)
    {
        site.On(FeedSite.Feed, FeedSite.Rss([9, 8], $"<atom:link rel='{relation}' href='/older'/>"))
            .On("https://blog.example/older", FeedSite.Rss([7], $"<fh:archive/><atom:link rel='{relation}' href='/oldest'/>"))
            .On("https://blog.example/oldest", FeedSite.Rss([6], "<fh:archive/>"));

        var pages = await site.ReadAsync();

        Assert.Equal([9, 8, 7, 6], Posts(pages));
        Assert.Equal([false, false, true], pages.Select(page => page.Coverage!.Complete));
    }

    [Fact]
    public async Task JSON_Feed_names_its_next_page()
    {
        site.On(FeedSite.Feed, Json(2, ",\"next_url\":\"https://blog.example/2.json\""), "application/feed+json")
            .On("https://blog.example/2.json", Json(1, ""), "application/feed+json");

        var pages = await site.ReadAsync();

        Assert.Equal([2, 1], Posts(pages));

        static string Json(int post, string next) =>
            $$"""{"version":"https://jsonfeed.org/version/1.1","title":"Ann","items":[{"id":"g{{post}}","url":"https://blog.example/p/{{post}}"}]{{next}}}""";
    }

    [Fact]
    public async Task Complete_feed_is_not_walked()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([2, 1], "<fh:complete/>" + WordPress));

        Assert.Equal(new Coverage(null, true, null), Assert.Single(await site.ReadAsync()).Coverage);
    }

    [Fact]
    public async Task Site_that_ignores_page_numbers_is_not_walked()
    {
        site.Elsewhere = _ => ScriptedWeb.Answer(HttpStatusCode.OK, FeedSite.Rss([3, 2, 1], WordPress + $"<!-- {site.Web.Asked.Count} -->"), "text/xml");

        var pages = await site.ReadAsync();

        Assert.Equal([3, 2, 1], Posts(pages));
        Assert.Equal(2, site.Web.Asked.Count);
        Assert.False(pages[^1].Coverage!.Complete);
        Assert.Contains("again", pages[^1].Coverage!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Walk_ends_when_a_site_starts_over_after_its_last_page()
    {
        Numbered(2);
        site.On(Page(3), FeedSite.Rss([20, 19, 18], WordPress));

        var pages = await site.ReadAsync();

        Assert.Equal([20, 19, 18, 10, 9, 8], Posts(pages));
        Assert.Equal(3, site.Web.Asked.Count);
    }

    [Fact]
    public async Task Endless_chain_of_pages_stops_after_200()
    {
        var page = 0;
        site.Elsewhere = _ => ScriptedWeb.Answer(
            HttpStatusCode.OK, FeedSite.Rss([++page], $"<atom:link rel='next' href='/page{page + 1}'/>"), "text/xml");

        var pages = await site.ReadAsync();

        Assert.Equal(200, site.Web.Asked.Count);
        Assert.Contains("200", pages[^1].Coverage!.Reason, StringComparison.Ordinal);
        Assert.False(pages[^1].More);
    }

    [Fact]
    public async Task Circular_chain_of_pages_ends()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([2], "<atom:link rel='next' href='/older'/>"))
            .On("https://blog.example/older", FeedSite.Rss([1], "<atom:link rel='next' href='/older'/>"));

        var found = Posts(await site.ReadAsync());
        Assert.Equal([2, 1], found);
        Assert.Equal(2, site.Web.Asked.Count);
    }

    [Fact]
    public async Task Broken_chain_of_pages_reports_missing_older_posts()
    {
        site.On(FeedSite.Feed, FeedSite.Rss([2], "<atom:link rel='next' href='/older'/>")).On("https://blog.example/older", HttpStatusCode.NotFound);

        var coverage = (await site.ReadAsync())[^1].Coverage!;

        Assert.False(coverage.Complete);
        Assert.Contains("404", coverage.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Temporarily_failing_page_is_read_once_it_recovers()
    {
        Numbered(3);
        site.On(Page(2), HttpStatusCode.InternalServerError);
        var cursor = (await site.ReadAsync())[^1].Cursor;
        site.On(Page(2), FeedSite.Rss([20, 19, 18], WordPress));

        var found = Posts(await site.ReadAsync(cursor));
        Assert.Equal([20, 19, 18, 10, 9, 8], found);
    }

    [Fact]
    public async Task Pause_during_a_walk_is_thrown_after_the_pages_already_read()
    {
        Numbered(3);
        site.On(Page(3), HttpStatusCode.TooManyRequests, "", null, ("Retry-After", "3600"));
        var seen = new List<SourcePage>();

        var problem = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (var page in site.Source.ReadAsync(
                new SourceRequest(FeedSite.Feed, FeedSite.Feed, null, new Dictionary<string, string>(), Credentials.None), default))
                seen.Add(page);
        });

        Assert.Equal((Failure.Transient, 3, false), (problem.Failure, seen.Count, seen[^1].More));
        Assert.Equal(6, Posts(seen).Count);
        Assert.NotNull(problem.RetryAt);
    }

    [Fact]
    public async Task More_new_posts_than_a_page_holds_are_fetched_back_to_known_ones()
    {
        Numbered(1);
        var cursor = await CompleteAsync();
        Numbered(4);

        var pages = await site.ReadAsync(cursor);

        Assert.Equal([40, 39, 38, 30, 29, 28, 20, 19, 18, 10, 9, 8], Posts(pages));
        Assert.Equal([false, false, false, true], pages.Select(page => page.Coverage!.Complete));
        Assert.Empty(await site.ReadAsync(pages[^1].Cursor));
        site.On(FeedSite.Feed, FeedSite.Rss([41, 40, 39], WordPress));
        Assert.Single(await site.ReadAsync(pages[^1].Cursor));
    }

    [Fact]
    public async Task Author_filter_applies_to_every_page()
    {
        Numbered(3);

        var pages = await site.ReadAsync(options: ("author", "Ann"));

        Assert.Empty(Posts(pages));
        Assert.Equal(3, pages.SelectMany(page => page.Repairs).Count(repair => repair is { What: "itemWithoutAuthor", Count: 3 }));
    }

    /// <summary>Reads the site to its end, which is believed when it was seen twice.</summary>
    private async Task<string> CompleteAsync() => (await site.ReadAsync((await site.ReadAsync())[^1].Cursor))[^1].Cursor;

    private static string Page(int number) => $"{FeedSite.Feed}?paged={number}";

    private static IReadOnlyList<int> Posts(IEnumerable<SourcePage> pages) =>
        [.. pages.SelectMany(page => page.Drafts).Select(draft => int.Parse(draft.NativeId[1..]))];

    private void Numbered(int pages)
    {
        for (var page = 1; page <= pages; page++)
        {
            var newest = (pages - page + 1) * 10;
            site.On(page == 1 ? FeedSite.Feed : Page(page), FeedSite.Rss([newest, newest - 1, newest - 2], WordPress));
        }

        site.On(Page(pages + 1), HttpStatusCode.NotFound);
    }
}
