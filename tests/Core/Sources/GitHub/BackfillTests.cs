using System.Net;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>A long history, through the front door.</summary>
public sealed class BackfillTests(ITestOutputHelper output)
{
    private const int Many = 2_500;

    [Fact]
    public async Task History_of_2500_pull_requests_costs_one_request_per_page()
    {
        var clock = new TestClock();
        var hub = ScriptedGitHub.Of(clock, Many);
        await using var app = await AppFixture.StartAsync(hub.Web, clock, settings: ScriptedGitHub.WithToken);

        var id = await app.ConnectAsync("juna", "github");

        Assert.Empty(app.Failures);
        await GitHubLedger.AssertEqualsAsync(hub, app);
        var pages = hub.Sizes.Count;
        output.WriteLine($"{hub.Web.Asked.Count} requests, {hub.Points} points");
        Assert.Equal(Many / 100, pages);
        Assert.Equal(pages + 1, hub.Web.Asked.Count);
        Assert.Equal(2 * pages, hub.Points);
        Assert.True((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("coverage").GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task Without_a_token_a_long_history_is_harvested_within_the_limits_per_minute_and_hour()
    {
        var clock = new TestClock();
        var hub = ScriptedGitHub.Of(clock, Many, repositories: 150);
        await using var app = await AppFixture.StartAsync(hub.Web, clock);

        var id = await app.ConnectAsync("juna", "github");
        for (var hour = 0; hour < 24 && await IsBehindAsync(app, id); hour++)
            await app.PassAsync(TimeSpan.FromHours(1));

        Assert.Empty(app.Failures);
        await GitHubLedger.AssertEqualsAsync(hub, app);
        var (searches, names) = (hub.Web.Addresses.Count(a => a.Contains("/search/", StringComparison.Ordinal)), hub.Web.Addresses.Count(a => a.Contains("/repos/", StringComparison.Ordinal)));
        output.WriteLine($"{searches} searches, {names} repositories, {hub.Web.Asked.Count} requests");
        Assert.InRange(searches, Many / 100, (Many / 100) + 6);
        Assert.InRange(names, 150, 160);
        var connection = await GitHubLedger.ConnectionAsync(app, id);
        Assert.Contains("GitHubToken", connection.GetProperty("coverage").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.True(connection.GetProperty("coverage").GetProperty("complete").GetBoolean());
        Assert.All((await app.LedgerAsync()).Take(10), entry => Assert.False(entry.TryGetProperty("metrics", out var metrics) && metrics.TryGetProperty("additions", out _)));
    }

    /// <summary>Every kind of trouble at any moment, a process that dies every now and then, and rows that change under way.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Faults_and_any_number_of_deaths_lose_and_duplicate_nothing(bool hasToken)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var clock = new TestClock();
        var hub = ScriptedGitHub.Of(clock, hasToken ? Many : 600, repositories: 30);
        var (troubles, deaths) = (0, 0);
        hub.Before = (_, request) =>
        {
            Change(hub, random, clock.GetUtcNow());
            if (random.Next(4) > 0 || request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.StartsWith("/user", StringComparison.Ordinal))
                return null;
            troubles++;
            return Trouble(random, request, clock);
        };
        using var folder = new TemporaryFolder();
        var settings = hasToken ? ScriptedGitHub.WithToken : null;
        string? id = null;
        for (var start = 0; id is null || troubles < 10 || deaths < 10 || await IsBehindAsync(folder, hub, clock, settings, id); start++)
        {
            Assert.True(start < 300, $"It does not come to an end: {troubles} troubles, {deaths} deaths.");
            await using var app = await AppFixture.StartAsync(hub.Web, clock, folder, settings);
            id ??= await ConnectedAsync(app);
            app.Table.BreakIn = random.Next(10, 400);
            try
            {
                await app.CallAsync("Plan");
                await app.DrainAsync(rounds: 3);
            }
            catch (ContributionIngest.Core.Storage.StoreUnavailableException)
            {
                deaths++;
            }

            deaths += app.Table.BreakIn < 0 ? 1 : 0;
            clock.Advance(TimeSpan.FromHours(25));
        }

        output.WriteLine($"{troubles} troubles, {deaths} deaths, {hub.Web.Asked.Count} requests");
        hub.Before = (_, _) => null;
        await using var last = await AppFixture.StartAsync(hub.Web, clock, folder, settings);
        await last.PassAsync(TimeSpan.FromHours(25));
        await last.HarvestAsync(id);
        await GitHubLedger.AssertEqualsAsync(hub, last);
    }

    private static async Task<string> ConnectedAsync(AppFixture app)
    {
        var (_, body) = await app.PostAsync("/connections", """{"address":"@juna","source":"github"}""");
        return body.TryGetProperty("id", out var id) ? id.GetString()! : throw new InvalidOperationException(body.ToString());
    }

    private static async Task<bool> IsBehindAsync(TemporaryFolder folder, ScriptedGitHub hub, TestClock clock, IReadOnlyDictionary<string, string?>? settings, string id)
    {
        await using var app = await AppFixture.StartAsync(hub.Web, clock, folder, settings);
        return await IsBehindAsync(app, id);
    }

    private static async Task<bool> IsBehindAsync(AppFixture app, string id) =>
        !(await GitHubLedger.ConnectionAsync(app, id)).TryGetProperty("coverage", out var coverage) || !coverage.GetProperty("complete").GetBoolean();

    /// <summary>Somebody merges or names one of them anew.</summary>
    private static void Change(ScriptedGitHub hub, Random random, DateTimeOffset now)
    {
        var pull = hub.Pulls[random.Next(hub.Pulls.Count)];
        if (pull.State == "OPEN")
            pull.State = "MERGED";
        else
            pull.Title += "!";
        pull.Updated = now;
    }

    private static HttpResponseMessage Trouble(Random random, HttpRequestMessage request, TestClock clock)
    {
        var soon = clock.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var isGraphQl = request.Method == HttpMethod.Post;
        return random.Next(isGraphQl ? 7 : 5) switch
        {
            0 => ScriptedWeb.Answer(HttpStatusCode.BadGateway, "<html>502</html>", "text/html"),
            1 => ScriptedWeb.Answer(HttpStatusCode.GatewayTimeout, ""),
            2 => ScriptedGitHub.Json(HttpStatusCode.Forbidden, new JsonObject { ["message"] = "You have exceeded a secondary rate limit." }, ("Retry-After", "60")),
            3 => ScriptedGitHub.Json(HttpStatusCode.TooManyRequests, new JsonObject { ["message"] = "API rate limit exceeded" }, ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", soon)),
            4 => throw new HttpRequestException("The connection broke off."),
            5 => ScriptedGitHub.Errors("RATE_LIMITED", "API rate limit exceeded for user."),
            _ => ScriptedGitHub.Errors("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded.", "user", "pullRequests"),
        };
    }
}
