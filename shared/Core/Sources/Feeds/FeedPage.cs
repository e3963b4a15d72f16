using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>A web page as far as it concerns feeds: its name, what made it, and the feeds it names, best first.</summary>
internal sealed record FeedPage(string? Title, string? Generator, IReadOnlyList<FeedLink> Links)
{
    /// <summary>Links to feeds stand in the head; a page is not read further than this.</summary>
    private const int MostBytes = 1024 * 1024;

    private const int MostLinks = 200;

    private static readonly string[] FeedTypes =
        ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json", "application/xml", "text/xml"];

    private static readonly string[] FeedEndings =
        ["/feed", "/rss", "/atom", "rss.xml", "atom.xml", "feed.xml", "feed.json", ".rss", ".atom", "/feed/atom", "/feed/rss", "/index.xml"];

    public static FeedPage Read(Fetched answer)
    {
        using var body = new MemoryStream(answer.Body, 0, Math.Min(answer.Body.Length, MostBytes), writable: false);
        using var page = new HtmlParser().ParseDocument(body);
        var root = page.QuerySelector("base[href]")?.GetAttribute("href") is { } based && Uri.TryCreate(answer.Address, based, out var moved)
            ? moved
            : answer.Address;
        var links = LinkHeader.Of(answer, "alternate")
            .Where(found => IsFeed(found.Link.Type, found.Address, "alternate"))
            .Select(found => new FeedLink(found.Address, found.Link.Title, FeedRank.Declared))
            .Concat(page.QuerySelectorAll("link[href]").Select(element => Declared(element, root)).OfType<FeedLink>())
            .Concat(page.QuerySelectorAll("a[href]").Select(element => Mentioned(element, root)).OfType<FeedLink>())
            .Take(MostLinks)
            .Select(link => link with { Rank = link.Rank + FeedRank.Of(link, answer.Address) })
            .OrderByDescending(link => link.Rank)
            .DistinctBy(link => link.Address.AbsoluteUri)
            .ToArray();
        return new(Text(page.Title), page.QuerySelector("meta[name=generator i]")?.GetAttribute("content"), links);
    }

    private static FeedLink? Declared(IElement element, Uri root)
    {
        var rel = (element.GetAttribute("rel") ?? "").ToLowerInvariant();
        var named = rel.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Any(word => word is "alternate" or "feed");
        return Resolve(element, root) is { } address && IsFeed(element.GetAttribute("type"), address, rel)
            ? new(address, Text(element.GetAttribute("title")), named ? FeedRank.Declared : FeedRank.Mentioned)
            : null;
    }

    /// <summary>A link in the text that says by its type or its address that it is a feed.</summary>
    private static FeedLink? Mentioned(IElement element, Uri root) =>
        Resolve(element, root) is { } address
        && (IsFeed(element.GetAttribute("type"), address, "")
            || Array.Exists(FeedEndings, ending => address.AbsolutePath.TrimEnd('/').EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            ? new(address, Text(element.TextContent), FeedRank.Mentioned)
            : null;

    private static Uri? Resolve(IElement element, Uri root) =>
        element.GetAttribute("href")?.Trim() is { Length: > 0 } href
        && Uri.TryCreate(root, href.StartsWith("feed:", StringComparison.OrdinalIgnoreCase) ? Unwrapped(href) : href, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : null;

    private static string Unwrapped(string href) => href.StartsWith("feed://", StringComparison.OrdinalIgnoreCase) ? href[5..] : href["feed:".Length..];

    /// <summary>Bare XML and JSON types count only where they are declared an alternate of the page; WordPress' own API never does.</summary>
    private static bool IsFeed(string? type, Uri address, string rel)
    {
        var index = Array.IndexOf(FeedTypes, ContentType.Media(type));
        return index >= 0
            && (index < 4 || rel.Contains("alternate", StringComparison.Ordinal))
            && !address.AbsolutePath.Contains("/wp-json/", StringComparison.OrdinalIgnoreCase);
    }

    private static string? Text(string? text)
    {
        var words = string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return words.Length == 0 ? null : words.Length <= 120 ? words : words[..119] + "…";
    }
}

/// <param name="Rank">Higher is better; below zero is not what somebody means who types the page's address.</param>
internal sealed record FeedLink(Uri Address, string? Title, int Rank);
