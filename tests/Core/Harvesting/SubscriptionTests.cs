using System.Net;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>The subscriber scenarios of websub.rocks up to the lease: discovery, subscription, verification, renewal, farewell.</summary>
public sealed class SubscriptionTests
{
    private const string Atom = "https://one.example/atom.xml";
    private const string Page = "https://one.example/";

    [Fact]
    public async Task Hub_and_topic_are_found_in_the_Link_header()
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3, ""), ("Link", $"<{ScriptedHub.Address}>; rel=\"hub\""), ("Link", "<https://one.example/topic>; rel=self"));
        Assert.Equal((ScriptedHub.Address, "https://one.example/topic"), await AskedByAsync(blogs, Pushed.Feed));
    }

    [Fact]
    public async Task Hub_and_topic_are_found_in_RSS()
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3));
        Assert.Equal((ScriptedHub.Address, Pushed.Feed), await AskedByAsync(blogs, Pushed.Feed));
    }

    [Fact]
    public async Task Hub_and_topic_are_found_in_Atom_and_the_topic_may_differ_from_the_feeds_address()
    {
        var blogs = new Blogs();
        blogs.On(
            Atom,
            HttpStatusCode.OK,
            $"""<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x</id><title>One</title><link rel="hub" href="{ScriptedHub.Address}"/><link rel="self" href="/elsewhere.xml"/><entry><id>urn:1</id><title>A</title><link href="https://one.example/a"/><updated>2026-05-01T00:00:00Z</updated></entry></feed>""",
            "application/atom+xml");
        Assert.Equal((ScriptedHub.Address, "https://one.example/elsewhere.xml"), await AskedByAsync(blogs, Atom));
    }

    [Fact]
    public async Task Hub_and_topic_are_found_in_the_entered_page_when_the_feed_names_none()
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3, ""));
        blogs.On(
            Page,
            HttpStatusCode.OK,
            $"""<html><head><title>One</title><link rel="hub" href="{ScriptedHub.Address}"><link rel="self" href="/"><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>""",
            "text/html");
        Assert.Equal((ScriptedHub.Address, Page), await AskedByAsync(blogs, Page));
    }

    [Fact]
    public async Task Link_header_takes_precedence_over_the_feed_and_the_feed_over_the_page()
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3), ("Link", "<https://first.example/>; rel=\"hub\""));
        blogs.On(
            Page,
            HttpStatusCode.OK,
            """<html><head><link rel="hub" href="https://third.example/"><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>""",
            "text/html");
        Assert.Equal(("https://first.example/", Pushed.Feed), await AskedByAsync(blogs, Page, "https://first.example/"));
        Pushed.Publish(blogs, Pushed.Body(4, 3));
        Assert.Equal((ScriptedHub.Address, Pushed.Feed), await AskedByAsync(blogs, Page));
    }

    [Fact]
    public async Task First_of_several_hubs_is_used()
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3, Pushed.Links + """<atom:link rel="hub" href="https://second.example/"/>"""));
        Assert.Equal((ScriptedHub.Address, Pushed.Feed), await AskedByAsync(blogs, Pushed.Feed));
    }

    [Fact]
    public async Task Hub_declared_with_http_is_contacted_over_https()
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3, Pushed.Links.Replace("https://hub", "http://hub", StringComparison.Ordinal)));
        Assert.Equal((ScriptedHub.Address, Pushed.Feed), await AskedByAsync(blogs, Pushed.Feed));
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Hub_may_redirect_the_request(int status)
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3));
        var hub = new ScriptedHub(blogs, "https://moved.example/hub");
        blogs.On(ScriptedHub.Address, _ => ScriptedWeb.Redirect(status, "https://moved.example/hub"));
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Pushed.Reachable);

        await app.ConnectAsync(Pushed.Feed);

        Assert.Equal(("subscribe", Pushed.Feed), (hub.Last.Mode, hub.Last.Topic));
        Assert.Equal(HttpStatusCode.OK, (await ScriptedHub.VerifyAsync(app, hub.Last)).Status);
    }

    [Fact]
    public async Task Hub_gets_an_unguessable_callback_and_a_secret()
    {
        await using var pushed = await Pushed.StartAsync();
        var ask = Assert.Single(pushed.Hub.Asked);
        Assert.Matches("^https://me.example/ledger/api/webhooks/websub/[a-z2-7]{26}$", ask.Callback.AbsoluteUri);
        Assert.Matches("^[a-z2-7]{52}$", ask.Secret);
        Assert.DoesNotContain(ask.Secret, (await pushed.App.GetAsync("/connections")).GetRawText() + (await pushed.App.GetAsync("/status")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_hub_is_used_without_a_public_HTTPS_address()
    {
        var blogs = new Blogs();
        Pushed.Publish(blogs, Pushed.Body(3, 3));
        foreach (var url in (string?[])[null, "http://me.example", "http://127.0.0.1:7071"])
        {
            // The hub is not scripted: asking it would be an error.
            await using var app = await AppFixture.StartAsync(blogs.Web, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["PublicUrl"] = url });
            await app.ConnectAsync(Pushed.Feed);
            Assert.Empty(app.Failures);
            Assert.Equal(3, (await app.LedgerAsync()).Count);
        }
    }

    [Fact]
    public async Task Only_requested_verifications_are_confirmed()
    {
        await using var pushed = await Pushed.StartAsync();
        var (app, ask) = (pushed.App, pushed.Hub.Last);
        Assert.Equal((HttpStatusCode.OK, "ch+a"), await ScriptedHub.VerifyAsync(app, ask));
        Assert.Equal((HttpStatusCode.OK, "ch+a"), await ScriptedHub.VerifyAsync(app, ask));
        Assert.Equal(HttpStatusCode.NotFound, (await ScriptedHub.VerifyAsync(app, ask, topic: "https://two.example/feed.xml")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ScriptedHub.VerifyAsync(app, ask, mode: "unsubscribe")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ScriptedHub.VerifyAsync(app, ask, more: "")).Status);
        var other = new Ask(ask.Hub, new Dictionary<string, string>(ask.Form, StringComparer.Ordinal) { ["hub.callback"] = ask.Callback.AbsoluteUri[..^26] + new string('a', 26) });
        Assert.Equal(HttpStatusCode.NotFound, (await ScriptedHub.VerifyAsync(app, other)).Status);
        Assert.Equal(HttpStatusCode.Gone, await ScriptedHub.DeliverAsync(app, other, Pushed.Body(13)));
    }

    [Fact]
    public async Task Denial_is_recorded_and_the_hub_is_asked_again_the_next_day()
    {
        await using var pushed = await Pushed.StartAsync();
        Assert.Equal((HttpStatusCode.OK, ""), await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last, mode: "denied", more: "&hub.reason=no"));
        Assert.Equal(HttpStatusCode.NotFound, (await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last)).Status);

        await pushed.PassAsync(23);
        Assert.Single(pushed.Hub.Asked);
        await pushed.PassAsync(2);

        Assert.Equal(HttpStatusCode.OK, (await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last)).Status);
    }

    [Fact]
    public async Task Hub_that_never_verifies_is_asked_less_and_less_often_and_polling_goes_on()
    {
        await using var pushed = await Pushed.StartAsync();
        pushed.Hub.Says = HttpStatusCode.InternalServerError;
        var asked = new List<int>();
        for (var hour = 0; hour < 72; hour++)
        {
            var before = pushed.Hub.Asked.Count;
            await pushed.PassAsync(1);
            asked.Add(pushed.Hub.Asked.Count - before);
        }

        Assert.InRange(asked[0], 1, 3);
        Assert.InRange(asked[..24].Sum(), 12, 30);
        Assert.InRange(asked[48..].Sum(), 0, 2);
        Assert.InRange(pushed.Polls, 10, 30);
        Assert.Empty(pushed.App.Failures);
    }

    [Fact]
    public async Task Lease_is_renewed_halfway_with_the_same_callback_and_secret()
    {
        await using var pushed = await Pushed.VerifiedAsync(lease: 48 * 3600);
        await pushed.PassAsync(23);
        Assert.Single(pushed.Hub.Asked);

        await pushed.PassAsync(1);
        await pushed.App.CallAsync("RenewPush");

        Assert.Equal(2, pushed.Hub.Asked.Count);
        Assert.Equal(pushed.Hub.Asked[0].Form, pushed.Hub.Last.Form);
        await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last, lease: 48 * 3600);
        await pushed.PassAsync(22);
        Assert.Equal(2, pushed.Hub.Asked.Count);
    }

    [Fact]
    public async Task Subscription_ends_with_its_last_connection()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var app = pushed.App;
        await app.SendAsync(HttpMethod.Delete, $"/connections/{pushed.Connection}");
        await app.CallAsync("RenewPush");

        Assert.Equal(["subscribe", "unsubscribe"], pushed.Hub.Asked.Select(a => a.Mode));
        Assert.Equal(pushed.Hub.Asked[0].Callback, pushed.Hub.Last.Callback);
        Assert.Equal(HttpStatusCode.Gone, await pushed.DeliverAsync(Pushed.Body(13)));
        Assert.Equal((HttpStatusCode.OK, "ch+a"), await ScriptedHub.VerifyAsync(app, pushed.Hub.Last, lease: null));
        Assert.Equal(HttpStatusCode.NotFound, (await ScriptedHub.VerifyAsync(app, pushed.Hub.Last, lease: null)).Status);
        await pushed.PassAsync(24);
        Assert.Equal(2, pushed.Hub.Asked.Count);
        Assert.DoesNotContain(await app.DumpAsync("lookups"), row => row.StartsWith('w'));
        Assert.DoesNotContain(await app.DumpAsync("schedule"), row => !row.StartsWith("digest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reconnecting_before_the_hub_confirms_unsubscription_subscribes_again()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        await pushed.App.SendAsync(HttpMethod.Delete, $"/connections/{pushed.Connection}");
        await pushed.App.CallAsync("RenewPush");
        await pushed.App.ConnectAsync(Pushed.Feed);

        Assert.Equal(["subscribe", "unsubscribe", "subscribe"], pushed.Hub.Asked.Select(a => a.Mode));
        Assert.Equal(HttpStatusCode.NotFound, (await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Asked[1])).Status);
        Assert.Equal(HttpStatusCode.OK, (await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last)).Status);
    }

    [Fact]
    public async Task Connecting_while_a_subscription_is_being_ended_subscribes_again()
    {
        await using var pushed = await Pushed.StartAsync();
        var app = pushed.App;
        await app.SendAsync(HttpMethod.Delete, $"/connections/{pushed.Connection}");
        var isBack = false;
        app.Table.Step = () =>
        {
            if (isBack || app.Table.Operations[^1] != ("lookups", "write"))
                return;
            isBack = true;
            Task.Run(() => app.ConnectAsync(Pushed.Feed)).GetAwaiter().GetResult();
        };

        await app.CallAsync("RenewPush");
        Assert.True(isBack);
        await pushed.PassAsync(1);

        Assert.Equal(HttpStatusCode.OK, (await ScriptedHub.VerifyAsync(app, pushed.Hub.Last)).Status);
    }

    private static async Task<(string Hub, string Topic)> AskedByAsync(Blogs blogs, string typed, string hub = ScriptedHub.Address)
    {
        var scripted = new ScriptedHub(blogs, hub);
        await using var app = await AppFixture.StartAsync(blogs.Web, settings: Pushed.Reachable);
        await app.ConnectAsync(typed);
        Assert.Empty(app.Failures);
        var ask = Assert.Single(scripted.Asked);
        Assert.Equal("subscribe", ask.Mode);
        return (ask.Hub, ask.Topic);
    }
}
