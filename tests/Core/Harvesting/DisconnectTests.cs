using System.Net;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>The end of a connection, whatever goes on beside it and whatever stops it.</summary>
public sealed class DisconnectTests
{
    private const string Feed = "https://one.example/feed.xml";

    [Theory]
    [InlineData("delete")]
    [InlineData("keep")]
    public async Task Harvest_running_during_disconnection_writes_nothing_more(string contributions)
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        var answer = default(HttpStatusCode);
        var body = Blogs.Rss(Feed, "One", [Blogs.Post(1), Blogs.Post(2)]);
        blogs.On(Feed, _ =>
        {
            answer = app.SendAsync(HttpMethod.Delete, $"/connections/{id}?contributions={contributions}").GetAwaiter().GetResult().Status;
            return ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml");
        });

        await app.HarvestAsync(id);

        Assert.Equal(HttpStatusCode.NoContent, answer);
        Assert.Empty(app.Failures);
        Assert.Equal(contributions == "delete" ? 0 : 1, (await app.LedgerAsync()).Count);
        Assert.Empty((await app.GetAsync("/connections")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Interrupted_deletion_is_finished_by_repeating_it()
    {
        for (var steps = 1; ; steps++)
        {
            await using var app = await ConnectedAsync();
            var path = $"/connections/{await FindAsync(app)}?contributions=delete";
            app.Table.BreakIn = steps;
            var (first, _) = await app.SendAsync(HttpMethod.Delete, path);
            app.Table.BreakIn = null;
            if (first == HttpStatusCode.NoContent)
                break;

            // It was carried out before the answer was lost, or it is carried out now.
            if (await FindAsync(app) is not null)
                Assert.Equal(HttpStatusCode.NoContent, (await app.SendAsync(HttpMethod.Delete, path)).Status);
            await AssertGoneAsync(app);
        }
    }

    [Fact]
    public async Task Interrupted_deletion_of_contributions_is_not_taken_back_by_repeating_it_without_them()
    {
        for (var steps = 1; ; steps++)
        {
            await using var app = await ConnectedAsync();
            var path = $"/connections/{await FindAsync(app)}";
            app.Table.BreakIn = steps;
            var (first, _) = await app.SendAsync(HttpMethod.Delete, path + "?contributions=delete");
            app.Table.BreakIn = null;
            if (first == HttpStatusCode.NoContent)
                break;
            var isBegun = await FindAsync(app) is null || (await app.GetAsync(path)).TryGetProperty("ending", out _);
            await app.SendAsync(HttpMethod.Delete, path);
            if (isBegun)
                await AssertGoneAsync(app);
        }
    }

    [Fact]
    public async Task Interrupted_deletion_is_finished_by_the_schedule_once_begun()
    {
        for (var steps = 1; ; steps++)
        {
            await using var app = await ConnectedAsync();
            var path = $"/connections/{await FindAsync(app)}?contributions=delete";
            app.Table.BreakIn = steps;
            var (first, _) = await app.SendAsync(HttpMethod.Delete, path);
            app.Table.BreakIn = null;
            if (first == HttpStatusCode.NoContent)
                break;
            var isBegun = (await app.GetAsync("/connections")).GetProperty("items").EnumerateArray().All(c => c.TryGetProperty("ending", out _));
            if (!isBegun)
                continue;

            await app.PassAsync(TimeSpan.FromMinutes(3));

            await AssertGoneAsync(app);
        }
    }

    [Fact]
    public async Task Interrupted_deletion_goes_on_a_minute_later()
    {
        await using var app = await ConnectedAsync();
        var id = await FindAsync(app);
        app.Table.Step = () =>
        {
            if (app.Table.Operations[^1] == ("ledger", "transact"))
                throw new StoreUnavailableException("The store went away.");
        };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.SendAsync(HttpMethod.Delete, $"/connections/{id}?contributions=delete")).Status);
        app.Table.Step = () => { };

        await app.PassAsync(TimeSpan.FromMinutes(1));

        await AssertGoneAsync(app);
    }

    [Fact]
    public async Task Revisions_are_deleted_with_their_entry()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, [Blogs.Post(1)]);
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        for (var n = 0; n < 120; n++)
        {
            blogs.Rss(Feed, [Blogs.Post(1) with { Title = $"Title {n}" }]);
            await app.HarvestAsync(id);
        }

        Assert.Contains(await app.DumpAsync("ledger"), row => row.Contains(" r|", StringComparison.Ordinal));

        await app.SendAsync(HttpMethod.Delete, $"/connections/{id}?contributions=delete");

        Assert.DoesNotContain(await app.DumpAsync("ledger"), row => row.Contains(" r|", StringComparison.Ordinal));
        await AssertGoneAsync(app);
    }

    [Fact]
    public async Task Thirty_entries_are_deleted_in_one_transaction()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 30).Select(n => Blogs.Post(n)));
        await using var app = await AppFixture.StartAsync(blogs.Web);
        var id = await app.ConnectAsync(Feed);
        app.Table.Forget();

        await app.SendAsync(HttpMethod.Delete, $"/connections/{id}?contributions=delete");

        // The connection is ended at first, and again before its entries go.
        Assert.Equal(2 + 1, app.Table.Operations.Count(o => o == ("ledger", "transact")));
        await AssertGoneAsync(app);
    }

    [Fact]
    public async Task Ledger_is_read_twice_when_a_connection_goes_and_its_entries_stay()
    {
        await using var app = await ConnectedAsync();
        var id = await FindAsync(app);
        app.Table.Forget();

        await app.SendAsync(HttpMethod.Delete, $"/connections/{id}");

        // Entries each time, and the counts before and after.
        Assert.Equal(2 + 3, app.Table.Operations.Count(o => o == ("ledger", "range")));
    }

    private static async Task<AppFixture> ConnectedAsync()
    {
        var blogs = new Blogs();
        blogs.Rss(Feed, Enumerable.Range(1, 3).Select(n => Blogs.Post(n)));
        var app = await AppFixture.StartAsync(blogs.Web);
        await app.ConnectAsync(Feed);
        return app;
    }

    private static async Task<string?> FindAsync(AppFixture app) => (await app.GetAsync("/connections")).GetProperty("items").EnumerateArray()
        .Select(c => c.GetProperty("id").GetString()).FirstOrDefault();

    private static async Task AssertGoneAsync(AppFixture app)
    {
        Assert.Empty(await app.LedgerAsync());
        Assert.Null(await FindAsync(app));
        Assert.DoesNotContain(await app.DumpAsync("people"), row => row.Contains(" c|", StringComparison.Ordinal));
        Assert.Empty(await app.DumpAsync("harvests"));
    }
}
