using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>A channel that is known, looked at again, with a key.</summary>
public sealed class PollTests
{
    [Theory]
    [InlineData(40, 72)]
    [InlineData(40, 1)]
    [InlineData(1200, 72)]
    [InlineData(1200, 24)]
    public async Task Unchanged_poll_costs_at_most_two_units_and_four_operations(int films, int hoursApart)
    {
        var youtube = new ScriptedYouTube(films, TimeSpan.FromHours(hoursApart));
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        var before = await app.DumpAsync("ledger");
        youtube.Count();
        var units = new List<int>();
        foreach (var hours in (int[])[1, 1, 22, 24, 6, 18, 24, 24])
        {
            app.Clock.Advance(TimeSpan.FromHours(hours));
            await app.PostAsync($"/connections/{id}/harvest", "{}");
            app.Table.Forget();
            await app.DrainAsync();
            units.Add(youtube.Count());

            // Each Pacific day begins with a block of units: a read and a write.
            Assert.InRange(app.Table.Operations.Count(o => o.Table != "lookups"), 1, 4);
        }

        Assert.All(units, spent => Assert.InRange(spent, 1, 2));
        Assert.Equal(1, units[0]);
        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task New_video_costs_two_units()
    {
        var youtube = new ScriptedYouTube(60);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        youtube.Films.Add(Film(100, app.Clock.GetUtcNow()));
        youtube.Count();

        await app.HarvestAsync(id);

        Assert.Equal(["playlistItems", "videos"], youtube.Calls);
        await BackfillTests.AssertAllAsync(app, youtube);
    }

    [Fact]
    public async Task More_new_videos_than_a_page_holds_are_all_found()
    {
        var youtube = new ScriptedYouTube(130, TimeSpan.FromDays(9));
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        for (var number = 200; number < 330; number++)
            youtube.Films.Add(Film(number, app.Clock.GetUtcNow() + TimeSpan.FromMinutes(number)));
        app.Clock.Advance(TimeSpan.FromHours(10));

        await app.HarvestAsync(id);

        await BackfillTests.AssertAllAsync(app, youtube);
    }

    [Fact]
    public async Task Video_published_weeks_after_its_upload_is_found_by_looking_back()
    {
        var youtube = new ScriptedYouTube(200, TimeSpan.FromHours(18));
        var late = youtube.Films[70];
        youtube.Films[70] = late with { Privacy = "private" };
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        Assert.DoesNotContain(late.Id, (await app.LedgerAsync()).Select(BackfillTests.Native));
        app.Clock.Advance(TimeSpan.FromHours(3));
        youtube.Films[70] = late with { Published = app.Clock.GetUtcNow() };

        for (var look = 0; look < 3; look++)
        {
            app.Clock.Advance(TimeSpan.FromHours(12));
            await app.HarvestAsync(id);
        }

        await BackfillTests.AssertAllAsync(app, youtube);
    }

    [Fact]
    public async Task Metrics_are_read_daily_for_a_month_weekly_for_a_year_and_then_quarterly()
    {
        var youtube = new ScriptedYouTube(180, TimeSpan.FromDays(4));
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        var (young, middle, old) = (youtube.Films[1], youtube.Films[60], youtube.Films[170]);
        for (var i = 0; i < youtube.Films.Count; i++)
            youtube.Films[i] = youtube.Films[i] with { Views = 5_000_000 };

        var days = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var day = 1; day <= 95; day++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            await app.HarvestAsync(id);
            foreach (var entry in (await app.LedgerAsync()).Where(e => Metric(e, "views") == 5_000_000))
                days.TryAdd(BackfillTests.Native(entry), day);
        }

        Assert.Equal(1, days[young.Id]);
        Assert.Equal(7, days[middle.Id]);
        Assert.InRange(days[old.Id], 80, 92);
    }

