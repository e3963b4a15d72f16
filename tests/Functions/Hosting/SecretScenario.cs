using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>
/// Gives a running program every kind of secret there is and has most of its uses fail, at a web that repeats in its answers what it was sent. Nothing of that
/// may be in what the program writes.
/// </summary>
internal sealed partial class SecretScenario : IAsyncDisposable
{
    private const string Setup = "zq-setup-secret-of-the-deployment";

    private readonly WebApplication web;
    private readonly Dictionary<string, string> cookies = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Path, string Body)> collected = new();
    private readonly HashSet<string> planted = new(StringComparer.Ordinal);
    private volatile bool isFeedBroken;
    private Func<HttpRequestMessage, Task<HttpResponseMessage>> send = null!;
    private string csrf = "";

    private SecretScenario(WebApplication web) => this.web = web;

    private string Web => web.Urls.Single();

    public static async Task<SecretScenario> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var started = builder.Build();
        var scenario = new SecretScenario(started);
        started.Run(scenario.AnswerAsync);
        await started.StartAsync();
        return scenario;
    }

    /// <summary>Settings of the program, each secret among them planted.</summary>
    public Dictionary<string, string> Settings() => new(StringComparer.Ordinal)
    {
        ["AllowNetworks"] = "127.0.0.0/8",
        ["OwnerEmail"] = "owner@example.com",
        ["PublicUrl"] = "http://127.0.0.1",
        ["GitHubApi"] = Web,
        ["GitHubToken"] = Plant("zq-token-for-GitHub"),
        ["GitHubHookSecret"] = Plant("zq-secret-of-the-app"),
        ["GitHubClientId"] = "a-client",
        ["GitHubClientSecret"] = Plant("zq-secret-of-the-client"),
        ["GitHubTokenUrl"] = Web + "/token",
        ["YouTubeApi"] = Web,
        ["YouTubeKey"] = Plant("zq-key-for-YouTube"),
        ["MeetupApi"] = Web,
        ["MeetupToken"] = Plant("zq-token-for-Meetup"),
        ["SetupSecret"] = Plant(Setup),
        ["SecretKeys"] = Plant(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Web,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["Smtp__Host"] = "127.0.0.1",
        ["Smtp__Port"] = "1",
        ["Smtp__User"] = "zq-user-of-the-mail-server",
        ["Smtp__Password"] = Plant("zq-password-of-the-mail-server"),
        ["Smtp__From"] = "digests@example.com",
    };

    /// <summary>Uses the program.</summary>
    /// <param name="send">Hands it one request, whose address is the path alone, and follows no redirect.</param>
    /// <param name="work">Has it work off its queues, where it does not do so by itself.</param>
    public async Task UseAsync(string key, Func<HttpRequestMessage, Task<HttpResponseMessage>> send, Func<Task> work)
    {
        this.send = send;
        await UseKeysAsync(Plant(key));
        var feed = await ConnectAsync(key);
        await PushAsync(key, feed);
        await SignInAsync();
        await ConnectAccountAsync();

        isFeedBroken = true;
        await ExpectAsync(HttpStatusCode.Accepted, HttpMethod.Post, $"/api/connections/{feed}/harvest", key, "{}");
        await UntilAsync(work, $"/api/connections/{feed}", key, body => body.TryGetProperty("problem", out _));
        await ExpectAsync(HttpStatusCode.BadGateway, HttpMethod.Post, "/api/digests/test", key, "{}");
        await work();
    }

    /// <summary>Looks at what the program wrote and what it sent as telemetry, once it has ended.</summary>
    /// <param name="output">Without the lines that hand the owner a key or a link.</param>
    public void AssertUnknownTo(string output)
    {
        Assert.Contains(collected, sent => sent.Path == "/v1/traces");
        output += string.Join('\n', collected.Select(sent => sent.Body));
        Assert.True(planted.Count > 15, string.Join('\n', planted));
        Assert.NotEmpty(output);
        Assert.DoesNotContain(output.Split('\n'), line => planted.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task UseKeysAsync(string key)
    {
        await ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, "/api/me", key);
        await ExpectAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, "/api/me", Plant(key[..^4] + "zqzq"));
        var (_, made) = await SendAsync(HttpMethod.Post, "/api/me/keys", key, """{"name":"second"}""");
        await ExpectAsync(HttpStatusCode.OK, HttpMethod.Get, "/api/me", Plant(made.GetProperty("key").GetString()!));
    }

    /// <summary>A private feed, whose address is a secret, and accounts that cannot be looked up.</summary>
    private async Task<string> ConnectAsync(string key)
    {
        var (status, connected) = await SendAsync(HttpMethod.Post, "/api/connections", key, $$"""{"source":"feed","address":"{{Web}}/feed.xml?access={{Plant("zq-access-to-a-feed")}}"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        foreach (var (source, address) in new[] { ("github", "juna"), ("youtube", "@juna"), ("meetup", "juna-dev") })
        {
            (status, _) = await SendAsync(HttpMethod.Post, "/api/connections", key, $$"""{"source":"{{source}}","address":"{{address}}"}""");
            Assert.True((int)status >= 400, $"{source} answered {status}.");
        }

        return connected.GetProperty("id").GetString()!;
    }

    private async Task PushAsync(string key, string connection)
    {
        // Feeds have none.
        await ExpectAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"/api/connections/{connection}/hook", key, "{}");
        using var delivery = new HttpRequestMessage(HttpMethod.Post, "/api/webhooks/github/app") { Content = new StringContent("""{"zen":"zq-body-of-a-delivery"}""", Encoding.UTF8, "application/json") };
        Plant("zq-body-of-a-delivery");
        delivery.Headers.Add("X-GitHub-Event", "ping");
        delivery.Headers.Add("X-GitHub-Delivery", Guid.NewGuid().ToString());
        delivery.Headers.Add("X-Hub-Signature-256", "sha256=" + Plant(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))));
        using var refused = await send(delivery);
        Assert.True((int)refused.StatusCode is >= 400 and < 500, $"It answered {refused.StatusCode}.");
    }

    private async Task SignInAsync()
    {
        await PageAsync("/auth/setup");
        await PostAsync("/auth/setup", ("secret", Plant("zq-guess-of-the-set-up-secret")));
        await PostAsync("/auth/setup", ("secret", Setup));
        await PageAsync("/auth/link/" + Plant("zq" + Convert.ToHexString(RandomNumberGenerator.GetBytes(40))));
        await PageAsync("/settings");
        Assert.NotEmpty(csrf);
        await PostAsync("/settings/addresses", ("address", "second@example.com"));
    }

    /// <summary>The provider repeats the code and the client's secret, and gives no token.</summary>
    private async Task ConnectAccountAsync()
    {
        await PageAsync("/connections");
        var leaving = await PostAsync("/connections/accounts/github");
        var state = State().Match(WebUtility.HtmlDecode(leaving)).Groups["state"].Value;
        Assert.NotEmpty(state);
        await PageAsync($"/auth/github/callback?code={Plant("zq-code-of-the-provider")}&state={Plant(state)}");
    }

    private string Plant(string secret)
    {
        planted.Add(secret);
        return secret;
    }

    private async Task ExpectAsync(HttpStatusCode expected, HttpMethod method, string path, string key, string? json = null) =>
        Assert.Equal(expected, await StatusAsync(method, path, key, json));

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string key, string? json = null) => (await SendAsync(method, path, key, json)).Status;

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string key, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await send(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    private async Task UntilAsync(Func<Task> work, string path, string key, Func<JsonElement, bool> isSo)
    {
        const int Patience = 5000;
        for (var looks = 0; looks < Patience; looks++)
        {
            await work();
            if (isSo((await SendAsync(HttpMethod.Get, path, key)).Body))
                return;
        }

        Assert.Fail($"{path} stayed as it was.");
    }

    private async Task<string> PageAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await BrowseAsync(request);
    }

    private async Task<string> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent([new("csrf", csrf), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]),
        };
        return await BrowseAsync(request);
    }

    private async Task<string> BrowseAsync(HttpRequestMessage request)
    {
        if (cookies.Count > 0)
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        using var answer = await send(request);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var first, var second] ? (first, second) : (cookie, "");
            cookies[name] = value;
            if (value.Length >= 8)
                Plant(value);
        }

        var page = await answer.Content.ReadAsStringAsync();
        if (CsrfField().Match(page) is { Success: true } field)
            csrf = WebUtility.HtmlDecode(field.Groups["token"].Value);
        return page;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/feed.xml" && !isFeedBroken)
        {
            context.Response.ContentType = "application/rss+xml";
            await context.Response.WriteAsync($"<rss version=\"2.0\"><channel><title>Private</title><link>{Web}</link><item><title>One</title><link>{Web}/1</link><pubDate>01 May 2026 08:00:00 GMT</pubDate></item></channel></rss>", context.RequestAborted);
            return;
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
        if (context.Request.Path.StartsWithSegments("/v1"))
        {
            collected.Enqueue((context.Request.Path, await reader.ReadToEndAsync(context.RequestAborted)));
            return;
        }

        var sent = await reader.ReadToEndAsync(context.RequestAborted);
        var echo = $"{context.Request.QueryString} {string.Join(' ', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"))} {sent}";
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(JsonSerializer.Serialize(new { message = echo, error = "invalid_grant", error_description = echo }), context.RequestAborted);
    }

    [GeneratedRegex("name=\"csrf\" value=\"(?<token>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex CsrfField();

    [GeneratedRegex("state=(?<state>[A-Za-z0-9_-]{20,})", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex State();
}
