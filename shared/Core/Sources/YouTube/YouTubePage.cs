using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// A page of the site as far as its metadata goes: whose channel it is, and what a watch page says of its video. Tags are read one by one
/// and no tree is built, as a hostile page can make that slow.
/// </summary>
internal sealed partial record YouTubePage
{
    private const int MostBytes = 4 * 1024 * 1024;

    public string? Channel { get; private init; }

    /// <summary>The path of the owner's page, where a watch page names its owner by handle alone.</summary>
    public string? OwnerPage { get; private init; }

    public string? Title { get; private init; }

    public string? Description { get; private init; }

    /// <summary>Name of the video's owner.</summary>
    public string? Owner { get; private init; }

    /// <summary>Of a watch page.</summary>
    public string? Video { get; private init; }

    public string? Date { get; private init; }

    public string? Duration { get; private init; }

    public string? Category { get; private init; }

    public static YouTubePage Read(Fetched answer, YouTubeSite site)
    {
        var html = Encoding.UTF8.GetString(answer.Body.AsSpan(0, Math.Min(answer.Body.Length, MostBytes)));
        var said = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using (var source = new TextSource(html))
        using (var tokens = new HtmlTokenizer(source, HtmlEntityProvider.Resolver))
        {
            while (tokens.Get() is { Type: not HtmlTokenType.EndOfFile } token)
            {
                if (token is HtmlTagToken { Type: HtmlTokenType.StartTag } tag)
                    Take(tag, tokens, said);
            }
        }

        // Links that name the owner, best first.
        var names = ((string[])["canonical", "og:url", "feed", "owner"])
            .Select(key => said.GetValueOrDefault(key) is { } link && Uri.TryCreate(answer.Address, link, out var address) ? (address, YouTubeReference.Parse(address.AbsoluteUri, site)) : default)
            .Where(found => found.Item2 is not null).ToArray();
        var channel = new[] { said.GetValueOrDefault("channelId"), said.GetValueOrDefault("identifier") }.FirstOrDefault(YouTubeReference.IsChannel)
            ?? names.Select(found => found.Item2!).FirstOrDefault(name => name.Kind == ReferenceKind.Channel)?.Value
            ?? (OwnerInScript().Match(html) is { Success: true } match ? match.Groups["id"].Value : null);
        return new YouTubePage
        {
            Channel = channel,
            OwnerPage = names.Where(found => found.Item2!.Kind == ReferenceKind.Handle).Select(found => "@" + Uri.EscapeDataString(found.Item2!.Value)).FirstOrDefault(),
            Title = said.GetValueOrDefault("og:title") ?? said.GetValueOrDefault("name"),
            Description = said.GetValueOrDefault("og:description") ?? said.GetValueOrDefault("description"),
            Owner = said.GetValueOrDefault("ownerName"),
            Video = new[] { said.GetValueOrDefault("videoId"), said.GetValueOrDefault("identifier") }.FirstOrDefault(YouTubeReference.IsVideo)
                ?? names.Select(found => found.Item2!).FirstOrDefault(name => name.Kind == ReferenceKind.Video)?.Value,
            Date = said.GetValueOrDefault("uploadDate") ?? said.GetValueOrDefault("datePublished"),
            Duration = said.GetValueOrDefault("duration"),
            Category = said.GetValueOrDefault("genre"),
        };
    }

    private static void Take(HtmlTagToken tag, HtmlTokenizer tokens, Dictionary<string, string> said)
    {
        tokens.SetStateFor(tag);
        switch (tag.Name)
        {
            case "meta" when tag.Value("content") is { } content:
                if ((tag.Value("property") ?? tag.Value("itemprop") ?? tag.Value("name")) is { } name)
                    said.TryAdd(name, content);
                break;
            case "link" when tag.Value("href") is { } href:
                if (tag.Value("rel") == "canonical")
                    said.TryAdd("canonical", href);
                else if (tag.Value("type") == "application/rss+xml")
                    said.TryAdd("feed", href);
                else if (tag.Value("itemprop") == "url" && (href.Contains("/@", StringComparison.Ordinal) || href.Contains("/channel/", StringComparison.Ordinal)))
                    said.TryAdd("owner", href);
                break;
            case "link" when tag.Value("itemprop") == "name" && tag.Value("content") is { } owner:
                said.TryAdd("ownerName", owner);
                break;
        }
    }

    /// <summary>The two words by which the page's own data calls the channel it is about; plain <c>channelId</c> stands for others too.</summary>
    [GeneratedRegex("\"(externalId|externalChannelId)\" ?: ?\"(?<id>UC[A-Za-z0-9_-]{22})\"", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex OwnerInScript();
}