    [Fact]
    public async Task Metric_that_falls_is_shown_as_it_is()
    {
        var youtube = new ScriptedYouTube(1);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        youtube.Films[0] = youtube.Films[0] with { Views = 800 };
        app.Clock.Advance(TimeSpan.FromDays(1));

        await app.HarvestAsync(id);

        var entry = (await app.LedgerAsync()).Single();
        Assert.Equal(800, Metric(entry, "views"));
        var history = await app.GetAsync($"/ledger/{entry.GetProperty("id").GetString()}/metrics");
        var views = history.GetProperty("items").EnumerateArray().Single(series => series.GetProperty("name").GetString() == "views");
        Assert.Equal([1001, 800], views.GetProperty("values").EnumerateArray().Select(value => value.GetProperty("value").GetDouble()));
        Assert.Equal(-201, views.GetProperty("growth").GetProperty("by").GetDouble());
    }

    [Fact]
    public async Task Premiere_is_scheduled_then_live_then_published_at_its_start()
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var start = app.Clock.GetUtcNow() + TimeSpan.FromHours(30);
        var film = Film(50, app.Clock.GetUtcNow()) with { Broadcast = "upcoming", Live = new JsonObject { ["scheduledStartTime"] = start.ToString("O") } };
        youtube.Films.Add(film);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        Assert.Equal(("scheduled", start, null), await StateAsync(app, film.Id));

        app.Clock.Advance(TimeSpan.FromHours(31));
        var real = start + TimeSpan.FromMinutes(3);
        youtube.Films[^1] = film with { Broadcast = "live", Live = new JsonObject { ["scheduledStartTime"] = start.ToString("O"), ["actualStartTime"] = real.ToString("O") } };
        await app.HarvestAsync(id);
        Assert.Equal(("live", real, null), await StateAsync(app, film.Id));

