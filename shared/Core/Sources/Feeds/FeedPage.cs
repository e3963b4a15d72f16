using System.Text;
using System.Text.Unicode;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>What a web page says about feeds: its title, its generator, and its links to feeds, best first.</summary>
internal sealed record FeedPage(string? Title, string? Generator, IReadOnlyList<FeedLink> Links)
{
    /// <summary>Links to feeds are near the top; the rest of a page is not read.</summary>
    private const int MaxBytes = 1024 * 1024;

    private const int MaxLinks = 200;
    private const int LongestText = 120;

    /// <summary>WebSub hub and topic of the page.</summary>
    public string? Hub { get; init; }

    public string? Self { get; init; }

    public static FeedPage Read(Fetched answer)
    {
        var tags = Tags.Of(answer.Body.AsSpan(0, Math.Min(answer.Body.Length, MaxBytes)));
        var root = tags.Base is { } based && Uri.TryCreate(answer.Address, based, out var moved) ? moved : answer.Address;
        var links = answer.Links("alternate")
            .Select(found => FeedLink.Declared(found.Address, found.Link.Rel, found.Link.Type, found.Link.Title))
            .Concat(tags.Links.Select(tag => tag.Address(root) is { } address ? tag.ToLink(address) : null))
            .OfType<FeedLink>()
            .Take(MaxLinks)
            .Select(link => link with { Rank = link.Rank + FeedRank.Of(link, answer.Address) })
            .OrderByDescending(link => link.Rank)
            .DistinctBy(link => link.Address.AbsoluteUri)
            .ToArray();
        return new(Text(tags.Title), tags.Generator, links) { Hub = Related("hub"), Self = Related("self") };

        string? Related(string relation) => tags.Links
            .Where(tag => tag.IsLink && tag.Rel.Split(' ').Contains(relation, StringComparer.Ordinal))
            .Select(tag => tag.Address(root)?.AbsoluteUri)
            .FirstOrDefault(address => address is not null);
    }

    internal static string? Text(string? text)
    {
        var words = string.Join(' ', (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return words.Length == 0 ? null : words.Length <= LongestText ? words : words[..(LongestText - 1)] + "…";
    }

    /// <summary>A <c>link</c> or <c>a</c> of the page.</summary>
    private sealed record Tag(bool IsLink, string Href, string Rel, string? Type, string? Title)
    {
        public Uri? Address(Uri root)
        {
            var href = !Href.StartsWith("feed:", StringComparison.OrdinalIgnoreCase) ? Href
                : Href.StartsWith("feed://", StringComparison.OrdinalIgnoreCase) ? Href[5..] : Href[5..].Trim();
            return Uri.TryCreate(root, href, out var address) && HttpAddress.IsHttp(address) ? address : null;
        }

        public FeedLink? ToLink(Uri address) => IsLink ? FeedLink.Declared(address, Rel, Type, Text(Title)) : FeedLink.Mentioned(address, Type, Text(Title));
    }

    private sealed class Tags
    {
        public string? Title { get; private set; }
        public string? Generator { get; private set; }
        public string? Base { get; private set; }
        public List<Tag> Links { get; } = [];

        public static Tags Of(ReadOnlySpan<byte> page)
        {
            var tags = new Tags();
            HtmlTags.Read((Utf8.IsValid(page) ? Encoding.UTF8 : Encoding.Latin1).GetString(page), tags.Add);
            return tags;
        }

        private void Add(HtmlTagToken tag, HtmlTokenizer tokens)
        {
            switch (tag.Name)
            {
                case "title":
                    Title ??= tokens.Text();
                    break;
                case "base":
                    Base ??= tag.Value("href");
                    break;
                case "meta" when tag.Value("name")?.Equals("generator", StringComparison.OrdinalIgnoreCase) == true:
                    Generator ??= tag.Value("content");
                    break;
                case "link" or "a" when tag.Value("href") is { } href && Links.Count < MaxLinks * 10:
                    Links.Add(new(tag.Name == "link", href, tag.Value("rel")?.ToLowerInvariant() ?? "", tag.Value("type"), tag.Value("title")));
                    break;
            }
        }
    }
}

/// <param name="Rank">Higher is better; below zero: not the feed a person means who types the page's address.</param>
internal sealed record FeedLink(Uri Address, string? Title, int Rank)
{
    private static readonly string[] FeedTypes =
        ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"];

    /// <summary>Types that are feeds only if declared as an alternate of the page.</summary>
    private static readonly string[] VagueTypes = ["application/json", "application/xml", "text/xml"];

    private static readonly string[] FeedEndings =
        ["/feed", "/rss", "/atom", "rss.xml", "atom.xml", "feed.xml", "feed.json", ".rss", ".atom", "/feed/atom", "/feed/rss", "/index.xml"];

    /// <summary>A <c>link</c> element or <c>Link</c> header; null if it does not lead to a feed.</summary>
    public static FeedLink? Declared(Uri address, string rel, string? type, string? title)
    {
        var named = rel.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Any(word => word is "alternate" or "feed");
        return IsFeed(type, address, named) ? new(address, title, named ? FeedRank.Declared : FeedRank.Mentioned) : null;
    }

    /// <summary>A link in the text whose type or address looks like a feed.</summary>
    public static FeedLink? Mentioned(Uri address, string? type, string? title) =>
        IsFeed(type, address, false)
        || Array.Exists(FeedEndings, ending => address.AbsolutePath.TrimEnd('/').EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            ? new(address, title, FeedRank.Mentioned)
            : null;

    /// <summary>WordPress declares its JSON API as an alternate, which is not a feed.</summary>
    private static bool IsFeed(string? type, Uri address, bool named)
    {
        var media = ContentType.MediaType(type);
        return (FeedTypes.Contains(media) || (named && VagueTypes.Contains(media)))
            && !address.AbsolutePath.Contains("/wp-json/", StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>
/// Which of a page's feeds its address means: its own posts rather than comments, from the same site and section. Formats are equal; ties keep the
/// order of the page.
/// </summary>
internal static class FeedRank
{
    public const int Declared = 1_000;
    public const int Mentioned = 500;

    private const int Never = -10_000;

    private static readonly string[] Comments =
        ["comment", "kommentar", "commentaire", "comentario", "commenti", "reacties", "komment", "コメント", "评论", "комментари"];

    private static readonly string[] Asides = ["/tag/", "/category/", "/author/", "/search/", "/bookmarks", "/likes", "/notes", "/links"];

    public static int Of(FeedLink link, Uri page)
    {
        var path = link.Address.PathAndQuery;
        var rank = 0;
        if (Array.Exists(Comments, word => Contains(path, word) || (link.Title is { } name && Contains(name, word))))
            rank += Never;
        if (HttpAddress.WithoutWww(link.Address.Host) == HttpAddress.WithoutWww(page.Host))
            rank += 200;
        rank += 20 * Math.Min(Shared(link.Address.AbsolutePath, page.AbsolutePath), 5);

        // A section of the site other than the page's own.
        if (Array.Exists(Asides, aside => Contains(path, aside) && !Contains(page.PathAndQuery, aside)))
            rank -= 100;
        if (link.Title is { } title && (Contains(title, "blog") || Contains(title, "posts") || Contains(title, "articles")))
            rank += 10;
        return rank;
    }

    private static bool Contains(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Number of leading path segments in common.</summary>
    private static int Shared(string feed, string page)
    {
        var (ours, theirs) = (page.Trim('/').Split('/'), feed.Trim('/').Split('/'));
        return ours.Zip(theirs).TakeWhile(pair => pair.First.Length > 0 && pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase)).Count();
    }
}
