using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Pages that do not come, or in parts: everything lands in the end, and nothing is called complete before.</summary>
public sealed class CompletenessTests
{
    private const int Many = 230;

    private readonly TestClock clock = new();

    [Theory]
    [InlineData("list", "502", 3)]
    [InlineData("list", "502", 9)]
    [InlineData("list", "html", 1)]
    [InlineData("list", "half", 1)]
    [InlineData("list", "nothing", 2)]
    [InlineData("list", "withheld", 1)]
    [InlineData("list", "withheld", 3)]
    [InlineData("list", "nulls", 1)]
    [InlineData("list", "empty", 1)]
    [InlineData("list", "empty", 3)]
    [InlineData("list", "emptyOn", 1)]
    [InlineData("list", "fewer", 1)]
    [InlineData("list", "noPageInfo", 1)]
    [InlineData("list", "noHasNext", 1)]
    [InlineData("list", "noTotal", 1)]
    [InlineData("list", "notFound", 1)]
    [InlineData("list", "badCursor", 1)]
    [InlineData("list", "badCursor", 2)]
    [InlineData("first", "empty", 1)]
    [InlineData("first", "nulls", 2)]
    [InlineData("first", "noPageInfo", 1)]
    [InlineData("first", "cut", 1)]
    public async Task Temporarily_failing_list_page_loses_nothing_and_the_history_is_not_complete_before_it_is_read(string where, string how, int times)
    {
        var hub = ScriptedGitHub.Of(clock, Many);
        hub.Then = (request, answer) => IsAt(request, where) && times-- > 0 ? Spoilt(answer, how) : answer;
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);

        await AssertWholeInFourReadingsAsync(app, hub);