        app.Clock.Advance(TimeSpan.FromHours(2));
        var end = real + TimeSpan.FromMinutes(50);
        youtube.Films[^1] = film with { Broadcast = "none", Live = new JsonObject { ["actualStartTime"] = real.ToString("O"), ["actualEndTime"] = end.ToString("O") } };
        await app.HarvestAsync(id);
        Assert.Equal(("published", real, end), await StateAsync(app, film.Id));
        youtube.Count();
        await app.HarvestAsync(id);
        Assert.Equal(1, youtube.Count());
    }

    [Theory]
    [InlineData("upcoming")]
    [InlineData(null)]
    public async Task Stream_that_never_began_is_called_off_and_not_counted(string? broadcast)
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var now = app.Clock.GetUtcNow();
        var old = Film(49, now.AddDays(-90)) with { Broadcast = broadcast, Live = new JsonObject { ["scheduledStartTime"] = now.AddDays(-60).ToString("O") } };
        var film = Film(50, now) with { Broadcast = "upcoming", Live = new JsonObject { ["scheduledStartTime"] = now.AddHours(30).ToString("O") } };
        youtube.Films.AddRange([old, film]);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        Assert.Equal(("cancelled", now.AddDays(-60), null), await StateAsync(app, old.Id));
        youtube.Films[^1] = film with { Broadcast = broadcast };
        for (var day = 0; day < 25; day++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            await app.HarvestAsync(id);
            Assert.Contains((await StateAsync(app, film.Id)).Status, (string[])(day < 3 ? ["scheduled"] : ["scheduled", "cancelled"]));
        }

        Assert.Equal(("cancelled", now.AddHours(30), null), await StateAsync(app, film.Id));
        Assert.Equal(3, (await app.GetAsync("/ledger/summary?from=2020-01-01&to=2027-12-31")).GetProperty("public").GetProperty("total").GetInt32());

        // It begins after all.
        var real = app.Clock.GetUtcNow();
        youtube.Films[^1] = film with { Broadcast = "none", Live = new JsonObject { ["scheduledStartTime"] = now.AddHours(30).ToString("O"), ["actualStartTime"] = real.ToString("O"), ["actualEndTime"] = real.AddHours(1).ToString("O") } };
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal(("published", real, real.AddHours(1)), await StateAsync(app, film.Id));
    }

    [Fact]
    public async Task Stream_that_begins_a_day_late_takes_place()
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var start = app.Clock.GetUtcNow().AddHours(2);
        var film = Film(50, app.Clock.GetUtcNow()) with { Broadcast = "upcoming", Live = new JsonObject { ["scheduledStartTime"] = start.ToString("O") } };
        youtube.Films.Add(film);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        app.Clock.Advance(TimeSpan.FromHours(25));
        await app.HarvestAsync(id);
        Assert.Equal("scheduled", (await StateAsync(app, film.Id)).Status);
        youtube.Films[^1] = film with { Broadcast = "live", Live = new JsonObject { ["actualStartTime"] = app.Clock.GetUtcNow().ToString("O") } };
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.HarvestAsync(id);
        Assert.Equal("live", (await StateAsync(app, film.Id)).Status);
    }

    [Fact]
    public async Task Deleted_video_stays_in_the_ledger_as_removed_and_a_non_public_one_never_enters_it()
    {
        var youtube = new ScriptedYouTube(6);
        youtube.Films[2] = youtube.Films[2] with { Privacy = "private" };
        youtube.Films[3] = youtube.Films[3] with { Privacy = "unlisted" };
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        Assert.Equal(4, (await app.LedgerAsync()).Count);

        youtube.Films.RemoveAt(0);
        for (var day = 0; day < 8; day++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            await app.HarvestAsync(id);
        }

        var ledger = await app.LedgerAsync();
        Assert.Equal(4, ledger.Count);
        Assert.Equal(["published", "published", "published", "removed"], ledger.Select(entry => entry.GetProperty("status").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Channel_without_uploads_is_not_gone_and_a_deleted_one_is()
    {
        var youtube = new ScriptedYouTube();
        youtube.Instead = call => call == "playlistItems" ? Error(404, "playlistNotFound", "youtube.playlistItem") : null;
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        Assert.Equal("ok", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());

        youtube.HasChannel = false;
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal("gone", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
    }

    [Theory]
    [InlineData(400, "keyInvalid", "YouTubeKey")]
    [InlineData(403, "accessNotConfigured", "enable it")]
    [InlineData(403, "rateLimitExceeded", "pause")]
    [InlineData(403, "playlistItemsNotAccessible", "owner")]
    [InlineData(500, "backendError", "trouble")]
    [InlineData(404, "somethingNew", "YouTubeApi")]
    public async Task Rejection_is_reported_without_the_key(int status, string reason, string says)
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync("@junaokvist", "youtube");
        youtube.Instead = _ => Error(status, reason, "x");

        await app.HarvestAsync(id);

        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("failing", connection.GetProperty("health").GetString());
        Assert.Contains(says, connection.GetProperty("problem").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("key-1", connection.GetRawText() + (await app.GetAsync($"/connections/{id}/harvests")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("""{"items":[{"id":17},null,{"contentDetails":{"videoId":["x"]}},{"snippet":{"resourceId":{"videoId":"vid00000077"}}}],"pageInfo":7,"nextPageToken":{}}""", 1)]
    [InlineData("""{"items":{"a":1}}""", 0)]
    [InlineData("""{}""", 0)]
    [InlineData("""{"items":[{"contentDetails":{"videoId":"\ud800aaaaaaaaaa"},"\udc00":1}],"pageInfo":{"totalResults":1e400}}""", 0)]
    public async Task Unusual_answer_loses_only_its_unusual_parts(string body, int videos)
    {
        var youtube = new ScriptedYouTube();
        youtube.Films.Add(Film(77, Start));
        youtube.Instead = call => call == "playlistItems" ? ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json") : null;
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);

        await app.ConnectAsync("@junaokvist", "youtube");

        Assert.Empty(app.Failures);
        Assert.Equal(videos, (await app.LedgerAsync()).Count);
    }

    private static async Task<(string? Status, DateTimeOffset When, DateTimeOffset? Ends)> StateAsync(AppFixture app, string video)
    {
        var entry = (await app.LedgerAsync()).Single(e => BackfillTests.Native(e) == video);
        return (entry.GetProperty("status").GetString(), entry.GetProperty("when").GetDateTimeOffset(),
            entry.TryGetProperty("endsAt", out var ends) ? ends.GetDateTimeOffset() : null);
    }

    private static double? Metric(JsonElement entry, string name) =>
        entry.GetProperty("metrics").TryGetProperty(name, out var metric) ? metric.GetProperty("value").GetDouble() : null;
}
