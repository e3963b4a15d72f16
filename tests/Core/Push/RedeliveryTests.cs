using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>The timer that has GitHub repeat what the app's hook did not take.</summary>
public sealed partial class RedeliveryTests : IDisposable
{
    private const string Deliveries = "https://api.github.com/app/hook/deliveries";

    private readonly RSA rsa = RSA.Create(2048);
    private readonly List<Attempt> attempts = [];
    private readonly List<long> redelivered = [];
    private ScriptedWeb? web;
    private Func<HttpRequestMessage, HttpResponseMessage?> first = _ => null;

    private string Pem => rsa.ExportRSAPrivateKeyPem().Replace("\n", "\\n", StringComparison.Ordinal);

    public void Dispose() => rsa.Dispose();

    [Fact]
    public async Task Exactly_the_deliveries_that_never_arrived_are_requested_again()
    {
        Add(1, "a", hours: 70, 500);
        Add(2, "b", hours: 60, 500);
        Add(3, "b", hours: 50, 502);
        Add(4, "c", hours: 40, 500);
        Add(5, "c", hours: 30, 202);
        Add(6, "d", hours: 20, 202);
        Add(7, "d", hours: 10, 500);
        Add(8, "e", hours: 9, 0);
        Add(9, "f", hours: 8, 500, "push");
        Add(10, "g", hours: 73, 500);
        await using var app = await StartAsync();

        await app.CallAsync("RedeliverHooks");

        Assert.Equal([1, 3, 8], redelivered);
        var run = (await app.GetAsync("/status")).GetProperty("redelivery");
        Assert.Equal((3, 3, app.Clock.GetUtcNow()), (run.GetProperty("failed").GetInt32(), run.GetProperty("asked").GetInt32(), run.GetProperty("at").GetDateTimeOffset()));
        Assert.False(run.TryGetProperty("problem", out _));
    }

    [Fact]
    public async Task Delivered_items_are_not_requested_again_and_permanently_failing_ones_are_given_up()
    {
        Add(1, "a", hours: 3, 500);
        Add(2, "b", hours: 3, 500);
        await using var app = await StartAsync();
        for (var run = 0; run < 8; run++)
        {
            await app.CallAsync("RedeliverHooks");
            app.Clock.Advance(TimeSpan.FromHours(6));
            foreach (var id in redelivered.Skip(attempts.Count - 2).ToList())
                attempts.Insert(0, new Attempt(100 + attempts.Count, attempts.Single(a => a.Id == id).Guid, app.Clock.GetUtcNow(), attempts.Single(a => a.Id == id).Guid == "a" ? 202 : 500, "pull_request"));
        }

        Assert.Equal(1, redelivered.Count(id => Guid(id) == "a"));
        Assert.Equal(5, redelivered.Count(id => Guid(id) == "b"));

        string Guid(long id) => attempts.Single(a => a.Id == id).Guid;
    }

    [Fact]
    public async Task All_pages_of_three_days_are_read_and_none_beyond_or_on_another_host()
    {
        for (var n = 1; n <= 350; n++)
            Add(n, $"g{n}", hours: 100 - (n * 0.2), n % 10 == 0 ? 500 : 202);
        await using var app = await StartAsync();
        await app.CallAsync("RedeliverHooks");
        Assert.Equal(Enumerable.Range(14, 22).Select(n => n * 10L), redelivered);
        Assert.Equal(3, web!.Addresses.Count(a => !a.Contains("attempts", StringComparison.Ordinal)));

        first = _ => ScriptedWeb.Answer(HttpStatusCode.OK, "[]", "application/json", ("Link", "<https://evil.example/app/hook/deliveries?cursor=1>; rel=\"next\""));
        await app.CallAsync("RedeliverHooks");
        Assert.DoesNotContain(web.Addresses, address => address.Contains("evil", StringComparison.Ordinal));
    }

