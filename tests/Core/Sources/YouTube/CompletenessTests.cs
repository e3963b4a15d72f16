using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using ContributionIngest.Core.Sources;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>Pages and details that do not come, or in parts: everything lands in the end, and nothing is called complete before.</summary>
public sealed class CompletenessTests
{
    private const int Many = 260;

    [Theory]
    [InlineData("list", "500", 2)]
    [InlineData("list", "500", 9)]
    [InlineData("list", "half", 1)]
    [InlineData("list", "html", 1)]
    [InlineData("list", "html", 3)]
    [InlineData("list", "playlistNotFound", 1)]
    [InlineData("list", "playlistNotFound", 3)]
    [InlineData("list", "invalidPageToken", 1)]
    [InlineData("list", "invalidPageToken", 2)]
    [InlineData("list", "emptyEnd", 1)]
    [InlineData("list", "emptyEnd", 3)]
    [InlineData("list", "empty", 1)]
    [InlineData("list", "fewer", 1)]
    [InlineData("list", "fewer", 3)]
    [InlineData("list", "nameless", 1)]
    [InlineData("list", "nothing", 1)]
    [InlineData("videos", "500", 9)]
    [InlineData("videos", "empty", 1)]
    [InlineData("videos", "empty", 3)]
    [InlineData("videos", "fewer", 1)]
    [InlineData("videos", "bare", 1)]
    [InlineData("videos", "half", 1)]
    [InlineData("first", "playlistNotFound", 1)]
    [InlineData("first", "emptyEnd", 1)]
    [InlineData("first", "empty", 1)]
    [InlineData("first", "fewer", 1)]
    [InlineData("first", "nothing", 2)]
    [InlineData("firstVideos", "empty", 1)]
    [InlineData("firstVideos", "fewer", 1)]
    public async Task Temporarily_failing_page_loses_nothing_and_the_history_is_not_complete_before_it_is_read(string where, string how, int times)
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromHours(30));
        youtube.Then = (request, answer) => IsAt(request, where) && times-- > 0 ? Spoilt(answer, how) : answer;
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);

        var id = await app.ConnectAsync("@junaokvist", "youtube");
        await AssertHonestAsync(app, id);
        for (var look = 0; look < 3; look++)
        {
            await app.HarvestAsync(id);
            await AssertHonestAsync(app, id);
        }

        Assert.True(times <= 0);
        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Theory]
    [InlineData("500", 3)]
    [InlineData("playlistNotFound", 1)]
    public async Task Failing_page_is_retried_three_times_then_weekly_while_everything_else_continues(string how, int requests)
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromDays(3));
        var isBad = true;
        var asked = 0;
        youtube.Then = (request, answer) =>
        {
            asked += IsAt(request, "list") ? 1 : 0;
            return IsAt(request, "list") && isBad ? Spoilt(answer, how) : answer;
        };
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        for (var look = 0; look < 3; look++)
            await app.PollAsync(id);
        Assert.Equal(4 * requests, asked);

        // New ones come in, a gap and a look back are walked, and the numbers of those that are known are read.
        for (var number = 1000; number < 1070; number++)
            youtube.Films.Add(Film(number, app.Clock.GetUtcNow() + TimeSpan.FromMinutes(number)));
        youtube.Films[3] = youtube.Films[3] with { Views = 5_000_000 };
        for (var day = 0; day < 6; day++)
        {
            app.Clock.Advance(TimeSpan.FromHours(23));
            await app.PollAsync(id);
        }

        Assert.Equal(4 * requests, asked);
        Assert.Equal(170, (await app.LedgerAsync()).Count);
        Assert.Contains(await app.LedgerAsync(), entry => entry.GetProperty("metrics").GetProperty("views").GetProperty("value").GetInt32() == 5_000_000);
        var (complete, reason) = await CoverageAsync(app, id);
        Assert.False(complete);
        Assert.Contains("stopped its list", reason, StringComparison.Ordinal);
        Assert.Contains("once a week", reason, StringComparison.Ordinal);
        Assert.Equal("ok", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());

        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.PollAsync(id);
        Assert.Equal(5 * requests, asked);
        isBad = false;
        app.Clock.Advance(TimeSpan.FromDays(8));
        await app.PollAsync(id);
        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Fact]
    public async Task Manual_harvest_requests_a_waiting_page_at_once()
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromHours(30));
        var isBad = true;
        youtube.Then = (request, answer) => IsAt(request, "list") && isBad ? Spoilt(answer, "playlistNotFound") : answer;
        string? cursor = null;
        for (var look = 0; look < 5; look++)
            (_, cursor) = await ReadAsync(youtube, new TestClock(), new SourceRequest("", "", cursor, Nothing, Credentials.None));
        isBad = false;

        var (waiting, _) = await ReadAsync(youtube, new TestClock(), new SourceRequest("", "", cursor, Nothing, Credentials.None));
        var (asked, _) = await ReadAsync(youtube, new TestClock(), new SourceRequest("", "", cursor, Nothing, Credentials.None) { IsManual = true });

        Assert.Empty(waiting.SelectMany(page => page.Drafts));
        Assert.Equal(160, asked.SelectMany(page => page.Drafts).Count());
        Assert.True(asked[^1].Coverage!.Complete);
        Assert.All(waiting.Concat(asked).SkipLast(1), page => Assert.False(page.Coverage?.Complete ?? false));
    }

    [Fact]
    public async Task List_with_a_disagreeing_count_is_walked_once_more_then_weekly_and_the_coverage_says_both_counts()
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromDays(4));
        var (counted, walks) = (Many + 3, 0);
        youtube.Then = (request, answer) =>
        {
            walks += Token(request) == "T250" ? 1 : 0;
            return What(request) == "playlistItems" ? Changed(answer, list => list["pageInfo"]!["totalResults"] = counted) : answer;
        };
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        for (var look = 0; look < 5; look++)
            await app.PollAsync(id);

        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.Equal(2, walks);
        var (complete, reason) = await CoverageAsync(app, id);
        Assert.False(complete);
        Assert.Contains("263", reason, StringComparison.Ordinal);
        Assert.Contains("260", reason, StringComparison.Ordinal);
        app.Clock.Advance(TimeSpan.FromDays(6));
        await app.PollAsync(id);
        Assert.Equal(2, walks);
        for (var week = 0; week < 3; week++)
        {
            app.Clock.Advance(TimeSpan.FromDays(7));
            await app.PollAsync(id);
            await app.PollAsync(id);
            Assert.Equal(3 + week, walks);
        }

        counted = Many;
        app.Clock.Advance(TimeSpan.FromDays(7));
        await app.PollAsync(id);
        Assert.True((await CoverageAsync(app, id)).Complete);
        app.Clock.Advance(TimeSpan.FromDays(7));
        walks = 0;
        await app.PollAsync(id);
        Assert.Equal(0, walks);
    }

    [Fact]
    public async Task Repeatedly_empty_last_page_is_finally_believed_although_the_count_promises_more()
    {
        var youtube = new ScriptedYouTube(100, TimeSpan.FromDays(2));
        youtube.Then = (request, answer) => What(request) != "playlistItems" ? answer : Changed(answer, list =>
        {
            list["pageInfo"]!["totalResults"] = 101;
            if (Token(request) == "T50")
                list["nextPageToken"] = "T100";
        });
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        for (var look = 0; look < 12; look++)
            await app.PollAsync(id);
        youtube.Count();

        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.PollAsync(id);

        Assert.Equal(1, youtube.Count());
        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.Contains("101", (await CoverageAsync(app, id)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Videos_listed_as_private_are_not_missing()
    {
        var youtube = new ScriptedYouTube(120);
        youtube.Then = (request, answer) => What(request) != "playlistItems" ? answer : Changed(answer, list =>
        {
            list["items"]!.AsArray().Add(JsonNode.Parse("""{"snippet":{"title":"Private video"},"contentDetails":{"videoId":"vid99999999"},"status":{"privacyStatus":"private"}}"""));
            list["pageInfo"]!["totalResults"] = 123;
        });
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);

        var id = await app.ConnectAsync("@junaokvist", "youtube");

        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Fact]
    public async Task Listed_video_without_details_is_retried_three_times_then_weekly_and_harvested_when_available()
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromDays(4));
        var late = Film(777, youtube.Films[200].Uploaded + TimeSpan.FromHours(1));
        youtube.Films.Add(late);
        var (isKnown, asked) = (false, 0);
        youtube.Then = (request, answer) =>
        {
            if (What(request) != "videos")
                return answer;
            asked += Ids(request).Contains(late.Id) ? 1 : 0;
            return isKnown ? answer : Changed(answer, list => Remove(list, item => (string?)item!["id"] == late.Id));
        };
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        for (var look = 0; look < 5; look++)
            await app.PollAsync(id);

        Assert.Equal(4, asked);
        Assert.Equal(Many, (await app.LedgerAsync()).Count);
        Assert.Contains("without its details", (await CoverageAsync(app, id)).Reason, StringComparison.Ordinal);
        isKnown = true;
        app.Clock.Advance(TimeSpan.FromDays(6));
        await app.PollAsync(id);
        Assert.Equal(4, asked);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.PollAsync(id);
        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.True((await CoverageAsync(app, id)).Complete);
        await app.PollAsync(id);
        Assert.Equal(5, asked);
    }

    [Fact]
    public async Task Removed_video_without_details_is_no_longer_missing_after_the_next_full_walk()
    {
        var youtube = new ScriptedYouTube(70);
        var odd = youtube.Films[60];
        youtube.Then = (request, answer) => What(request) == "videos" ? Changed(answer, list => Remove(list, item => (string?)item!["id"] == odd.Id)) : answer;
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        youtube.Films.Remove(odd);
        Assert.False((await CoverageAsync(app, id)).Complete);

        app.Clock.Advance(TimeSpan.FromDays(91));
        await app.HarvestAsync(id);

        Assert.True((await CoverageAsync(app, id)).Complete);
        await BackfillTests.AssertAllAsync(app, youtube);
    }

    [Fact]
    public async Task More_videos_without_details_than_fit_in_the_cursor_cause_another_walk()
    {
        var youtube = new ScriptedYouTube(700, TimeSpan.FromMinutes(50));
        var isKnown = false;
        youtube.Then = (request, answer) => What(request) == "videos" && !isKnown ? Changed(answer, list => list["items"] = new JsonArray()) : answer;
        var clock = new TestClock();
        string? cursor = null;
        for (var look = 0; look < 3; look++)
        {
            (var pages, cursor) = await ReadAsync(youtube, clock, new SourceRequest("", "", cursor, Nothing, Credentials.None));
            Assert.All(pages, page => Assert.InRange(page.Cursor.Length, 100, 30_000));
            Assert.All(pages, page => Assert.False(page.Coverage?.Complete ?? false));
        }

        isKnown = true;
        var (all, last) = await ReadAsync(youtube, clock, new SourceRequest("", "", cursor, Nothing, Credentials.None));
        Assert.Equal(700, all.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct(StringComparer.Ordinal).Count());
        Assert.True(all[^1].Coverage!.Complete);
        Assert.All(all, page => Assert.InRange(page.Cursor.Length, 100, 30_000));
        Assert.DoesNotContain("missing", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Premiere_whose_details_fail_once_at_its_start_is_still_published()
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var start = app.Clock.GetUtcNow() + TimeSpan.FromHours(2);
        var film = Film(50, app.Clock.GetUtcNow()) with { Broadcast = "upcoming", Live = new JsonObject { ["scheduledStartTime"] = start.ToString("O") } };
        youtube.Films.Add(film);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        app.Clock.Advance(TimeSpan.FromHours(3));
        youtube.Films[^1] = film with { Broadcast = "none", Live = new JsonObject { ["actualStartTime"] = start.ToString("O") } };
        var times = 2;
        youtube.Then = (request, answer) => What(request) == "videos" && times-- > 0 ? Spoilt(answer, "empty") : answer;

        for (var look = 0; look < 3; look++)
            await app.HarvestAsync(id);

        Assert.Equal("published", (await app.LedgerAsync()).Single(entry => BackfillTests.Native(entry) == film.Id).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("T150", 3)]
    [InlineData("T100", 30)]
    public async Task List_that_leads_back_to_itself_ends(string back, int mostPages)
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromDays(4));
        youtube.Then = (request, answer) => Token(request) == "T150" ? Changed(answer, list => list["nextPageToken"] = back) : answer;
        var pages = 0;
        youtube.Instead = call =>
        {
            pages += call.StartsWith("playlistItems T", StringComparison.Ordinal) ? 1 : 0;
            return pages > 100 ? Error(403, "quotaExceeded") : null;
        };
        var (read, _) = await ReadAsync(youtube, new TestClock(), new SourceRequest("", "", null, Nothing, Credentials.None));

        Assert.InRange(pages, 3, mostPages);
        Assert.Equal(200, read.SelectMany(page => page.Drafts).DistinctBy(draft => draft.NativeId, StringComparer.Ordinal).Count());
        Assert.False(read[^1].Coverage!.Complete);
    }

    [Fact]
    public async Task Count_that_differs_from_page_to_page_costs_one_step_back_at_most()
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromDays(4));
        var pages = 0;
        youtube.Then = (request, answer) => What(request) != "playlistItems" ? answer : Changed(answer, list => list["pageInfo"]!["totalResults"] = Many - (pages++ % 2));
        var (read, _) = await ReadAsync(youtube, new TestClock(), new SourceRequest("", "", null, Nothing, Credentials.None));

        Assert.InRange(pages, 6, 8);
        Assert.Equal(Many, read.SelectMany(page => page.Drafts).DistinctBy(draft => draft.NativeId, StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task More_than_a_page_of_uploads_while_the_history_waits_is_found_too()
    {
        var youtube = new ScriptedYouTube(Many, TimeSpan.FromHours(30));
        var times = 1;
        youtube.Then = (request, answer) => IsAt(request, "list") && times-- > 0 ? Spoilt(answer, "html") : answer;
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        for (var number = 1000; number < 1090; number++)
            youtube.Films.Add(Film(number, app.Clock.GetUtcNow() + TimeSpan.FromMinutes(number)));

        for (var look = 0; look < 3; look++)
        {
            await app.HarvestAsync(id);
            await AssertHonestAsync(app, id, youtube.Films.Count);
        }

        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Theory]
    [InlineData("playlistNotFound")]
    [InlineData("emptyEnd")]
    [InlineData("none")]
    public async Task Channel_temporarily_without_uploads_loses_none_and_is_not_complete_meanwhile(string how)
    {
        var youtube = new ScriptedYouTube(120);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        var isAway = true;
        youtube.Then = (request, answer) => IsAt(request, "first") && isAway ? Spoilt(answer, how) : answer;
        for (var look = 0; look < 4; look++)
        {
            app.Clock.Advance(TimeSpan.FromHours(5));
            await app.HarvestAsync(id);
            Assert.False((await CoverageAsync(app, id)).Complete);
        }

        isAway = false;
        for (var number = 500; number < 560; number++)
            youtube.Films.Add(Film(number, app.Clock.GetUtcNow() + TimeSpan.FromMinutes(number)));
        await app.HarvestAsync(id);

        await BackfillTests.AssertAllAsync(app, youtube);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Fact]
    public async Task Empty_channel_is_believed_after_two_answers()
    {
        var youtube = new ScriptedYouTube();
        youtube.Instead = call => call == "playlistItems" ? Error(404, "playlistNotFound", "youtube.playlistItem") : null;
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        Assert.False((await CoverageAsync(app, id)).Complete);

        await app.HarvestAsync(id);

        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Fact]
    public async Task Without_a_key_a_channel_is_complete_only_if_its_feed_was_never_full()
    {
        var youtube = new ScriptedYouTube(15);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(null));
        var id = await app.ConnectAsync(Channel, "youtube");
        youtube.Films.RemoveRange(0, 3);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.False((await CoverageAsync(app, id)).Complete);

        var small = new ScriptedYouTube(5);
        var isEmpty = true;
        small.Instead = path => isEmpty && path.StartsWith("/feeds/", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.OK, small.Feed([]), "text/xml") : null;
        await using var other = await AppFixture.StartAsync(small.Web, settings: With(null));
        id = await other.ConnectAsync(Channel, "youtube");
        Assert.False((await CoverageAsync(other, id)).Complete);
        isEmpty = false;
        await other.HarvestAsync(id);
        Assert.True((await CoverageAsync(other, id)).Complete);
        isEmpty = true;
        await other.HarvestAsync(id);
        Assert.False((await CoverageAsync(other, id)).Complete);
        Assert.Equal(5, (await other.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("key-1", 120)]
    [InlineData(null, 15)]
    public async Task Harvest_from_the_start_returns_everything_that_an_unchanged_poll_skips(string? key, int count)
    {
        var youtube = new ScriptedYouTube(120);
        var clock = new TestClock();
        var (first, cursor) = await ReadAsync(youtube, clock, new SourceRequest("", "", null, Nothing, Credentials.None), key);
        var (again, _) = await ReadAsync(youtube, clock, new SourceRequest("", "", cursor, Nothing, Credentials.None), key);
        var (anew, after) = await ReadAsync(youtube, clock, new SourceRequest("", "", cursor, Nothing, Credentials.None) { IsFromStart = true }, key);

        Assert.Equal(count, first.Sum(page => page.Drafts.Count));
        Assert.Empty(again.SelectMany(page => page.Drafts));
        Assert.Equal(count, anew.Sum(page => page.Drafts.Count));
        Assert.Equal(cursor, after);
        Assert.Equal(key is not null, anew[^1].Coverage!.Complete);
    }

    [Theory]
    [InlineData("""{"first":["vid00000001"],"newest":"2026-05-28T09:00:00+00:00","walk":{"kind":"history","next":"T50","here":"","ids":["vid00000050"],"total":120,"pages":1,"restarts":2,"oldest":"2026-01-01T09:00:00+00:00"}}""")]
    [InlineData("""{"first":["vid00000001"],"newest":"2026-05-28T09:00:00+00:00","recent":[{"id":"vid00000001","at":1780000000}],"refreshed":"2026-06-01T11:00:00+00:00","walked":"2026-06-01T11:00:00+00:00","swept":"2026-01-01T11:00:00+00:00"}""")]
    public async Task Cursor_of_an_earlier_version_is_continued(string cursor)
    {
        var youtube = new ScriptedYouTube(120);
        var clock = new TestClock();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var look = 0; look < 3; look++)
        {
            (var pages, cursor) = await ReadAsync(youtube, clock, new SourceRequest("", "", cursor, Nothing, Credentials.None));
            seen.UnionWith(pages.SelectMany(page => page.Drafts).Select(draft => draft.NativeId));
        }

        Assert.InRange(seen.Count, 70, 120);
        Assert.DoesNotContain("next", cursor, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Nothing { get; } = new(StringComparer.Ordinal);

    private static async Task<(List<SourcePage> Pages, string Cursor)> ReadAsync(ScriptedYouTube youtube, TestClock clock, SourceRequest reading, string? key = "key-1")
    {
        using var fetcher = new ContributionIngest.Core.Http.Fetcher(youtube.Web, ContributionIngest.Core.Http.AddressPolicy.PublicOnly, clock, "test/1");
        var source = ContributionIngest.Functions.Configuration.SourceList.Of(fetcher, clock, BackfillTests.Read(With(key))).Get("youtube");
        var pages = new List<SourcePage>();
        await foreach (var page in source.ReadAsync(reading with { Origin = Channel, Address = key is null ? Topic : "https://www.googleapis.com/youtube/v3/playlistItems?playlistId=UU" + Channel[2..] }, default))
            pages.Add(page);
        return (pages, pages.Count == 0 ? reading.Cursor! : pages[^1].Cursor);
    }

    private static async Task AssertHonestAsync(AppFixture app, string id, int count = Many)
    {
        var connection = await app.GetAsync($"/connections/{id}");
        if (connection.TryGetProperty("coverage", out var coverage) && coverage.GetProperty("complete").GetBoolean())
            Assert.Equal(count, (await app.LedgerAsync()).Count);
    }

    private static async Task<(bool Complete, string? Reason)> CoverageAsync(AppFixture app, string id)
    {
        var coverage = (await app.GetAsync($"/connections/{id}")).GetProperty("coverage");
        return (coverage.GetProperty("complete").GetBoolean(), coverage.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }

    private static string What(HttpRequestMessage request) => request.RequestUri!.Segments[^1];

    private static string? Token(HttpRequestMessage request) => HttpUtility.ParseQueryString(request.RequestUri!.Query)["pageToken"];

    private static string[] Ids(HttpRequestMessage request) => HttpUtility.ParseQueryString(request.RequestUri!.Query)["id"]!.Split(',');

    /// <summary>The first or third page of the list, or what it says of the videos there.</summary>
    private static bool IsAt(HttpRequestMessage request, string where) => where switch
    {
        "first" => What(request) == "playlistItems" && Token(request) is null,
        "list" => What(request) == "playlistItems" && Token(request) == "T100",
        "firstVideos" => What(request) == "videos" && Ids(request).Contains(Id(1)),
        _ => What(request) == "videos" && Ids(request).Contains(Id(101)),
    };

    private static HttpResponseMessage Spoilt(HttpResponseMessage answer, string how) => how switch
    {
        "500" => Error(500, "backendError"),
        "html" => ScriptedWeb.Answer(HttpStatusCode.OK, "<html>sorry</html>", "text/html"),
        "half" => ScriptedWeb.Answer(200, Bytes(answer)[..(Bytes(answer).Length / 2)], "application/json"),
        "nothing" => ScriptedWeb.Answer(HttpStatusCode.OK, "{}", "application/json"),
        "playlistNotFound" => Error(404, how, "youtube.playlistItem"),
        "invalidPageToken" => Error(400, how, "youtube.parameter"),
        "empty" => Changed(answer, list => list["items"] = new JsonArray()),
        "emptyEnd" => Changed(answer, list =>
        {
            list["items"] = new JsonArray();
            list.Remove("nextPageToken");
        }),
        "none" => Changed(answer, list =>
        {
            list["items"] = new JsonArray();
            list.Remove("nextPageToken");
            list["pageInfo"]!["totalResults"] = 0;
        }),
        "fewer" => Changed(answer, list =>
        {
            var count = 0;
            Remove(list, _ => count++ % 2 == 1);
        }),
        "nameless" => Changed(answer, list => list["items"]![7]!["contentDetails"] = new JsonObject()),
        "bare" => Changed(answer, list => list["items"]!.AsArray()[7] = new JsonObject { ["id"] = (string?)list["items"]![7]!["id"] }),
        _ => throw new InvalidOperationException(how),
    };

    private static void Remove(JsonObject list, Func<JsonNode?, bool> which)
    {
        foreach (var item in list["items"]!.AsArray().Where(which).ToList())
            list["items"]!.AsArray().Remove(item);
    }

    private static HttpResponseMessage Changed(HttpResponseMessage answer, Action<JsonObject> change)
    {
        var list = JsonNode.Parse(Bytes(answer))!.AsObject();
        change(list);
        return Json(list);
    }

    private static byte[] Bytes(HttpResponseMessage answer)
    {
        using var stream = new MemoryStream();
        answer.Content.CopyTo(stream, null, default);
        return stream.ToArray();
    }
}
