namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Where feeds are on pages that do not name them: by the platform's own rule where it shows, else at the usual places.</summary>
internal static class FeedPlatforms
{
    private static readonly (string HostEnd, string Path)[] Hosts =
    [
        (".blogspot.com", "/feeds/posts/default"),
        (".wordpress.com", "/feed/"),
        (".substack.com", "/feed"),
        (".ghost.io", "/rss/"),
        (".medium.com", "/feed"),
        (".hashnode.dev", "/rss.xml"),
        (".tumblr.com", "/rss"),
        (".bearblog.dev", "/feed/"),
        (".micro.blog", "/feed.xml"),
        (".write.as", "/feed/"),
        (".hatenablog.com", "/feed"),
    ];

    /// <summary>Sites where each person has a path of their own: host, what stands before the person's feed, and after.</summary>
    private static readonly (string Host, string Before, string After)[] People =
    [
        ("medium.com", "/feed/", ""),
        ("dev.to", "/feed/", ""),
        ("note.com", "/", "/rss"),
        ("zenn.dev", "/", "/feed"),
        ("qiita.com", "/", "/feed"),
        ("write.as", "/", "/feed/"),
    ];

    private static readonly (string Word, string Path)[] Generators =
    [
        ("wordpress", "/feed/"), ("blogger", "/feeds/posts/default"), ("ghost", "/rss/"), ("hugo", "/index.xml"), ("jekyll", "/feed.xml"),
        ("hexo", "/atom.xml"), ("gatsby", "/rss.xml"), ("astro", "/rss.xml"), ("eleventy", "/feed/feed.xml"), ("docusaurus", "/blog/rss.xml"),
        ("pelican", "/feeds/all.atom.xml"), ("drupal", "/rss.xml"), ("squarespace", "/?format=rss"), ("wix", "/blog-feed.xml"),
        ("substack", "/feed"), ("hashnode", "/rss.xml"), ("medium", "/feed"), ("movable type", "/atom.xml"), ("typo3", "/feed.xml"),
        ("zola", "/atom.xml"), ("nikola", "/rss.xml"), ("textpattern", "/rss/"), ("joomla", "/?format=feed&type=rss"),
    ];

    private static readonly string[] UsualPlaces =
    [
        "feed", "feed/", "rss", "rss/", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json", "index.rss", "feed.atom", "rss/feed.xml",
        "feeds/posts/default", "?feed=rss2", "blog/feed", "blog/feed.xml", "blog/rss.xml", "blog/atom.xml", "blog/index.xml",
    ];

    /// <summary>Addresses the page's platform is known to use, redirects and all.</summary>
    public static IEnumerable<Uri> Known(Uri page, string? generator)
    {
        var host = page.Host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? page.Host[4..] : page.Host;
        var person = page.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        foreach (var (_, before, after) in People.Where(rule => rule.Host == host && person is not null))
            yield return new Uri(page, before + person + after);
        foreach (var (_, path) in Hosts.Where(rule => host.EndsWith(rule.HostEnd, StringComparison.Ordinal)))
            yield return new Uri(page, path);
        foreach (var (_, path) in Generators.Where(rule => generator?.Contains(rule.Word, StringComparison.OrdinalIgnoreCase) == true))
            yield return new Uri(page, path);
    }

    /// <summary>The last resort: below the page first, then below the site's root.</summary>
    public static IEnumerable<Uri> Usual(Uri page)
    {
        var folder = new Uri(page, page.AbsolutePath.EndsWith('/') ? page.AbsolutePath : page.AbsolutePath + "/");
        var root = new Uri(page, "/");
        return UsualPlaces.Take(8).Select(place => new Uri(folder, place))
            .Concat(UsualPlaces.Select(place => new Uri(root, place)))
            .Distinct();
    }
}
