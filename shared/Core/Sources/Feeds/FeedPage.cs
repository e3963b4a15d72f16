using System.Text;
using System.Text.Unicode;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;
using ContributionIngest.Core.Fetch;
using ContributionIngest.Core.Sources.Pages;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// A web page as far as it concerns feeds: its name, what made it, and the feeds it names, best first. Tags are read one by one and no tree
/// is built: a tree of a hostile page costs time that grows with the square of its depth.
/// </summary>
internal sealed record FeedPage(string? Title, string? Generator, IReadOnlyList<FeedLink> Links)
{
    /// <summary>Links to feeds stand near the head; a page is not read further than this.</summary>
    private const int MostBytes = 1024 * 1024;

    private const int MostLinks = 200;
    private const int LongestText = 120;

    /// <summary>Where the page's changes are announced, and the address they are announced under (WebSub).</summary>
    public string? Hub { get; init; }

    public string? Self { get; init; }

    public static FeedPage Read(Fetched answer)
    {
        var tags = Tags.Of(answer.Body.AsSpan(0, Math.Min(answer.Body.Length, MostBytes)));
        var root = tags.Base is { } based && Uri.TryCreate(answer.Address, based, out var moved) ? moved : answer.Address;
        var links = answer.Links("alternate")
            .Select(found => FeedLink.Declared(found.Address, found.Link.Rel, found.Link.Type, found.Link.Title))
            .Concat(tags.Links.Select(tag => tag.Address(root) is { } address ? tag.ToLink(address) : null))
            .OfType<FeedLink>()
            .Take(MostLinks)
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
            return Uri.TryCreate(root, href, out var address)
                && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
                    ? address
                    : null;
        }

        public FeedLink? ToLink(Uri address) =>
            IsLink ? FeedLink.Declared(address, Rel, Type, Text(Title)) : FeedLink.Mentioned(address, Type, Text(Title));
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
            using var source = new TextSource((Utf8.IsValid(page) ? Encoding.UTF8 : Encoding.Latin1).GetString(page));
            using var tokens = new HtmlTokenizer(source, HtmlEntityProvider.Resolver);
            while (tokens.Get() is { Type: not HtmlTokenType.EndOfFile } token)
            {
                if (token is HtmlTagToken { Type: HtmlTokenType.StartTag } tag)
                    tags.Add(tag, tokens);
            }

            return tags;
        }

        private void Add(HtmlTagToken tag, HtmlTokenizer tokens)
        {
            tokens.Follow(tag);
            switch (tag.Name)
            {
                case "title":
                    Title ??= tokens.Get() is { Type: HtmlTokenType.Character } text ? text.Data : null;
                    break;
                case "base":
                    Base ??= tag.Value("href");
                    break;
                case "meta" when tag.Value("name")?.Equals("generator", StringComparison.OrdinalIgnoreCase) == true:
                    Generator ??= tag.Value("content");
                    break;
                case "link" or "a" when tag.Value("href") is { } href && Links.Count < MostLinks * 10:
                    Links.Add(new(tag.Name == "link", href, tag.Value("rel")?.ToLowerInvariant() ?? "", tag.Value("type"), tag.Value("title")));
                    break;
            }
        }
    }
}
