using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Tests.Support;

/// <summary>What a browser without scripts does: keeps cookies, fills forms in with the token of the page, follows redirects.</summary>
internal sealed partial class Browser : IDisposable
{
    private const int MaxRedirects = 5;

    private readonly Dictionary<string, (string Value, string Path, DateTimeOffset? Expires)> cookies = new(StringComparer.Ordinal);
    private readonly HttpClient client;
    private readonly TimeProvider clock;
    private readonly SecretWatch log;

    public Browser(AppFixture app)
        : this(app.App.GetTestClient(), app.Clock, app.Log)
    {
    }

    public Browser(HttpClient client, TimeProvider clock, SecretWatch log) => (this.client, this.clock, this.log) = (client, clock, log);

    /// <summary>The path that was shown last.</summary>
    public string Path { get; private set; } = "/";

    /// <summary>The page that was shown last.</summary>
    public string Page { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    /// <summary>What it says it is; null to say nothing.</summary>
    public string? Agent { get; set; }

    /// <summary>The tag of what it has already, sent as <c>If-None-Match</c>.</summary>
    public string? Cached { get; set; }

    public IReadOnlyDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string? Cookie(string name) => cookies.TryGetValue(name, out var cookie) && IsKept(cookie.Expires) ? cookie.Value : null;

    /// <summary>All cookies, also those that a browser would have dropped.</summary>
    public string AllCookies => string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value.Value}"));

    public void SetCookie(string name, string value) => cookies[name] = (value, "/", null);

    public Task<Browser> OpenAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>Submits a form of the page that is shown.</summary>
    public Task<Browser> SubmitAsync(string action, params (string Name, string Value)[] fields) =>
        PostAsync(action, [("csrf", Token), .. fields]);

    /// <summary>Without the page's token, unless it is among the fields.</summary>
    public Task<Browser> PostAsync(string path, params (string Name, string Value)[] fields) => SendAsync(
        HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value))));

    /// <summary>The token of the page that is shown; empty if it has no form.</summary>
    public string Token => WebUtility.HtmlDecode(CsrfField().Match(Page).Groups["token"].Value);

    public async Task<Browser> SendAsync(HttpMethod method, string path, HttpContent? content, string? csrf = null)
    {
        for (var redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.RelativeOrAbsolute)) { Content = content };
            var address = new Uri(client.BaseAddress!, path);
            var sent = cookies.Where(cookie => IsKept(cookie.Value.Expires) && address.AbsolutePath.StartsWith(cookie.Value.Path, StringComparison.Ordinal)).ToList();
            if (sent.Count > 0)
                request.Headers.Add("Cookie", string.Join("; ", sent.Select(cookie => $"{cookie.Key}={cookie.Value.Value}")));
            if (csrf is not null)
                request.Headers.Add("X-CSRF-Token", csrf);
            if (Agent is not null)
                request.Headers.TryAddWithoutValidation("User-Agent", Agent);
            if (Cached is not null)
                request.Headers.TryAddWithoutValidation("If-None-Match", Cached);
            using var answer = await client.SendAsync(request);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
                Keep(SetCookieHeaderValue.Parse(cookie));
            (Path, Status, Page) = (address.PathAndQuery, answer.StatusCode, await answer.Content.ReadAsStringAsync());
            Headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(pair => pair.Key, pair => string.Join(", ", pair.Value), StringComparer.OrdinalIgnoreCase);
            if (answer.StatusCode != HttpStatusCode.Redirect)
                return this;
            (method, content, csrf) = (HttpMethod.Get, null, null);
            path = answer.Headers.Location!.OriginalString.Split('#')[0];
        }

        throw new InvalidOperationException($"{path} redirects in a circle.");
    }

    public void Dispose() => client.Dispose();

    private void Keep(SetCookieHeaderValue cookie)
    {
        if (cookie.Name == "session")
            log.Plant(cookie.Value.Value!);
        cookies[cookie.Name.Value!] = (cookie.Value.Value!, cookie.Path.Value!, cookie.MaxAge is { } age ? clock.GetUtcNow() + age : cookie.Expires);
    }

    private bool IsKept(DateTimeOffset? expires) => expires is null || expires > clock.GetUtcNow();

    [GeneratedRegex("name=\"csrf\" value=\"(?<token>[^\"]*)\"", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex CsrfField();
}
