using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace ContributionIngest.Functions.Demo;

/// <summary>Serves the world on a loopback port of its own: blogs and providers, each below its invented host.</summary>
internal sealed class WorldSite : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly World world;

    private WorldSite(World world)
    {
        this.world = world;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(Answer);
    }

    /// <summary>With a slash at the end.</summary>
    public Uri Root => new(app.Urls.First());

    public static async Task<WorldSite> Start(World world)
    {
        var site = new WorldSite(world);
        await site.app.StartAsync();
        return site;
    }

    public Uri Page(WorldBlog blog) => new(Root, blog.Site + "/");

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>Where the provider answers, with a slash at the end.</summary>
    public Uri RootOf(WorldProvider provider) => new(Root, provider.Site + "/");

    private Task Answer(HttpContext context)
    {
        foreach (var provider in world.Providers)
        {
            if (!context.Request.Path.StartsWithSegments("/" + provider.Site, StringComparison.Ordinal, out var below))
                continue;
            (context.Request.PathBase, context.Request.Path) = ("/" + provider.Site, below);
            return provider.Answer(context);
        }

        var parts = (context.Request.Path.Value ?? "").Split('/', 3, StringSplitOptions.RemoveEmptyEntries);
        var blog = world.Blogs.FirstOrDefault(b => parts.Length > 0 && string.Equals(b.Site, parts[0], StringComparison.Ordinal));
        return blog is null ? Missing(context) : Answer(context, blog, parts.Length > 1 ? parts[1] : "");
    }

    private Task Answer(HttpContext context, WorldBlog blog, string rest)
    {
        const string Html = "text/html; charset=utf-8";
        var entries = world.Entries(blog);
        if (rest.Length == 0)
            return Send(context, Html, BlogPage.Of(blog, Root, entries));
        if (string.Equals(rest, FeedName(blog), StringComparison.Ordinal))
            return Feed(context, blog, entries);
        var post = entries.FirstOrDefault(entry => string.Equals(entry.Path, $"{blog.Site}/{rest}/", StringComparison.Ordinal));
        return post is null ? Missing(context) : Send(context, Html, BlogPage.Of(blog, Root, post));
    }

    public static string FeedName(WorldBlog blog) => blog.Format switch
    {
        "rss" => "feed",
        "atom" => "releases.atom",
        _ => "feed.json",
    };

    private Task Feed(HttpContext context, WorldBlog blog, IReadOnlyList<WorldEntry> entries)
    {
        var asked = context.Request.Query["paged"];
        var page = int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;
        var shown = entries.Skip((page - 1) * blog.PageSize).Take(blog.PageSize).ToList();
        if (shown.Count == 0)
            return Missing(context);
        var address = new Uri(Page(blog), FeedName(blog));
        var older = page * blog.PageSize < entries.Count ? new Uri(address, $"?paged={page + 1}") : null;
        return blog.Format switch
        {
            "rss" => Send(context, "application/rss+xml; charset=utf-8", RssDocument.Write(blog, Root, shown)),
            "atom" => Send(context, "application/atom+xml; charset=utf-8", AtomDocument.Write(blog, Root, address, shown, world.Person.Name)),
            _ => Send(context, "application/feed+json", JsonFeedDocument.Write(blog, Root, address, shown, older)),
        };
    }

    private static async Task Send(HttpContext context, string type, byte[] body)
    {
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 8))}\"";
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == new StringValues(tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Task Missing(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("There is no such page.", context.RequestAborted);
    }
}
