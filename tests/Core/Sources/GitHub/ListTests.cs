using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>The lists beside pull requests together: what they cost, what is wanted, and what goes wrong.</summary>
public sealed class ListTests(ITestOutputHelper output)
{
    private static readonly string[] All = ["Answers", "Projects", "PullRequests", "Reviews"];

    private readonly TestClock clock = new();

    [Fact]
    public async Task Unchanged_day_costs_a_request_a_poll_and_six_more_and_four_operations_each()
    {
        var hub = Hub(20);
        await using var app = await StartAsync(hub);
        var id = await app.ConnectAsync("juna", "github");
        var before = await app.DumpAsync("ledger");
        var owner = await app.App.Services.GetRequiredService<Owner>().FindAsync(CancellationToken.None);
        var most = 0;
        hub.Queries.Clear();
        for (var poll = 0; poll < 48; poll++)
        {
            clock.Advance(TimeSpan.FromMinutes(30));
            var asked = hub.Web.Asked.Count;
            await app.App.Services.GetRequiredService<HarvestQueue>().PutAsync(new HarvestMessage(owner!.Id, id), CancellationToken.None);
            app.Table.Forget();
            await app.DrainAsync();
            Assert.Equal(["people range", "people write", "people write", "schedule transact"], app.Table.Operations.Select(o => $"{o.Table} {o.What}"));
            most = Math.Max(most, hub.Web.Asked.Count - asked);
        }

        output.WriteLine($"{hub.Queries.Count} requests in 48 polls, {most} in one at most, {hub.Points + hub.OtherPoints} points");
        Assert.Equal(48 + 4 + 1 + 1, hub.Queries.Count);
        Assert.Equal(4, most);
        Assert.Equal(before, await app.DumpAsync("ledger"));
    }

