using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Push;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>What hubs deliver: signatures, content, repetition, and how much less a place is polled that delivers.</summary>
public sealed class DeliveryTests
{
    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    [InlineData("sha384")]
    [InlineData("sha512")]
    public async Task Signed_delivery_is_harvested_without_a_request_to_the_feed(string method)
    {
        await using var pushed = await Pushed.VerifiedAsync();
        pushed.App.Clock.Advance(TimeSpan.FromMinutes(1));
        var polls = pushed.Polls;

        Assert.Equal(HttpStatusCode.Accepted, await pushed.DeliverAsync(Pushed.Body(14, 2), method));

        Assert.Empty(pushed.App.Failures);
        Assert.Equal(["Post 14", "Post 13", "Post 12"], (await pushed.App.LedgerAsync()).Take(3).Select(i => i.GetProperty("title").GetString()));
        Assert.Equal(14, (await pushed.App.LedgerAsync()).Count);
        Assert.Equal(polls, pushed.Polls);
        var report = (await pushed.App.GetAsync($"/connections/{pushed.Connection}/harvests")).GetProperty("items")[0];
        Assert.Equal(2, report.GetProperty("new").GetArrayLength());
        Assert.Equal(1, report.GetProperty("raw").GetArrayLength());
        Assert.Equal(14, (await ConnectionAsync(pushed)).GetProperty("contributions").GetInt32());
        Assert.Equal(0, await pushed.DiscardedAsync());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("sha256", "another secret")]
    [InlineData("sha1", "")]
    public async Task Delivery_not_signed_by_the_hub_is_ignored_and_counted(string method, string? secret)
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var before = await pushed.App.DumpAsync("ledger");

        Assert.Equal(HttpStatusCode.Accepted, await pushed.DeliverAsync(Pushed.Body(14, 2), method, secret));

