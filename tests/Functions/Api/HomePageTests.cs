using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>What <c>GET /</c> says to anyone, and what it costs.</summary>
public sealed class HomePageTests
{
    private const string Count = "CountEntries";

    [Fact]
    public async Task Number_of_contributions_costs_one_read_a_minute_however_many_people_there_are()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await app.PostAsync("/ledger", """{"title":"Talk","kind":"talk","when":"2026-05-20"}""");
        await app.PostAsync("/ledger", """{"title":"Book","kind":"book","when":"2025-05-20"}""");
        for (var person = 0; person < MaintenanceRun.PeoplePerSlice; person++)
            await AddAsync(app);
        await app.MaintainAsync(Count);
        app.Table.Forget();

        await AssertShowsAsync(app, "It holds 2 contributions, counted on 1 June 2026 at 12:00 UTC.");
        Assert.Equal([("lookups", "get")], app.Table.Operations);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PageAsync(app)));
        Assert.Single(app.Table.Operations);

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PageAsync(app)));
        Assert.Equal([("lookups", "get"), ("lookups", "get")], app.Table.Operations);
    }

    [Fact]
    public async Task Number_follows_the_ledgers_at_the_next_count()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        Assert.DoesNotContain("It holds", await PageAsync(app), StringComparison.Ordinal);

        await app.PostAsync("/ledger", """{"title":"Talk","kind":"talk","when":"2026-05-20"}""");
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.MaintainAsync(Count);
        await AssertShowsAsync(app, "It holds 1 contribution, counted on 1 June 2026 at 13:00 UTC");

        // A change of zone whose recount has not begun is finished first.
        await app.PostAsync("/ledger", """{"title":"Book","kind":"book","when":"2026-04-30T22:00:00Z"}""");
        await app.SendAsync(HttpMethod.Put, "/me", """{"zone":"Pacific/Auckland"}""");
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.MaintainAsync(Count);
        await AssertShowsAsync(app, "It holds 2 contributions, counted on 1 June 2026 at 14:00 UTC");
        Assert.Empty(app.Failures);
    }

    [Fact]
    public async Task Number_that_cannot_be_read_is_left_out()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await app.PostAsync("/ledger", """{"title":"Talk","kind":"talk","when":"2026-05-20"}""");
        await app.MaintainAsync(Count);
        app.Table.BreakIn = 0;
        Assert.DoesNotContain("It holds", await PageAsync(app), StringComparison.Ordinal);

        app.Table.BreakIn = null;
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await AssertShowsAsync(app, "It holds 1 contribution,");
    }

    [Fact]
    public async Task Count_that_misses_one_ledger_is_not_shown()
    {
        await using var app = await AppFixture.StartAsync(new ScriptedWeb());
        await app.PostAsync("/ledger", """{"title":"Talk","kind":"talk","when":"2026-05-20"}""");
        await app.MaintainAsync(Count);
        var broken = new Row(await AddAsync(app), "m|2026-05", new Dictionary<string, object?>(StringComparer.Ordinal) { ["doc"] = "{"u8.ToArray() });
        await app.Store.Table.WriteAsync("ledger", TableWrite.Put(broken), CancellationToken.None);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.MaintainAsync(Count);

        Assert.Equal(IQueue.MaximumAttempts, app.Failures.Count);
        await AssertShowsAsync(app, "It holds 1 contribution, counted on 1 June 2026 at 12:00 UTC");
        await app.Store.Table.WriteAsync("ledger", TableWrite.Delete(broken), CancellationToken.None);
    }

    private static async Task<string> AddAsync(AppFixture app) =>
        (await app.App.Services.GetRequiredService<PeopleStore>().CreateAsync((id, at) => new Person { Id = id, Since = at }, CancellationToken.None)).Id;

    private static async Task AssertShowsAsync(AppFixture app, string text) => Assert.Contains(text, await PageAsync(app), StringComparison.Ordinal);

    /// <summary>As anyone sees it, without a key.</summary>
    private static async Task<string> PageAsync(AppFixture app)
    {
        using var client = app.App.GetTestClient();
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync();
    }
}
