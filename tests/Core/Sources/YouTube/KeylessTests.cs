using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>Without a key: the channel's feed and its pages.</summary>
public sealed class KeylessTests
{
    [Fact]
    public async Task Latest_15_videos_are_harvested_and_the_coverage_says_what_would_bring_the_others()
    {
        var youtube = new ScriptedYouTube(40);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(null));

        var id = await app.ConnectAsync(Channel, "youtube");

        Assert.Empty(app.Failures);
        var ledger = await app.LedgerAsync();
        Assert.Equal(15, ledger.Count);
        Assert.Equal("2026-05-28T09:00:00Z", ledger[0].GetProperty("when").GetString());
        Assert.Equal("About vid00000001", ledger[0].GetProperty("summary").GetString());
        Assert.Equal(1001, ledger[0].GetProperty("metrics").GetProperty("views").GetProperty("value").GetInt32());
        Assert.Equal(7, ledger[0].GetProperty("metrics").GetProperty("likes").GetProperty("value").GetInt32());
        var coverage = (await app.GetAsync($"/connections/{id}")).GetProperty("coverage");
        Assert.False(coverage.GetProperty("complete").GetBoolean());
        Assert.Contains("YouTubeKey", coverage.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False((await app.GetAsync("/status")).TryGetProperty("youTube", out _));
    }

    [Fact]
    public async Task Views_are_updated_once_a_day_and_new_videos_at_once()
    {
        var youtube = new ScriptedYouTube(5);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(null));
        var id = await app.ConnectAsync(Channel, "youtube");
        var before = await app.DumpAsync("ledger");
        for (var i = 0; i < 5; i++)
            youtube.Films[i] = youtube.Films[i] with { Views = 9999 };
        app.Clock.Advance(TimeSpan.FromHours(3));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        app.Table.Forget();

        await app.DrainAsync();

        Assert.InRange(app.Table.Operations.Count, 1, 4);
        Assert.Equal(before, await app.DumpAsync("ledger"));
        youtube.Films.Add(Film(9, app.Clock.GetUtcNow()));
        await app.HarvestAsync(id);
        Assert.Equal(6, (await app.LedgerAsync()).Count);
        app.Clock.Advance(TimeSpan.FromHours(20));
        await app.HarvestAsync(id);
        Assert.Equal(5, (await app.LedgerAsync()).Count(e => e.GetProperty("metrics").GetProperty("views").GetProperty("value").GetInt32() == 9999));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(500)]
    public async Task No_answer_of_the_feeds_host_declares_a_channel_gone(int status)
    {
        var youtube = new ScriptedYouTube(5);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(null));
        var id = await app.ConnectAsync(Channel, "youtube");
        youtube.Instead = _ => ScriptedWeb.Answer(status, []);
        for (var day = 0; day < 6; day++)
        {
            await app.HarvestAsync(id);
            app.Clock.Advance(TimeSpan.FromDays(1));
        }

        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal("failing", connection.GetProperty("health").GetString());
        Assert.Contains("existing channels", connection.GetProperty("problem").GetProperty("message").GetString(), StringComparison.Ordinal);
        youtube.Instead = _ => null;
        await app.HarvestAsync(id);
        Assert.Equal("ok", (await app.GetAsync($"/connections/{id}")).GetProperty("health").GetString());
    }

    [Fact]
    public async Task Key_added_later_brings_the_rest()
    {
        var youtube = new ScriptedYouTube(120);
        using var folder = new TemporaryFolder();
        string id;
        await using (var app = await AppFixture.StartAsync(youtube.Web, folder: folder, settings: With(null)))
            id = await app.ConnectAsync(Channel, "youtube");
        await using (var app = await AppFixture.StartAsync(youtube.Web, new TestClock(new DateTimeOffset(2026, 6, 2, 12, 0, 0, TimeSpan.Zero)), folder, Settings))
        {
            await app.HarvestAsync(id);
            await BackfillTests.AssertAllAsync(app, youtube);
            Assert.True((await app.GetAsync($"/connections/{id}")).GetProperty("coverage").GetProperty("complete").GetBoolean());
        }
    }

    [Theory]
    [InlineData("@junaokvist", "/@junaokvist", """<link rel="canonical" href="https://www.youtube.com/channel/{0}"><meta property="og:title" content="Juna Okvist">""")]
    [InlineData("https://youtube.com/@junaokvist/videos", "/@junaokvist", """<meta itemprop="identifier" content="{0}"><meta property="og:title" content="Juna Okvist">""")]
    [InlineData("https://www.youtube.com/c/JunaTalks", "/c/JunaTalks", """<meta property="og:url" content="https://www.youtube.com/channel/{0}"><meta property="og:title" content="Juna Okvist">""")]
    [InlineData("youtube.com/user/junaclassic", "/user/junaclassic", """<link rel="alternate" type="application/rss+xml" href="https://www.youtube.com/feeds/videos.xml?channel_id={0}"><meta property="og:title" content="Juna Okvist">""")]
    [InlineData("https://youtu.be/vid00000001?t=4", "/watch?v=vid00000001", """<meta itemprop="channelId" content="{0}"><link itemprop="name" content="Juna Okvist">""")]
    [InlineData("https://www.youtube.com/shorts/vid00000001", "/watch?v=vid00000001", """<link itemprop="name" content="Juna Okvist"><script>var a = {{"videoDetails":{{"channelId":"UCsomebodyelse0123456789"}},"externalChannelId":"{0}"}};</script>""")]
    public async Task Channel_is_found_by_its_pages(string typed, string page, string html)
    {
        var youtube = new ScriptedYouTube(2);
        var text = "<html><head>" + string.Format(System.Globalization.CultureInfo.InvariantCulture, html.Contains("{{", StringComparison.Ordinal) ? html : html.Replace("{0}", "\u0001", StringComparison.Ordinal).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal).Replace("\u0001", "{0}", StringComparison.Ordinal), Channel) + "</head></html>";
        youtube.Instead = path => path == page ? ScriptedWeb.Answer(HttpStatusCode.OK, text, "text/html")
            : path.StartsWith("/feeds/", StringComparison.Ordinal) ? null : ScriptedWeb.Answer(HttpStatusCode.NotFound);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(null));

        var id = await app.ConnectAsync(typed, "youtube");

        var connection = await app.GetAsync($"/connections/{id}");
        Assert.Equal((Channel, "Juna Okvist"), (connection.GetProperty("origin").GetString(), connection.GetProperty("title").GetString()));
    }
}
