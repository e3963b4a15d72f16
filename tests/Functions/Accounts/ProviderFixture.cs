using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Tests.Core.Sources.GitHub;
using ContributionIngest.Tests.Core.Sources.Meetup;
using ContributionIngest.Tests.Core.Sources.YouTube;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;

namespace ContributionIngest.Tests.Functions.Accounts;

/// <summary>The provider of one source, and what stands behind its tokens.</summary>
/// <param name="Api">Answers with <paramref name="SiteToken"/>, the token that the scripted site knows.</param>
/// <param name="Own">The answer to the question whose token it is; null for every other request.</param>
internal sealed record ProviderShape(
    string Source, string Settings, string TokenUrl, HttpMessageHandler Api, Action<HttpRequestMessage> SiteToken, Func<HttpRequestMessage, HttpResponseMessage?> Own)
{
    public static ProviderShape GitHub(TestClock clock)
    {
        var hub = ScriptedGitHub.Of(clock, 3);
        return new(
            "github",
            "GitHub",
            "https://github.com/login/oauth/access_token",
            hub.Web,
            request => request.Headers.Authorization = new("Bearer", ScriptedGitHub.Token),
            request => request.RequestUri!.AbsolutePath == "/user"
                ? Json($$"""{"id":{{ScriptedGitHub.Person}},"login":"{{hub.Login}}","type":"User","name":"Juna","html_url":"https://github.com/{{hub.Login}}"}""")
                : null);
    }

    public static ProviderShape YouTube(ScriptedYouTube tube, string? channel = ScriptedYouTube.Channel) => new(
        "youtube",
        "Google",
        "https://oauth2.googleapis.com/token",
        tube.Web,
        request =>
        {
            request.Headers.Authorization = null;
            request.Headers.Add("X-Goog-Api-Key", "key-1");
        },
        request => request.RequestUri!.Query.Contains("mine=true", StringComparison.Ordinal)
            ? Json(channel is null ? """{"kind":"youtube#channelListResponse","pageInfo":{"totalResults":0}}""" : $$$"""{"items":[{"id":"{{{channel}}}","snippet":{"title":"Juna Okvist"}}]}""")
            : null);

    public static ProviderShape Meetup(ScriptedMeetup meetup, string role = "ORGANIZER") => new(
        "meetup",
        "Meetup",
        "https://secure.meetup.com/oauth2/access",
        meetup.Web,
        request => request.Headers.Authorization = new("Bearer", ScriptedMeetup.Token),
        request => request.Content?.ReadAsStringAsync().GetAwaiter().GetResult().Contains("memberships", StringComparison.Ordinal) == true
            ? Json($$$$"""{"data":{"self":{"id":"77","name":"Juna","memberships":{"pageInfo":{"hasNextPage":false},"edges":[{"metadata":{"role":"{{{{role}}}}"},"node":{"name":"Sound .NET","urlname":"sound-dotnet"}},{"metadata":{"role":"MEMBER"},"node":{"name":"Elsewhere","urlname":"elsewhere"}}] } } } }""")
            : null);

    private static HttpResponseMessage Json(string json) => ScriptedWeb.Answer(HttpStatusCode.OK, json, "application/json");
}

/// <summary>
/// An OAuth provider in front of one account: it hands out codes and tokens, checks code challenges and client secrets, and forgets tokens when told to.
/// </summary>
internal sealed partial class ProviderFixture : IAsyncDisposable
{
    public const string Address = "juna@quayside.example";
    public const string ClientId = "client-of-a-test";
    public const string ClientSecret = "the-secret-of-the-client-of-a-test";

    private readonly Dictionary<string, string> challenges = new(StringComparer.Ordinal);
    private readonly HashSet<string> refreshTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset?> accessTokens = new(StringComparer.Ordinal);
    private readonly TestClock clock;
    private readonly ProviderShape shape;
    private readonly HttpMessageInvoker api;
    private int made;

    private ProviderFixture(TestClock clock, ProviderShape shape)
    {
        (this.clock, this.shape, api) = (clock, shape, new HttpMessageInvoker(shape.Api));
        Web = new ScriptedWeb(AnswerAsync);
    }

    public ScriptedWeb Web { get; }

    public AppFixture App { get; private set; } = null!;

    /// <summary>How long an access token lasts; null for ever, and then there is no refresh token either.</summary>
    public TimeSpan? Lifetime { get; set; }

    /// <summary>Instead of an answer of the token endpoint.</summary>
    public Func<Task<HttpResponseMessage>>? Trouble { get; set; }

    /// <summary>What the token endpoint says it granted.</summary>
    public string? GrantedScope { get; set; }

    /// <summary>Requests for a new access token.</summary>
    public int Refreshes { get; private set; }

    /// <summary>What nobody may see: every token that was ever handed out, and the client's secret.</summary>
    public List<string> Secrets { get; } = [ClientSecret];

    /// <summary>Requests to the account's API.</summary>
    public IEnumerable<HttpRequestMessage> Reads => Web.Asked.Where(request => request.RequestUri!.AbsoluteUri != shape.TokenUrl);

    public static async Task<ProviderFixture> StartAsync(Func<TestClock, ProviderShape>? of = null, params (string Name, string Value)[] settings) =>
        await StartAsync(new TestClock(), of, settings);