        Assert.True(times <= 0);
    }

    [Theory]
    [InlineData("second", "502", 3)]
    [InlineData("second", "502", 9)]
    [InlineData("second", "html", 1)]
    [InlineData("second", "half", 1)]
    [InlineData("second", "incomplete", 1)]
    [InlineData("second", "incomplete", 2)]
    [InlineData("second", "422", 1)]
    [InlineData("second", "empty", 1)]
    [InlineData("second", "none", 1)]
    [InlineData("second", "none", 3)]
    [InlineData("second", "fewer", 1)]
    [InlineData("second", "nulls", 1)]
    [InlineData("second", "noCount", 1)]
    [InlineData("first", "empty", 1)]
    [InlineData("first", "nulls", 2)]
    [InlineData("first", "noCount", 1)]
    [InlineData("repository", "404", 1)]
    [InlineData("repository", "404", 3)]
    [InlineData("repository", "html", 1)]
    [InlineData("repository", "502", 3)]
    public async Task Temporarily_failing_search_page_loses_nothing_and_the_history_is_not_complete_before_it_is_read(string where, string how, int times)
    {
        var hub = ScriptedGitHub.Of(clock, Many, repositories: 3);
        hub.Then = (request, answer) => IsInSearch(request, where) && times-- > 0 ? Spoilt(answer, how) : answer;
        await using var app = await AppFixture.StartAsync(hub.Web, clock);

        await AssertWholeInFourReadingsAsync(app, hub);

        Assert.True(times <= 0);
    }

    [Fact]
    public async Task Withheld_rows_are_retried_three_times_then_weekly_and_the_coverage_says_how_many_and_why()
    {
        var hub = ScriptedGitHub.Of(clock, Many);
        var (isWithheld, walks) = (true, 0);
        hub.Then = (request, answer) =>
        {
            walks += IsAt(request, "first") ? 1 : 0;
            return IsAt(request, "list") && isWithheld ? Spoilt(answer, "withheld") : answer;
        };
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        for (var look = 0; look < 5; look++)
            await app.PollAsync(id);

        Assert.Equal(4, walks);
        Assert.Equal(Many - 3, (await app.LedgerAsync()).Count);
        var (complete, reason) = await CoverageAsync(app, id);
        Assert.False(complete);
        Assert.Contains("counts 3 pull requests of this account that it did not show", reason, StringComparison.Ordinal);
        Assert.Contains("SAML", reason, StringComparison.Ordinal);
        Assert.Contains("once a week", reason, StringComparison.Ordinal);

        // What is new comes in meanwhile, at the cost of an ordinary poll.
        hub.Pulls.Add(new ScriptedPull { Repository = hub.Pulls[0].Repository, Number = 9_000, Title = "New", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow() });
        var asked = hub.Web.Asked.Count;
        await app.PollAsync(id);
        Assert.Equal(asked + 1, hub.Web.Asked.Count);
        Assert.Equal(Many - 2, (await app.LedgerAsync()).Count);

        clock.Advance(TimeSpan.FromDays(7));
        await app.PollAsync(id);
        await app.PollAsync(id);
        Assert.Equal(5, walks);
        isWithheld = false;
        clock.Advance(TimeSpan.FromDays(7));
        await app.PollAsync(id);
        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.True((await CoverageAsync(app, id)).Complete);
        clock.Advance(TimeSpan.FromDays(7));
        await app.PollAsync(id);
        Assert.Equal(6, walks);
    }

    [Fact]
    public async Task Manual_harvest_retries_at_once_what_awaits_its_weekly_walk()
    {
        var hub = ScriptedGitHub.Of(clock, Many);
        var isWithheld = true;
        hub.Then = (request, answer) => IsAt(request, "list") && isWithheld ? Spoilt(answer, "nulls") : answer;
        string? cursor = null;
        for (var look = 0; look < 5; look++)
            cursor = (await ReadAsync(hub, ScriptedGitHub.Token, cursor)).LastOrDefault()?.Cursor ?? cursor;
        isWithheld = false;

        Assert.Empty(await ReadAsync(hub, ScriptedGitHub.Token, cursor));
        var asked = await ReadAsync(hub, ScriptedGitHub.Token, cursor, reading => reading with { IsManual = true });

        Assert.Equal(3, asked.Count);
        Assert.All(asked.SkipLast(1), page => Assert.False(page.Coverage!.Complete));
        Assert.True(asked[^1].Coverage!.Complete);
        Assert.Equal(Many, asked.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Repeated_walk_without_progress_keeps_its_position_and_blocks_nothing_else()
    {
        var hub = ScriptedGitHub.Of(clock, Many);
        var (isBad, firsts) = (false, 0);
        hub.Then = (request, answer) =>
        {
            firsts += IsAt(request, "first") ? 1 : 0;
            return !IsAt(request, "list") ? answer : isBad ? Spoilt(answer, "html") : firsts == 1 ? Spoilt(answer, "fewer") : answer;
        };
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        isBad = true;
        for (var look = 0; look < 6; look++)
        {
            (hub.Pulls[look].Title, hub.Pulls[look].Updated) = ($"Again {look}", clock.GetUtcNow());
            await app.PollAsync(id);
            Assert.Contains(await app.LedgerAsync(), entry => GitHubLedger.Text(entry, "title") == $"Again {look}");
            Assert.Equal("ok", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
            Assert.False((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("backfilling").GetBoolean());
        }

        isBad = false;
        clock.Advance(TimeSpan.FromDays(8));
        await app.PollAsync(id);
        Assert.Equal(2, firsts);
        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Theory]
    [InlineData(true, "empty")]
    [InlineData(true, "emptyOn")]
    [InlineData(true, "fewer")]
    [InlineData(true, "nulls")]
    [InlineData(false, "empty")]
    [InlineData(false, "fewer")]
    [InlineData(false, "nulls")]
    public async Task Rows_left_out_by_a_poll_are_looked_for_in_the_history(bool hasToken, string how)
    {
        var hub = ScriptedGitHub.Of(clock, Many, repositories: 3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: hasToken ? ScriptedGitHub.WithToken : null);
        var id = await app.ConnectAsync("juna", "github");
        for (var n = 0; n < 20; n++)
            (hub.Pulls[n].Title, hub.Pulls[n].Updated) = ($"Again {n}", clock.GetUtcNow());
        var isBad = true;
        hub.Then = (request, answer) => (hasToken ? IsAt(request, "changes") : IsInSearch(request, "changes")) && isBad ? Spoilt(answer, how) : answer;
        await app.PassAsync(TimeSpan.FromMinutes(2));
        await app.HarvestAsync(id);
        Assert.False((await CoverageAsync(app, id)).Complete);

        await app.PassAsync(TimeSpan.FromMinutes(2));
        await app.HarvestAsync(id);

        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    [Fact]
    public async Task Unreadable_repository_is_reported_and_a_private_one_is_not_missing()
    {
        var hub = ScriptedGitHub.Of(clock, 30, repositories: 3);
        hub.Then = (request, answer) => IsInSearch(request, "repository") ? Spoilt(answer, "404") : answer;
        await using (var app = await AppFixture.StartAsync(hub.Web, clock))
        {
            var id = await app.ConnectAsync("juna", "github");
            for (var look = 0; look < 5; look++)
                await app.PassAsync(TimeSpan.FromHours(25));
            var (complete, reason) = await CoverageAsync(app, id);
            Assert.Equal(20, (await app.LedgerAsync()).Count);
            Assert.False(complete);
            Assert.Contains("10 pull requests", reason, StringComparison.Ordinal);
            Assert.Contains("GitHubToken", reason, StringComparison.Ordinal);
        }

        hub.Then = (request, answer) => IsInSearch(request, "repository") ? ScriptedWeb.Answer(HttpStatusCode.OK, """{"id":1001,"full_name":"org1/project1","private":true}""", "application/json") : answer;
        await using (var app = await AppFixture.StartAsync(hub.Web, clock))
        {
            var id = await app.ConnectAsync("juna", "github");
            Assert.Equal(20, (await app.LedgerAsync()).Count);
            Assert.True((await CoverageAsync(app, id)).Complete);
        }
    }

    [Fact]
    public async Task More_pull_requests_of_one_second_than_a_search_returns_are_reported_and_later_ones_harvested()
    {
        var hub = new ScriptedGitHub(clock);
        var home = new ScriptedRepository { Id = 5, Name = "org/project" };
        for (var n = 1; n <= 1_200; n++)
        {
            var created = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(n <= 1_150 ? 0 : n);
            hub.Pulls.Add(new ScriptedPull { Repository = home, Number = n, Title = $"{n}", Created = created, Updated = created });
        }

        await using var app = await AppFixture.StartAsync(hub.Web, clock);
        var id = await app.ConnectAsync("juna", "github");

        Assert.Equal(1_050, (await app.LedgerAsync()).Count);
        var (complete, reason) = await CoverageAsync(app, id);
        Assert.False(complete);
        Assert.Contains("2026-01-01 00:00:00", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_changes_of_one_second_than_a_search_returns_are_looked_for_in_the_history()
    {
        var hub = new ScriptedGitHub(clock);
        var home = new ScriptedRepository { Id = 5, Name = "org/project" };
        for (var n = 1; n <= 1_200; n++)
        {
            var created = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(n);
            hub.Pulls.Add(new ScriptedPull { Repository = home, Number = n, Title = $"{n}", Created = created, Updated = created });
        }

        await using var app = await AppFixture.StartAsync(hub.Web, clock);
        var id = await app.ConnectAsync("juna", "github");
        foreach (var pull in hub.Pulls)
            (pull.Title, pull.Updated) = ($"Again {pull.Number}", clock.GetUtcNow());

        for (var day = 0; day < 4; day++)
            await app.PassAsync(TimeSpan.FromHours(25));

        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Recently_changed_unreadable_row_is_harvested_once_readable(bool isNamed)
    {
        var hub = ScriptedGitHub.Of(clock, 30, repositories: 3);
        hub.Pulls[0].Updated = clock.GetUtcNow();
        var isBad = true;
        hub.Then = (request, answer) => !isBad ? answer : !isNamed && IsInSearch(request, "first") ? Changed(answer, told =>
        {
            foreach (var row in Rows(told))
                row!.AsObject().Remove("repository_url");
        }) : isNamed && request.RequestUri!.AbsolutePath.StartsWith("/repos/", StringComparison.Ordinal) ? Spoilt(answer, "404") : answer;
        await using var app = await AppFixture.StartAsync(hub.Web, clock);
        var id = await app.ConnectAsync("juna", "github");
        Assert.Empty(await app.LedgerAsync());
        isBad = false;

        await app.PassAsync(TimeSpan.FromHours(7));

        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    [Fact]
    public async Task Harvest_from_the_start_returns_everything_again_with_the_same_ids()
    {
        var hub = ScriptedGitHub.Of(clock, Many, repositories: 3);
        var first = await ReadAsync(hub, ScriptedGitHub.Token, null);
        Assert.Equal(Many, first.Sum(page => page.Drafts.Count));
        Assert.Empty(await ReadAsync(hub, ScriptedGitHub.Token, first[^1].Cursor));
        Assert.Equal(Many, (await ReadAsync(hub, ScriptedGitHub.Token, first[^1].Cursor, reading => reading with { IsFromStart = true })).Sum(page => page.Drafts.Count));

        var searched = await ReadAsync(hub, null, null);
        var ids = searched.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var asked = hub.Web.Addresses.Count(address => address.Contains("/repos/", StringComparison.Ordinal));
        Assert.Empty(await ReadAsync(hub, null, searched[^1].Cursor));
        var again = await ReadAsync(hub, null, searched[^1].Cursor, reading => reading with { IsFromStart = true });
        Assert.Equal(ids, again.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(asked, hub.Web.Addresses.Count(address => address.Contains("/repos/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, """{"by":"graphql","started":"2026-05-30T12:00:00+00:00","after":"Y3Vyc29yOjE3NDg3NDY4MDA6MA==","ahead":"2025-06-10T00:00:00+00:00","page":1,"recent":{},"repositories":{}}""")]
    [InlineData(true, """{"by":"graphql","backfilled":true,"started":"2026-05-30T12:00:00+00:00","watermark":"2020-05-30T12:00:00+00:00","page":1,"recent":{"1/1":1780000000},"repositories":{}}""")]
    [InlineData(false, """{"by":"search","started":"2026-05-30T12:00:00+00:00","from":"2020-01-01T00:00:00+00:00","page":1,"recent":{},"repositories":{"org1/project1":{"id":0,"day":20000}}}""")]
    [InlineData(false, """{"by":"search","backfilled":true,"started":"2026-05-30T12:00:00+00:00","watermark":"2020-05-30T12:00:00+00:00","page":1,"recent":{},"repositories":{}}""")]
    public async Task Cursor_of_an_earlier_version_is_continued(bool hasToken, string cursor)
    {
        var hub = ScriptedGitHub.Of(clock, Many, repositories: 3);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var look = 0; look < 3; look++)
        {
            var pages = await ReadAsync(hub, hasToken ? ScriptedGitHub.Token : null, cursor);
            seen.UnionWith(pages.SelectMany(page => page.Drafts).Select(draft => draft.NativeId));
            cursor = pages.LastOrDefault()?.Cursor ?? cursor;
            clock.Advance(TimeSpan.FromHours(2));
        }

        Assert.Equal(Many, seen.Count);
        Assert.DoesNotContain("shortfall", cursor, StringComparison.Ordinal);
    }

    private static async Task AssertWholeInFourReadingsAsync(AppFixture app, ScriptedGitHub hub)
    {
        var id = await app.ConnectAsync("juna", "github");
        await AssertHonestAsync(app, id);
        for (var look = 0; look < 3; look++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(2));
            await app.HarvestAsync(id);
            await AssertHonestAsync(app, id);
        }

        Assert.Empty(app.Failures);
        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.True((await CoverageAsync(app, id)).Complete);
    }

    private static async Task AssertHonestAsync(AppFixture app, string id)
    {
        var connection = await GitHubLedger.ConnectionAsync(app, id);
        if (connection.TryGetProperty("coverage", out var coverage) && coverage.GetProperty("complete").GetBoolean())
            Assert.Equal(Many, (await app.LedgerAsync()).Count);
    }

    private static async Task<(bool Complete, string? Reason)> CoverageAsync(AppFixture app, string id)
    {
        var coverage = (await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage");
        return (coverage.GetProperty("complete").GetBoolean(), coverage.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }

    private async Task<List<SourcePage>> ReadAsync(ScriptedGitHub hub, string? token, string? cursor, Func<SourceRequest, SourceRequest>? with = null)
    {
        using var fetcher = new Fetcher(hub.Web, AddressPolicy.PublicOnly, clock, "test/1");
        var source = new GitHubSource(fetcher, new GitHubOptions(new Uri("https://api.github.com"), new Uri("https://github.com"), token), clock);
        var reading = new SourceRequest("4711", "https://api.github.com/users/juna", cursor, new Dictionary<string, string>(StringComparer.Ordinal), Credentials.None);
        var pages = new List<SourcePage>();
        await foreach (var page in source.ReadAsync(with?.Invoke(reading) ?? reading, default))
            pages.Add(page);
        Assert.All(pages, page => Assert.InRange(page.Cursor.Length, 1, 30_000));
        return pages;
    }

    /// <summary>The first page of the history, a later one, or a page of what changed.</summary>
    private static bool IsAt(HttpRequestMessage request, string where)
    {
        if (request.RequestUri!.AbsolutePath != "/graphql")
            return false;
        var variables = ScriptedGitHub.Variables(request);
        var (isHistory, isFirst) = ((string?)variables["field"] == "CREATED_AT", variables["after"] is null);
        return where switch { "changes" => !isHistory, "first" => isHistory && isFirst, _ => isHistory && !isFirst };
    }

    private static bool IsInSearch(HttpRequestMessage request, string where)
    {
        var address = Uri.UnescapeDataString(request.RequestUri!.AbsoluteUri);
        return where switch
        {
            "repository" => address.EndsWith("/repos/org1/project1", StringComparison.Ordinal),
            "first" => address.Contains("created:>=2008-01-01", StringComparison.Ordinal),
            "changes" => address.Contains("updated:>=", StringComparison.Ordinal),
            _ => address.Contains("created:>=", StringComparison.Ordinal) && !address.Contains("created:>=2008-01-01", StringComparison.Ordinal),
        };
    }

    private static HttpResponseMessage Spoilt(HttpResponseMessage answer, string how) => how switch
    {
        "502" => ScriptedWeb.Answer(HttpStatusCode.BadGateway),
        "404" => ScriptedWeb.Answer(HttpStatusCode.NotFound, """{"message":"Not Found"}""", "application/json"),
        "422" => ScriptedWeb.Answer(HttpStatusCode.UnprocessableEntity, """{"message":"Validation Failed"}""", "application/json"),
        "html" => ScriptedWeb.Answer(HttpStatusCode.OK, "<html>sorry</html>", "text/html"),
        "half" or "cut" => ScriptedWeb.Answer(200, Bytes(answer)[..(Bytes(answer).Length / 2)], "application/json"),
        "nothing" => ScriptedWeb.Answer(HttpStatusCode.OK, "{}", "application/json"),
        "notFound" => ScriptedGitHub.Json(HttpStatusCode.OK, JsonNode.Parse("""{"data":{"user":null},"errors":[{"type":"NOT_FOUND","path":["user"],"message":"Could not resolve to a User."}]}""")!),
        "badCursor" => ScriptedGitHub.Errors("INVALID_CURSOR_ARGUMENTS", "`x` does not appear to be a valid cursor.", "user", "pullRequests"),
        "noPageInfo" => Changed(answer, told => List(told).Remove("pageInfo")),
        "noTotal" => Changed(answer, told => List(told).Remove("totalCount")),
        "noHasNext" => Changed(answer, told => List(told)["pageInfo"]!.AsObject().Remove("hasNextPage")),
        "noCount" => Changed(answer, told => told.Remove("total_count")),
        "incomplete" => Changed(answer, told =>
        {
            told["incomplete_results"] = true;
            told["items"] = new JsonArray();
        }),
        "empty" => Changed(answer, told =>
        {
            Rows(told).Clear();
            if (told["items"] is null)
                List(told)["pageInfo"] = new JsonObject { ["hasNextPage"] = false, ["endCursor"] = null };
        }),
        "none" => Changed(answer, told =>
        {
            Rows(told).Clear();
            told["total_count"] = 0;
        }),
        "emptyOn" => Changed(answer, told => Rows(told).Clear()),
        "fewer" => Changed(answer, told =>
        {
            for (var n = Rows(told).Count - 2; n >= 0; n -= 2)
                Rows(told).RemoveAt(n);
        }),
        "nulls" => Changed(answer, Empty),
        "withheld" => Changed(answer, told =>
        {
            // It is the same three whatever the size of the page.
            if (Rows(told).Any(row => (int)row!["number"]! == 150))
            {
                Empty(told);
                told["errors"] = JsonNode.Parse("""[{"type":"FORBIDDEN","path":["user","pullRequests","nodes",2,"repository"],"message":"Resource protected by organization SAML enforcement."}]""");
            }
        }),
        _ => throw new InvalidOperationException(how),
    };

    private static void Empty(JsonObject told)
    {
        for (var n = 0; n < 3 && n < Rows(told).Count; n++)
            Rows(told)[n] = null;
    }

    private static JsonObject List(JsonObject told) => told["data"]!["user"]!["pullRequests"]!.AsObject();

    private static JsonArray Rows(JsonObject told) => (told["items"] ?? List(told)["nodes"])!.AsArray();

    private static HttpResponseMessage Changed(HttpResponseMessage answer, Action<JsonObject> change)
    {
        var told = JsonNode.Parse(Bytes(answer))!.AsObject();
        change(told);
        var changed = ScriptedGitHub.Json(HttpStatusCode.OK, told);
        foreach (var (name, values) in answer.Headers)
            changed.Headers.TryAddWithoutValidation(name, values);
        return changed;
    }

    private static byte[] Bytes(HttpResponseMessage answer)
    {
        using var stream = new MemoryStream();
        answer.Content.CopyTo(stream, null, default);
        return stream.ToArray();
    }
}
