using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Core.Push;

internal sealed record Answered(HttpStatusCode Status, JsonElement Body)
{
    public string? Result => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("result", out var result) ? result.GetString() : null;
}

/// <summary>An app with connections to GitHub, and GitHub delivering to its hooks. Nothing outside is scripted: a delivery needs nobody else.</summary>
internal sealed class WebhookFixture(AppFixture app) : IAsyncDisposable
{
    public const string AppSecret = "app-secret";
    public const string Address = "https://me.example/ledger";

    public AppFixture App => app;

    public static async Task<WebhookFixture> StartAsync(string appSecret = AppSecret, TemporaryFolder? folder = null, params (string Name, string? Value)[] settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PublicUrl"] = Address, ["GitHubHookSecret"] = appSecret };
        foreach (var (name, value) in settings)
            values[name] = value;
        var web = new ScriptedWeb(request => throw new InvalidOperationException($"Nobody scripted {request.RequestUri}."));
        return new WebhookFixture(await AppFixture.StartAsync(web, folder: folder, settings: values));
    }

    public async Task<string> MeAsync() => (await app.GetAsync("/me")).GetProperty("id").GetString()!;

    /// <summary>Somebody else, with a key of their own.</summary>
    public async Task<(string Person, HttpClient Client)> AnotherAsync()
    {
        var people = app.App.Services.GetRequiredService<PeopleStore>();
        var person = (await people.CreateAsync((id, now) => new Person { Id = id, Since = now }, CancellationToken.None)).Id;
        var key = await app.App.Services.GetRequiredService<ApiKeys>().CreateAsync(person, "test", Scope.Read | Scope.Write, CancellationToken.None);
        var client = app.App.GetTestClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        return (person, client);
    }

    /// <summary>A connection as connecting leaves it, without asking GitHub whose number that is.</summary>
    public async Task<string> ConnectAsync(long account, string? person = null, string source = "github", bool own = false)
    {
        person ??= await MeAsync();
        var store = app.App.Services.GetRequiredService<HarvestStore>();
        var origin = account.ToString(CultureInfo.InvariantCulture);
        var connection = new Connection
        {
            Id = Identity.Random(),
            Source = source,
            Origin = origin,
            Since = app.Clock.GetUtcNow(),
            Options = own ? new Dictionary<string, string>(StringComparer.Ordinal) { ["ownRepositories"] = "true" } : new Dictionary<string, string>(StringComparer.Ordinal),
        };
        await store.Origins.AddAsync(source, origin, new ConnectionRef(person, connection.Id), CancellationToken.None);
        await store.Connections.CreateAsync(person, connection, new ConnectionState { Address = "https://api.github.com/user/" + origin }, CancellationToken.None);
        return connection.Id;
    }

    /// <summary>The hook's path below /api, and its secret.</summary>
    public async Task<(string Path, string Secret)> MakeAsync(string connection)
    {
        var (status, body) = await app.PostAsync($"/connections/{connection}/hook", "{}");
        if (status is not (HttpStatusCode.Created or HttpStatusCode.OK))
            throw new InvalidOperationException($"There is no hook: {status} {body}");
        return (body.GetProperty("path").GetString()!["/api".Length..], body.GetProperty("secret").GetString()!);
    }

    public Task<Answered> DeliverAsync(string path, string secret, PullRequestPayload payload) =>
        DeliverAsync(path, "pull_request", payload.Bytes(), Sign(secret, payload.Bytes()));

    public async Task<Answered> DeliverAsync(
        string path, string? @event, byte[] body, string? signature, string type = "application/json", string header = "X-Hub-Signature-256")
    {
        using var client = app.App.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api" + path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (@event is not null)
            request.Headers.Add("X-GitHub-Event", @event);
        if (signature is not null)
            request.Headers.TryAddWithoutValidation(header, signature);
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new Answered(answer.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    public static string Sign(string secret, byte[] body) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    /// <summary>How many messages wait, which is how many connections a delivery was for.</summary>
    public Task<int> WaitingAsync() => app.Store.Queue.CountAsync(HarvestQueue.Name, CancellationToken.None);

    public async Task<long> DiscardedAsync() => (await app.GetAsync("/status")).GetProperty("discardedPushes").GetInt64();

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
