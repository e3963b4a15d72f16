using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;
using Xunit;

namespace ContributionIngest.Tests.Functions.Security;

/// <summary>Whatever proves something is refused when one of its characters is another, whichever that is.</summary>
public sealed class AlteredTests
{
    [Fact]
    public async Task Each_id_of_the_API()
    {
        await using var app = await SignInFixture.StartAsync();
        var person = await app.OwnerAsync();
        var entry = (string)JsonNode.Parse((await app.App.PostAsync("/ledger", """{"kind":"talk","title":"A talk","url":"https://talk.example/1","when":"2026-05-01"}""")).Body.ToString())!["id"]!;
        var key = (await app.Get<ApiKeys>().CreateAsync(person.Id, "another", Scope.Read, default)).Key.Id;
        var session = (await app.Get<Sessions>().CreateAsync(person.Id, "link", null, app.App.Clock.GetUtcNow().AddDays(1), default)).Session.Id;
        var connection = new ContributionIngest.Core.Connections.Connection { Id = ContributionIngest.Core.Model.Identity.Random(), Source = "feed", Origin = "https://blog.example/feed", Since = app.App.Clock.GetUtcNow() };
        await app.Get<ContributionIngest.Core.Connections.ConnectionStore>().CreateAsync(
            person.Id, connection, new ContributionIngest.Core.Connections.ConnectionState { Address = connection.Origin, Format = ContributionIngest.Core.Connections.ConnectionState.CurrentFormat }, default);

        await RefusedAsync(entry, id => StatusAsync(app.App.Client, HttpMethod.Get, "/api/ledger/" + id), HttpStatusCode.NotFound);
        await RefusedAsync(connection.Id, id => StatusAsync(app.App.Client, HttpMethod.Get, "/api/connections/" + id), HttpStatusCode.NotFound);
        await RefusedAsync(key, id => StatusAsync(app.App.Client, HttpMethod.Delete, "/api/me/keys/" + id), HttpStatusCode.NotFound, after: HttpStatusCode.NoContent);
        await RefusedAsync(session, id => StatusAsync(app.App.Client, HttpMethod.Delete, "/api/me/sessions/" + id), HttpStatusCode.NotFound, after: HttpStatusCode.NoContent);
        await RefusedAsync(person.Id, id => PatchAsync(app.App.Client, "/api/people/" + id), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_key()
    {
        await using var app = await SignInFixture.StartAsync();
        var (secret, _) = await app.Get<ApiKeys>().CreateAsync((await app.OwnerAsync()).Id, "a key", Scope.Read, default);
        using var client = app.App.App.GetTestClient();

        await RefusedAsync(
            secret,
            key =>
            {
                client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
                return StatusAsync(client, HttpMethod.Get, "/api/me");
            },
            HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_cursor_of_a_page()
    {
        await using var app = await SignInFixture.StartAsync();
        for (var n = 1; n <= 3; n++)
            await app.App.PostAsync("/ledger", $$"""{"kind":"talk","title":"Talk {{n}}","url":"https://talk.example/{{n}}","when":"2026-05-0{{n}}"}""");
        var cursor = (await app.App.GetAsync("/ledger?limit=1")).GetProperty("next").GetString()!;

        await RefusedAsync(cursor, altered => StatusAsync(app.App.Client, HttpMethod.Get, $"/api/ledger?limit=1&cursor={altered}"), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_cursor_of_an_export()
    {
        await using var app = await SignInFixture.StartAsync();
        var first = (await app.App.Client.GetStringAsync("/api/me/export")).Split('\n')[0];
        var cursor = (string)JsonNode.Parse(first)!["cursor"]!;

        await RefusedAsync(cursor, altered => StatusAsync(app.App.Client, HttpMethod.Get, $"/api/me/export?after={altered}"), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_cookie_of_a_session()
    {
        await using var app = await SignInFixture.StartAsync();
        var browser = await app.SignInAsync();
        using var client = app.App.App.GetTestClient();

        await RefusedAsync(
            browser.Cookie("session")!,
            cookie =>
            {
                client.DefaultRequestHeaders.Remove("Cookie");
                client.DefaultRequestHeaders.Add("Cookie", "session=" + cookie);
                return StatusAsync(client, HttpMethod.Get, "/api/me");
            },
            HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_token_of_a_form()
    {
        await using var app = await SignInFixture.StartAsync();
        var browser = await app.SignInAsync();
        await browser.OpenAsync("/settings");
        using var client = app.App.App.GetTestClient();
        client.DefaultRequestHeaders.Add("Cookie", browser.AllCookies);

        await RefusedAsync(
            browser.Token,
            token => StatusAsync(client, HttpMethod.Post, "/settings/profile", new FormUrlEncodedContent([KeyValuePair.Create("csrf", token), KeyValuePair.Create("name", "Juna")])),
            HttpStatusCode.BadRequest,
            HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task A_link_that_signs_in()
    {
        await using var app = await SignInFixture.StartAsync();
        var link = (await app.PrintedAsync())["/auth/link/".Length..];
        using var client = app.App.App.GetTestClient();

        await RefusedAsync(link, altered => StatusAsync(client, HttpMethod.Get, "/auth/link/" + altered), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_link_in_a_digest()
    {
        await using var app = await SignInFixture.StartAsync();
        var person = await app.OwnerAsync();
        var link = app.Get<SignedLinks>().Make(SignedLinks.Unsubscribe, new LinkGrant(person.Id, ""));
        using var client = app.App.App.GetTestClient();

        await RefusedAsync(link, altered => StatusAsync(client, HttpMethod.Get, "/unsubscribe/" + altered), HttpStatusCode.NotFound);
    }

    /// <summary>Each character in turn becomes another of the same alphabet; the whole is accepted.</summary>
    private static async Task RefusedAsync(string whole, Func<string, Task<HttpStatusCode>> present, HttpStatusCode refusal, HttpStatusCode? after = null)
    {
        var accepted = new List<int>();
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var other in Others(whole[at]))
            {
                if (await present(whole[..at] + other + whole[(at + 1)..]) != refusal)
                    accepted.Add(at);
            }
        }

        Assert.Empty(accepted);
        Assert.Equal(after ?? HttpStatusCode.OK, await present(whole));
    }

    /// <summary>The next in the alphabet, whose bits differ the least, and one far off.</summary>
    private static IEnumerable<char> Others(char of)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var at = Alphabet.IndexOf(of, StringComparison.Ordinal);
        return at < 0 ? ['A'] : [Alphabet[at ^ 1], Alphabet[(at + 32) % Alphabet.Length]];
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static Task<HttpStatusCode> PatchAsync(HttpClient client, string path) =>
        StatusAsync(client, HttpMethod.Patch, path, new StringContent("""{"operator":true}""", Encoding.UTF8, "application/json"));
}
