using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.Feeds;

/// <summary>A history ends when it has ended: what is no whole page is tried again, and nothing less than all is called complete.</summary>
public sealed class FeedHistoryTests
{
    private const int Pages = 4;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private static readonly int[] All = [.. Enumerable.Range(1, Pages * 3)];

    public static TheoryData<bool, string> NoPages
    {
        get
        {
            var data = new TheoryData<bool, string>();
            foreach (var trouble in (string[])["500", "503", "410", "403", "401", "418", "html", "empty", "blank", "json", "cut", "no entry", "reset", "packed", "too large", "repeated", "moved"])
            {
                data.Add(true, trouble);
                data.Add(false, trouble);
            }

            data.Add(false, "404");
            data.Add(false, "400");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NoPages))]
    public async Task Incomplete_page_does_not_end_the_history_and_is_retried(bool isNumbered, string trouble)
    {
        using var history = new FeedHistory(Pages, isNumbered);
        Break(history, 3, trouble);

        await history.ReadAsync();

        Assert.False(history.IsComplete, trouble);
        Assert.False(history.Last[^1].More);
        Assert.False(string.IsNullOrEmpty(history.Coverage.Reason));
        Assert.Contains(history.Last[^1].Repairs, repair => repair.What == "pageUnreadable");
        Assert.DoesNotContain(1, history.Landed);
        history.Show(Pages);
        await history.ReadAsync(2);
        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete, history.Coverage.Reason);
        Assert.Equal(1, await history.ReadAsync());
    }

    [Theory]
    [MemberData(nameof(NoPages))]
    public async Task Failing_page_is_retried_three_times_then_weekly_and_never_given_up(bool isNumbered, string trouble)
    {
        using var history = new FeedHistory(Pages, isNumbered);
        Break(history, 3, trouble);
        await history.ReadAsync();
        for (var retry = 1; retry <= 3; retry++)
            Assert.InRange(await history.ReadAsync(), 2, 8);

        for (var week = 0; week < 6; week++)
        {
            history.Pass(Week - TimeSpan.FromHours(1));
            Assert.Equal(1, await history.ReadAsync());
            history.Pass(TimeSpan.FromHours(1));
            Assert.InRange(await history.ReadAsync(), 2, 8);
            Assert.False(history.IsComplete);
            if (trouble == "cut")
                return;
        }

        history.Show(Pages);
        history.Pass(Week);
        await history.ReadAsync(2);
        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete, history.Coverage.Reason);
    }

    [Fact]
    public async Task Manual_harvest_retries_a_waiting_page_at_once()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        Break(history, 3, "403");
        await history.ReadAsync(5);
        history.Show(Pages);
        Assert.Equal(1, await history.ReadAsync());

        await history.ReadAsync(asked: true);

        Assert.Equal(All, history.Landed);
    }

    [Fact]
    public async Task Temporarily_wrong_clock_makes_no_page_wait_for_years()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        Break(history, 3, "403");
        history.Pass(TimeSpan.FromDays(1_000));
        await history.ReadAsync(4);
        history.SetBack(TimeSpan.FromDays(1_000));
        history.Show(Pages);

        await history.ReadAsync();

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Temporary_redirect_of_a_feed_does_not_restart_the_walk_each_time()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        Break(history, 4, "403");
        await history.ReadAsync(5);
        history.Site.Redirect(FeedSite.Feed, 302, "https://cache.example/feed").On("https://cache.example/feed", FeedSite.Rss([13, 12, 11], "<atom:link rel='next' href='https://blog.example/page2'/>"));

        Assert.Equal(2, await history.ReadAsync());
        Assert.Contains(13, history.Landed);
    }

    [Fact]
    public async Task Timeout_does_not_end_the_history()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        history.Site.On(history.Page(3), _ => throw new OperationCanceledException());

        await history.ReadAsync();
        Assert.False(history.IsComplete);
        Assert.Contains("30 seconds", history.Coverage.Reason, StringComparison.Ordinal);

        history.Show(Pages);
        await history.ReadAsync();
        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(200)]
    public async Task Numbered_pages_end_after_two_consecutive_harvests_find_nothing_after_the_last(int status)
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        End(history, Pages + 1, status);

        await history.ReadAsync();
        Assert.Equal(All, history.Landed);
        Assert.False(history.IsComplete);
        Assert.Contains("checked", history.Coverage.Reason, StringComparison.Ordinal);
        Assert.False(history.Last[^1].More);

        Assert.Equal(2, await history.ReadAsync());
        Assert.Equal(new Coverage(null, true, null), history.Coverage);
        Assert.Equal(1, await history.ReadAsync());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(200)]
    public async Task Numbered_page_missing_once_does_not_end_the_history(int status)
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        End(history, 2, status);
        await history.ReadAsync();
        Break(history, 2, "500");
        await history.ReadAsync();
        End(history, 2, status);
        await history.ReadAsync();
        Assert.False(history.IsComplete);
        history.Show(Pages);

        await history.ReadAsync(2);

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Empty_last_page_is_believed_when_seen_twice()
    {
        using var history = new FeedHistory(2, isNumbered: false);
        history.Site.On(history.Page(2), FeedSite.Rss([]));

        await history.ReadAsync();
        Assert.False(history.IsComplete);

        await history.ReadAsync();
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Empty_linked_pages_are_passed()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        history.Site.On(history.Page(2), FeedSite.Rss([], $"<atom:link rel='next' href='{history.Page(3)}'/>"))
            .On(history.Page(3), FeedSite.Rss([], $"<atom:link rel='next' href='{history.Page(4)}'/>"));

        await history.ReadAsync();

        Assert.Equal([1, 2, 3, 10, 11, 12], history.Landed);
        Assert.True(history.IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Truncated_page_keeps_its_entries_and_is_neither_passed_nor_the_end(bool isNumbered)
    {
        using var history = new FeedHistory(Pages, isNumbered);
        Break(history, 3, "cut");

        await history.ReadAsync(2);

        Assert.Equal([6, 7, 8, 9, 10, 11, 12], history.Landed);
        Assert.Equal("Post 6", history.Last[^1].Drafts[0].Title);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_that_are_always_truncated_are_passed_after_a_week_and_read_again_weekly(bool isNumbered)
    {
        using var history = new FeedHistory(Pages, isNumbered);
        for (var page = 2; page <= Pages; page++)
            history.Site.On(history.Page(page), history.Document(page, Pages).Replace("</channel></rss>", "", StringComparison.Ordinal));
        await history.ReadAsync(4);
        Assert.Equal([7, 8, 9, 10, 11, 12], history.Landed);

        history.Pass(Week);
        await history.ReadAsync(2);

        Assert.Equal(All, history.Landed);
        Assert.False(history.IsComplete);
        history.Show(Pages);
        Assert.Equal(isNumbered ? 1 : 2, await history.ReadAsync());
        history.Pass(Week);
        await history.ReadAsync(2);
        Assert.True(history.IsComplete, history.Coverage.Reason);
    }

    [Theory]
    [InlineData("xml")]
    [InlineData("json")]
    public async Task Truncated_first_page_contributes_its_entries_and_nothing_else(string format)
    {
        using var site = new FeedSite();
        var whole = format == "xml" ? FeedSite.Rss([4, 3], "<atom:link rel='next' href='/older'/>") : Json([4, 3], "https://blog.example/older");
        var older = format == "xml" ? FeedSite.Rss([2, 1]) : Json([2, 1], null);
        var cut = whole[..(whole.IndexOf("g3", StringComparison.Ordinal) - 8)].Replace("<atom:link rel='next' href='/older'/>", "", StringComparison.Ordinal);
        site.On("https://blog.example/older", older).On(FeedSite.Feed, cut, null, ("ETag", "\"cut\""), ("Last-Modified", "now"), ("Cache-Control", "max-age=86400"));

        var page = Assert.Single(await site.ReadAsync());

        Assert.Equal(["g4"], page.Drafts.Select(draft => draft.NativeId));
        Assert.Equal((false, false, null), (page.More, page.Coverage!.Complete, page.MinPollInterval));
        Assert.Contains("ends before it is complete", page.Coverage.Reason, StringComparison.Ordinal);
        Assert.Single((await site.ReadAsync(page.Cursor))[0].Drafts);
        Assert.False(site.Web.Asked[^1].Headers.Contains("If-None-Match"));
        Assert.False(site.Web.Asked[^1].Headers.Contains("If-Modified-Since"));
        site.On(FeedSite.Feed, whole, null, ("ETag", "\"whole\""));
        var pages = await site.ReadAsync(page.Cursor);
        Assert.Equal(["g4", "g3", "g2", "g1"], pages.SelectMany(found => found.Drafts).Select(draft => draft.NativeId));
        Assert.True(pages[^1].Coverage!.Complete);
        Assert.Empty(await site.ReadAsync(pages[^1].Cursor));
        Assert.Equal("\"whole\"", site.Web.Asked[^1].Headers.NonValidated["If-None-Match"].ToString());
    }

    [Theory]
    [InlineData("rss")]
    [InlineData("atom")]
    [InlineData("json")]
    public async Task Page_truncated_anywhere_harvests_an_entry_unchanged_or_not_at_all(string format)
    {
        static string Of(int post, string form) => form.Replace("N", $"{post}", StringComparison.Ordinal);
        var whole = format switch
        {
            "rss" => "<rss version='2.0'><channel><title>A</title>" + string.Concat(((int[])[12, 11]).Select(post => Of(
                post,
                "<item><title>Post N</title><link>https://blog.example/N?p=N</link><pubDate>Mon, N May 2020 10:00:00 +0000</pubDate><guid>urn:N</guid><description>Of N</description></item>"))) + "</channel></rss>",
            "atom" => "<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title>" + string.Concat(((int[])[12, 11]).Select(post => Of(
                post,
                "<entry><title>Post N</title><link href='https://blog.example/N?p=N'/><updated>2020-05-NT10:00:00Z</updated><summary>Of N</summary><id>urn:N</id></entry>"))) + "</feed>",
            _ => """{"version":"https://jsonfeed.org/version/1.1","title":"A","items":[""" + string.Join(',', ((int[])[12, 11]).Select(post => Of(
                post,
                """{"title":"Post N","url":"https://blog.example/N?p=N","date_published":"2020-05-NT10:00:00Z","summary":"Of N","id":"urn:N"}"""))) + "]}",
        };
        using var site = new FeedSite();
        var all = await DraftsAsync(whole.Length);
        Assert.Equal(2, all.Count);
        for (var length = whole.IndexOf("Post 12", StringComparison.Ordinal); length < whole.Length; length++)
            Assert.Subset(all, await DraftsAsync(length));

        async Task<HashSet<string>> DraftsAsync(int length)
        {
            site.On(FeedSite.Feed, whole[..length]);
            return [.. (await site.ReadAsync()).SelectMany(page => page.Drafts).Select(d => $"{d.NativeId} {d.Title} {d.Url} {d.When:O} {d.Summary}")];
        }
    }

    [Fact]
    public async Task Truncated_feed_is_not_complete_until_it_is_whole_again()
    {
        using var history = new FeedHistory(2, isNumbered: false);
        await history.ReadAsync();
        Assert.True(history.IsComplete);
        history.Site.On(FeedSite.Feed, history.Document(1, 4)[..^40]);

        await history.ReadAsync();
        Assert.False(history.IsComplete);

        history.Show(4);
        await history.ReadAsync();
        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete, history.Coverage.Reason);
    }

    [Fact]
    public async Task Feed_without_an_end_tag_yields_its_entries_each_time_and_its_history_after_a_week()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        for (var page = 1; page <= Pages; page++)
            history.Site.On(history.Page(page), history.Document(page, Pages).Replace("</channel></rss>", "", StringComparison.Ordinal));
        for (var reading = 0; reading < 5; reading++)
        {
            Assert.Equal(1, await history.ReadAsync());
            Assert.Equal(3, Assert.Single(history.Last).Drafts.Count);
        }

        history.Pass(Week);
        await history.ReadAsync(2);

        Assert.Equal(All, history.Landed);
        Assert.False(history.IsComplete);
        history.Site.On(FeedSite.Feed, FeedSite.Rss([13, 12, 11], FeedHistory.WordPress).Replace("</channel></rss>", "", StringComparison.Ordinal));
        await history.ReadAsync();
        Assert.Contains(13, history.Landed);
    }

    [Theory]
    [InlineData("https://elsewhere.example/older")]
    [InlineData("javascript:older")]
    [InlineData("long")]
    public async Task Older_pages_at_an_address_that_is_not_followed_are_reported_missing(string address)
    {
        using var history = new FeedHistory(2, isNumbered: false);
        address = address == "long" ? $"https://blog.example/{new string('x', 3_500)}" : address;
        history.Site.On(history.Page(2), FeedSite.Rss([3, 2, 1], $"<atom:link rel='next' href='{address}'/>"));

        await history.ReadAsync();

        Assert.Equal([1, 2, 3, 4, 5, 6], history.Landed);
        Assert.False(history.IsComplete);
    }

    [Fact]
    public async Task Entries_beyond_the_limit_of_a_document_are_reported_missing()
    {
        using var site = new FeedSite();
        var items = string.Concat(Enumerable.Range(1, 20_001).Select(i => string.Create(CultureInfo.InvariantCulture, $"<item><guid>{i}</guid></item>")));
        site.On(FeedSite.Feed, FeedSite.Rss([], "<fh:complete/>" + items));

        var page = Assert.Single(await site.ReadAsync());

        Assert.Equal(20_000, page.Drafts.Count);
        Assert.False(page.Coverage!.Complete);
    }

    [Theory]
    [InlineData("first")]
    [InlineData("older")]
    [InlineData("json")]
    [InlineData("later")]
    public async Task Unreadable_entry_is_reported_missing_until_the_history_is_read_without_it(string where)
    {
        const string next = "<atom:link rel='next' href='/older'/>";
        using var site = new FeedSite();
        if (where == "json")
            site.On(FeedSite.Feed, Json([4, 3], "https://blog.example/older")).On("https://blog.example/older", Json([2, 1], null).Replace("[{", "[null,{", StringComparison.Ordinal));
        else
            site.On(FeedSite.Feed, FeedSite.Rss([4, 3], next + (where == "first" ? "<item/>" : ""))).On("https://blog.example/older", FeedSite.Rss([2, 1], where == "older" ? "<item/>" : ""));
        var pages = await site.ReadAsync();
        if (where == "later")
        {
            Assert.True(pages[^1].Coverage!.Complete);
            site.On(FeedSite.Feed, FeedSite.Rss([5, 4, 3], next + "<item/>"));
            pages = await site.ReadAsync(pages[^1].Cursor);
        }

        Assert.False(pages[^1].Coverage!.Complete);
        Assert.Contains("could not be read", pages[^1].Coverage!.Reason, StringComparison.Ordinal);
        Assert.Contains(pages, page => page.Repairs.Any(repair => repair.What == "itemSkipped"));
        site.On(FeedSite.Feed, FeedSite.Rss([5, 4, 3], next)).On("https://blog.example/older", FeedSite.Rss([2, 1]));
        site.Clock.Advance(Week);
        pages = await site.ReadAsync(pages[^1].Cursor);
        Assert.Equal(5, pages.SelectMany(page => page.Drafts).Count());
        Assert.True(pages[^1].Coverage!.Complete, pages[^1].Coverage!.Reason);
        Assert.Empty(await site.ReadAsync(pages[^1].Cursor));
    }

    [Fact]
    public async Task Page_that_repeats_posts_once_is_retried()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        history.Site.On(history.Page(3), history.Document(1, Pages));
        await history.ReadAsync();
        Assert.Contains("again", history.Coverage.Reason, StringComparison.Ordinal);
        history.Show(Pages);

        await history.ReadAsync(2);

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Empty_feed_is_walked_once_it_has_entries()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        history.Site.On(FeedSite.Feed, FeedSite.Rss([]));
        await history.ReadAsync();
        Assert.False(history.IsComplete);
        history.Show(Pages);

        await history.ReadAsync();

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Feed_that_links_older_pages_only_later_is_walked_then()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        history.Site.On(FeedSite.Feed, FeedSite.Rss([12, 11, 10]));
        await history.ReadAsync();
        Assert.Equal([10, 11, 12], history.Landed);
        history.Show(Pages);

        await history.ReadAsync();

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_are_followed_where_a_redirected_feed_is(bool isNumbered)
    {
        using var site = new FeedSite();
        site.Redirect(FeedSite.Feed, 302, "https://new.example/feed");
        for (var page = 1; page <= 3; page++)
        {
            var next = isNumbered ? FeedHistory.WordPress : page < 3 ? $"<atom:link rel='next' href='https://new.example/feed?paged={page + 1}'/>" : "";
            site.On(page == 1 ? "https://new.example/feed" : $"https://new.example/feed?paged={page}", FeedSite.Rss([4 - page], next));
        }

        site.On("https://new.example/feed?paged=4", HttpStatusCode.NotFound);

        var pages = await site.ReadAsync();

        Assert.Equal(["g3", "g2", "g1"], pages.SelectMany(page => page.Drafts).Select(draft => draft.NativeId));
        Assert.Equal(!isNumbered, pages[^1].Coverage!.Complete);
    }

    [Fact]
    public async Task Walk_restarts_when_the_feed_is_served_from_another_address()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        Break(history, 3, "500");
        await history.ReadAsync();
        history.Site.Elsewhere = FeedSite.NotFound;
        for (var page = 1; page <= Pages; page++)
        {
            history.Site.On(history.Page(page), HttpStatusCode.NotFound)
                .On($"https://new.example/feed{(page == 1 ? "" : $"?paged={page}")}", history.Document(page, Pages));
        }

        history.Site.Redirect(FeedSite.Feed, 301, "https://new.example/feed");

        await history.ReadAsync(2);

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gap_with_a_failing_page_is_reported_missing_until_it_is_read(bool isNumbered)
    {
        using var history = new FeedHistory(2, isNumbered);
        await history.ReadAsync(2);
        Assert.True(history.IsComplete);
        history.Show(Pages);
        Break(history, 3, "500");

        for (var reading = 0; reading < 4; reading++)
        {
            Assert.InRange(await history.ReadAsync(), 2, 8);
            Assert.False(history.IsComplete);
            Assert.Equal(new DateTimeOffset(2020, 1, 8, 0, 0, 0, TimeSpan.Zero), history.Coverage.Since);
            Assert.False(history.Last[^1].More);
        }

        Assert.Equal(1, await history.ReadAsync());
        history.Show(Pages);
        history.Pass(Week);
        await history.ReadAsync();
        Assert.Equal(All, history.Landed);
        Assert.Equal(new Coverage(null, true, null), history.Coverage);
        Assert.Equal(1, await history.ReadAsync());
    }

    [Fact]
    public async Task Gap_during_an_unfinished_walk_loses_neither()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        Break(history, 3, "500");
        await history.ReadAsync();
        history.Site.On(FeedSite.Feed, FeedSite.Rss([22, 21], "<atom:link rel='next' href='/newer'/>"))
            .On("https://blog.example/newer", HttpStatusCode.Forbidden);
        await history.ReadAsync();
        Assert.False(history.IsComplete);
        history.Site.On(FeedSite.Feed, FeedSite.Rss([32, 31], "<atom:link rel='next' href='/newest'/>"))
            .On("https://blog.example/newest", FeedSite.Rss([30, 29], "<atom:link rel='next' href='/newer'/>"))
            .On("https://blog.example/newer", FeedSite.Rss([22, 21, 20], "<atom:link rel='next' href='/known'/>"))
            .On("https://blog.example/known", FeedSite.Rss([19, 12, 11]));
        Break(history, 3, "404");
        await history.ReadAsync();
        Assert.Equal([7, 8, 9, 10, 11, 12, 19, 20, 21, 22, 29, 30, 31, 32], history.Landed);
        Assert.False(history.IsComplete);
        history.Site.On(history.Page(3), history.Document(3, Pages));

        await history.ReadAsync();

        Assert.Equal([.. All, 19, 20, 21, 22, 29, 30, 31, 32], history.Landed);
        Assert.True(history.IsComplete, history.Coverage.Reason);
    }

    [Fact]
    public async Task Pinned_post_hides_no_gap()
    {
        using var history = new FeedHistory(2, isNumbered: false);
        await history.ReadAsync();
        history.Site.On(FeedSite.Feed, FeedSite.Rss([1, 12, 11], "<atom:link rel='next' href='/page2'/>"))
            .On(history.Page(2), FeedSite.Rss([2, 10, 9], "<atom:link rel='next' href='/page3'/>"))
            .On(history.Page(3), FeedSite.Rss([8, 7, 6], "<atom:link rel='next' href='/page4'/>"))
            .On(history.Page(4), FeedSite.Rss([5, 4], "<atom:link rel='next' href='/page5'/>"));

        await history.ReadAsync();

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Gap_longer_than_a_walk_leaves_the_history_incomplete()
    {
        using var history = new FeedHistory(2, isNumbered: false);
        await history.ReadAsync();
        history.Site.Elsewhere = request =>
        {
            var page = request.RequestUri!.AbsoluteUri.Split("gap") is [_, var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 0;
            return ScriptedWeb.Answer(HttpStatusCode.OK, FeedSite.Rss([1000 - page], $"<atom:link rel='next' href='/gap{page + 1}'/>"), "text/xml");
        };
        history.Site.On(FeedSite.Feed, FeedSite.Rss([1001], "<atom:link rel='next' href='/gap0'/>"));

        Assert.Equal(200, await history.ReadAsync());

        Assert.False(history.IsComplete);
        Assert.False(history.Last[^1].More);
        Assert.Equal(1, await history.ReadAsync());
    }

    [Fact]
    public async Task Harvest_from_the_start_reads_every_page_again()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        history.Site.On(FeedSite.Feed, history.Document(1, Pages), "text/xml", ("ETag", "\"a\""));
        await history.ReadAsync(2);
        Assert.True(history.IsComplete);

        Assert.Equal(Pages + 1, await history.ReadAsync(fromStart: true));

        Assert.DoesNotContain(history.Site.Web.Asked.TakeLast(Pages + 1), asked => asked.Headers.Contains("If-None-Match"));
        Assert.Equal(Enumerable.Reverse(All), history.Last.SelectMany(page => page.Drafts).Select(draft => int.Parse(draft.NativeId[1..], CultureInfo.InvariantCulture)));
        Assert.False(history.IsComplete);
        await history.ReadAsync();
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Failed_harvest_from_the_start_leaves_the_cursor_unchanged()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        await history.ReadAsync(2);
        var cursor = history.Cursor;
        history.Site.On(FeedSite.Feed, HttpStatusCode.InternalServerError);

        await Assert.ThrowsAsync<SourceException>(() => history.ReadAsync(fromStart: true));

        Assert.Equal(cursor, history.Cursor);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Posts_that_move_up_a_page_after_a_removal_are_found_in_a_second_walk(bool isNumbered)
    {
        using var history = new FeedHistory(Pages, isNumbered);
        history.Site.On(history.Page(3), _ =>
        {
            // Post 11 goes while the walk is between the second page and the third.
            Shift(history, isNumbered);
            return ScriptedWeb.Answer(HttpStatusCode.OK, Shifted(3, isNumbered), "text/xml");
        });
        await history.ReadAsync();
        Assert.DoesNotContain(6, history.Landed);

        var asked = await history.ReadAsync(4);

        Assert.Equal(All, history.Landed);
        Assert.True(history.IsComplete, history.Coverage.Reason);
        Assert.InRange(asked, 6, 14);
        Assert.Equal(1, await history.ReadAsync());
    }

    [Fact]
    public async Task New_posts_during_a_walk_cause_no_second_walk()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        await history.ReadAsync();
        history.Site.On(FeedSite.Feed, FeedSite.Rss([14, 13, 12], FeedHistory.WordPress));

        Assert.Equal(2, await history.ReadAsync());
        Assert.True(history.IsComplete);
        history.Site.On(FeedSite.Feed, FeedSite.Rss([15, 14, 13], FeedHistory.WordPress));
        Assert.Equal(1, await history.ReadAsync());
    }

    [Fact]
    public async Task Feed_that_keeps_removing_posts_is_walked_at_most_weekly()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        var (page, walks) = (0, 0);
        history.Site.On(FeedSite.Feed, _ => ScriptedWeb.Answer(HttpStatusCode.OK, FeedSite.Rss([100, 99 - (++page % 2), 97], "<atom:link rel='next' href='/page2'/>"), "text/xml"))
            .On(history.Page(2), _ => ScriptedWeb.Answer(HttpStatusCode.OK, FeedSite.Rss([++walks > 0 ? 1 : 2]), "text/xml"));

        await history.ReadAsync(20);

        Assert.InRange(walks, 2, 3);
        for (var week = 0; week < 3; week++)
        {
            history.Pass(Week);
            await history.ReadAsync(5);
        }

        Assert.InRange(walks, 3, 6);
    }

    [Fact]
    public async Task Page_whose_host_always_asks_for_a_pause_is_requested_weekly()
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        history.Site.On(history.Page(3), HttpStatusCode.TooManyRequests, "", null, ("Retry-After", "60"));
        for (var reading = 1; reading <= 3; reading++)
        {
            var cursor = history.Cursor;
            await foreach (var page in ThrottledAsync(history))
                cursor = page.Cursor;
            history.Cursor = cursor;
            history.Pass(TimeSpan.FromMinutes(2));
        }

        await history.ReadAsync();
        Assert.False(history.IsComplete);
        history.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await history.ReadAsync());
        history.Show(Pages);
        history.Pass(Week);
        await history.ReadAsync(2);
        Assert.Equal([1, 2, 3, 4, 5, 6], history.Landed.Take(6));
        Assert.True(history.IsComplete);
    }

    [Fact]
    public async Task Complete_feed_that_links_older_pages_is_walked()
    {
        using var history = new FeedHistory(Pages, isNumbered: false);
        history.Site.On(FeedSite.Feed, history.Document(1, Pages).Replace("<channel>", "<channel><fh:complete/>", StringComparison.Ordinal));

        await history.ReadAsync();

        Assert.Equal(All, history.Landed);
    }

    /// <summary>As the program wrote them before it kept how a walk ended.</summary>
    [Theory]
    [InlineData("""{"address":"https://blog.example/feed","backfill":{"next":"https://blog.example/feed?paged=3","paging":"wordpress","pagesRead":2,"entriesRead":6,"firstIds":"a","lastIds":"b","oldest":"2020-01-08T00:00:00+00:00","failures":2}}""", "7, 8, 9")]
    [InlineData("""{"address":"https://blog.example/feed","newest":"2020-01-13T00:00:00+00:00","backfill":{"paging":"wordpress","pagesRead":3,"entriesRead":9,"firstIds":"a","lastIds":"b","oldest":"2020-01-05T00:00:00+00:00"}}""", "")]
    [InlineData("""{"address":"https://blog.example/feed","newest":"2020-01-03T00:00:00+00:00","backfill":{"paging":"wordpress","pagesRead":2,"entriesRead":6,"firstIds":"a","lastIds":"b","oldest":"2020-01-08T00:00:00+00:00","failures":3}}""", "")]
    public async Task Cursor_of_an_earlier_version_is_continued(string cursor, string missing)
    {
        using var history = new FeedHistory(Pages, isNumbered: true);
        history.Cursor = cursor;

        await history.ReadAsync(2);

        Assert.Equal(All, history.Landed.Concat(missing.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)).Order());
        Assert.True(history.IsComplete, history.Coverage.Reason);
    }

    [Fact]
    public async Task Cursor_has_at_most_30_000_characters()
    {
        using var site = new FeedSite();
        static string Address(int page) => $"https://blog.example/{page}?{new string('&', 3_000)}";
        site.Redirect(FeedSite.Feed, 301, Address(0));
        site.On(Address(0), FeedSite.Rss([2], $"<atom:link rel='next' href='{Address(1).Replace("&", "&amp;", StringComparison.Ordinal)}'/>"), "text/xml", ("ETag", new string('"', 3_000)), ("Last-Modified", new string('é', 2_000)))
            .On(Address(1), HttpStatusCode.NotFound);

        foreach (var page in await site.ReadAsync())
            Assert.InRange(page.Cursor.Length, 1, 30_000);
        Assert.NotNull(JsonNode.Parse((await site.ReadAsync())[^1].Cursor));
    }

    private static async IAsyncEnumerable<SourcePage> ThrottledAsync(FeedHistory history)
    {
        var pages = history.Site.Source.ReadAsync(
            new SourceRequest(FeedSite.Feed, FeedSite.Feed, history.Cursor, new Dictionary<string, string>(), Credentials.None), default).GetAsyncEnumerator();
        while (true)
        {
            try
            {
                if (!await pages.MoveNextAsync())
                    throw new InvalidOperationException("Nothing asked for a pause.");
            }
            catch (SourceException pause) when (pause.RetryAt is not null)
            {
                yield break;
            }

            yield return pages.Current;
        }
    }

    private static void Shift(FeedHistory history, bool isNumbered)
    {
        for (var page = 1; page <= Pages; page++)
            history.Site.On(history.Page(page), Shifted(page, isNumbered));
    }

    /// <summary>The pages without post 11.</summary>
    private static string Shifted(int page, bool isNumbered)
    {
        var posts = All.Where(post => post != 11).Reverse().Skip((page - 1) * 3).Take(3);
        return FeedSite.Rss(posts, isNumbered ? FeedHistory.WordPress : page < Pages ? $"<atom:link rel='next' href='{FeedHistory.Page(page + 1, isNumbered)}'/>" : "");
    }

    private static string Json(int[] posts, string? next) => new JsonObject
    {
        ["version"] = "https://jsonfeed.org/version/1.1",
        ["title"] = "Ann",
        ["next_url"] = next,
        ["items"] = new JsonArray([.. posts.Select(post => (JsonNode)new JsonObject { ["id"] = $"g{post}", ["url"] = $"https://blog.example/p/{post}" })]),
    }.ToJsonString();

    private static void End(FeedHistory history, int page, int status)
    {
        if (status == 200)
            history.Site.On(history.Page(page), FeedSite.Rss([], FeedHistory.WordPress));
        else
            history.Site.On(history.Page(page), (HttpStatusCode)status);
    }

    private static void Break(FeedHistory history, int page, string trouble)
    {
        var (site, address, whole) = (history.Site, history.Page(page), history.Document(page, Pages));
        switch (trouble)
        {
            case "html":
                site.On(address, "<html><body>Just a moment...</body></html>", "text/html");
                break;
            case "empty":
                site.On(address, "");
                break;
            case "blank":
                site.On(address, " \n ");
                break;
            case "json":
                site.On(address, "{\"error\":\"busy\"}", "application/json");
                break;
            case "cut":
                site.On(address, whole[..whole.IndexOf("<item><guid isPermaLink=\"false\">g5", StringComparison.Ordinal)]);
                break;
            case "no entry":
                site.On(address, whole[..whole.IndexOf("<item>", StringComparison.Ordinal)]);
                break;
            case "reset":
                site.On(address, _ => throw new HttpRequestException("reset"));
                break;
            case "packed":
                site.On(address, "no gzip", "text/xml", ("Content-Encoding", "gzip"));
                break;
            case "too large":
                site.On(address, _ => ScriptedWeb.Answer(200, new byte[11 * 1024 * 1024], "text/xml"));
                break;
            case "repeated":
                site.On(address, history.Document(page - 1, Pages));
                break;
            case "moved":
                site.Redirect(address, 302, "http://localhost/");
                break;
            case "503":
                site.On(address, HttpStatusCode.ServiceUnavailable, "", null, ("cf-mitigated", "challenge"));
                break;
            default:
                site.On(address, (HttpStatusCode)int.Parse(trouble, CultureInfo.InvariantCulture));
                break;
        }
    }
}
