using System.Text;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Deliveries of webhooks, as they wait in the queue once their signature was checked.</summary>
public sealed class PushTests
{
    private readonly TestClock clock = new();

    [Fact]
    public async Task Delivery_creates_the_same_entry_as_a_later_poll()
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        var pull = new ScriptedPull
        {
            Repository = hub.Pulls[0].Repository, Number = 50, Title = "Pushed", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow(),
        };
        hub.Pulls.Add(pull);

        await DeliverAsync(app, id, Payload(pull));
        await GitHubLedger.AssertEqualsAsync(hub, app);
        var pushed = await app.DumpAsync("ledger");
        await DeliverAsync(app, id, Payload(pull));
        await app.HarvestAsync(id);

        Assert.Equal(pushed, await app.DumpAsync("ledger"));
        Assert.Empty(app.Failures);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public async Task Deliveries_in_any_order_never_undo_a_merge(int seconds)
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        var pull = new ScriptedPull
        {
            Repository = hub.Pulls[0].Repository, Number = 50, Title = "Quick", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow().AddSeconds(seconds), State = "MERGED",
        };
        var merged = Payload(pull, "closed");
        (pull.State, pull.Updated) = ("OPEN", clock.GetUtcNow());
        var opened = Payload(pull);

        await DeliverAsync(app, id, merged);
        await DeliverAsync(app, id, opened);

