using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Finds the feed a person typed, or refuses with what was found and what to try.</summary>
internal sealed class FeedFinder(Fetcher fetcher)
{
    private const int MaxDeclared = 6;

    public async Task<Place> FindAsync(string typed, CancellationToken cancel)
    {
        var (answer, requested) = await FetchTypedAsync(typed.Trim(), cancel);
        if (answer.Outcome != FetchOutcome.Content)
            return await FindBehindDenialAsync(answer, cancel) ?? throw FeedFailures.Of(answer);
        if (FeedRequests.Read(answer).Feed is { } feed)
            return PlaceOf(answer, requested, feed, []);
        if (FeedFailures.Kind(answer) is not "html" and var kind)
            throw Refusal(answer, kind);

        var page = FeedPage.Read(answer);
        var named = page.Links.Where(link => link.Rank >= 0).ToArray();
        foreach (var link in named.Take(MaxDeclared))
        {
            if (await FeedAsync(link.Address, follow: true, cancel) is { } found)
                return PlaceOf(found.Answer, link.Address, found.Feed, [.. named.Where(other => other != link && other.Rank >= FeedRank.Declared)]) with { Push = WebSubDiscovery.Offer(page, answer) };
        }

        return await GuessAsync(FeedPlatforms.ByPlatform(answer.Address, page.Generator), follow: true, cancel)
            ?? await GuessAsync(FeedPlatforms.CommonPaths(answer.Address), follow: false, cancel)
            ?? throw NoFeed(answer, page, named);
    }

    /// <summary>Without a scheme, https is tried, then http if nothing answers.</summary>
    private async Task<(Fetched Answer, Uri Asked)> FetchTypedAsync(string typed, CancellationToken cancel)
    {
        if (typed.Contains("://", StringComparison.Ordinal) || typed.StartsWith("feed:", StringComparison.OrdinalIgnoreCase))
            return await FetchAsync(typed, cancel);
        var secure = await FetchAsync("https://" + typed, cancel);
        return secure.Answer is { Outcome: FetchOutcome.Transient, Code: "connection" or "tls" or "timeout" }
            && await FetchAsync("http://" + typed, cancel) is { Answer.Status: > 0 } plain
            ? plain
            : secure;
    }

    private async Task<(Fetched Answer, Uri Asked)> FetchAsync(string address, CancellationToken cancel)
    {
        var requested = FeedRequests.Address(address);
        return (await fetcher.SendAsync(new FetchRequest(requested) { Accept = FeedRequests.AcceptPage }, cancel), requested);
    }

    /// <summary>Some platforms block programs from their pages but not from their feeds.</summary>
    private async Task<Place?> FindBehindDenialAsync(Fetched answer, CancellationToken cancel) =>
        answer.Outcome == FetchOutcome.Denied ? await GuessAsync(FeedPlatforms.ByPlatform(answer.Address, null), follow: true, cancel) : null;

    private async Task<Place?> GuessAsync(IEnumerable<Uri> addresses, bool follow, CancellationToken cancel)
    {
        foreach (var address in addresses)
        {
            if (await FeedAsync(address, follow, cancel) is { } found)
                return PlaceOf(found.Answer, address, found.Feed, []);
        }

        return null;
    }

    private async Task<(Fetched Answer, FeedDocument Feed)?> FeedAsync(Uri address, bool follow, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(address) { Accept = FeedRequests.AcceptFeed, FollowRedirects = follow }, cancel);

