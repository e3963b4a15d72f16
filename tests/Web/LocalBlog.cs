using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ContributionIngest.Tests.Web;

/// <summary>A blog on this machine: a front page that names its feed, and three posts.</summary>
internal sealed class LocalBlog : IAsyncDisposable
{
    private readonly WebApplication server;

    private LocalBlog(WebApplication server) => this.server = server;

    public string Address => server.Urls.Single();

    /// <summary>The days of its posts, from the Monday of a week about two months ago.</summary>
    public static DateOnly Day(int part)
    {
        var then = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-60);
        return then.AddDays(-(((int)then.DayOfWeek + 6) % 7) + part - 1);
    }

    /// <param name="more">Items beside the three posts, as they stand in the feed.</param>
    public static async Task<LocalBlog> StartAsync(string more = "")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var started = builder.Build();
        started.MapGet("/", () => Results.Content(
            """<!DOCTYPE html><title>Below Deck</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"><h1>Below Deck</h1>""", "text/html; charset=utf-8"));
        started.MapGet("/feed.xml", (HttpContext context) => Results.Content(Feed($"http://{context.Request.Host}", more), "application/rss+xml; charset=utf-8"));
        await started.StartAsync();
        return new LocalBlog(started);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string Feed(string site, string more) =>
        $"""
        <?xml version="1.0" encoding="utf-8"?>
        <rss version="2.0"><channel><title>Below Deck</title><link>{site}/</link><description>Small boats</description>
        {string.Concat(Enumerable.Range(1, 3).Select(n => $"<item><title>Splicing, part {n}</title><link>{site}/{n}</link><guid>{site}/{n}</guid><pubDate>{Day(n).ToString("dd MMM yyyy", CultureInfo.InvariantCulture)} 08:00:00 GMT</pubDate></item>"))}{more}
        </channel></rss>
        """;
}
