using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>What the rules for outbound requests ask of whatever goes through Octokit, and what becomes of its exceptions.</summary>
public sealed class OctokitTests
{
    private const string Connecting = """{"address":"juna","source":"github"}""";

    private readonly TestClock clock = new();

    [Theory]
    [InlineData("/search/issues", 403, "You have exceeded a secondary rate limit. Please wait a few minutes.", "Retry-After", "600", 10)]
    [InlineData("/search/issues", 403, "You have exceeded a secondary rate limit. Please wait a few minutes.", "X-Other", "1", 1)]
    [InlineData("/search/issues", 403, "You have triggered an abuse detection mechanism.", "X-Other", "1", 1)]
    [InlineData("/search/issues", 403, "Slow down.", "Retry-After", "1200", 20)]
    [InlineData("/search/issues", 429, "Slow down.", "Retry-After", "1800", 30)]
    [InlineData("/search/issues", 429, "<html>", "X-Other", "1", 1)]
    [InlineData("/repos/org1/project2", 403, "You have exceeded a secondary rate limit. Please wait a few minutes.", "Retry-After", "600", 10)]
    [InlineData("/repos/org1/project2", 429, "Slow down.", "Retry-After", "1800", 30)]
    public async Task Every_kind_of_rate_limit_is_a_pause_of_the_stated_length(string path, int status, string message, string header, string value, int minutes)
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        hub.Pulls[1].Repository.Name = "org1/project2";
        var body = message[0] == '<' ? message : new JsonObject { ["message"] = message }.ToJsonString();
        hub.Before = (_, request) => request.RequestUri!.AbsolutePath == path ? ScriptedWeb.Answer((HttpStatusCode)status, body, "application/json", (header, value)) : null;
        await using var app = await AppFixture.StartAsync(hub.Web, clock);
        var id = await app.ConnectAsync("juna", "github");
        var at = clock.GetUtcNow();
        Assert.Equal("throttled", GitHubLedger.Text((await GitHubLedger.ConnectionAsync(app, id)).GetProperty("problem"), "code"));
        var asked = hub.Web.Asked.Count;
        hub.Before = (_, _) => null;

        await app.PassAsync(at.AddMinutes(minutes).AddSeconds(-10) - clock.GetUtcNow());
        Assert.Equal(asked, hub.Web.Asked.Count);
        await app.PassAsync(TimeSpan.FromHours(1));

        Assert.Equal("ok", GitHubLedger.Text(await GitHubLedger.ConnectionAsync(app, id), "health"));
        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    [Theory]
    [InlineData("/users/juna")]
    [InlineData("/search/issues")]
    public async Task Body_over_the_size_limit_is_not_read_to_its_end(string path)
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        using var endless = new Endless();
        hub.Before = (_, request) => request.RequestUri!.AbsolutePath == path ? new HttpResponseMessage { Content = new StreamContent(endless) } : null;
        await using var app = await AppFixture.StartAsync(hub.Web, clock);

        var (_, body) = await app.PostAsync("/connections", Connecting);
        await app.DrainAsync();