        // A site that asks for a pause or does not answer may still have a feed, and is not to be asked twenty more times.
        if (answer.Outcome == FetchOutcome.Throttled || answer is { Outcome: FetchOutcome.Transient, Status: 0 })
            throw FeedFailures.Of(answer);
        return answer.Outcome == FetchOutcome.Content && FeedRequests.Read(answer).Feed is { } feed
            ? (answer, feed)
            : null;
    }

    /// <summary>The requested address is kept, unless it moved for good; a temporary redirect is followed anew each time.</summary>
    private static Place PlaceOf(Fetched answer, Uri requested, FeedDocument feed, IReadOnlyList<FeedLink> others)
    {
        var isWeb = requested.IsAbsoluteUri && requested.Scheme.StartsWith("http", StringComparison.Ordinal);
        var address = (answer.MovedTo ?? (isWeb ? requested : answer.Address)).GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        return new Place(CanonicalUrl.Of(address) ?? address, address, feed.Title, feed.Link)
        {
            Alternatives = [.. others.Select(other => new PlaceAlternative(other.Address.AbsoluteUri, other.Title))],
        };
    }

    private static SourceException Refusal(Fetched answer, string kind) => kind switch
    {
        "empty" => SourceException.Terminal("empty", $"{answer.Address.Host} answered with an empty page. Check the address."),
        "json" => SourceException.Terminal("notAFeed", $"{answer.Address.Host} answered with JSON that is not a JSON Feed. Try the blog's own page instead."),
        _ => SourceException.Terminal("notAFeed", $"{answer.Address.Host} answered with something that is neither a web page nor a feed. Try the blog's own page instead."),
    };

    private static SourceException NoFeed(Fetched answer, FeedPage page, FeedLink[] named)
    {
        var host = answer.Address.Host;
        var title = page.Title is null ? "a web page" : $"a web page titled “{page.Title}”";
        if (IsSignIn(answer.Address))
            return SourceException.Terminal("signIn", $"The address leads to a sign-in page at {host}. Only public pages can be read.");
        if (page.Title is { } text && (text.Contains("404", StringComparison.Ordinal) || text.Contains("not found", StringComparison.OrdinalIgnoreCase)))
            return SourceException.Terminal("missing", $"{host} answered with {title}: there seems to be nothing at this address. Check it.");
        if (named.Length > 0)
            return SourceException.Terminal("notAFeed", $"{host} answered with {title}, which names {named[0].Address} as its feed, but no feed can be read there.");

        return SourceException.Terminal(
            "noFeed", $"{host} answered with {title} that names no feed, and there is none at the usual places. Look for a link named RSS or Atom on the site and give its address.");
    }

    private static bool IsSignIn(Uri address) =>
        address.AbsolutePath.Split('/').Any(part => part.ToLowerInvariant() is "login" or "signin" or "sign-in" or "sign_in" or "wp-login.php")
        || address.Host is "accounts.google.com" or "login.microsoftonline.com";
}

/// <summary>Addresses of feeds that a page does not link to: by the rules of its platform, if known, otherwise common paths.</summary>
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

    /// <summary>Sites with a path per person: host, prefix and suffix of the person's feed.</summary>
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

    /// <summary>Addresses the page's platform is known to use; redirects are followed.</summary>
    public static IEnumerable<Uri> ByPlatform(Uri page, string? generator)
    {
        var host = HttpAddress.WithoutWww(page.Host);
        var person = page.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        foreach (var (_, before, after) in People.Where(rule => rule.Host == host && person is not null))
            yield return new Uri(page, before + person + after);
        foreach (var (_, path) in Hosts.Where(rule => host.EndsWith(rule.HostEnd, StringComparison.Ordinal)))
            yield return new Uri(page, path);
        foreach (var (_, path) in Generators.Where(rule => generator?.Contains(rule.Word, StringComparison.OrdinalIgnoreCase) == true))
            yield return new Uri(page, path);
    }

    /// <summary>Last resort: common paths below the page, then below the root of the site.</summary>
    public static IEnumerable<Uri> CommonPaths(Uri page)
    {
        var folder = new Uri(page, page.AbsolutePath.EndsWith('/') ? page.AbsolutePath : page.AbsolutePath + "/");
        var root = new Uri(page, "/");
        return UsualPlaces.Take(8).Select(place => new Uri(folder, place))
            .Concat(UsualPlaces.Select(place => new Uri(root, place)))
            .Distinct();
    }
}
