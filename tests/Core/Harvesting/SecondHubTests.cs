using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>Feeds that name several hubs.</summary>
public sealed class SecondHubTests
{
    private const string Second = "https://second.example/";
    private const string Links = Pushed.Links + $"""<atom:link rel="hub" href="{Second}"/>""";

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(null)]
    public async Task Second_hub_is_asked_at_once_when_the_first_is_dead_and_renews_its_lease(HttpStatusCode? status)
    {
        var blogs = new Blogs();
        var asked = 0;
        blogs.On(ScriptedHub.Address, _ => ++asked > 0 && status is { } answered ? ScriptedWeb.Answer(answered) : throw new HttpRequestException("Name or service not known"));
        var second = new ScriptedHub(blogs, Second);
        Pushed.Publish(blogs, Pushed.Body(12, links: Links));
        var app = await AppFixture.StartAsync(blogs.Web, settings: Pushed.Reachable);
        var connection = await app.ConnectAsync(Pushed.Feed);
        await using var pushed = new Pushed(blogs, second, app, connection);

        Assert.Equal((Second, "subscribe", Pushed.Feed), (second.Last.Hub, second.Last.Mode, second.Last.Topic));
        Assert.Equal(HttpStatusCode.OK, (await ScriptedHub.VerifyAsync(app, second.Last, lease: 48 * 3600)).Status);
        await pushed.DeliverAsync(Pushed.Body(13, 1));
        Assert.Equal(13, (await app.LedgerAsync()).Count);

        asked = 0;
        await pushed.PassAsync(24);
        await app.CallAsync("RenewPush");
        Assert.Equal((0, 2), (asked, second.Asked.Count));
        Assert.Equal(second.Asked[0].Form, second.Last.Form);
        await ScriptedHub.VerifyAsync(app, second.Last, lease: 48 * 3600);
        await app.SendAsync(HttpMethod.Delete, $"/connections/{connection}");
        await app.CallAsync("RenewPush");
        Assert.Equal((0, "unsubscribe"), (asked, second.Last.Mode));
    }

    [Fact]
    public async Task Second_hub_is_asked_when_the_first_never_verifies_and_the_first_again_when_neither_does()
    {
        var blogs = new Blogs();
        var first = new ScriptedHub(blogs);
        var second = new ScriptedHub(blogs, Second);
        Pushed.Publish(blogs, Pushed.Body(12, links: Links));
        var app = await AppFixture.StartAsync(blogs.Web, settings: Pushed.Reachable);
        await using var pushed = new Pushed(blogs, first, app, await app.ConnectAsync(Pushed.Feed));
        Assert.Empty(second.Asked);

        await pushed.PassAsync(12);
        Assert.InRange(second.Asked.Count, 1, 12);
        Assert.InRange(first.Asked.Count, 3, 14);
        Assert.Equal(HttpStatusCode.OK, (await ScriptedHub.VerifyAsync(app, second.Last)).Status);
    }

    [Fact]
    public async Task Hub_in_a_header_and_hubs_in_the_feed_are_all_tried()
    {
        var blogs = new Blogs();
        blogs.On("https://header.example/", HttpStatusCode.BadGateway);
        blogs.On(ScriptedHub.Address, HttpStatusCode.BadGateway);
        var last = new ScriptedHub(blogs, Second);
        Pushed.Publish(blogs, Pushed.Body(3, 3, Links), ("Link", "<https://header.example/>; rel=\"hub\""));
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Pushed.Reachable);
        await app.ConnectAsync(Pushed.Feed);
        Assert.Equal(Second, last.Last.Hub);
    }

    [Fact]
    public async Task Feed_that_names_another_hub_as_well_does_not_reach_followers_of_the_topic()
    {
        var blogs = new Blogs();
        var hub = new ScriptedHub(blogs);
        var other = new ScriptedHub(blogs, Second);
        Pushed.Publish(blogs, Pushed.Body(12));
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Pushed.Reachable);
        await app.ConnectAsync(Pushed.Feed);
        blogs.On("https://two.example/feed.xml", HttpStatusCode.OK, Pushed.Body(3, 3, Links), "application/rss+xml");
        await app.ConnectAsync("https://two.example/feed.xml");
        Assert.Equal(2, hub.Asked.Select(ask => ask.Secret).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(other.Asked);
    }
}
