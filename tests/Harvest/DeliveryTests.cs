using System.Net;
using System.Text.Json;
using ContributionIngest.Tests.Infrastructure;
using Xunit;

namespace ContributionIngest.Tests.Harvest;

/// <summary>What hubs deliver: signatures, content, repetition, and how much less a place is polled that delivers.</summary>
public sealed class DeliveryTests
{
    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    [InlineData("sha384")]
    [InlineData("sha512")]
    public async Task A_signed_delivery_lands_without_a_look_at_the_place(string method)
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        pushPayload.App.Clock.Advance(TimeSpan.FromMinutes(1));
        var polls = pushPayload.Polls;

        Assert.Equal(HttpStatusCode.Accepted, await pushPayload.DeliverAsync(Pushed.Body(14, 2), method));

        Assert.Empty(pushPayload.App.Failures);
        Assert.Equal(["Post 14", "Post 13", "Post 12"], (await pushPayload.App.LedgerAsync()).Take(3).Select(i => i.GetProperty("title").GetString()));
        Assert.Equal(14, (await pushPayload.App.LedgerAsync()).Count);
        Assert.Equal(polls, pushPayload.Polls);
        var report = (await pushPayload.App.GetAsync($"/connections/{pushPayload.Connection}/harvests")).GetProperty("items")[0];
        Assert.Equal(2, report.GetProperty("new").GetArrayLength());
        Assert.Equal(1, report.GetProperty("raw").GetArrayLength());
        Assert.Equal(14, (await ConnectionAsync(pushPayload)).GetProperty("contributions").GetInt32());
        Assert.Equal(0, await pushPayload.DiscardedAsync());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("sha256", "another secret")]
    [InlineData("sha1", "")]
    public async Task What_is_not_signed_by_the_hub_is_taken_for_nothing_and_counted(string method, string? secret)
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        var before = await pushPayload.App.DumpAsync("ledger");

        Assert.Equal(HttpStatusCode.Accepted, await pushPayload.DeliverAsync(Pushed.Body(14, 2), method, secret));

        Assert.Equal(before, await pushPayload.App.DumpAsync("ledger"));
        Assert.Equal(1, await pushPayload.DiscardedAsync());
        await pushPayload.DeliverAsync("", method, secret);
        Assert.Equal(2, await pushPayload.DiscardedAsync());
        Assert.False((await ConnectionAsync(pushPayload)).TryGetProperty("pushedUntil", out _));
    }

    [Fact]
    public async Task The_same_delivery_again_changes_not_one_row_and_neither_does_the_next_poll()
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        await pushPayload.DeliverAsync(Pushed.Body(13));
        var (ledger, reports) = (await pushPayload.App.DumpAsync("ledger"), await pushPayload.App.DumpAsync("harvests"));

        await pushPayload.DeliverAsync(Pushed.Body(13));
        Pushed.Publish(pushPayload.Blogs, Pushed.Body(13));
        await pushPayload.App.HarvestAsync(pushPayload.Connection);

        Assert.Equal(ledger, await pushPayload.App.DumpAsync("ledger"));
        Assert.Equal(reports, await pushPayload.App.DumpAsync("harvests"));
        Assert.Equal(13, (await pushPayload.App.LedgerAsync()).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://one.example/feed.xml")]
    [InlineData("<html><body>Something is new here.</body></html>")]
    public async Task A_delivery_that_does_not_say_what_is_new_makes_us_look(string body)
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        Pushed.Publish(pushPayload.Blogs, Pushed.Body(13));
        var polls = pushPayload.Polls;

        Assert.Equal(HttpStatusCode.Accepted, await pushPayload.DeliverAsync(body));

        Assert.Equal(polls + 1, pushPayload.Polls);
        Assert.Equal(13, (await pushPayload.App.LedgerAsync()).Count);
        Assert.Empty(pushPayload.App.Failures);
    }

    [Fact]
    public async Task More_than_3_MiB_is_refused()
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await pushPayload.DeliverAsync(new string('x', (3 * 1024 * 1024) + 1)));
        Assert.Equal(HttpStatusCode.Accepted, await pushPayload.DeliverAsync(Pushed.Body(13).PadRight(3 * 1024 * 1024)));
        Assert.Equal(13, (await pushPayload.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task A_place_is_polled_once_a_day_only_after_its_hub_has_delivered_and_as_before_when_the_hub_is_lost()
    {
        await using var pushPayload = await Pushed.VerifiedAsync(lease: 4 * 24 * 3600);
        var polls = pushPayload.Polls;
        await pushPayload.PassAsync(24);
        Assert.InRange(pushPayload.Polls - polls, 5, 12);

        await pushPayload.DeliverAsync(Pushed.Body(13));
        await pushPayload.PassAsync(6);
        polls = pushPayload.Polls;
        await pushPayload.PassAsync(60);
        Assert.InRange(pushPayload.Polls - polls, 2, 3);

        // The hub was asked to go on and has not: its lease is over, and a day later the old rhythm is back.
        Assert.True(pushPayload.Hub.Asked.Count > 1);
        Pushed.Publish(pushPayload.Blogs, Pushed.Body(18));
        await pushPayload.PassAsync(48);
        polls = pushPayload.Polls;
        await pushPayload.PassAsync(24);
        Assert.InRange(pushPayload.Polls - polls, 5, 12);
    }

    [Fact]
    public async Task A_renewal_of_a_hub_that_has_delivered_prolongs_the_trust_and_a_denial_ends_it()
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        await pushPayload.DeliverAsync(Pushed.Body(13));
        var first = (await ConnectionAsync(pushPayload)).GetProperty("pushedUntil").GetDateTimeOffset();
        await pushPayload.PassAsync(24);
        await ScriptedHub.VerifyAsync(pushPayload.App, pushPayload.Hub.Last);
        Assert.InRange((await ConnectionAsync(pushPayload)).GetProperty("pushedUntil").GetDateTimeOffset() - first, TimeSpan.FromHours(23), TimeSpan.FromHours(25));

        await ScriptedHub.VerifyAsync(pushPayload.App, pushPayload.Hub.Last, mode: "denied", more: "");

        Assert.False((await ConnectionAsync(pushPayload)).TryGetProperty("pushedUntil", out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_unchanged_poll_costs_four_operations_also_with_a_subscription(bool delivered)
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        if (delivered)
            await pushPayload.DeliverAsync(Pushed.Body(12));
        await pushPayload.App.HarvestAsync(pushPayload.Connection);
        pushPayload.App.Clock.Advance(TimeSpan.FromMinutes(1));
        await pushPayload.App.PostAsync($"/connections/{pushPayload.Connection}/harvest", "{}");
        pushPayload.App.Table.Forget();

        await pushPayload.App.DrainAsync();

        Assert.Equal(["people range", "people write", "people write", "schedule transact"], pushPayload.App.Table.Operations.Select(o => $"{o.Table} {o.What}"));
    }

    [Fact]
    public async Task Everybody_who_follows_a_topic_hears_of_it_but_a_place_with_a_hub_of_its_own_speaks_for_nobody_else()
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        const string Other = "https://two.example/feed.xml";
        var evil = new ScriptedHub(pushPayload.Blogs, "https://evil.example/");
        pushPayload.Blogs.On(
            Other,
            HttpStatusCode.OK,
            Pushed.Body(1, 1, Pushed.Links.Replace(ScriptedHub.Address, "https://evil.example/", StringComparison.Ordinal)).Replace("one.example/posts", "two.example/posts", StringComparison.Ordinal),
            "application/rss+xml");
        await pushPayload.App.ConnectAsync(Other);
        Assert.Equal(Pushed.Feed, evil.Last.Topic);
        Assert.NotEqual(pushPayload.Hub.Last.Callback, evil.Last.Callback);
        await ScriptedHub.VerifyAsync(pushPayload.App, evil.Last);

        await ScriptedHub.DeliverAsync(pushPayload.App, evil.Last, Pushed.Body(20, 1).Replace("one.example/posts", "two.example/posts", StringComparison.Ordinal));

        Assert.Equal(12, (await ConnectionAsync(pushPayload)).GetProperty("contributions").GetInt32());
        Assert.Equal(14, (await pushPayload.App.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Bodies_go_after_two_days_and_a_message_that_comes_later_reads_the_place()
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        await pushPayload.DeliverAsync(Pushed.Body(13).PadRight(40_000));
        var kept = await pushPayload.App.Store.Blobs.ListAsync("pushes", "", CancellationToken.None).ToListAsync();
        Assert.Equal("20260601", Assert.Single(kept).Split('/')[0]);
        await pushPayload.App.CallAsync("Prune");
        Assert.Single(await pushPayload.App.Store.Blobs.ListAsync("pushes", "", CancellationToken.None).ToListAsync());

        pushPayload.App.Clock.Advance(TimeSpan.FromDays(3));
        await pushPayload.App.CallAsync("Prune");
        Assert.Empty(await pushPayload.App.Store.Blobs.ListAsync("pushes", "", CancellationToken.None).ToListAsync());
        var (polls, person) = (pushPayload.Polls, (await pushPayload.App.GetAsync("/me")).GetProperty("id").GetString());
        await pushPayload.App.Store.Queue.PutAsync("harvest", $$$"""{"person":"{{{person}}}","connection":"{{{pushPayload.Connection}}}","pushed":{"blob":"{{{kept[0]}}}"}}""", TimeSpan.Zero, CancellationToken.None);
        await pushPayload.App.DrainAsync();

        Assert.Equal(polls + 1, pushPayload.Polls);
        Assert.Empty(pushPayload.App.Failures);
    }

    [Fact]
    public async Task A_delivery_beside_a_running_harvest_loses_neither()
    {
        await using var pushPayload = await Pushed.VerifiedAsync();
        var isDelivered = false;
        Pushed.Publish(pushPayload.Blogs, Pushed.Body(14));
        var body = Pushed.Body(14);
        pushPayload.Blogs.On(Pushed.Feed, _ =>
        {
            if (!isDelivered)
            {
                isDelivered = true;
                ScriptedHub.DeliverAsync(pushPayload.App, pushPayload.Hub.Last, Pushed.Body(13, 1)).GetAwaiter().GetResult();
            }

            return ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml");
        });

        await pushPayload.App.HarvestAsync(pushPayload.Connection);

        Assert.Empty(pushPayload.App.Failures);
        Assert.Equal(14, (await pushPayload.App.LedgerAsync()).Count);
        var connection = await ConnectionAsync(pushPayload);
        Assert.Equal(14, connection.GetProperty("contributions").GetInt32());
        Assert.True(connection.TryGetProperty("pushedUntil", out _));
    }

    private static Task<JsonElement> ConnectionAsync(Pushed pushPayload) => pushPayload.App.GetAsync($"/connections/{pushPayload.Connection}");
}