        var code = path == "/users/juna"
            ? Code(body)
            : GitHubLedger.Text((await GitHubLedger.ConnectionAsync(app, GitHubLedger.Text(body, "id"))).GetProperty("problem"), "code");
        Assert.Equal("tooLarge", code);
        Assert.InRange(endless.Taken, 10 * 1024 * 1024, 20 * 1024 * 1024);
    }

    [Fact]
    public async Task Token_is_sent_only_to_its_host_and_every_request_names_the_operator()
    {
        using var web = new ScriptedWeb(request => request.RequestUri!.Host == "api.github.com"
            ? ScriptedWeb.Redirect(302, "https://elsewhere.example/users/juna")
            : ScriptedGitHub.Json(HttpStatusCode.OK, new JsonObject { ["login"] = "juna", ["id"] = ScriptedGitHub.Person, ["type"] = "User" }));
        var settings = new Dictionary<string, string?>(ScriptedGitHub.WithToken, StringComparer.Ordinal) { ["Contact"] = "https://operator.example" };
        await using var app = await AppFixture.StartAsync(web, clock, settings: settings);

        var (status, _) = await app.PostAsync("/connections", Connecting);

        Assert.Equal(HttpStatusCode.Created, status);
        var (here, there) = (web.Asked[0].Headers, web.Asked[1].Headers);
        Assert.Equal("Bearer " + ScriptedGitHub.Token, here.Authorization!.ToString());
        Assert.Equal(["2022-11-28"], here.GetValues("X-GitHub-Api-Version"));
        Assert.Equal("elsewhere.example", web.Asked[1].RequestUri!.Host);
        Assert.Null(there.Authorization);
        Assert.All(web.Asked, request => Assert.Contains("+https://operator.example", request.Headers.UserAgent.ToString(), StringComparison.Ordinal));
        Assert.All(web.Asked, request => Assert.DoesNotContain("Octokit", request.Headers.UserAgent.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Endless_redirects_are_cut_off()
    {
        using var web = new ScriptedWeb(_ => ScriptedWeb.Redirect(301, "/users/juna"));
        await using var app = await AppFixture.StartAsync(web, clock);

        var (status, body) = await app.PostAsync("/connections", Connecting);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "tooManyRedirects"), (status, Code(body)));
        Assert.Equal(6, web.Asked.Count);
    }

    /// <summary>Whoever asks leaves while GitHub has not answered: by a client, whose methods take no token, and by the connection.</summary>
    [Theory]
    [InlineData("/preview", Connecting)]
    [InlineData("/ledger", """{"url":"https://github.com/org/project/pull/7"}""")]
    public async Task Request_is_abandoned_when_its_caller_cancels(string path, string body)
    {
        var isUnderWay = new TaskCompletionSource();
        var isLeft = new TaskCompletionSource();
        using var web = new ScriptedWeb(async (_, cancel) =>
        {
            isUnderWay.TrySetResult();
            try
            {
                return await new TaskCompletionSource<HttpResponseMessage>().Task.WaitAsync(cancel);
            }
            finally
            {
                isLeft.TrySetResult();
            }
        });
        await using var app = await AppFixture.StartAsync(web, clock);
        using var stop = new CancellationTokenSource();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        var asking = app.Client.PostAsync(new Uri("/api" + path, UriKind.Relative), content, stop.Token);
        await isUnderWay.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await isLeft.Task;
        await app.Requests.NoneAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Enterprise_server_below_a_path_is_requested_at_its_own_addresses(bool hasToken)
    {
        var hub = ScriptedGitHub.Of(clock, 3, repositories: 1);
        var asked = new List<string>();
        using var server = new HttpMessageInvoker(hub.Web, disposeHandler: false);
        using var web = new ScriptedWeb(async (request, cancel) =>
        {
            asked.Add(request.RequestUri!.GetLeftPart(UriPartial.Path));
            request.RequestUri = new Uri(request.RequestUri.AbsoluteUri.Replace("https://git.example/hub/api/v3/", "https://api.github.com/", StringComparison.Ordinal)
                .Replace("https://git.example/hub/api/graphql", "https://api.github.com/graphql", StringComparison.Ordinal));
            return await server.SendAsync(request, cancel);
        });
        var settings = new Dictionary<string, string?>(hasToken ? ScriptedGitHub.WithToken : [], StringComparer.Ordinal)
        {
            ["GitHubApi"] = "https://git.example/hub/api/v3",
            ["GitHubSite"] = "https://git.example/hub",
        };
        await using var app = await AppFixture.StartAsync(web, clock, settings: settings);

        await app.ConnectAsync("juna", "github");

        string[] expected = hasToken
            ? ["https://git.example/hub/api/v3/users/juna", "https://git.example/hub/api/graphql"]
            : ["https://git.example/hub/api/v3/users/juna", "https://git.example/hub/api/v3/search/issues", "https://git.example/hub/api/v3/repos/org1/project1"];
        Assert.Equal(expected, asked.Distinct(StringComparer.Ordinal));
        await GitHubLedger.AssertEqualsAsync(hub, app);
    }

    /// <summary>Octokit reads a member it knows into a number or nothing, and JSON of any depth until the process has no stack left.</summary>
    [Theory]
    [InlineData(200, """{"login":"juna","id":4711,"followers":null}""", "unreadable")]
    [InlineData(200, """{"login":"juna","id":4711,"type":"Mollusc"}""", "unreadable")]
    [InlineData(200, """{"login":"juna","id":1e400}""", "unreadable")]
    [InlineData(200, """{"login":["juna"],"id":4711}""", "unreadable")]
    [InlineData(200, """[{"login":"juna","id":4711}]""", "unreadable")]
    [InlineData(200, "7", "unreadable")]
    [InlineData(200, "", "unreadable")]
    [InlineData(200, "[...", "unreadable")]
    [InlineData(403, "[...", "denied")]
    [InlineData(404, "[...", "noSuchUser")]
    [InlineData(410, "[7]", "gone")]
    [InlineData(422, "[...", "status")]
    [InlineData(451, "{}", "denied")]
    [InlineData(500, "[...", "status")]
    public async Task Answer_that_fits_no_model_is_reported_and_breaks_nothing(int status, string answer, string code)
    {
        var body = answer.Replace("...", new string('[', 60_000), StringComparison.Ordinal);
        using var web = new ScriptedWeb(_ => ScriptedWeb.Answer(
            (HttpStatusCode)status, body, "application/json", ("Link", "<no address>; rel=\"next\", <no address>; rel=\"next\""), ("X-RateLimit-Reset", long.MaxValue.ToString(CultureInfo.InvariantCulture))));
        await using var app = await AppFixture.StartAsync(web, clock);

        var (answered, problem) = await app.PostAsync("/connections", Connecting);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, code), (answered, Code(problem)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"private":null}""")]
    [InlineData("""{"private":true,"visibility":"public"}""")]
    [InlineData("""{"private":false,"visibility":"internal"}""")]
    [InlineData("""{"private":false,"visibility":"for friends"}""")]
    public async Task Repository_not_stated_to_be_public_is_left_out(string says)
    {
        var hub = ScriptedGitHub.Of(clock, 2, repositories: 2);
        hub.Then = (request, answer) =>
        {
            if (request.RequestUri!.AbsolutePath != "/repos/" + hub.Pulls[0].Repository.Name)
                return answer;
            var told = ScriptedGitHub.Repository(hub.Pulls[0].Repository);
            foreach (var name in (string[])["private", "visibility"])
                told.Remove(name);
            foreach (var (name, value) in JsonNode.Parse(says)!.AsObject())
                told[name] = value?.DeepClone();
            return ScriptedGitHub.Json(HttpStatusCode.OK, told);
        };
        await using var app = await AppFixture.StartAsync(hub.Web, clock);

        await app.ConnectAsync("juna", "github");

        Assert.Equal("Change 2", GitHubLedger.Text(Assert.Single(await app.LedgerAsync()), "title"));
    }

    private static string Code(JsonElement problem) => GitHubLedger.Text(problem, "type").Split(':')[^1];

    private sealed class Endless : MemoryStream
    {
        public long Taken { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            Taken += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
