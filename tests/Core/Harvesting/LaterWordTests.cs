using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Core.Sources.YouTube;
using ContributionIngest.Tests.Support;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.YouTube.ScriptedYouTube;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Of a delivery and a poll the later one counts; a place that lags behind its own delivery is no later one.</summary>
public sealed class LaterWordTests
{
    private const string Old = "Post 12";
    private const string Renamed = "Another title";

    [Fact]
    public async Task Feed_that_lags_behind_its_delivery_undoes_nothing()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        await pushed.DeliverAsync(Pushed.Body(12, 1).Replace(Old, Renamed, StringComparison.Ordinal));
        Assert.Equal(Renamed, await TitleAsync(pushed.App));

        // It has no validators.
        pushed.Blogs.On(Pushed.Feed, HttpStatusCode.OK, Pushed.Body(12), "application/rss+xml");
        foreach (var minutes in (int[])[5, 30, 180])
        {
            pushed.App.Clock.Advance(TimeSpan.FromMinutes(minutes));
            await pushed.App.HarvestAsync(pushed.Connection);
            Assert.Equal(Renamed, await TitleAsync(pushed.App));
        }

        Pushed.Publish(pushed.Blogs, Pushed.Body(12).Replace(Old, Renamed, StringComparison.Ordinal));
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal(Renamed, await TitleAsync(pushed.App));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Feed_that_shows_the_former_title_a_day_later_changes_it_back_although_it_never_changed(bool isPolledMeanwhile)
    {
        await using var pushed = await Pushed.VerifiedAsync();
        await pushed.App.HarvestAsync(pushed.Connection);
        await pushed.DeliverAsync(Pushed.Body(12, 1).Replace(Old, Renamed, StringComparison.Ordinal));
        if (isPolledMeanwhile)
        {
            pushed.App.Clock.Advance(TimeSpan.FromMinutes(5));
            await pushed.App.HarvestAsync(pushed.Connection);
            Assert.Equal(Renamed, await TitleAsync(pushed.App));
        }

        pushed.App.Clock.Advance(TimeSpan.FromHours(25));
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal(Old, await TitleAsync(pushed.App));
        var polls = pushed.Polls;
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal(polls + 1, pushed.Polls);
        Assert.NotEmpty(pushed.Blogs.Web.Asked[^1].Headers.IfNoneMatch);
    }