    [Fact]
    public async Task App_authenticates_with_a_token_valid_for_less_than_ten_minutes()
    {
        Add(1, "a", hours: 1, 500);
        await using var app = await StartAsync();
        await app.CallAsync("RedeliverHooks");
        foreach (var request in web!.Asked)
        {
            var token = request.Headers.GetValues("Authorization").Single()["Bearer ".Length..].Split('.');
            var signed = Encoding.ASCII.GetBytes(token[0] + "." + token[1]);
            Assert.True(rsa.VerifyData(signed, Base64Url.DecodeFromChars(token[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            Assert.Equal("""{"alg":"RS256","typ":"JWT"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token[0])));
            var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token[1])).RootElement;
            var now = app.Clock.GetUtcNow().ToUnixTimeSeconds();
            Assert.Equal("12345", claims.GetProperty("iss").GetString());
            Assert.InRange(claims.GetProperty("iat").GetInt64(), now - 61, now - 59);
            Assert.InRange(claims.GetProperty("exp").GetInt64(), now + 60, now + 600);
        }
    }

    [Theory]
    [InlineData(403, "X-RateLimit-Remaining", "0", "reached its rate limit")]
    [InlineData(429, "Retry-After", "3600", "reached its rate limit")]
    [InlineData(401, "X-Other", "1", "GitHubAppId and GitHubAppKey")]
    [InlineData(500, "X-Other", "1", "trouble")]
    public async Task Rate_limit_or_rejection_ends_the_run_and_is_shown_in_the_status(int status, string header, string value, string said)
    {
        for (var n = 1; n <= 5; n++)
            Add(n, $"g{n}", hours: 10 - n, 500);
        await using var app = await StartAsync();
        first = request => request.Method == HttpMethod.Post && redelivered.Count == 2 ? ScriptedWeb.Answer((HttpStatusCode)status, "{}", "application/json", (header, value)) : null;

        await app.CallAsync("RedeliverHooks");

        var run = (await app.GetAsync("/status")).GetProperty("redelivery");
        Assert.Equal((5, 2), (run.GetProperty("failed").GetInt32(), run.GetProperty("asked").GetInt32()));
        Assert.Contains(said, run.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, web!.Asked.Count(r => r.Method == HttpMethod.Post));
        if (status is 403 or 429)
        {
            await app.CallAsync("RedeliverHooks");
            Assert.Equal(3, web.Asked.Count(r => r.Method == HttpMethod.Post));
        }

        first = _ => null;
        app.Clock.Advance(TimeSpan.FromHours(6));
        await app.CallAsync("RedeliverHooks");
        Assert.False((await app.GetAsync("/status")).GetProperty("redelivery").TryGetProperty("problem", out _));
        Assert.Equal(7, redelivered.Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("[null,1,\"x\",{},{\"id\":\"1\"},{\"id\":1e400,\"guid\":1,\"delivered_at\":5}]")]
    public async Task Malformed_answer_breaks_nothing(string answer)
    {
        first = _ => ScriptedWeb.Answer(HttpStatusCode.OK, answer, "application/json");
        await using var app = await StartAsync();
        await app.CallAsync("RedeliverHooks");
        Assert.Equal(!answer.StartsWith('['), (await app.GetAsync("/status")).GetProperty("redelivery").TryGetProperty("problem", out _));
    }

    [Fact]
    public async Task Without_a_GitHub_app_no_request_is_made()
    {
        web = new ScriptedWeb(Answer);
        await using var app = await AppFixture.StartAsync(web, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["GitHubHookSecret"] = "s" });
        await app.CallAsync("RedeliverHooks");
        Assert.Empty(web.Asked);
        Assert.False((await app.GetAsync("/status")).TryGetProperty("redelivery", out _));
    }

    [Theory]
    [InlineData("GitHubAppId", "12 345\"")]
    [InlineData("GitHubAppKey", "hunter2")]
    [InlineData("GitHubAppKey", "-----BEGIN PUBLIC KEY-----\\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMmAk0dA\\n-----END PUBLIC KEY-----")]
    public void Invalid_app_id_or_key_prevents_the_start(string name, string value)
    {
        var values = Settings();
        values[name] = value;
        var faults = Assert.Throws<StartupException>(() => AppFixture.ReadSettings(values)).Faults;
        Assert.StartsWith(name, Assert.Single(faults), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", faults[0], StringComparison.Ordinal);
    }

    private Dictionary<string, string?> Settings() => new(StringComparer.Ordinal)
    {
        ["GitHubHookSecret"] = "s",
        ["GitHubAppId"] = "12345",
        ["GitHubAppKey"] = Pem,
    };

    private Task<AppFixture> StartAsync() => AppFixture.StartAsync(web = new ScriptedWeb(Answer), settings: Settings());

    private void Add(long id, string guid, double hours, int status, string @event = "pull_request") =>
        attempts.Insert(0, new Attempt(id, guid, new TestClock().GetUtcNow().AddHours(-hours), status, @event));

    /// <summary>GitHub's list: newest first, a hundred a page, the next one by a cursor.</summary>
    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (first(request) is { } special)
            return special;
        var address = request.RequestUri!.AbsoluteUri;
        if (request.Method == HttpMethod.Post && Attempts().Match(address) is { Success: true } match)
        {
            redelivered.Add(long.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture));
            return ScriptedWeb.Answer(HttpStatusCode.Accepted, "{}", "application/json");
        }

        if (request.Method != HttpMethod.Get || !address.StartsWith(Deliveries + "?per_page=100", StringComparison.Ordinal))
            throw new InvalidOperationException($"Nobody scripted {request.Method} {address}.");
        var from = Cursor().Match(address) is { Success: true } cursor ? int.Parse(cursor.Groups["at"].Value, CultureInfo.InvariantCulture) : 0;
        var items = string.Join(',', attempts.Skip(from).Take(100).Select(a => string.Create(CultureInfo.InvariantCulture, $$"""
            {"id":{{a.Id}},"guid":"{{a.Guid}}","delivered_at":"{{a.At:yyyy-MM-ddTHH:mm:ssZ}}","redelivery":false,"duration":0.2,"status":"OK",
            "status_code":{{a.Status}},"event":"{{a.Event}}","action":"opened","installation_id":1,"repository_id":2,"throttled_at":null}
            """)));
        return from + 100 < attempts.Count
            ? ScriptedWeb.Answer(HttpStatusCode.OK, $"[{items}]", "application/json", ("Link", $"<{Deliveries}?per_page=100&cursor=v1_{from + 100}>; rel=\"next\""))
            : ScriptedWeb.Answer(HttpStatusCode.OK, $"[{items}]", "application/json");
    }

    [GeneratedRegex("/app/hook/deliveries/(?<id>[0-9]+)/attempts$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Attempts();

    [GeneratedRegex("cursor=v1_(?<at>[0-9]+)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Cursor();

    private sealed record Attempt(long Id, string Guid, DateTimeOffset At, int Status, string Event);
}
