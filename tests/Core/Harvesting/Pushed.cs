using System.Net;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>A blog with a hub, connected in an app that hubs can reach.</summary>
internal sealed class Pushed(Blogs blogs, ScriptedHub hub, AppFixture app, string connection) : IAsyncDisposable
{
    public const string Feed = "https://one.example/feed.xml";
    public const string Links = $"""<atom:link rel="hub" href="{ScriptedHub.Address}"/><atom:link rel="self" href="{Feed}"/>""";

    public static readonly IReadOnlyDictionary<string, string?> Reachable =
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["PublicUrl"] = "https://me.example/ledger" };

    public Blogs Blogs => blogs;

    public ScriptedHub Hub => hub;

    public AppFixture App => app;

    public string Connection => connection;

    /// <summary>Twelve posts, a day apart, the last one today: without pushes looked at every three hours.</summary>
    public static async Task<Pushed> StartAsync()
    {
        var blogs = new Blogs();
        var hub = new ScriptedHub(blogs);
        Publish(blogs, Body(12));
        var app = await AppFixture.StartAsync(blogs.Web, settings: Reachable);
        return new Pushed(blogs, hub, app, await app.ConnectAsync(Feed));
    }

    public static async Task<Pushed> VerifiedAsync(int lease = 864_000)
    {
        var pushed = await StartAsync();
        await ScriptedHub.VerifyAsync(pushed.App, pushed.Hub.Last, lease: lease);
        return pushed;
    }

    public static string Body(int newest, int count = 12, string links = Links)
    {
        var rss = Blogs.Rss(Feed, "One", Enumerable.Range(newest - count + 1, count).Reverse()
            .Select(n => Blogs.Post(n) with { Date = new DateTimeOffset(2026, 5, 20, 6, 0, 0, TimeSpan.Zero).AddDays(n) }));
        var at = rss.IndexOf("<link>", StringComparison.Ordinal);
        return rss.Insert(at, links).Replace("<rss ", "<rss xmlns:atom=\"http://www.w3.org/2005/Atom\" ", StringComparison.Ordinal);
    }

    public static void Publish(Blogs blogs, string body, params (string, string)[] headers)
    {
        var etag = $"\"{body.GetHashCode(StringComparison.Ordinal):x}\"";
        blogs.On(Feed, request => request.Headers.IfNoneMatch.Any(e => e.Tag == etag)
            ? ScriptedWeb.Answer(304, [])
            : ScriptedWeb.Answer(HttpStatusCode.OK, body, "application/rss+xml", [("ETag", etag), .. headers]));
    }

    public int Polls => blogs.Web.Addresses.Count(a => a == Feed);

    public Task<HttpStatusCode> DeliverAsync(string body, string method = "sha256", string? secret = null) =>
        ScriptedHub.DeliverAsync(app, hub.Asked[0], body, method, secret);

    /// <summary>Lets hours pass, every timer at its time.</summary>
    public async Task PassAsync(int hours)
    {
        for (var step = 0; step < hours * 2; step++)
        {
            await app.CallAsync("RenewPush");
            await app.PassAsync(TimeSpan.FromMinutes(30));
        }
    }

    public async Task<long> DiscardedAsync() => (await app.GetAsync("/status")).GetProperty("discardedPushes").GetInt64();

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
