using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Answers with status 200 that are half an answer or none.</summary>
public sealed class GraphQlFaultTests
{
    private readonly TestClock clock = new();
    private readonly ScriptedGitHub hub;

    public GraphQlFaultTests() => hub = ScriptedGitHub.Of(clock, 230);

    [Fact]
    public async Task Page_size_is_halved_when_a_query_is_too_expensive_and_grows_again()
    {
        var isHeavy = true;
        hub.Before = (_, request) => isHeavy && First(request) > 30 ? ScriptedGitHub.Errors("RESOURCE_LIMITS_EXCEEDED", "Too much.", "user", "pullRequests") : null;
        var pages = new List<SourcePage>();
        await foreach (var page in Source().ReadAsync(Reading(), default))
        {
            pages.Add(page);
            isHeavy = pages.Count < 2;
        }

        Assert.Equal(230, pages.SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct().Count());
        Assert.Equal(230, pages.Sum(page => page.Drafts.Count));
        Assert.Equal([25, 25, 50, 100, 100], hub.Sizes);
    }

    [Fact]
    public async Task Private_item_yields_no_draft_and_its_raw_answer_is_not_stored()
    {
        var secret = new ScriptedRepository { Id = 3, Name = "org/secret", IsPrivate = true };
        hub.Pulls.Add(new ScriptedPull { Repository = secret, Number = 999, Title = "Nobody may know", Created = clock.GetUtcNow(), Updated = clock.GetUtcNow() });

        var pages = await ReadAsync();

        Assert.Equal(230, pages.Sum(page => page.Drafts.Count));
        Assert.Equal([true, true, false], pages.Select(page => page.Raw is not null));
        Assert.DoesNotContain(pages, page => page.Cursor.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Partial_page_is_not_accepted()
    {
        var isFirst = true;
        hub.Before = (_, request) =>
        {
            if (!isFirst)
                return null;
            isFirst = false;
            var half = ScriptedGitHub.Data("juna", ScriptedGitHub.Person, [.. hub.Pulls.Take(60)], true, "never-to-be-used");
            half["errors"] = new JsonArray(new JsonObject { ["type"] = "RESOURCE_LIMITS_EXCEEDED", ["message"] = "Too much." });
            return ScriptedGitHub.Json(HttpStatusCode.OK, half);
        };

        Assert.Equal(230, (await ReadAsync()).SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct().Count());
    }

    [Fact]
    public async Task Gateway_timeouts_reduce_the_page_size_and_a_fourth_is_a_failure()
    {
        var timeouts = 2;
        hub.Before = (_, _) => timeouts-- > 0 ? ScriptedWeb.Answer(HttpStatusCode.GatewayTimeout) : null;
        Assert.Equal(230, (await ReadAsync()).Sum(page => page.Drafts.Count));
        Assert.Equal([6, 6, 12, 24], hub.Sizes.Take(4));

        timeouts = 4;
        var failure = await Assert.ThrowsAsync<SourceException>(ReadAsync);
        Assert.Equal(Failure.Transient, failure.Failure);
    }

    [Fact]
    public async Task Withheld_rows_are_counted_and_the_others_harvested()
    {
        hub.Before = (_, _) =>
        {
            var part = ScriptedGitHub.Data("juna", ScriptedGitHub.Person, [.. hub.Pulls.Take(5)], false, "end");
            part["data"]!["user"]!["pullRequests"]!["nodes"]!.AsArray()[2] = null;
            part["errors"] = JsonNode.Parse(
                """[{"type":"FORBIDDEN","path":["user","pullRequests","nodes",2,"repository"],"message":"Resource protected by organization SAML enforcement."}]""");
            return ScriptedGitHub.Json(HttpStatusCode.OK, part);
        };

        var page = Assert.Single(await ReadAsync());

        Assert.Equal(4, page.Drafts.Count);
        var repair = Assert.Single(page.Repairs);
        Assert.Equal(("rowsWithheld", 1), (repair.What, repair.Count));
        Assert.Contains("SAML", repair.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_row_is_isolated_skipped_and_named()
    {
        const int Bad = 77;
        hub.Before = (_, request) =>
        {
            var variables = ScriptedGitHub.Variables(request);
            var start = (string?)variables["after"] is { } after ? int.Parse(after.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            var shown = hub.Pulls.Skip(start).Take((int)variables["first"]!).ToList();
            var answer = ScriptedGitHub.Data("juna", ScriptedGitHub.Person, shown, start + shown.Count < hub.Pulls.Count, $"at-{start + shown.Count}");
            if (shown.FindIndex(pull => pull.Number == Bad) is >= 0 and var at)
            {
                answer["data"]!["user"]!["pullRequests"]!["nodes"]!.AsArray()[at] = null;
                answer["errors"] = JsonNode.Parse($$"""[{"path":["user","pullRequests","nodes",{{at}}],"message":"Something went wrong while executing your query."}]""");
            }

            return ScriptedGitHub.Json(HttpStatusCode.OK, answer);
        };

        var pages = await ReadAsync();

        Assert.Equal(hub.Pulls.Where(pull => pull.Number != Bad).Select(pull => pull.Title), pages.SelectMany(page => page.Drafts).Select(draft => draft.Title));
        Assert.Equal(1, pages.SelectMany(page => page.Repairs).Sum(repair => repair.Count));
    }

    [Fact]
    public async Task Expired_list_cursor_restarts_the_list_once()
    {
        var refusals = 1;
        hub.Before = (_, request) => (string?)ScriptedGitHub.Variables(request)["after"] is not null && refusals-- > 0
            ? ScriptedGitHub.Errors("INVALID_CURSOR_ARGUMENTS", "`x` does not appear to be a valid cursor.", "user", "pullRequests")
            : null;
        Assert.Equal(230, (await ReadAsync()).SelectMany(page => page.Drafts).Select(draft => draft.NativeId).Distinct().Count());

        refusals = int.MaxValue;
        Assert.Equal(Failure.Transient, (await Assert.ThrowsAsync<SourceException>(ReadAsync)).Failure);
    }

    [Theory]
    [InlineData("{\"message\":\"You have exceeded a secondary rate limit. Please wait.\"}", 403, "", 1, "throttled")]
    [InlineData("{\"message\":\"You have exceeded a secondary rate limit. Please wait.\"}", 403, "120", 2, "throttled")]
    [InlineData("{\"message\":\"slow down\"}", 429, "600", 10, "throttled")]
    [InlineData("{\"errors\":[{\"message\":\"You have exceeded a secondary rate limit.\"}]}", 200, "", 1, "throttled")]
    public async Task Rate_limit_without_a_reset_pauses_for_at_least_a_minute(string body, int status, string after, int minutes, string code)
    {
        hub.Before = (_, _) => ScriptedWeb.Answer((HttpStatusCode)status, body, "application/json", after.Length > 0 ? [("Retry-After", after)] : []);

        var failure = await Assert.ThrowsAsync<SourceException>(ReadAsync);

        Assert.Equal((Failure.Transient, code), (failure.Failure, failure.Code));
        Assert.Equal(clock.GetUtcNow().AddMinutes(minutes), failure.RetryAt);
    }

    [Theory]
    [InlineData("{\"message\":\"Resource not accessible by personal access token\"}", 403, "denied")]
    [InlineData("{\"message\":\"Bad credentials\"}", 401, "badToken")]
    [InlineData("{\"errors\":[{\"type\":\"FORBIDDEN\",\"path\":[\"user\"],\"message\":\"no\"}]}", 200, "refusedQuery")]
    [InlineData("{\"errors\":[{\"extensions\":{\"code\":\"undefinedField\"},\"message\":\"Field 'x' doesn't exist\"}]}", 200, "refusedQuery")]
    public async Task Failure_only_the_operator_can_fix_is_terminal(string body, int status, string code)
    {
        hub.Before = (_, _) => ScriptedWeb.Answer((HttpStatusCode)status, body, "application/json");

        var failure = await Assert.ThrowsAsync<SourceException>(ReadAsync);

        Assert.Equal((Failure.Terminal, code), (failure.Failure, failure.Code));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"data\":null}")]
    [InlineData("{\"data\":{\"user\":[]}}")]
    [InlineData("{\"data\":{\"user\":{\"databaseId\":4711,\"login\":\"juna\",\"pullRequests\":null}}}")]
    [InlineData("{\"data\":{\"user\":{\"databaseId\":4711,\"login\":\"juna\",\"pullRequests\":{\"nodes\":[],\"pageInfo\":{\"hasNextPage\":true}}}}}")]
    [InlineData("{\"data\":{\"user\":{\"databaseId\":1e300,\"login\":\"\\ud800\",\"pullRequests\":{\"nodes\":[{}]}}}}")]
    [InlineData("{\"errors\":{\"\\ud800x\":1}}")]
    [InlineData("{\"errors\":[null,3,{\"path\":7,\"type\":[]}]}")]
    public async Task Malformed_answer_is_a_transient_failure(string body)
    {
        hub.Before = (_, request) => request.Method == HttpMethod.Post ? ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json") : null;

        Assert.Equal(Failure.Transient, (await Assert.ThrowsAsync<SourceException>(ReadAsync)).Failure);
    }

    [Fact]
    public async Task Malformed_rows_are_counted_and_never_throw()
    {
        string[] rows =
        [
            "null", "7", "[]", "{}", "{\"number\":\"1\",\"repository\":{\"databaseId\":1,\"nameWithOwner\":\"a/b\"}}",
            "{\"number\":99999999999999999999,\"repository\":{\"databaseId\":1,\"nameWithOwner\":\"a/b\"}}",
            "{\"number\":1,\"repository\":{\"databaseId\":-1,\"nameWithOwner\":\"a/b\"}}",
            "{\"number\":1,\"title\":\"\\udc00\",\"state\":9,\"createdAt\":\"soon\",\"additions\":-5,\"labels\":[3],\"repository\":{\"databaseId\":1,\"nameWithOwner\":\"a/b\",\"isPrivate\":false,\"repositoryTopics\":{\"nodes\":{}}}}",
        ];
        var body = """{"data":{"user":{"databaseId":4711,"login":"juna","pullRequests":{"totalCount":8,"pageInfo":{"hasNextPage":false},"nodes":[""" + string.Join(',', rows) + "]}}}}";
        hub.Before = (_, _) => ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/json");

        var page = Assert.Single(await ReadAsync());

        var draft = Assert.Single(page.Drafts);
        Assert.Equal(("1/1", null, null), (draft.NativeId, draft.Title, draft.When));
        Assert.Empty(draft.Metrics);
        Assert.Equal(7, Assert.Single(page.Repairs).Count);
    }

    private GitHubSource Source() => new(
        new Fetcher(hub.Web, AddressPolicy.PublicOnly, clock, "test/1"),
        new GitHubOptions(new Uri("https://api.github.com"), new Uri("https://github.com"), ScriptedGitHub.Token),
        clock);

    private static SourceRequest Reading() => new("4711", "https://api.github.com/users/juna", null, new Dictionary<string, string>(StringComparer.Ordinal), Credentials.None);

    private async Task<List<SourcePage>> ReadAsync()
    {
        var pages = new List<SourcePage>();
        await foreach (var page in Source().ReadAsync(Reading(), default))
            pages.Add(page);
        return pages;
    }

    private static int First(HttpRequestMessage request) => (int)ScriptedGitHub.Variables(request)["first"]!;
}
