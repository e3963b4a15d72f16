using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>What is asked and written once the history is there.</summary>
public sealed class PollTests
{
    private readonly TestClock clock = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Unchanged_poll_costs_one_request_one_point_and_four_operations(bool hasToken)
    {
        var hub = ScriptedGitHub.Of(clock, 250);
        hub.Pulls[^1].Updated = clock.GetUtcNow().AddHours(-1);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var id = await app.ConnectAsync("juna", "github");
        await app.PassAsync(TimeSpan.FromHours(24));
        var before = await app.DumpAsync("ledger");
        clock.Advance(TimeSpan.FromMinutes(1));
        await app.PostAsync($"/connections/{id}/harvest", "{}");
        var (asked, points) = (hub.Web.Asked.Count, hub.Points);
        app.Table.Forget();

        await app.DrainAsync();

        Assert.Equal(asked + 1, hub.Web.Asked.Count);
        Assert.InRange(hub.Points - points, 0, 1);
        Assert.Equal(["people range", "people write", "people write", "schedule transact"], app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
        Assert.Equal(before, await app.DumpAsync("ledger"));
        Assert.Empty(app.Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task New_merged_and_renamed_pull_requests_are_harvested_by_the_next_poll(bool hasToken)
    {
        var hub = ScriptedGitHub.Of(clock, 150);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromHours(1));
        var open = hub.Pulls.First(pull => pull.State == "OPEN");
        (open.State, open.Updated) = ("MERGED", clock.GetUtcNow());
        hub.Pulls.Add(new ScriptedPull { Repository = hub.Pulls[0].Repository, Number = 9_000, Title = "New", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow() });
        hub.Pulls[7].Repository.Name = "elsewhere/renamed";
        (hub.Pulls[7].Title, hub.Pulls[7].Updated) = ("Named anew", clock.GetUtcNow());

        await app.HarvestAsync(id);

        var ledger = await app.LedgerAsync();
        Assert.Equal(151, ledger.Count);
        Assert.Equal("merged", GitHubLedger.Text(Assert.Single(ledger, e => GitHubLedger.Text(e, "title") == open.Title), "status"));
        Assert.Equal("open", GitHubLedger.Text(Assert.Single(ledger, e => GitHubLedger.Text(e, "title") == "New"), "status"));
        var renamed = Assert.Single(ledger, e => GitHubLedger.Text(e, "title") == "Named anew");
        Assert.Equal("elsewhere/renamed", renamed.GetProperty("container").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Rows_that_move_while_listed_are_seen_by_the_next_poll_at_the_latest()
    {
        var hub = ScriptedGitHub.Of(clock, 500);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromDays(3));
        for (var n = 0; n < 300; n++)
            (hub.Pulls[n].Title, hub.Pulls[n].Updated) = ($"Again {n}", clock.GetUtcNow().AddMinutes(-n));
        var step = 0;
        hub.Before = (_, _) =>
        {
            // Each request finds one that stood far down at the top.
            var pull = hub.Pulls[250 - step++];
            (pull.Title, pull.Updated) = ($"Moved {step}", clock.GetUtcNow().AddSeconds(step));
            return null;
        };

        await app.HarvestAsync(id);
        hub.Before = (_, _) => null;
        await app.HarvestAsync(id);

        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Change_that_becomes_visible_late_is_seen_within_a_day(bool hasToken)
    {
        var hub = ScriptedGitHub.Of(clock, 120);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromHours(20));
        (hub.Pulls[3].Title, hub.Pulls[3].Updated) = ("Seen at once", clock.GetUtcNow());
        await app.HarvestAsync(id);
        (hub.Pulls[4].Title, hub.Pulls[4].Updated) = ("Shown late", clock.GetUtcNow().AddHours(-10));

        await app.HarvestAsync(id);

        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    [Fact]
    public async Task Own_repositories_are_left_out_unless_opted_in()
    {
        var hub = ScriptedGitHub.Of(clock, 30, repositories: 3);
        hub.Pulls[0].Repository.Name = "Juna/pebbles";
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        Assert.Equal(20, (await app.LedgerAsync()).Count);

        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"ownRepositories":"true"}}""");
        await app.HarvestAsync(id);

        Assert.Equal(30, (await app.LedgerAsync()).Count);
        var (status, _) = await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"ownRepositories":"perhaps"}}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Connection_continues_under_a_new_login_and_ignores_the_new_holder_of_the_old_one(bool hasToken, bool isTaken)
    {
        var hub = ScriptedGitHub.Of(clock, 120);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var id = await app.ConnectAsync("juna", "github");
        (hub.Login, hub.Squatter) = ("juna-okvist", isTaken ? "juna" : null);
        (hub.Pulls[5].Title, hub.Pulls[5].Updated) = ("Under the new login", clock.GetUtcNow());

        await app.HarvestAsync(id);
        var asked = hub.Web.Asked.Count;
        await app.HarvestAsync(id);

        Assert.Equal(asked + 1, hub.Web.Asked.Count);
        Assert.Equal("ok", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.Equal(HttpStatusCode.OK, (await app.PostAsync("/connections", """{"address":"juna-okvist","source":"github"}""")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deleted_account_is_not_requested_again_and_its_entries_stay(bool hasToken)
    {
        var hub = ScriptedGitHub.Of(clock, 10);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var id = await app.ConnectAsync("juna", "github");
        hub.IsGone = true;

        await app.HarvestAsync(id);
        var asked = hub.Web.Asked.Count;
        await app.PassAsync(TimeSpan.FromDays(3));

        Assert.Equal("gone", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
        Assert.Equal(asked, hub.Web.Asked.Count);
        Assert.Equal(10, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Token_added_later_adds_metrics_to_the_same_entries_and_removing_it_loses_nothing()
    {
        var hub = ScriptedGitHub.Of(clock, 130);
        using var folder = new TemporaryFolder();
        string id;
        await using (var app = await AppFixture.StartAsync(hub.Web, clock, folder))
        {
            id = await app.ConnectAsync("juna", "github");
            Assert.Equal(130, (await app.LedgerAsync()).Count);
        }

        await using (var app = await AppFixture.StartAsync(hub.Web, clock, folder, ScriptedGitHub.WithToken))
        {
            await app.HarvestAsync(id);
            Assert.True((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("complete").GetBoolean());
            AssertNumbers(await app.LedgerAsync());
        }

        var searches = hub.Web.Asked.Count;
        await using (var app = await AppFixture.StartAsync(hub.Web, clock, folder))
        {
            await app.HarvestAsync(id);
            AssertNumbers(await app.LedgerAsync());
        }

        Assert.Equal(searches + 1, hub.Web.Asked.Count);

        static void AssertNumbers(List<System.Text.Json.JsonElement> ledger)
        {
            Assert.Equal(130, ledger.Count);
            Assert.All(ledger, entry => Assert.True(entry.GetProperty("metrics").GetProperty("additions").GetProperty("value").GetInt32() > 10));
        }
    }

    [Fact]
    public async Task Rejected_token_is_reported_without_being_repeated()
    {
        var hub = ScriptedGitHub.Of(clock, 10);
        using var folder = new TemporaryFolder();
        string id;
        await using (var app = await AppFixture.StartAsync(hub.Web, clock, folder, ScriptedGitHub.WithToken))
            id = await app.ConnectAsync("juna", "github");
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["GitHubToken"] = "stale-token" };
        await using (var app = await AppFixture.StartAsync(hub.Web, clock, folder, settings))
        {
            await app.HarvestAsync(id);
            var problem = (await GitHubLedger.ConnectionAsync(app, id)).GetProperty("problem");
            Assert.Equal("badToken", GitHubLedger.Text(problem, "code"));
            Assert.DoesNotContain("stale-token", problem.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rate_limit_pauses_for_as_long_as_it_says()
    {
        var hub = ScriptedGitHub.Of(clock, 10);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        var until = clock.GetUtcNow().AddHours(3);
        hub.Before = (_, _) => ScriptedGitHub.Json(
            HttpStatusCode.OK,
            JsonNode.Parse("""{"errors":[{"type":"RATE_LIMITED","message":"API rate limit already exceeded for user ID 1."}]}""")!,
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", until.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture)));
        await app.HarvestAsync(id);
        var asked = hub.Web.Asked.Count;

        await app.PassAsync(TimeSpan.FromMinutes(170));
        Assert.Equal(asked, hub.Web.Asked.Count);
        hub.Before = (_, _) => null;
        await app.PassAsync(TimeSpan.FromMinutes(20));

        Assert.Equal(asked + 1, hub.Web.Asked.Count);
        Assert.Equal("ok", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
    }
}
