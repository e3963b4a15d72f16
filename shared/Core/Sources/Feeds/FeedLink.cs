using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Feeds;

/// <param name="Rank">Higher is better; below zero is not what somebody means who types the page's address.</param>
internal sealed record FeedLink(Uri Address, string? Title, int Rank)
{
    private static readonly string[] FeedTypes =
        ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"];

    /// <summary>Types that are feeds only where they are declared an alternate of the page.</summary>
    private static readonly string[] VagueTypes = ["application/json", "application/xml", "text/xml"];

    private static readonly string[] FeedEndings =
        ["/feed", "/rss", "/atom", "rss.xml", "atom.xml", "feed.xml", "feed.json", ".rss", ".atom", "/feed/atom", "/feed/rss", "/index.xml"];

    /// <summary>A <c>link</c> of the head or of the header; null when it is none to a feed.</summary>
    public static FeedLink? Declared(Uri address, string rel, string? type, string? title)
    {
        var named = rel.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Any(word => word is "alternate" or "feed");
        return IsFeed(type, address, named) ? new(address, title, named ? FeedRank.Declared : FeedRank.Mentioned) : null;
    }

    /// <summary>A link in the page's text that says by its type or its address that it is a feed.</summary>
    public static FeedLink? Mentioned(Uri address, string? type, string? title) =>
        IsFeed(type, address, false)
        || Array.Exists(FeedEndings, ending => address.AbsolutePath.TrimEnd('/').EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            ? new(address, title, FeedRank.Mentioned)
            : null;

    /// <summary>WordPress declares its API's own answer an alternate; that is no feed.</summary>
    private static bool IsFeed(string? type, Uri address, bool named)
    {
        var media = ContentType.Media(type);
        return (FeedTypes.Contains(media) || (named && VagueTypes.Contains(media)))
            && !address.AbsolutePath.Contains("/wp-json/", StringComparison.OrdinalIgnoreCase);
    }
}