        Assert.Equal(before, await pushed.App.DumpAsync("ledger"));
        Assert.Equal(1, await pushed.DiscardedAsync());
        await pushed.DeliverAsync("", method, secret);
        Assert.Equal(2, await pushed.DiscardedAsync());
        Assert.False((await ConnectionAsync(pushed)).TryGetProperty("pushedUntil", out _));
    }

    [Fact]
    public async Task Repeated_delivery_and_the_next_poll_change_no_row()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        await pushed.DeliverAsync(Pushed.Body(13));
        var (ledger, reports) = (await pushed.App.DumpAsync("ledger"), await pushed.App.DumpAsync("harvests"));

        await pushed.DeliverAsync(Pushed.Body(13));
        Pushed.Publish(pushed.Blogs, Pushed.Body(13));
        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Equal(ledger, await pushed.App.DumpAsync("ledger"));
        Assert.Equal(reports, await pushed.App.DumpAsync("harvests"));
        Assert.Equal(13, (await pushed.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Hub_that_delivers_what_is_known_already_is_trusted_too()
    {
        await using var pushed = await Pushed.VerifiedAsync();

        await pushed.DeliverAsync(Pushed.Body(12));

        Assert.True((await ConnectionAsync(pushed)).TryGetProperty("pushedUntil", out _));
    }

    [Fact]
    public async Task Delivery_that_changes_something_ends_the_count_of_faults()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var person = (await pushed.App.GetAsync("/me")).GetProperty("id").GetString()!;
        var connections = pushed.App.App.Services.GetRequiredService<ConnectionStore>();
        await connections.ChangeStateAsync(person, pushed.Connection, s => s with { Faults = 3 }, default);

        await pushed.DeliverAsync(Pushed.Body(13));

        Assert.Equal(0, (await connections.GetAsync(person, pushed.Connection, default))!.State.Faults);
    }

    [Fact]
    public async Task Delivery_received_during_a_poll_is_the_last_change_of_its_connection()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        pushed.App.Clock.Advance(TimeSpan.FromHours(1));
        var now = pushed.App.Clock.GetUtcNow();
        pushed.Blogs.On(Pushed.Feed, _ =>
        {
            pushed.DeliverAsync(Pushed.Body(13, 1)).GetAwaiter().GetResult();
            return ScriptedWeb.Answer(HttpStatusCode.OK, Pushed.Body(12), "application/rss+xml");
        });

        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Equal(now, (await ConnectionAsync(pushed)).GetProperty("lastChange").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://one.example/feed.xml")]
    [InlineData("<html><body>Something is new here.</body></html>")]
    public async Task Delivery_without_entries_triggers_a_poll(string body)
    {
        await using var pushed = await Pushed.VerifiedAsync();
        Pushed.Publish(pushed.Blogs, Pushed.Body(13));
        var polls = pushed.Polls;

        Assert.Equal(HttpStatusCode.Accepted, await pushed.DeliverAsync(body));

        Assert.Equal(polls + 1, pushed.Polls);
        Assert.Equal(13, (await pushed.App.LedgerAsync()).Count);
        Assert.Empty(pushed.App.Failures);
    }

    [Fact]
    public async Task Delivery_over_10_MB_is_rejected()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await pushed.DeliverAsync(new string('x', WebSubReceiver.MaxBytes + 1)));
        Assert.Equal(HttpStatusCode.Accepted, await pushed.DeliverAsync(Pushed.Body(13).PadRight(WebSubReceiver.MaxBytes)));
        Assert.Equal(13, (await pushed.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Feed_is_polled_daily_only_once_its_hub_has_delivered_and_normally_again_when_the_hub_is_lost()
    {
        await using var pushed = await Pushed.VerifiedAsync(lease: 4 * 24 * 3600);
        var polls = pushed.Polls;
        await pushed.PassAsync(24);
        Assert.InRange(pushed.Polls - polls, 5, 12);

        await pushed.DeliverAsync(Pushed.Body(13));
        await pushed.PassAsync(6);
        polls = pushed.Polls;
        await pushed.PassAsync(60);
        Assert.InRange(pushed.Polls - polls, 2, 3);

        // The hub was asked to go on and has not: its lease is over, and a day later the old rhythm is back.
        Assert.True(pushed.Hub.Asked.Count > 1);
        Pushed.Publish(pushed.Blogs, Pushed.Body(18));
        await pushed.PassAsync(48);
        polls = pushed.Polls;
        await pushed.PassAsync(24);
        Assert.InRange(pushed.Polls - polls, 5, 12);
    }

    [Fact]
    public async Task Renewed_subscription_keeps_trust_in_the_hub_and_a_denial_ends_it()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        await pushed.DeliverAsync(Pushed.Body(13));
        var first = (await ConnectionAsync(pushed)).GetProperty("pushedUntil").GetDateTimeOffset();
        await pushed.PassAsync(24);
        await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last);
        Assert.InRange((await ConnectionAsync(pushed)).GetProperty("pushedUntil").GetDateTimeOffset() - first, TimeSpan.FromHours(23), TimeSpan.FromHours(25));

        await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last, mode: "denied", more: "");

        Assert.False((await ConnectionAsync(pushed)).TryGetProperty("pushedUntil", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unchanged_poll_costs_four_operations_even_with_a_subscription(bool delivered)
    {
        await using var pushed = await Pushed.VerifiedAsync();
        if (delivered)
            await pushed.DeliverAsync(Pushed.Body(12));
        await pushed.App.HarvestAsync(pushed.Connection);
        pushed.App.Clock.Advance(TimeSpan.FromMinutes(1));
        await pushed.App.PostAsync($"/connections/{pushed.Connection}/harvest", "{}");
        pushed.App.Table.Forget();

        await pushed.App.DrainAsync();

        Assert.Equal(["people range", "people write", "people write", "schedule transact"], pushed.App.Table.Operations.Select(o => $"{o.Table} {o.What}"));
    }

    [Fact]
    public async Task Delivery_reaches_every_connection_of_its_topic_but_only_from_that_topics_hub()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        const string Other = "https://two.example/feed.xml";
        var evil = new ScriptedHub(pushed.Blogs, "https://evil.example/");
        pushed.Blogs.On(
            Other,
            HttpStatusCode.OK,
            Pushed.Body(1, 1, Pushed.Links.Replace(ScriptedHub.Address, "https://evil.example/", StringComparison.Ordinal)).Replace("one.example/posts", "two.example/posts", StringComparison.Ordinal),
            "application/rss+xml");
        await pushed.App.ConnectAsync(Other);
        Assert.Equal(Pushed.Feed, evil.Last.Topic);
        Assert.NotEqual(pushed.Hub.Last.Callback, evil.Last.Callback);
        await ScriptedHub.VerifyAsync(pushed.App, evil.Last);

        await ScriptedHub.DeliverAsync(pushed.App, evil.Last, Pushed.Body(20, 1).Replace("one.example/posts", "two.example/posts", StringComparison.Ordinal));

        Assert.Equal(12, (await ConnectionAsync(pushed)).GetProperty("contributions").GetInt32());
        Assert.Equal(14, (await pushed.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Delivered_bodies_are_deleted_after_two_days_and_a_later_message_polls_instead()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        await pushed.DeliverAsync(Pushed.Body(13).PadRight(40_000));
        var kept = await pushed.App.Store.Blobs.ListAsync("pushes", "", CancellationToken.None).ToListAsync();
        Assert.Equal("20260601", Assert.Single(kept).Split('/')[0]);
        await pushed.App.MaintainAsync();
        Assert.Single(await pushed.App.Store.Blobs.ListAsync("pushes", "", CancellationToken.None).ToListAsync());

        pushed.App.Clock.Advance(TimeSpan.FromDays(3));
        await pushed.App.MaintainAsync();
        Assert.Empty(await pushed.App.Store.Blobs.ListAsync("pushes", "", CancellationToken.None).ToListAsync());
        var (polls, person) = (pushed.Polls, (await pushed.App.GetAsync("/me")).GetProperty("id").GetString());
        await pushed.App.Store.Queue.PutAsync("harvest", $$$"""{"person":"{{{person}}}","connection":"{{{pushed.Connection}}}","pushed":{"blob":"{{{kept[0]}}}"}}""", TimeSpan.Zero, CancellationToken.None);
        await pushed.App.DrainAsync();

        Assert.Equal(polls + 1, pushed.Polls);
        Assert.Empty(pushed.App.Failures);
    }

    [Fact]
    public async Task Delivery_during_a_running_harvest_loses_neither()
    {
        await using var pushed = await Pushed.VerifiedAsync();
        var isDelivered = false;
        Pushed.Publish(pushed.Blogs, Pushed.Body(14));
        var body = Pushed.Body(14);
        pushed.Blogs.On(Pushed.Feed, _ =>
        {
            if (!isDelivered)
            {
                isDelivered = true;
                ScriptedHub.DeliverAsync(pushed.App, pushed.Hub.Last, Pushed.Body(13, 1)).GetAwaiter().GetResult();
            }

            return ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml");
        });

        await pushed.App.HarvestAsync(pushed.Connection);

        Assert.Empty(pushed.App.Failures);
        Assert.Equal(14, (await pushed.App.LedgerAsync()).Count);
        var connection = await ConnectionAsync(pushed);
        Assert.Equal(14, connection.GetProperty("contributions").GetInt32());
        Assert.True(connection.TryGetProperty("pushedUntil", out _));
    }

    private static Task<JsonElement> ConnectionAsync(Pushed pushed) => pushed.App.GetAsync($"/connections/{pushed.Connection}");
}