    [Fact]
    public async Task Existing_connection_gets_the_new_lists_with_its_next_poll()
    {
        var hub = Hub(3);
        await using var app = await StartAsync(hub);
        var id = await app.ConnectAsync("juna", "github", ScriptedGitHub.PullRequestsAlone);
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        Assert.Equal(["PullRequests"], hub.Queries.Distinct());

        // As it was stored before there were any.
        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{}}""");
        await app.PollAsync(id);
        Assert.Equal(3 + 3 + 1 + 1, (await app.LedgerAsync()).Count);
    }

    [Fact]
    public async Task Only_what_is_wanted_is_read_and_what_is_wanted_again_is_read_from_its_beginning()
    {
        var hub = Hub(3);
        await using var app = await StartAsync(hub);
        var id = await app.ConnectAsync("juna", "github", new Dictionary<string, string>(StringComparer.Ordinal) { ["pullRequests"] = "false", ["answers"] = "false", ["projects"] = "false" });
        Assert.Equal(["review"], (await app.LedgerAsync()).Select(entry => GitHubLedger.Text(entry, "kind")).Distinct());
        Assert.Equal(["Reviews"], hub.Queries.Distinct());
        Assert.True((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("complete").GetBoolean());

        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"reviews":"false"}}""");
        await app.HarvestAsync(id);
        Assert.Equal(["answer", "project", "pull", "review"], (await app.LedgerAsync()).Select(KindOf).Distinct().Order(StringComparer.Ordinal));
        hub.Queries.Clear();
        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{}}""");
        await app.PollAsync(id);

        // 2026 and, because the history is read again, 2025.
        Assert.Equal(["PullRequests", "Reviews", "Reviews"], hub.Queries);
        var (status, _) = await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"reviews":"some"}}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);

        static string KindOf(System.Text.Json.JsonElement entry) => GitHubLedger.Text(entry, "kind") switch { "forumAnswer" => "answer", "pullRequest" => "pull", var kind => kind };
    }

    [Fact]
    public async Task Person_who_asks_gets_all_lists_read_but_not_again_at_once()
    {
        var hub = Hub(3);
        await using var app = await StartAsync(hub);
        var id = await app.ConnectAsync("juna", "github");
        clock.Advance(TimeSpan.FromMinutes(20));
        hub.Queries.Clear();
        await app.HarvestAsync(id);
        Assert.Equal(All, hub.Queries.Order(StringComparer.Ordinal));
        await app.HarvestAsync(id);
        Assert.Equal(5, hub.Queries.Count);
    }

    [Fact]
    public async Task Without_a_token_the_coverage_says_what_one_would_add()
    {
        var hub = Hub(3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock);
        var id = await app.ConnectAsync("juna", "github");
        Assert.Equal(3, (await app.LedgerAsync()).Count);
        var reason = (await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("reason").GetString();
        Assert.Contains("reviews, answers and projects; set GitHubToken", reason, StringComparison.Ordinal);

        await app.SendAsync(HttpMethod.Patch, $"/connections/{id}", """{"options":{"pullRequests":"false"}}""");
        var asked = hub.Web.Asked.Count;
        await app.HarvestAsync(id);
        await app.HarvestAsync(id);
        Assert.Equal(asked, hub.Web.Asked.Count);
    }

    [Theory]
    [InlineData("Reviews", "html")]
    [InlineData("Reviews", "undefined")]
    [InlineData("Answers", "502")]
    [InlineData("Answers", "empty")]
    [InlineData("Projects", "loop")]
    [InlineData("Projects", "null")]
    [InlineData("Reviews", "forbidden")]
    public async Task List_that_cannot_be_read_costs_no_other_and_the_coverage_says_so_until_it_can(string name, string how)
    {
        var hub = Hub(3);
        var isBad = true;
        hub.Before = (_, request) => isBad && request.Method == HttpMethod.Post && ScriptedGitHub.QueryOf(request) == name ? Bad(how) : null;
        await using var app = await StartAsync(hub);
        var id = await app.ConnectAsync("juna", "github");

        Assert.Equal(All.Length - 1, (await app.LedgerAsync()).Select(entry => GitHubLedger.Text(entry, "kind")).Distinct().Count());
        var connection = await GitHubLedger.ConnectionAsync(app, id);
        Assert.Equal("ok", GitHubLedger.Text(connection, "health"));
        Assert.False(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
        Assert.Contains("could not be read and are tried again", connection.GetProperty("coverage").GetProperty("reason").GetString(), StringComparison.Ordinal);

        // With the next three polls, and then once a week.
        for (var poll = 0; poll < 10; poll++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await app.PollAsync(id);
        }

        isBad = false;
        hub.Queries.Clear();
        clock.Advance(TimeSpan.FromHours(1));
        await app.PollAsync(id);
        Assert.DoesNotContain(name, hub.Queries);
        clock.Advance(TimeSpan.FromDays(7));
        await app.PollAsync(id);
        Assert.Contains(name, hub.Queries);
        Assert.Equal(8, (await app.LedgerAsync()).Count);
        Assert.True((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Rate_limit_in_the_middle_of_a_list_is_waited_for_and_the_list_goes_on_where_it_stopped()
    {
        var hub = Hub(3);
        for (var n = 1; n <= 250; n++)
            hub.Reviewed.Add(ScriptedReviewed.Of(hub.Reviewed[0].Repository, 100 + n, ("APPROVED", clock.GetUtcNow().AddMinutes(-n))));
        var pages = 0;
        var until = clock.GetUtcNow().AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        hub.Before = (_, request) => request.Method == HttpMethod.Post && ScriptedGitHub.QueryOf(request) == "Reviews" && ++pages == 2
            ? ScriptedGitHub.Json(HttpStatusCode.OK, JsonNode.Parse("""{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded."}]}""")!, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", until))
            : null;
        await using var app = await StartAsync(hub);
        await app.ConnectAsync("juna", "github");
        Assert.Equal(3 + 100, (await app.LedgerAsync()).Count);
        await app.PassAsync(TimeSpan.FromMinutes(62));
        Assert.Equal(3 + 253 + 1 + 1, (await app.LedgerAsync()).Count);

        // The refused one, two pages more of this year, and the year before.
        Assert.Equal(5, pages);
    }

    [Fact]
    public async Task List_is_read_under_the_new_login()
    {
        var hub = Hub(3);
        await using var app = await StartAsync(hub);
        var id = await app.ConnectAsync("juna", "github", new Dictionary<string, string>(StringComparer.Ordinal) { ["pullRequests"] = "false" });
        hub.Login = "juna-okvist";
        clock.Advance(TimeSpan.FromHours(7));
        hub.Reviewed.Add(ScriptedReviewed.Of(hub.Reviewed[0].Repository, 77, ("APPROVED", clock.GetUtcNow())));
        await app.PollAsync(id);
        Assert.Equal(6, (await app.LedgerAsync()).Count);
        Assert.Equal("ok", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
        var asked = hub.Web.Asked.Count;
        clock.Advance(TimeSpan.FromHours(7));
        await app.PollAsync(id);
        Assert.Equal(asked + 1, hub.Web.Asked.Count);
    }

    [Fact]
    public async Task Endless_list_ends_and_rows_of_any_shape_cost_no_other()
    {
        var hub = Hub(3);
        var pages = 0;
        hub.Then = (request, answer) =>
        {
            if (request.Method != HttpMethod.Post || ScriptedGitHub.QueryOf(request) == "PullRequests")
                return answer;
            var json = JsonNode.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult())!;
            foreach (var list in Lists(json["data"]!["user"]!))
            {
                list["pageInfo"] = new JsonObject { ["hasNextPage"] = true, ["endCursor"] = (++pages).ToString(CultureInfo.InvariantCulture) };
                foreach (var row in (string?[])[null, "1", "[]", "{}", "\"x\"", """{"pullRequest":{"number":-1}}""", """{"databaseId":1e99,"isPrivate":false,"discussion":7}"""])
                    list["nodes"]!.AsArray().Add(row is null ? null : JsonNode.Parse(row));
            }

            return ScriptedGitHub.Json(HttpStatusCode.OK, json);
        };
        await using var app = await StartAsync(hub);
        var id = await app.ConnectAsync("juna", "github");
        Assert.Equal("ok", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
        Assert.Equal(3 + 1, (await app.LedgerAsync()).Count(entry => GitHubLedger.Text(entry, "kind") is "pullRequest" or "forumAnswer"));
        Assert.InRange(pages, 100, 220);
    }

    /// <summary>A process that dies at any of its writes, again and again, loses and doubles nothing.</summary>
    [Fact]
    public async Task Deaths_between_pages_lose_and_double_nothing()
    {
        var hub = Hub(5);
        for (var n = 1; n <= 320; n++)
            hub.Reviewed.Add(ScriptedReviewed.Of(hub.Reviewed[0].Repository, 100 + n, ("APPROVED", clock.GetUtcNow().AddDays(-n))));
        for (var n = 1; n <= 220; n++)
            hub.Answers.Add(new ScriptedAnswer { Repository = hub.Reviewed[0].Repository, Id = 700 + n, Published = clock.GetUtcNow(), Accepted = clock.GetUtcNow().AddHours(-n) });
        var random = new Random(2026);
        using var folder = new TemporaryFolder();
        string? id = null;
        var deaths = 0;
        for (var start = 0; start < 25; start++)
        {
            await using var app = await AppFixture.StartAsync(hub.Web, clock, folder, ScriptedGitHub.WithToken);
            id ??= (await app.PostAsync("/connections", """{"address":"@juna","source":"github"}""")).Body.GetProperty("id").GetString();
            app.Table.BreakIn = random.Next(5, 120);
            try
            {
                await app.CallAsync("Plan");
                await app.DrainAsync(rounds: 3);
            }
            catch (StoreUnavailableException)
            {
                deaths++;
            }

            deaths += app.Table.BreakIn < 0 ? 1 : 0;
            clock.Advance(TimeSpan.FromHours(1));
        }

        output.WriteLine($"{deaths} deaths");
        Assert.True(deaths > 3);
        await using var last = await AppFixture.StartAsync(hub.Web, clock, folder, ScriptedGitHub.WithToken);
        await last.PassAsync(TimeSpan.FromHours(25));
        await last.HarvestAsync(id!);
        var counts = (await last.LedgerAsync()).CountBy(entry => GitHubLedger.Text(entry, "kind")).ToDictionary(kind => kind.Key, kind => kind.Value, StringComparer.Ordinal);
        Assert.Equal((5, 323, 221, 1), (counts["pullRequest"], counts["review"], counts["forumAnswer"], counts["project"]));
    }

    [Fact]
    public async Task Pull_request_that_changes_documentation_alone_says_so()
    {
        var hub = new ScriptedGitHub(clock);
        string[][] paths = [["README.md"], ["docs/a.png", "guide/start.rst"], ["docs/index.md", "src/a.cs"], [.. Enumerable.Range(1, 25).Select(n => $"docs/{n}.md")], []];
        for (var n = 0; n < paths.Length; n++)
        {
            hub.Pulls.Add(new ScriptedPull
            {
                Repository = new ScriptedRepository { Id = 5000, Name = "plainwords/handbook" }, Number = n + 1, Title = $"P{n}", Created = clock.GetUtcNow().AddDays(-n), Updated = clock.GetUtcNow().AddDays(-n), Paths = paths[n],
            });
        }

        await using var app = await StartAsync(hub);
        await app.ConnectAsync("juna", "github");

        // Of the one with more files than are listed nothing can be said.
        Assert.Equal(["P0", "P1"], (await app.LedgerAsync("topic=documentation")).Select(entry => GitHubLedger.Text(entry, "title")));
    }

    private Task<AppFixture> StartAsync(ScriptedGitHub hub) => AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);

    /// <summary>So many pull requests, three reviews in two years, an answer and a project.</summary>
    private ScriptedGitHub Hub(int pulls)
    {
        var hub = ScriptedGitHub.Of(clock, pulls);
        var (home, now) = (new ScriptedRepository { Id = 2001, Name = "kelpdb/kelp" }, clock.GetUtcNow());
        hub.Reviewed.Add(ScriptedReviewed.Of(home, 1, ("APPROVED", now.AddDays(-400))));
        hub.Reviewed.Add(ScriptedReviewed.Of(home, 2, ("APPROVED", now.AddDays(-30))));
        hub.Reviewed.Add(ScriptedReviewed.Of(home, 3, ("COMMENTED", now.AddHours(-2))));
        hub.Answers.Add(new ScriptedAnswer { Repository = home, Id = 5, Published = now.AddDays(-9), Accepted = now.AddDays(-8) });
        var project = new ScriptedProject { Repository = new ScriptedRepository { Id = 4001, Name = "juna/pebbles", Stars = 40 }, Pushed = now.AddDays(-1) };
        project.Releases.Add(new ScriptedRelease(1, now.AddDays(-20)));
        hub.Projects.Add(project);
        return hub;
    }

    private static HttpResponseMessage Bad(string how) => how switch
    {
        "502" => ScriptedWeb.Answer(HttpStatusCode.BadGateway, "<html>502</html>", "text/html"),
        "html" => ScriptedWeb.Answer(HttpStatusCode.OK, "<html></html>", "text/html"),
        "undefined" => ScriptedGitHub.Errors("undefinedField", "Field 'contributionYears' doesn't exist on type 'ContributionsCollection'", "query"),
        "forbidden" => ScriptedGitHub.Errors("FORBIDDEN", "Resource not accessible.", "user"),
        "empty" => ScriptedGitHub.Json(HttpStatusCode.OK, User([])),
        "null" => ScriptedGitHub.Json(HttpStatusCode.OK, User(new JsonObject { ["repositories"] = null })),
        "loop" => ScriptedGitHub.Json(HttpStatusCode.OK, User(new JsonObject { ["repositories"] = new JsonObject { ["nodes"] = new JsonArray(), ["pageInfo"] = new JsonObject { ["hasNextPage"] = true, ["endCursor"] = new string('x', 5_000) } } })),
        _ => throw new ArgumentOutOfRangeException(nameof(how)),
    };

    private static JsonObject User(JsonObject user)
    {
        user["databaseId"] = ScriptedGitHub.Person;
        user["login"] = "juna";
        return new JsonObject { ["data"] = new JsonObject { ["user"] = user } };
    }

    private static IEnumerable<JsonNode> Lists(JsonNode user) =>
        new[] { user["repositories"], user["repositoryDiscussionComments"], user["contributionsCollection"]?["pullRequestReviewContributions"] }.OfType<JsonNode>();
}
