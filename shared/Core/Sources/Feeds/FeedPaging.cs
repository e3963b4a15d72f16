using System.Globalization;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How a feed offers older pages, and the address of the next one.</summary>
internal static class FeedPaging
{
    private const int BloggerPage = 100;

    /// <summary>RFC 5005 and JSON Feed link their pages; WordPress, Ghost and Blogger number them. Blogger has links as well, but to smaller pages.</summary>
    public static string? Of(FeedDocument feed, Uri address)
    {
        if (Contains(feed.Generator, "blogger") || address.AbsolutePath.Contains("/feeds/posts/", StringComparison.OrdinalIgnoreCase))
            return "blogger";
        if (feed.Next is not null)
            return "links";
        if (Contains(feed.Generator, "wordpress"))
            return "wordpress";
        return Contains(feed.Generator, "ghost") && address.AbsolutePath.TrimEnd('/').EndsWith("/rss", StringComparison.OrdinalIgnoreCase)
            ? "ghost"
            : null;
    }

    /// <summary>
    /// The page after the first <paramref name="pages"/>, which held <paramref name="entries"/> entries; null if there is none, or it may not be
    /// followed.
    /// </summary>
    /// <param name="page">Address of the page read last, after redirects.</param>
    /// <param name="last">The page read last.</param>
    public static string? Next(string? paging, Uri first, Uri page, FeedDocument last, int pages, int entries) => paging switch
    {
        "links" => IsSameSite(first, last.Next) || IsSameSite(page, last.Next) ? last.Next : null,
        "wordpress" => With(first, ("paged", pages + 1)),
        "blogger" => With(first, ("start-index", entries + 1), ("max-results", BloggerPage)),
        "ghost" => new UriBuilder(first) { Path = string.Create(CultureInfo.InvariantCulture, $"{first.AbsolutePath.TrimEnd('/')}/{pages + 1}/") }.Uri.AbsoluteUri,
        _ => null,
    };

    /// <summary>Links to other sites are not trusted.</summary>
    private static bool IsSameSite(Uri first, string? next) =>
        Uri.TryCreate(next, UriKind.Absolute, out var address) && string.Equals(HttpAddress.WithoutWww(first.Host), HttpAddress.WithoutWww(address.Host), StringComparison.OrdinalIgnoreCase);

    private static bool Contains(string? generator, string name) => generator?.Contains(name, StringComparison.OrdinalIgnoreCase) == true;

    private static string With(Uri address, params (string Name, int Value)[] parameters)
    {
        var kept = address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(old => !Array.Exists(parameters, added => old.StartsWith(added.Name + "=", StringComparison.OrdinalIgnoreCase)));
        var added = parameters.Select(parameter => string.Create(CultureInfo.InvariantCulture, $"{parameter.Name}={parameter.Value}"));
        return new UriBuilder(address) { Query = string.Join('&', kept.Concat(added)), Fragment = "" }.Uri.AbsoluteUri;
    }
}