    public static async Task<ProviderFixture> StartAsync(TestClock clock, Func<TestClock, ProviderShape>? of = null, params (string Name, string Value)[] settings)
    {
        var provider = new ProviderFixture(clock, (of ?? ProviderShape.GitHub)(clock));
        var values = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value, StringComparer.Ordinal);
        values.TryAdd("OwnerEmail", Address);
        values.TryAdd("PublicUrl", "http://localhost");
        values.TryAdd(provider.shape.Settings + "ClientId", ClientId);
        values.TryAdd(provider.shape.Settings + "ClientSecret", ClientSecret);
        provider.App = await AppFixture.StartAsync(provider.Web, clock, settings: values);
        return provider;
    }

    /// <summary>Follows the page that leads to the provider, and consents there. The path that the provider sends the browser back to.</summary>
    public string Consent(Browser browser)
    {
        var query = QueryHelpers.ParseQuery(new Uri(Leaving(browser)).Query);
        var code = string.Create(CultureInfo.InvariantCulture, $"code-{++made}");
        challenges[code] = query.GetValueOrDefault("code_challenge").ToString();
        return $"{new Uri(query["redirect_uri"].ToString()).AbsolutePath}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}";
    }

    public static string Decline(Browser browser)
    {
        var query = QueryHelpers.ParseQuery(new Uri(Leaving(browser)).Query);
        return $"{new Uri(query["redirect_uri"].ToString()).AbsolutePath}?error=access_denied&state={Uri.EscapeDataString(query["state"].ToString())}";
    }

    /// <summary>The address of the provider that the page leads on to.</summary>
    public static string Leaving(Browser browser) => WebUtility.HtmlDecode(OnwardLink().Match(browser.Page).Groups["address"].Value);

    /// <summary>The account's owner withdraws the access.</summary>
    public void Revoke()
    {
        accessTokens.Clear();
        refreshTokens.Clear();
    }

    /// <summary>The provider accepts no access token any more, but the refresh token.</summary>
    public void DropAccessTokens() => accessTokens.Clear();

    /// <summary>Connects the account as the owner.</summary>
    public async Task<(Browser Browser, string Connection)> ConnectAsync(Browser? browser = null)
    {
        browser ??= await SignInAsync();
        await browser.OpenAsync("/connections");
        await browser.SubmitAsync($"/connections/accounts/{shape.Source}");
        await browser.OpenAsync(Consent(browser));
        await App.DrainAsync();
        return (browser, (await App.GetAsync("/connections")).GetProperty("items")[0].GetProperty("id").GetString()!);
    }

    public async Task<Browser> SignInAsync()
    {
        var browser = new Browser(App);
        await browser.OpenAsync("/auth/sign-in");
        await browser.SubmitAsync("/auth/sign-in", ("email", Address), ("return", "/"));
        await App.DrainAsync();
        var link = Security.SignInFixture.Link(App.Mail.Letters[^1]);
        await browser.OpenAsync(link);
        return await browser.SubmitAsync(link);
    }

    public async Task<JsonElement> ConnectionAsync() => (await App.GetAsync("/connections")).GetProperty("items")[0];

    public ValueTask DisposeAsync()
    {
        api.Dispose();
        return App.DisposeAsync();
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (request.RequestUri!.AbsoluteUri == shape.TokenUrl)
            return await TokenAsync(request);
        if (request.Headers.Authorization?.Parameter is { } token)
        {
            // The API takes the tokens that were handed out, and no others.
            if (!accessTokens.TryGetValue(token, out var until) || until <= clock.GetUtcNow())
                return ScriptedWeb.Answer(HttpStatusCode.Unauthorized, """{"message":"Bad credentials"}""", "application/json");
            if (shape.Own(request) is { } own)
                return own;
            shape.SiteToken(request);
        }

        return await api.SendAsync(request, cancel);
    }

    private async Task<HttpResponseMessage> TokenAsync(HttpRequestMessage request)
    {
        if (Trouble is { } trouble)
            return await trouble();
        var form = QueryHelpers.ParseQuery(await request.Content!.ReadAsStringAsync());
        if (form["client_secret"] != ClientSecret || form["client_id"] != ClientId)
            return Error("incorrect_client_credentials");
        if (form["grant_type"] == "refresh_token")
        {
            Refreshes++;
            var given = form["refresh_token"].ToString();
            if (!refreshTokens.Remove(given))
                return Error("bad_refresh_token");
        }
        else
        {
            var verifier = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(form.GetValueOrDefault("code_verifier").ToString())))
                .TrimEnd('=').Replace('+', '-').Replace('/', '_');
            if (!challenges.Remove(form["code"].ToString(), out var challenge) || (challenge.Length > 0 && challenge != verifier))
                return Error("bad_verification_code");
        }

        return Tokens();
    }

    private HttpResponseMessage Tokens()
    {
        var access = string.Create(CultureInfo.InvariantCulture, $"gho_access_{++made}");
        var refresh = string.Create(CultureInfo.InvariantCulture, $"ghr_refresh_{++made}");
        accessTokens[access] = clock.GetUtcNow() + Lifetime;
        Secrets.Add(access);
        App.Log.Plant(access);
        App.Log.Plant(refresh);
        if (Lifetime is not null)
        {
            refreshTokens.Add(refresh);
            Secrets.Add(refresh);
        }

        var answer = new Dictionary<string, object>(StringComparer.Ordinal) { ["access_token"] = access, ["token_type"] = "bearer" };
        if (GrantedScope is not null)
            answer["scope"] = GrantedScope;
        if (Lifetime is { } span)
        {
            answer["expires_in"] = (int)span.TotalSeconds;
            answer["refresh_token"] = refresh;
        }

        return ScriptedWeb.Answer(HttpStatusCode.OK, JsonSerializer.Serialize(answer), "application/json");
    }

    /// <summary>GitHub says what is wrong with status 200.</summary>
    private static HttpResponseMessage Error(string error) =>
        ScriptedWeb.Answer(HttpStatusCode.OK, $$"""{"error":"{{error}}","error_description":"no"}""", "application/json");

    [GeneratedRegex("<a class=\"button main\" href=\"(?<address>[^\"]+)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex OnwardLink();
}
