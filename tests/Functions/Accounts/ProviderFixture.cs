using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Tests.Core.Sources.GitHub;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;

namespace ContributionIngest.Tests.Functions.Accounts;

/// <summary>
/// A provider of the shape of GitHub or Google in front of one account: it hands out codes and tokens, checks code challenges and client secrets, and
/// forgets tokens when told to. The account's API is GitHub's.
/// </summary>
internal sealed partial class ProviderFixture : IAsyncDisposable
{
    public const string Address = "juna@quayside.example";
    public const string ClientId = "client-of-a-test";
    public const string ClientSecret = "the-secret-of-the-client-of-a-test";

    private readonly Dictionary<string, string> challenges = new(StringComparer.Ordinal);
    private readonly HashSet<string> refreshTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset?> accessTokens = new(StringComparer.Ordinal);
    private readonly TestClock clock = new();
    private int made;

    private ProviderFixture()
    {
        Hub = ScriptedGitHub.Of(clock, 3);
        Hub.Before = (_, request) => Answer(request);
        Hub.OtherHosts = Token;
    }

    public ScriptedGitHub Hub { get; }

    public AppFixture App { get; private set; } = null!;

    /// <summary>How long an access token lasts; null for ever, and then there is no refresh token either.</summary>
    public TimeSpan? Lifetime { get; set; }

    /// <summary>A refresh token works once.</summary>
    public bool Rotates { get; set; } = true;

    /// <summary>Instead of an answer of the token endpoint.</summary>
    public Func<HttpResponseMessage>? Trouble { get; set; }

    /// <summary>What the token endpoint says it granted.</summary>
    public string? GrantedScope { get; set; }

    public int Refreshes { get; private set; }

    /// <summary>Every token that was ever handed out.</summary>
    public List<string> Secrets { get; } = [ClientSecret];

    public static async Task<ProviderFixture> StartAsync(bool isMailed = true, params (string Name, string Value)[] settings)
    {
        var provider = new ProviderFixture();
        var values = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value, StringComparer.Ordinal);
        values.TryAdd("OwnerEmail", Address);
        values.TryAdd("PublicUrl", "http://localhost");
        values.TryAdd("GitHubClientId", ClientId);
        values.TryAdd("GitHubClientSecret", ClientSecret);
        provider.App = await AppFixture.StartAsync(provider.Hub.Web, provider.clock, settings: values, isMailed: isMailed);
        return provider;
    }

    /// <summary>Follows the page that leads to the provider, and consents there. The path that the provider sends the browser back to.</summary>
    public string Consent(Browser browser)
    {
        var query = QueryHelpers.ParseQuery(new Uri(Leaving(browser)).Query);
        var code = string.Create(CultureInfo.InvariantCulture, $"code-{++made}");
        challenges[code] = query["code_challenge"].ToString();
        return $"{new Uri(query["redirect_uri"].ToString()).AbsolutePath}?code={code}&state={Uri.EscapeDataString(query["state"].ToString())}";
    }

    public string Decline(Browser browser)
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
        await browser.SubmitAsync("/connections/accounts/github");
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

    public ValueTask DisposeAsync() => App.DisposeAsync();

    /// <summary>The account's API takes the tokens that were handed out, and nothing else of those.</summary>
    private HttpResponseMessage? Answer(HttpRequestMessage request)
    {
        var token = request.Headers.Authorization?.Parameter;
        if (token is null)
            return null;
        if (!accessTokens.TryGetValue(token, out var until) || until <= clock.GetUtcNow())
            return ScriptedWeb.Answer(HttpStatusCode.Unauthorized, """{"message":"Bad credentials"}""", "application/json");
        request.Headers.Authorization = new("Bearer", ScriptedGitHub.Token);
        return request.RequestUri!.AbsolutePath == "/user"
            ? ScriptedWeb.Answer(HttpStatusCode.OK, $$"""{"id":{{ScriptedGitHub.Person}},"login":"{{Hub.Login}}","type":"User","name":"Juna","html_url":"https://github.com/{{Hub.Login}}"}""", "application/json")
            : null;
    }

    private HttpResponseMessage? Token(HttpRequestMessage request)
    {
        if (request.RequestUri!.AbsoluteUri != "https://github.com/login/oauth/access_token")
            return null;
        if (Trouble is { } trouble)
            return trouble();
        var form = QueryHelpers.ParseQuery(request.Content!.ReadAsStringAsync().GetAwaiter().GetResult());
        if (form["client_secret"] != ClientSecret || form["client_id"] != ClientId)
            return Error("incorrect_client_credentials");
        if (form["grant_type"] == "refresh_token")
        {
            Refreshes++;
            var given = form["refresh_token"].ToString();
            if (!(Rotates ? refreshTokens.Remove(given) : refreshTokens.Contains(given)))
                return Error("bad_refresh_token");
        }
        else
        {
            var verifier = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(form["code_verifier"].ToString())))
                .TrimEnd('=').Replace('+', '-').Replace('/', '_');
            if (!challenges.Remove(form["code"].ToString(), out var challenge) || challenge != verifier)
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
        if (Lifetime is { } lifetime)
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

    [GeneratedRegex("<a class=\"button main\" href=\"(?<address>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OnwardLink();
}
