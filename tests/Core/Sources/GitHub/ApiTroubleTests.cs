using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>Trouble of the API that must not hide what is there.</summary>
public sealed class ApiTroubleTests
{
    private readonly TestClock clock = new();

    [Theory]
    [InlineData(HttpStatusCode.BadGateway, 10)]
    [InlineData(HttpStatusCode.GatewayTimeout, 10)]
    [InlineData(HttpStatusCode.BadGateway, 1)]
    public async Task Pages_that_the_gateway_refuses_above_some_rows_are_read_in_smaller_ones_and_the_size_is_remembered(HttpStatusCode status, int most)
    {
        var hub = ScriptedGitHub.Of(clock, 45);
        var refused = 0;
        hub.Before = (_, request) => request.Method == HttpMethod.Post && (int)ScriptedGitHub.Variables(request)["first"]! > most && ++refused > 0 ? ScriptedWeb.Answer(status) : null;
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");

        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.Equal("ok", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
        Assert.InRange(refused, 2, 6);

        // Polls begin with what worked.
        for (var look = 0; look < 3; look++)
        {
            refused = 0;
            clock.Advance(TimeSpan.FromHours(1));
            hub.Pulls[look].Updated = clock.GetUtcNow();
            await app.HarvestAsync(id);
            Assert.Equal(0, refused);
        }

        // A day later larger pages are tried again.
        hub.Before = (_, _) => null;
        for (var day = 0; day < 6; day++)
        {
            clock.Advance(TimeSpan.FromDays(2));
            hub.Pulls[day].Updated = clock.GetUtcNow();
            await app.HarvestAsync(id);
        }

        Assert.Equal(40, hub.Sizes[^1]);
        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    [Fact]
    public async Task Size_that_worked_is_remembered_by_a_poll_that_finds_nothing()
    {
        var hub = ScriptedGitHub.Of(clock, 45);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");
        var refused = 0;
        hub.Before = (_, request) => request.Method == HttpMethod.Post && (int)ScriptedGitHub.Variables(request)["first"]! > 10 && ++refused > 0 ? ScriptedWeb.Answer(HttpStatusCode.BadGateway) : null;
        await app.HarvestAsync(id);
        Assert.InRange(refused, 1, 2);
        await app.HarvestAsync(id);
        Assert.InRange(refused, 1, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_of_an_unfinished_search_are_taken_and_what_it_left_out_is_found_later(bool isKnown)
    {
        var hub = ScriptedGitHub.Of(clock, 30, repositories: 3);
        await using var app = await AppFixture.StartAsync(hub.Web, clock);
        var left = hub.Pulls[4];
        var isUnfinished = !isKnown;
        hub.Then = (request, answer) =>
        {
            if (!isUnfinished || !request.RequestUri!.AbsolutePath.StartsWith("/search", StringComparison.Ordinal))
                return answer;
            var told = JsonNode.Parse(answer.Content.ReadAsStream())!.AsObject();
            var items = told["items"]!.AsArray();
            foreach (var item in items.Where(item => (string)item!["html_url"]! == left.Url).ToList())
                items.Remove(item);
            told["incomplete_results"] = true;
            told["total_count"] = items.Count;
            return ScriptedGitHub.Json(HttpStatusCode.OK, told);
        };
        var id = await app.ConnectAsync("juna", "github");
        if (isKnown)
        {
            // It changed long before the others that are shown now.
            isUnfinished = true;
            (left.Title, left.Updated) = ("Changed", clock.GetUtcNow().AddMinutes(1));
            clock.Advance(TimeSpan.FromDays(3));
            (hub.Pulls[9].Title, hub.Pulls[9].Updated) = ("Changed later", clock.GetUtcNow());
            await app.HarvestAsync(id);
            Assert.Contains(await app.LedgerAsync(), entry => GitHubLedger.Text(entry, "title") == "Changed later");
        }
        else
        {
            Assert.Equal(29, (await app.LedgerAsync()).Count);
        }

        var connection = await GitHubLedger.ConnectionAsync(app, id);
        Assert.Equal("ok", GitHubLedger.Text(connection, "health"));
        Assert.Contains("did not finish", connection.GetProperty("coverage").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
        clock.Advance(TimeSpan.FromDays(3));
        await app.HarvestAsync(id);
        clock.Advance(TimeSpan.FromDays(3));
        isUnfinished = false;
        await app.PassAsync(TimeSpan.FromDays(1));
        await app.PassAsync(TimeSpan.FromDays(1));

        await GitHubLedger.AssertEqualsAsync(hub, app);
        connection = await GitHubLedger.ConnectionAsync(app, id);
        Assert.DoesNotContain("did not finish", connection.GetProperty("coverage").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.True(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Theory]
    [InlineData("21955855,20582480", "21955855, 20582480")]
    [InlineData("21955855", "21955855")]
    public async Task Rows_withheld_by_single_sign_on_are_named_by_organisation_until_the_token_is_authorised(string ids, string said)
    {
        var hub = ScriptedGitHub.Of(clock, 30);
        var hidden = hub.Pulls[4];
        hub.Pulls.Remove(hidden);
        var isWithheld = true;
        hub.Then = (request, answer) =>
        {
            if (isWithheld && request.Method == HttpMethod.Post)
                answer.Headers.TryAddWithoutValidation("X-GitHub-SSO", $"partial-results; organizations={ids}");
            return answer;
        };
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");

        await GitHubLedger.AssertEqualsAsync(hub, app);
        var coverage = (await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage");
        Assert.False(coverage.GetProperty("complete").GetBoolean());
        var reason = coverage.GetProperty("reason").GetString()!;
        Assert.Contains(said, reason, StringComparison.Ordinal);
        Assert.Contains("single sign-on", reason, StringComparison.Ordinal);
        Assert.Contains("GitHubToken", reason, StringComparison.Ordinal);
        await app.HarvestAsync(id);
        Assert.Contains(said, (await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("reason").GetString(), StringComparison.Ordinal);

        isWithheld = false;
        hub.Pulls.Insert(4, hidden);
        await app.HarvestAsync(id);
        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.True((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Token_that_single_sign_on_refuses_is_replaced_by_what_is_public_and_the_coverage_says_where_to_authorise_it()
    {
        var hub = ScriptedGitHub.Of(clock, 30, repositories: 3);
        var isRefused = true;
        hub.Before = (_, request) => isRefused && request.Headers.Authorization is not null && request.Method == HttpMethod.Post
            ? ScriptedWeb.Answer(
                HttpStatusCode.Forbidden, """{"message":"Resource protected by organization SAML enforcement. You must grant your token access to this organization."}""", "application/json",
                ("X-GitHub-SSO", "required; url=https://github.com/orgs/harbour/sso?authorization_request=AZSCKtL4U8yX1H3s"))
            : null;
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);
        var id = await app.ConnectAsync("juna", "github");

        await GitHubLedger.AssertEqualsAsync(hub, app);
        var connection = await GitHubLedger.ConnectionAsync(app, id);
        Assert.Equal("ok", GitHubLedger.Text(connection, "health"));
        var reason = connection.GetProperty("coverage").GetProperty("reason").GetString()!;
        Assert.Contains("https://github.com/orgs/harbour/sso", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("AZSCKtL4U8yX1H3s", connection.GetRawText(), StringComparison.Ordinal);
        (hub.Pulls[3].Title, hub.Pulls[3].Updated) = ("Changed", clock.GetUtcNow());
        await app.HarvestAsync(id);
        await GitHubLedger.AssertEqualsAsync(hub, app);

        isRefused = false;
        await app.HarvestAsync(id);
        await GitHubLedger.AssertEqualsAsync(hub, app);
        Assert.DoesNotContain("single sign-on", (await GitHubLedger.ConnectionAsync(app, id)).GetRawText(), StringComparison.Ordinal);
        Assert.True((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("complete").GetBoolean());
    }
}
