using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Html.Parser.Tokens;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Pages;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>The metadata of a page of the site: the channel it belongs to and, on a watch page, the video.</summary>
internal sealed partial record YouTubePage
{
    private const int MaxBytes = 4 * 1024 * 1024;

    public string? Channel { get; private init; }

    /// <summary>Path of the owner's page, if a watch page names its owner only by handle.</summary>
    public string? OwnerPage { get; private init; }

    public string? Title { get; private init; }
    public string? Description { get; private init; }

    /// <summary>Name of the video's channel.</summary>
    public string? Owner { get; private init; }

    /// <summary>Id of the video on a watch page.</summary>
    public string? Video { get; private init; }

    public string? Date { get; private init; }
    public string? Duration { get; private init; }
    public string? Category { get; private init; }

    public static YouTubePage Read(Fetched answer, YouTubeSite site)
    {
        var html = Encoding.UTF8.GetString(answer.Body.AsSpan(0, Math.Min(answer.Body.Length, MaxBytes)));
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        HtmlTags.Read(html, (tag, _) => Add(tag, values));

        // Links that name the owner, best first.
        var names = ((string[])["canonical", "og:url", "feed", "owner"])
            .Select(key => values.GetValueOrDefault(key) is { } link && Uri.TryCreate(answer.Address, link, out var address) ? YouTubeReference.Parse(address.AbsoluteUri, site) : null)
            .OfType<YouTubeReference>().ToArray();
        var channel = new[] { values.GetValueOrDefault("channelId"), values.GetValueOrDefault("identifier") }.FirstOrDefault(YouTubeReference.IsChannel)
            ?? names.FirstOrDefault(name => name.Kind == ReferenceKind.Channel)?.Value
            ?? (OwnerInScript().Match(html) is { Success: true } match ? match.Groups["id"].Value : null);
        return new YouTubePage
        {
            Channel = channel,
            OwnerPage = names.Where(name => name.Kind == ReferenceKind.Handle).Select(name => "@" + Uri.EscapeDataString(name.Value)).FirstOrDefault(),
            Title = values.GetValueOrDefault("og:title") ?? values.GetValueOrDefault("name"),
            Description = values.GetValueOrDefault("og:description") ?? values.GetValueOrDefault("description"),
            Owner = values.GetValueOrDefault("ownerName"),
            Video = new[] { values.GetValueOrDefault("videoId"), values.GetValueOrDefault("identifier") }.FirstOrDefault(YouTubeReference.IsVideo)
                ?? names.FirstOrDefault(name => name.Kind == ReferenceKind.Video)?.Value,
            Date = values.GetValueOrDefault("uploadDate") ?? values.GetValueOrDefault("datePublished"),
            Duration = values.GetValueOrDefault("duration"),
            Category = values.GetValueOrDefault("genre"),
        };
    }

    private static void Add(HtmlTagToken tag, Dictionary<string, string> values)
    {
        switch (tag.Name)
        {
            case "meta" when tag.Value("content") is { } content:
                if ((tag.Value("property") ?? tag.Value("itemprop") ?? tag.Value("name")) is { } name)
                    values.TryAdd(name, content);
                break;
            case "link" when tag.Value("href") is { } href:
                if (tag.Value("rel") == "canonical")
                    values.TryAdd("canonical", href);
                else if (tag.Value("type") == "application/rss+xml")
                    values.TryAdd("feed", href);
                else if (tag.Value("itemprop") == "url" && (href.Contains("/@", StringComparison.Ordinal) || href.Contains("/channel/", StringComparison.Ordinal)))
                    values.TryAdd("owner", href);
                break;
            case "link" when tag.Value("itemprop") == "name" && tag.Value("content") is { } owner:
                values.TryAdd("ownerName", owner);
                break;
        }
    }

    /// <summary>How the page's own data names its channel; a plain <c>channelId</c> may be another one.</summary>
    [GeneratedRegex("\"(externalId|externalChannelId)\" ?: ?\"(?<id>UC[A-Za-z0-9_-]{22})\"", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex OwnerInScript();
}
