using System.Net;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.TestHost;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>What the hub was asked for.</summary>
internal sealed record Ask(string Hub, IReadOnlyDictionary<string, string> Form)
{
    public string Mode => Form["hub.mode"];

    public string Topic => Form["hub.topic"];

    public Uri Callback => new(Form["hub.callback"]);

    /// <summary>What is left of the callback's address behind a proxy that takes its prefix away.</summary>
    public string Path => Callback.PathAndQuery[Callback.PathAndQuery.IndexOf("/api/", StringComparison.Ordinal)..];

    public string Secret => Form["hub.secret"];
}

/// <summary>A WebSub hub that does nothing by itself: a test says when it verifies and what it delivers.</summary>
internal sealed class ScriptedHub
{
    public const string Address = "https://hub.example/";

    private readonly List<Ask> asked = [];

    public ScriptedHub(Blogs blogs, params string[] addresses)
    {
        foreach (var address in addresses.Length == 0 ? [Address] : addresses)
            blogs.On(address, request => Take(address, request));
    }

    public HttpStatusCode Says { get; set; } = HttpStatusCode.Accepted;

    public IReadOnlyList<Ask> Asked => asked;

    public Ask Last => asked[^1];

    /// <summary>The hub's question; answers status and body.</summary>
    public static async Task<(HttpStatusCode Status, string Body)> VerifyAsync(
        AppFixture app, Ask ask, string? mode = null, string? topic = null, int? lease = 864_000, string more = "&hub.challenge=ch%2Ba")
    {
        var query = $"?hub.mode={mode ?? ask.Mode}&hub.topic={Uri.EscapeDataString(topic ?? ask.Topic)}{more}"
            + (lease is null ? "" : $"&hub.lease_seconds={lease}");
        using var client = app.App.GetTestClient();
        using var answer = await client.GetAsync(new Uri(ask.Path + query, UriKind.Relative));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A delivery, signed with the subscription's secret unless told otherwise, and worked off.</summary>
    public static async Task<HttpStatusCode> DeliverAsync(
        AppFixture app, Ask ask, string body, string method = "sha256", string? secret = null, string type = "application/rss+xml", bool drain = true)
    {
        using var client = app.App.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, ask.Path) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (method.Length > 0)
            request.Headers.Add("X-Hub-Signature", $"{method}={Sign(method, secret ?? ask.Secret, body)}");
        using var answer = await client.SendAsync(request);
        if (drain)
            await app.DrainAsync();
        return answer.StatusCode;
    }

    private static string Sign(string method, string secret, string body)
    {
        using var hash = IncrementalHash.CreateHMAC(new HashAlgorithmName(method.ToUpperInvariant()), Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.UTF8.GetBytes(body));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private HttpResponseMessage Take(string hub, HttpRequestMessage request)
    {
        using var form = new StreamReader(request.Content!.ReadAsStream());
        asked.Add(new Ask(hub, form.ReadToEnd().Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => WebUtility.UrlDecode(p[1]), StringComparer.Ordinal)));
        return ScriptedWeb.Answer(Says);
    }
}