        var entry = Assert.Single(await app.LedgerAsync(), e => GitHubLedger.Text(e, "title") == "Quick");
        Assert.Equal("merged", GitHubLedger.Text(entry, "status"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Late_delivery_never_undoes_what_a_poll_saw_since(bool hasToken)
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var id = await app.ConnectAsync("juna", "github");
        var pull = hub.Pulls[0];
        (pull.Title, pull.Updated) = ("The first title", clock.GetUtcNow());
        var late = Payload(pull);
        clock.Advance(TimeSpan.FromHours(2));
        (pull.Title, pull.State, pull.Updated) = ("The last title", "MERGED", clock.GetUtcNow());
        await app.HarvestAsync(id);

        await DeliverAsync(app, id, late);

        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task List_that_lags_behind_a_delivery_undoes_nothing_and_a_later_change_in_it_counts(bool hasToken)
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var pull = hub.Pulls[2];
        (pull.State, pull.Title, pull.Updated) = ("OPEN", "As it was", clock.GetUtcNow().AddHours(-1));
        var id = await app.ConnectAsync("juna", "github");
        var before = pull.Updated;
        (pull.State, pull.Title, pull.Updated) = ("CLOSED", "Pushed", clock.GetUtcNow());
        var closed = Payload(pull, "closed");
        (pull.State, pull.Title, pull.Updated) = ("OPEN", "As it was", before);

        await DeliverAsync(app, id, closed);
        foreach (var minutes in (int[])[1, 30, 24 * 60])
        {
            clock.Advance(TimeSpan.FromMinutes(minutes));
            await app.HarvestAsync(id);
            Assert.Equal("closed Pushed", await PictureAsync());
        }

        // Reopened and renamed again; nothing was delivered about it.
        pull.Updated = clock.GetUtcNow();
        await app.HarvestAsync(id);
        Assert.Equal("open As it was", await PictureAsync());

        async Task<string> PictureAsync()
        {
            var entry = Assert.Single(await app.LedgerAsync(), e => GitHubLedger.Text(e, "url") == pull.Url);
            return $"{GitHubLedger.Text(entry, "status")} {GitHubLedger.Text(entry, "title")}";
        }
    }

    [Fact]
    public async Task Delivery_without_an_update_time_triggers_a_poll()
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        var pull = hub.Pulls[0];
        (pull.Title, pull.Updated) = ("The first title", clock.GetUtcNow());
        var late = Payload(pull);
        late["pull_request"]!.AsObject().Remove("updated_at");
        clock.Advance(TimeSpan.FromHours(2));
        (pull.Title, pull.State, pull.Updated) = ("The last title", "MERGED", clock.GetUtcNow());

        await DeliverAsync(app, id, late);

        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    [Fact]
    public async Task Own_repositories_are_treated_alike_in_deliveries_and_polls()
    {
        var hub = ScriptedGitHub.Of(clock, 1);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        var pull = new ScriptedPull { Repository = new ScriptedRepository { Id = 9, Name = "Juna/pebbles" }, Number = 1, Title = "Mine", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow() };

        await DeliverAsync(app, id, Payload(pull));
        Assert.Single(await app.LedgerAsync());
        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"ownRepositories":"true"}}""");
        await DeliverAsync(app, id, Payload(pull));

        Assert.Equal(2, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public void Author_is_determined_only_for_public_pull_requests_of_people()
    {
        var pull = new ScriptedPull { Repository = new ScriptedRepository { Id = 9, Name = "org/project" }, Number = 1, Title = "One", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow() };

        Assert.Equal(ScriptedGitHub.Person, Author(_ => { }));
        Assert.Null(GitHubWebhook.AuthorOf("pull_request_review", Encoding.UTF8.GetBytes(Payload(pull).ToJsonString())));
        Assert.Null(Author(told => told["action"] = "stacked"));
        Assert.Null(Author(told => told.Remove("action")));
        Assert.Null(Author(told => told["pull_request"]!["user"]!["type"] = "Bot"));
        Assert.Null(Author(told => told["pull_request"]!["user"] = null));
        Assert.Null(Author(told => told["pull_request"]!["user"]!["id"] = "4711"));
        Assert.Null(Author(told => told["repository"]!["private"] = true));
        Assert.Null(Author(told => told["repository"]!.AsObject().Remove("private")));
        Assert.Null(Author(told => told["repository"]!["visibility"] = "internal"));
        Assert.Null(Author(told => told["pull_request"]!["number"] = 0));
        Assert.Null(GitHubWebhook.AuthorOf("pull_request", "{\"action\":\"opened\""u8));
        Assert.Null(GitHubWebhook.AuthorOf("pull_request", Encoding.UTF8.GetBytes(new string('[', 100_000))));
        Assert.Null(GitHubWebhook.AuthorOf("pull_request", []));

        long? Author(Action<JsonObject> change)
        {
            var told = Payload(pull);
            change(told);
            return GitHubWebhook.AuthorOf("pull_request", Encoding.UTF8.GetBytes(told.ToJsonString()));
        }
    }

    private static async Task DeliverAsync(AppFixture app, string connection, JsonObject payload)
    {
        var person = (await app.App.Services.GetRequiredService<ContributionIngest.Functions.Api.Account.Owner>().FindAsync(default))!.Id;
        var pushPayload = new ContributionIngest.Core.Scheduling.PushPayload(Body: Encoding.UTF8.GetBytes(payload.ToJsonString()), Event: "pull_request");
        await app.App.Services.GetRequiredService<HarvestQueue>().PutAsync(new HarvestMessage(person, connection, Pushed: pushPayload), default);
        await app.DrainAsync();
    }

    /// <summary>The parts of a delivery that count, with the numbers GraphQL tells.</summary>
    private static JsonObject Payload(ScriptedPull pull, string action = "opened") => new()
    {
        ["action"] = action,
        ["number"] = pull.Number,
        ["pull_request"] = new JsonObject
        {
            ["number"] = pull.Number,
            ["title"] = pull.Title,
            ["html_url"] = pull.Url,
            ["state"] = pull.State == "OPEN" ? "open" : "closed",
            ["merged"] = pull.State == "MERGED",
            ["merged_at"] = null,
            ["created_at"] = ScriptedGitHub.Time(pull.Created),
            ["updated_at"] = ScriptedGitHub.Time(pull.Updated),
            ["user"] = new JsonObject { ["login"] = "juna", ["id"] = ScriptedGitHub.Person, ["type"] = "User" },
            ["labels"] = new JsonArray(new JsonObject { ["name"] = "bug" }),
            ["additions"] = 10 + pull.Number,
            ["deletions"] = 0,
            ["changed_files"] = 2,
        },
        ["repository"] = ScriptedGitHub.Repository(pull.Repository),
        ["sender"] = new JsonObject { ["login"] = "somebody", ["id"] = 1, ["type"] = "User" },
    };
}
