using System.Xml;
using System.Xml.Linq;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// A channel's Atom feed, or what its hub delivers: the feed has <c>media:</c> details, a delivery may have tombstones (RFC 6721). A document type
/// declaration is refused, so the document cannot refer to anything outside itself.
/// </summary>
/// <param name="Channel">The channel's id, if the document has it.</param>
/// <param name="Skipped">Entries without a usable id.</param>
internal sealed record ChannelFeed(string? Channel, string? Title, IReadOnlyList<AtomFeedVideo> Videos, IReadOnlyList<Tombstone> Deleted, int Skipped)
{
    private const int MaxEntries = 1_000;
    private const int MaxDepth = 64;
    private const int MaxNodes = 200_000;

    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    private static readonly XNamespace YouTube = "http://www.youtube.com/xml/schemas/2015";
    private static readonly XNamespace Media = "http://search.yahoo.com/mrss/";
    private static readonly XNamespace Tombstones = "http://purl.org/atompub/tombstones/1.0";

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = 10_000_000,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Null for any other document, and for one that is damaged.</summary>
    public static ChannelFeed? Read(byte[] body)
    {
        try
        {
            if (!IsBounded(body))
                return null;
            using var xml = XmlReader.Create(new MemoryStream(body, writable: false), Settings);
            return XElement.Load(xml) is { } root && root.Name == Atom + "feed" ? Of(root) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>A tree takes far more memory than its text, and the parser keeps every open level.</summary>
    private static bool IsBounded(byte[] body)
    {
        using var xml = XmlReader.Create(new MemoryStream(body, writable: false), Settings);
        var nodes = 0;
        while (xml.Read())
        {
            if (xml.Depth > MaxDepth || ++nodes > MaxNodes)
                return false;
        }

        return true;
    }

    private static ChannelFeed Of(XElement root)
    {
        var videos = root.Elements(Atom + "entry").Take(MaxEntries).Select(Video).ToList();
        var deleted = root.Elements(Tombstones + "deleted-entry").Take(MaxEntries).Select(Deletion).ToList();
        var self = root.Elements(Atom + "link").FirstOrDefault(link => (string?)link.Attribute("rel") == "self");
        return new(
            FullId(Text(root.Element(YouTube + "channelId"))) ?? FullId(After((string?)self?.Attribute("href"), "channel_id=")),
            Text(root.Element(Atom + "title")),
            [.. videos.OfType<AtomFeedVideo>()],
            [.. deleted.OfType<Tombstone>()],
            videos.Count(video => video is null) + deleted.Count(tombstone => tombstone is null));
    }

    private static AtomFeedVideo? Video(XElement entry)
    {
        var media = entry.Element(Media + "group");
        var community = media?.Element(Media + "community");
        return Text(entry.Element(YouTube + "videoId")) is { } id && YouTubeReference.IsVideo(id)
            ? new AtomFeedVideo(id)
            {
                Channel = FullId(Text(entry.Element(YouTube + "channelId"))),
                Title = Text(entry.Element(Atom + "title")),
                Author = Text(entry.Element(Atom + "author")?.Element(Atom + "name")),
                Published = YouTubeTime.Parse(Text(entry.Element(Atom + "published"))),
                Updated = YouTubeTime.Parse(Text(entry.Element(Atom + "updated"))),
                Description = Text(media?.Element(Media + "description")),
                Views = DraftMetrics.Count((string?)community?.Element(Media + "statistics")?.Attribute("views")),
                Likes = DraftMetrics.Count((string?)community?.Element(Media + "starRating")?.Attribute("count")),
            }
            : null;
    }

    private static Tombstone? Deletion(XElement entry)
    {
        var by = After(Text(entry.Element(Tombstones + "by")?.Element(Atom + "uri")), "/channel/");
        return After((string?)entry.Attribute("ref"), "yt:video:") is { } id && YouTubeReference.IsVideo(id)
            ? new(id, FullId(by), YouTubeTime.Parse((string?)entry.Attribute("when")))
            : null;
    }

    private static string? Text(XElement? element) => element?.Value.Trim() is { Length: > 0 } text ? text : null;

    private static string? After(string? text, string mark) =>
        text?.IndexOf(mark, StringComparison.Ordinal) is { } at and >= 0 ? text[(at + mark.Length)..] : null;

    /// <summary>Feeds sometimes omit the first two letters of a channel's id.</summary>
    private static string? FullId(string? channel) =>
        YouTubeReference.IsChannel(channel) ? channel : YouTubeReference.IsChannel("UC" + channel) ? "UC" + channel : null;
}

internal sealed record AtomFeedVideo(string Id)
{
    public string? Channel { get; init; }
    public string? Title { get; init; }
    public string? Author { get; init; }
    public string? Description { get; init; }
    public DateTimeOffset? Published { get; init; }
    public DateTimeOffset? Updated { get; init; }
    public double? Views { get; init; }

    /// <summary><c>starRating/@count</c>, which is the number of likes in practice.</summary>
    public double? Likes { get; init; }
}

/// <param name="Channel">Who deleted it, if known.</param>
internal sealed record Tombstone(string Id, string? Channel, DateTimeOffset? When);
