using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>The whole app in process, with one person beside the owner, whose ledger is asked.</summary>
internal sealed class LedgerFixture(AppFixture app) : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    public TestClock Clock => app.Clock;

    public WatchedTable Table => app.Table;

    public WebApplication App => app.App;

    public string Person { get; private set; } = "";

    public HttpClient Client => app.Client;

    public LedgerReader Reader => App.Services.GetRequiredService<LedgerReader>();

    public LedgerEditor Editor => App.Services.GetRequiredService<LedgerEditor>();

    public static async Task<LedgerFixture> StartAsync(string zone = "UTC")
    {
        var app = await AppFixture.StartAsync(new ScriptedWeb(), new TestClock(Now) { Skip = TimeSpan.Zero });
        var fixture = new LedgerFixture(app);
        await fixture.EnterAsync(zone);
        return fixture;
    }

    /// <summary>Another person comes, and is the one who asks from now on.</summary>
    public async Task EnterAsync(string zone = "UTC")
    {
        var people = App.Services.GetRequiredService<PeopleStore>();
        Person = (await people.CreateAsync((id, now) => new Person { Id = id, Zone = zone, Since = now }, CancellationToken.None)).Id;
        app.Client = await AsAsync(Scope.Read | Scope.Write);
    }

    public async Task<HttpClient> AsAsync(Scope scope)
    {
        var key = await App.Services.GetRequiredService<ApiKeys>().CreateAsync(Person, "test", scope, CancellationToken.None);
        var client = App.GetTestClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        return client;
    }

    public Task HarvestAsync(params IReadOnlyList<Draft> drafts) => HarvestAsync(Observer("a"), drafts);

    public async Task HarvestAsync(SightingContext context, params IReadOnlyList<Draft> drafts) =>
        await App.Services.GetRequiredService<LedgerWriter>().UpsertAsync(Person, context, drafts, drafts, CancellationToken.None);

    public static SightingContext Observer(string name) =>
        new(Identity.Hash(name), "feed", "https://example.org/" + name, Verified: false, Now.AddDays(-1), []);

    public static Draft Draft(string id, string when = "2026-06-01T10:00:00Z", Kind kind = Kind.BlogPost) => new()
    {
        NativeId = id,
        Kind = kind,
        Title = "Title of " + id,
        Url = "https://example.org/" + id,
        When = DateTimeOffset.Parse(when, CultureInfo.InvariantCulture),
    };

    public Task<JsonElement> GetAsync(string path) => app.GetAsync(path);

    public async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(
        HttpMethod method, string path, string? json = null, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/api" + path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, type);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await Client.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var isJson = response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json" && bytes.Length > 0;
        return ((int)response.StatusCode, isJson ? JsonDocument.Parse(bytes).RootElement : default, response);
    }

    /// <summary>Ids of every page, following <c>next</c>.</summary>
    public async Task<List<string>> WalkAsync(string query, Func<Task>? between = null)
    {
        var ids = new List<string>();
        string? next = null;
        do
        {
            var page = await GetAsync($"/ledger?{query}{(next is null ? "" : "&cursor=" + next)}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            next = page.TryGetProperty("next", out var n) ? n.GetString() : null;
            if (between is not null)
                await between();
        }
        while (next is not null);
        return ids;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
