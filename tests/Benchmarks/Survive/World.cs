using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>What a hub delivers to, as the subscriber said it.</summary>
internal sealed record HubSubscription(Uri Callback, string Secret);

/// <summary>What one run of the program sees outside: feeds, a page, GitHub's API and a WebSub hub. How long an answer takes follows from the seed.</summary>
internal sealed class World(string name, int port, int seed)
{
    public const string Login = "juna-okvist";
    public const long Account = 4711;

    private const string GitHubHost = "127.5.0.1";
    private const string HubHost = "127.5.0.2";
    private const string PageHost = "127.5.0.3";

    private readonly ConcurrentDictionary<string, (Site Site, int Version)> shown = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HubSubscription> subscriptions = new(StringComparer.Ordinal);

    public string Name => name;

    public string GitHub => $"http://{GitHubHost}:{port}";

    public string Hub => $"http://{HubHost}:{port}/hub";

    /// <summary>The hub's subscription to a site, once the subscriber has confirmed it.</summary>
    public HubSubscription? Subscription(Site site) => subscriptions.GetValueOrDefault(Address(site));

    public string Address(Site site) => $"http://{site.Host}:{port}/feed";

    public string Link(Site site, int number) => Blog(site).Link(number);

    /// <summary>The address of a page that says its title and date.</summary>
    public string Page(int number) => string.Create(CultureInfo.InvariantCulture, $"http://{PageHost}:{port}/articles/{number}");

    /// <summary>From now on the site is as it is in that version.</summary>
    public void Show(Site site, int version) => shown[site.Host] = (site, version);

    /// <summary>A feed of these posts, as the hub delivers it.</summary>
    public byte[] Delivery(Site site, int version) => Blog(site).Feed(Address(site), version, 1, null);

    public async Task AnswerAsync(HttpContext context)
    {
        var (request, cancel) = (context.Request, context.RequestAborted);
        switch (request.Host.Host)
        {
            case GitHubHost:
                await WriteAsync(context, "application/json", Encoding.UTF8.GetBytes(GitHubAnswer(request.Path.Value!)));
                break;
            case HubHost:
                var form = await request.ReadFormAsync(cancel);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                _ = Task.Run(() => VerifyAsync(form["hub.mode"].ToString(), form["hub.topic"].ToString(), new Uri(form["hub.callback"].ToString()), form["hub.secret"].ToString()), CancellationToken.None);
                break;
            case PageHost:
                await WriteAsync(context, "text/html", Encoding.UTF8.GetBytes(Article(int.Parse(request.Path.Value!.Split('/')[^1], CultureInfo.InvariantCulture))));
                break;
            default:
                if (shown.TryGetValue(request.Host.Host, out var place))
                    await FeedAsync(context, place.Site, place.Version);
                else
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async Task FeedAsync(HttpContext context, Site site, int version)
    {
        var path = context.Request.Path.Value!;
        var page = path == "/feed" ? 1 : int.Parse(path.Split('/')[^1], CultureInfo.InvariantCulture);
        var next = page < site.Pages ? string.Create(CultureInfo.InvariantCulture, $"http://{site.Host}:{port}/feed/{page + 1}") : null;
        var body = Blog(site).Feed(Address(site), version, page, next);
        var etag = $"\"{Convert.ToHexString(SHA256.HashData(body).AsSpan(0, 8))}\"";
        await Task.Delay(Pause(site, path, version), TimeProvider.System, context.RequestAborted);
        context.Response.Headers.ETag = etag;
        if (context.Request.Headers.IfNoneMatch == etag)
            context.Response.StatusCode = StatusCodes.Status304NotModified;
        else
            await WriteAsync(context, "application/rss+xml; charset=utf-8", body);
    }

    private TimeSpan Pause(Site site, string path, int version)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed} {site.Host} {path} {version}")));
        return site.Slowest * (hash[0] / 255.0);
    }

    private Blog Blog(Site site) => new(site, port, site.HasHub ? Hub : null);

    private string GitHubAnswer(string path) => path.StartsWith("/user", StringComparison.Ordinal)
        ? $$"""{"login":"{{Login}}","id":{{Account}},"type":"User","name":"Juna Okvist","html_url":"{{GitHub}}/{{Login}}"}"""
        : """{"total_count":0,"incomplete_results":false,"items":[]}""";

    private static string Article(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <!doctype html><html><head><title>Article {number}</title><meta property="og:type" content="article"><meta property="og:title" content="Article {number}">
        <meta property="article:published_time" content="2025-03-{1 + (number % 28):D2}T09:00:00Z"></head><body><p>Text.</p></body></html>
        """);

    /// <summary>A hub asks back until it is answered.</summary>
    private async Task VerifyAsync(string mode, string topic, Uri callback, string secret)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler());
        var query = $"?hub.mode={mode}&hub.topic={Uri.EscapeDataString(topic)}&hub.challenge=c&hub.lease_seconds=864000";
        for (var attempt = 0; attempt < 100; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, callback.AbsoluteUri + query);
            try
            {
                using var answer = await client.SendAsync(request, CancellationToken.None);
                if (answer.IsSuccessStatusCode && mode == "subscribe")
                    subscriptions[topic] = new HubSubscription(callback, secret);
                if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotFound)
                    return;
            }
            catch (HttpRequestException)
            {
                // The subscriber is being started again.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private static async Task WriteAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
