using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>What Google's hub delivers, with a key and without.</summary>
public sealed class PushTests
{
    private const string Xml = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=" + Channel;

    [Fact]
    public async Task Hub_is_asked_for_the_plain_topic_and_may_verify_either_spelling()
    {
        foreach (var topic in (string[])[Topic, Xml])
        {
            var youtube = new ScriptedYouTube(3);
            var hub = await FollowAsync(youtube, "key-1");
            await using var app = hub.App;
            Assert.Equal(("subscribe", Topic, Hub), (hub.Ask.Mode, hub.Ask.Topic, hub.Ask.Hub));
            Assert.Equal((HttpStatusCode.NotFound, false), Verified(await ScriptedHub.VerifyAsync(app, hub.Ask, topic: "https://example.org/not-ours")));
            Assert.Equal((HttpStatusCode.OK, true), Verified(await ScriptedHub.VerifyAsync(app, hub.Ask, topic: topic)));
        }
    }

    [Fact]
    public async Task With_a_key_a_delivery_is_confirmed_and_harvested_completely()
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, "key-1");
        await using var _ = app;
        var film = Film(9, app.Clock.GetUtcNow());
        youtube.Films.Add(film);
        youtube.Count();

        Assert.Equal(HttpStatusCode.Accepted, await DeliverAsync(app, ask, youtube.Feed([film with { Title = "An older name" }])));

        Assert.Equal(["videos"], youtube.Calls);
        var entry = Entry(await app.LedgerAsync(), film);
        Assert.Equal("Film 9", entry.GetProperty("title").GetString());
        Assert.Equal(1009, entry.GetProperty("metrics").GetProperty("views").GetProperty("value").GetInt32());
        Assert.Contains("sync", entry.GetProperty("topics").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unconfirmed_delivery_is_taken_literally_and_leaves_unknown_values_unchanged()
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, "key-1");
        await using var _ = app;
        var known = youtube.Films[0];
        youtube.Instead = call => call == "videos" ? Error(500, "backendError") : null;
        var film = Film(9, app.Clock.GetUtcNow());

        await DeliverAsync(app, ask, youtube.Feed([film, known with { Title = "A better name" }], app.Clock.GetUtcNow()));

        var ledger = await app.LedgerAsync();
        Assert.Equal("Film 9", Entry(ledger, film).GetProperty("title").GetString());
        var renamed = Entry(ledger, known);
        Assert.Equal(("A better name", 2), (renamed.GetProperty("title").GetString(), renamed.GetProperty("revision").GetInt32()));
        Assert.Equal(12.5, renamed.GetProperty("metrics").GetProperty("minutes").GetProperty("value").GetDouble());
        Assert.NotEqual(0, renamed.GetProperty("topics").GetArrayLength());
    }

    [Fact]
    public async Task Late_delivery_never_undoes_what_the_API_said_since()
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, "key-1");
        await using var _ = app;
        var film = Film(9, app.Clock.GetUtcNow());
        youtube.Films.Add(film with { Title = "The name it has now" });
        var (late, gone) = (youtube.Feed([film]), youtube.Feed([], extra: Tombstone(film.Id, app.Clock.GetUtcNow())));
        app.Clock.Advance(TimeSpan.FromHours(3));
        await app.HarvestAsync((await app.GetAsync("/connections")).GetProperty("items")[0].GetProperty("id").GetString()!);
        youtube.Instead = call => call == "videos" ? Error(500, "backendError") : null;

        await DeliverAsync(app, ask, late);
        await DeliverAsync(app, ask, gone);

        var entry = Entry(await app.LedgerAsync(), film);
        Assert.Equal(("The name it has now", "published", 1), (entry.GetProperty("title").GetString(), entry.GetProperty("status").GetString(), entry.GetProperty("revision").GetInt32()));
        Assert.Equal(1009, entry.GetProperty("metrics").GetProperty("views").GetProperty("value").GetInt32());
    }

    [Fact]
    public async Task Video_delivered_before_the_API_knows_it_is_harvested_once_it_does()
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, "key-1");
        await using var _ = app;
        var film = Film(9, app.Clock.GetUtcNow());
        var times = 2;
        youtube.Films.Add(film);
        youtube.Instead = call => call == "videos" && times-- > 0 ? Json(new System.Text.Json.Nodes.JsonObject { ["items"] = new System.Text.Json.Nodes.JsonArray() }) : null;

        await DeliverAsync(app, ask, youtube.Feed([film]));
        Assert.Equal(["playlistItems", "videos"], youtube.Calls.TakeLast(2));
        await app.HarvestAsync((await app.GetAsync("/connections")).GetProperty("items")[0].GetProperty("id").GetString()!);

        Assert.Equal("Film 9", Entry(await app.LedgerAsync(), film).GetProperty("title").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("key-1")]
    public async Task Each_kind_of_delivery_has_exactly_its_effect(string? key)
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, key);
        await using var _ = app;
        var now = app.Clock.GetUtcNow();
        var film = Film(9, now);
        youtube.Films.Add(film);
        var first = youtube.Feed([film], now);
        await DeliverAsync(app, ask, first);
        await DeliverAsync(app, ask, first);
        Assert.Equal(1, Entry(await app.LedgerAsync(), film).GetProperty("revision").GetInt32());

        youtube.Films[^1] = film with { Title = "Renamed" };
        await DeliverAsync(app, ask, youtube.Feed([youtube.Films[^1]], now + TimeSpan.FromMinutes(5)));
        await DeliverAsync(app, ask, first);
        var entry = Entry(await app.LedgerAsync(), film);
        Assert.Equal(("Renamed", 2), (entry.GetProperty("title").GetString(), entry.GetProperty("revision").GetInt32()));

        youtube.Films.RemoveAt(3);
        await DeliverAsync(app, ask, youtube.Feed([], extra: Tombstone(film.Id, now + TimeSpan.FromMinutes(9))));
        await DeliverAsync(app, ask, first);
        Assert.Equal("removed", Entry(await app.LedgerAsync(), film).GetProperty("status").GetString());

        // One that nobody knew is none.
        await DeliverAsync(app, ask, youtube.Feed([], extra: Tombstone("vid99999999", now)));
        Assert.Equal(4, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Deletion_notice_for_a_public_video_removes_nothing()
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, "key-1");
        await using var _ = app;

        await DeliverAsync(app, ask, youtube.Feed([], extra: Tombstone(youtube.Films[0].Id, app.Clock.GetUtcNow())));

        Assert.Equal("published", Entry(await app.LedgerAsync(), youtube.Films[0]).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Videos_of_another_channel_are_ignored()
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, null);
        await using var _ = app;
        var before = await app.DumpAsync("ledger");

        await DeliverAsync(app, ask, youtube.Feed([Film(9, Start)]).Replace(Channel, "UCsomebodyelse0123456789", StringComparison.Ordinal));
        await DeliverAsync(app, ask, youtube.Feed([], extra: Tombstone(youtube.Films[0].Id, app.Clock.GetUtcNow())).Replace(Channel, "UCsomebodyelse0123456789", StringComparison.Ordinal));

        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Theory]
    [InlineData("<!DOCTYPE feed [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>&x;</title></feed>")]
    [InlineData("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>")]
    [InlineData("not xml")]
    [InlineData("<feed xmlns=\"http://www.w3.org/2005/Atom\"/>")]
    public async Task Unreadable_delivery_triggers_a_poll(string body)
    {
        var youtube = new ScriptedYouTube(3);
        var (app, ask) = await FollowAsync(youtube, "key-1");
        await using var _ = app;
        youtube.Count();

        await DeliverAsync(app, ask, body);

        Assert.Equal(["playlistItems"], youtube.Calls);
        Assert.Empty(app.Failures);
    }

    [Fact]
    public async Task Video_seen_by_push_feed_and_API_is_one_contribution_led_by_the_API()
    {
        var youtube = new ScriptedYouTube(4);
        var (app, ask) = await FollowAsync(youtube, "key-1");
        await using var _ = app;
        youtube.Films.Add(Film(9, app.Clock.GetUtcNow()));
        var feed = await app.ConnectAsync(Topic);
        await DeliverAsync(app, ask, youtube.Feed([youtube.Films[^1]]));
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.HarvestAsync((await app.GetAsync("/connections")).GetProperty("items").EnumerateArray().First(c => c.GetProperty("id").GetString() != feed).GetProperty("id").GetString()!);
        await app.HarvestAsync(feed);

        var ledger = await app.LedgerAsync();
        Assert.Equal(5, ledger.Count);
        Assert.All(ledger, entry => Assert.Equal(2, entry.GetProperty("sightings").GetArrayLength()));
        Assert.All(ledger, entry => Assert.True(entry.GetProperty("metrics").TryGetProperty("minutes", out var _)));
        Assert.All(ledger, entry => Assert.Contains("sync", entry.GetProperty("topics").GetRawText(), StringComparison.Ordinal));
        Assert.All(ledger, entry => Assert.Contains("/watch?v=", entry.GetProperty("url").GetString(), StringComparison.Ordinal));
    }

    /// <summary>A connected channel whose hub has verified.</summary>
    private static async Task<(AppFixture App, Ask Ask)> FollowAsync(ScriptedYouTube youtube, string? key)
    {
        var app = await AppFixture.StartAsync(youtube.Web, settings: With(key));
        await app.ConnectAsync(key is null ? Channel : "@junaokvist", "youtube");
        var ask = new Ask(Hub, youtube.Asked);
        await ScriptedHub.VerifyAsync(app, ask);
        return (app, ask);
    }

    /// <summary>As Google's hub signs.</summary>
    private static Task<HttpStatusCode> DeliverAsync(AppFixture app, Ask ask, string body) => ScriptedHub.DeliverAsync(app, ask, body, "sha1", type: "application/atom+xml");

    private static (HttpStatusCode, bool) Verified((HttpStatusCode Status, string Body) answer) => (answer.Status, answer.Body == "ch+a");

    private static JsonElement Entry(IEnumerable<JsonElement> ledger, Film film) => ledger.Single(entry => BackfillTests.Native(entry) == film.Id);
}