    [Fact]
    public async Task Third_title_in_the_feed_counts_at_once()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        await pushed.DeliverAsync(Pushed.Body(12, 1).Replace(Old, Renamed, StringComparison.Ordinal));
        pushed.App.Clock.Advance(TimeSpan.FromMinutes(5));
        Pushed.Publish(pushed.Blogs, Pushed.Body(12).Replace(Old, "A third", StringComparison.Ordinal));
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal("A third", await TitleAsync(pushed.App));
    }

    [Fact]
    public async Task Answer_that_was_asked_for_before_a_delivery_does_not_undo_it()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        pushed.App.Clock.Advance(TimeSpan.FromMinutes(1));
        var body = Pushed.Body(12).Replace(Old, "Before the delivery", StringComparison.Ordinal);
        pushed.Blogs.On(Pushed.Feed, _ =>
        {
            pushed.App.Clock.Advance(TimeSpan.FromSeconds(5));
            pushed.DeliverAsync(Pushed.Body(12, 1).Replace(Old, Renamed, StringComparison.Ordinal)).GetAwaiter().GetResult();
            return ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml");
        });
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal(Renamed, await TitleAsync(pushed.App));

        pushed.App.Clock.Advance(TimeSpan.FromMinutes(5));
        body = body.Replace("Before the delivery", "After it", StringComparison.Ordinal);
        Pushed.Publish(pushed.Blogs, body);
        await pushed.App.HarvestAsync(pushed.Connection);
        Assert.Equal("After it", await TitleAsync(pushed.App));
    }

    [Fact]
    public async Task Title_that_a_feed_without_descriptions_has_again_counts_by_its_time()
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(null));
        var id = await app.ConnectAsync(Channel, "youtube");
        var ask = await FollowAsync(app, youtube);
        var film = youtube.Films[0];
        app.Clock.Advance(TimeSpan.FromHours(1));
        await DeliverAsync(app, ask, youtube.Feed([film with { Title = "Pushed" }], app.Clock.GetUtcNow()));
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await app.HarvestAsync(id);
        Assert.Equal(("Pushed", "published"), await StateAsync(app, film));

        var updated = app.Clock.GetUtcNow().AddMinutes(1);
        app.Clock.Advance(TimeSpan.FromHours(1));
        youtube.Instead = path => path.StartsWith("/feeds/", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.OK, Dated(youtube.Feed(), film, updated), "text/xml") : null;
        await app.HarvestAsync(id);
        Assert.Equal((film.Title, "published"), await StateAsync(app, film));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("key-1")]
    public async Task Video_that_was_private_is_restored_by_a_poll_though_not_by_a_place_that_lags(string? key)
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: With(key));
        var id = await app.ConnectAsync(Channel, "youtube");
        await app.HarvestAsync(id);
        var ask = await FollowAsync(app, youtube);
        var film = youtube.Films[0];
        app.Clock.Advance(TimeSpan.FromHours(1));
        youtube.Films[0] = film with { Privacy = "private" };
        await DeliverAsync(app, ask, youtube.Feed([], extra: Tombstone(film.Id, app.Clock.GetUtcNow())));
        youtube.Films[0] = film with { Views = film.Views + 1 };
        foreach (var minutes in (int[])[2, 10, 60])
        {
            app.Clock.Advance(TimeSpan.FromMinutes(minutes));
            await app.HarvestAsync(id);
            Assert.Equal((film.Title, "removed"), await StateAsync(app, film));
        }

        app.Clock.Advance(TimeSpan.FromHours(13));
        await app.HarvestAsync(id);
        Assert.Equal((film.Title, "published"), await StateAsync(app, film));
    }

    [Fact]
    public async Task Video_that_was_missing_for_days_is_restored_as_it_was()
    {
        var youtube = new ScriptedYouTube(3);
        await using var app = await AppFixture.StartAsync(youtube.Web, settings: Settings);
        var id = await app.ConnectAsync(Channel, "youtube");
        var film = youtube.Films[0];
        youtube.Films[0] = film with { Privacy = "private" };
        for (var day = 0; day < 4; day++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            await app.HarvestAsync(id);
        }

        Assert.Equal((film.Title, "removed"), await StateAsync(app, film));
        youtube.Films[0] = film;
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HarvestAsync(id);
        Assert.Equal((film.Title, "published"), await StateAsync(app, film));
    }

    private static string Dated(string feed, Film film, DateTimeOffset updated)
    {
        var at = feed.IndexOf("<updated>", feed.IndexOf(film.Id, StringComparison.Ordinal), StringComparison.Ordinal);
        return feed[..at] + $"<updated>{updated.UtcDateTime:yyyy-MM-ddTHH:mm:ss}+00:00" + feed[feed.IndexOf("</updated>", at, StringComparison.Ordinal)..];
    }

    private static async Task<Ask> FollowAsync(AppFixture app, ScriptedYouTube youtube)
    {
        var ask = new Ask(ScriptedYouTube.Hub, youtube.Asked);
        await ScriptedHub.VerifyAsync(app, ask);
        return ask;
    }

    private static Task<HttpStatusCode> DeliverAsync(AppFixture app, Ask ask, string body) => ScriptedHub.DeliverAsync(app, ask, body, "sha1", type: "application/atom+xml");

    private static async Task<string> TitleAsync(AppFixture app) =>
        Assert.Single(await app.LedgerAsync(), entry => entry.GetProperty("url").GetString()!.EndsWith("/12", StringComparison.Ordinal)).GetProperty("title").GetString()!;

    private static async Task<(string, string)> StateAsync(AppFixture app, Film film)
    {
        var entry = Assert.Single(await app.LedgerAsync(), (JsonElement e) => e.GetProperty("url").GetString()!.EndsWith(film.Id, StringComparison.Ordinal));
        return (entry.GetProperty("title").GetString()!, entry.GetProperty("status").GetString()!);
    }
}
