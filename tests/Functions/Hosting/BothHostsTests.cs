using ContributionIngest.Tests.Core.Harvesting;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>The main job in either host, over either driver: the ledger comes out the same to the byte.</summary>
public sealed class BothHostsTests
{
    private const string One = "https://one.example/feed.xml";
    private const string Two = "https://two.example/feed.xml";

    [Fact]
    public async Task Both_hosts_and_both_drivers_produce_the_same_ledger()
    {
        var alone = await RunAsync(azure: false, hosted: false);

        Assert.True(alone.Count > 40, $"{alone.Count} rows");
        Assert.Equal(alone, await RunAsync(azure: false, hosted: true));
        Assert.Equal(alone, await RunAsync(azure: true, hosted: false));
        Assert.Equal(alone, await RunAsync(azure: true, hosted: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unchanged_poll_costs_at_most_four_storage_requests_beside_those_of_the_queue(bool hosted)
    {
        var blogs = new Blogs();
        blogs.Rss(One, Enumerable.Range(1, 20).Select(n => Blogs.Post(n)));
        await using var app = await HostFixture.StartAsync(blogs.Web, azure: true, hosted);
        var id = await ConnectAsync(app, One);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.SendAsync(HttpMethod.Post, $"/connections/{id}/harvest", "{}");
        await app.WorkAsync();
        await app.SendAsync(HttpMethod.Post, $"/connections/{id}/harvest", "{}");
        app.Requests.Sent.Clear();

        await app.WorkAsync();

        var sent = app.Stored();
        Assert.InRange(sent.Count, 1, 4);
        Assert.DoesNotContain(sent, request => request.Address.AbsolutePath.Contains("/ledger", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> RunAsync(bool azure, bool hosted)
    {
        var blogs = new Blogs();
        blogs.Rss(One, Enumerable.Range(1, 12).Select(n => Blogs.Post(n)));
        blogs.Rss(Two, Enumerable.Range(8, 6).Select(n => Blogs.Post(n) with { Guid = $"two-{n}", Summary = "Größe 😀" }), title: "Two");
        await using var app = await HostFixture.StartAsync(blogs.Web, azure, hosted);
        var one = await ConnectAsync(app, One);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await ConnectAsync(app, Two);

        app.Clock.Advance(TimeSpan.FromDays(1));
        blogs.Rss(One, Enumerable.Range(1, 13).Select(n => Blogs.Post(n) with { Title = n == 3 ? "Another title" : $"Post {n}" }));
        await app.SendAsync(HttpMethod.Post, $"/connections/{one}/harvest", "{}");
        await app.WorkAsync();

        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.SendAsync(HttpMethod.Put, "/me", """{"zone":"Europe/Stockholm"}""");
        await app.SendAsync(HttpMethod.Put, "/me/topics", """{"topics":{"Even":[]}}""");

        // The queue keeps second messages for half a minute, in case the process dies between the change and the first.
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.WorkAsync();
        var talk = await app.SendAsync(
            HttpMethod.Post, "/ledger", """{"kind":"talk","title":"By hand","when":"2026-05-20","metrics":{"attendees":40}}""", idempotency: "talk");
        var id = talk.GetProperty("id").GetString();
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{id}", """{"when":"2026-05-21","metrics":{"attendees":42}}""", "application/merge-patch+json");
        var post = (await app.SendAsync(HttpMethod.Get, "/ledger?q=post%205")).GetProperty("items")[0].GetProperty("id").GetString();
        await app.SendAsync(HttpMethod.Patch, $"/ledger/{post}", """{"review":"rejected","note":"not mine"}""", "application/merge-patch+json");
        return await app.LedgerAsync();
    }

    private static async Task<string> ConnectAsync(HostFixture app, string address)
    {
        var connected = await app.SendAsync(HttpMethod.Post, "/connections", $$"""{"address":"{{address}}"}""");
        await app.WorkAsync();
        return connected.GetProperty("id").GetString()!;
    }
}
