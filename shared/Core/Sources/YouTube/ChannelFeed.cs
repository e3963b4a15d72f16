using System.Globalization;
using System.Text;
using System.Xml;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// A channel's Atom feed, and what its hub delivers: with <c>media:</c> details in the one, with tombstones (RFC 6721) in the other. Never
/// refers to anything outside itself: a document type is refused.
/// </summary>
/// <param name="Channel">Whose it is, where the document says so.</param>
/// <param name="Skipped">Entries without a usable id.</param>
internal sealed record ChannelFeed(string? Channel, string? Title, IReadOnlyList<AtomFeedVideo> Videos, IReadOnlyList<Tombstone> Deleted, int Skipped)
{
    private const string Atom = "http://www.w3.org/2005/Atom";
    private const string YouTube = "http://www.youtube.com/xml/schemas/2015";
    private const string Media = "http://search.yahoo.com/mrss/";
    private const string Tombstones = "http://purl.org/atompub/tombstones/1.0";
    private const int MostEntries = 1000;
    private const int MostDepth = 64;
    private const int LongestText = 20_000;
    private const int MostCharacters = 10_000_000;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MostCharacters,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>Null for what is no such document, or a damaged one.</summary>
    public static ChannelFeed? Read(byte[] body)
    {
        try
        {
            using var stream = new MemoryStream(body, writable: false);
            using var xml = XmlReader.Create(stream, Settings);
            return xml.MoveToContent() == XmlNodeType.Element && Is(xml, Atom, "feed") ? ReadFeed(xml) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static ChannelFeed ReadFeed(XmlReader xml)
    {
        string? channel = null, self = null, title = null;
        var videos = new List<AtomFeedVideo>();
        var deleted = new List<Tombstone>();
        var skipped = 0;
        foreach (var _ in Children(xml))
        {
            if (Is(xml, YouTube, "channelId"))
                channel = Whole(Text(xml));
            else if (Is(xml, Atom, "title"))
                title ??= Text(xml);
            else if (Is(xml, Atom, "link") && xml.GetAttribute("rel") == "self")
                self = xml.GetAttribute("href");
            else if (Is(xml, Atom, "entry") && videos.Count < MostEntries)
                skipped += Add(videos, ReadEntry(xml));
            else if (Is(xml, Tombstones, "deleted-entry") && deleted.Count < MostEntries)
                skipped += Add(deleted, ReadTombstone(xml));
        }

        return new(channel ?? Whole(After(self, "channel_id=")), title, videos, deleted, skipped);
    }

    private static AtomFeedVideo? ReadEntry(XmlReader xml)
    {
        var video = new AtomFeedVideo("");
        foreach (var _ in Children(xml))
        {
            video = (xml.NamespaceURI, xml.LocalName) switch
            {
                (YouTube, "videoId") => video with { Id = Text(xml) ?? "" },
                (YouTube, "channelId") => video with { Channel = Whole(Text(xml)) },
                (Atom, "title") => video with { Title = Text(xml) },
                (Atom, "author") => video with { Author = Inner(xml, Atom, "name") },
                (Atom, "published") => video with { Published = YouTubeTime.Parse(Text(xml)) },
                (Atom, "updated") => video with { Updated = YouTubeTime.Parse(Text(xml)) },
                (Media, "group") => ReadMedia(xml, video),
                _ => video,
            };
        }

        return YouTubeReference.IsVideo(video.Id) ? video : null;
    }

    private static AtomFeedVideo ReadMedia(XmlReader xml, AtomFeedVideo video)
    {
        foreach (var _ in Children(xml))
        {
            if (Is(xml, Media, "description"))
            {
                video = video with { Description = Text(xml) };
            }
            else if (Is(xml, Media, "community"))
            {
                foreach (var __ in Children(xml))
                {
                    if (Is(xml, Media, "statistics"))
                        video = video with { Views = Count(xml.GetAttribute("views")) };
                    else if (Is(xml, Media, "starRating"))
                        video = video with { Likes = Count(xml.GetAttribute("count")) };
                }
            }
        }

        return video;
    }

    private static Tombstone? ReadTombstone(XmlReader xml)
    {
        var id = After(xml.GetAttribute("ref"), "yt:video:");
        var when = YouTubeTime.Parse(xml.GetAttribute("when"));
        string? by = null;
        foreach (var _ in Children(xml))
        {
            if (Is(xml, Tombstones, "by"))
                by = After(Inner(xml, Atom, "uri"), "/channel/");
        }

        return YouTubeReference.IsVideo(id) ? new(id!, Whole(by), when) : null;
    }

    /// <summary>Stops at each element directly inside the one the reader stands on; whatever was left unread of it is passed over.</summary>
    private static IEnumerable<int> Children(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            yield break;
        var depth = xml.Depth;
        while (Next(xml) && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.Depth == depth + 1)
                yield return xml.Depth;
        }
    }

    /// <summary>The reader remembers every level it is in, so that a document of nothing but beginnings would fill the memory.</summary>
    private static bool Next(XmlReader xml) => xml.Depth <= MostDepth ? xml.Read() : throw new XmlException("Nested too deeply.");

    private static string? Text(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return null;
        var (text, depth) = (new StringBuilder(), xml.Depth);
        while (Next(xml) && xml.Depth > depth)
        {
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace && text.Length < LongestText)
                text.Append(xml.Value);
        }

        return text.ToString().Trim() is { Length: > 0 } found ? found : null;
    }

    private static string? Inner(XmlReader xml, string space, string name)
    {
        string? found = null;
        foreach (var _ in Children(xml))
        {
            if (Is(xml, space, name))
                found ??= Text(xml);
        }

        return found;
    }

    private static bool Is(XmlReader xml, string space, string name) => xml.LocalName == name && xml.NamespaceURI == space;

    /// <summary>1 for what could not be read.</summary>
    private static int Add<T>(List<T> list, T? item)
        where T : class
    {
        if (item is null)
            return 1;
        list.Add(item);
        return 0;
    }

    private static string? After(string? text, string mark) =>
        text?.IndexOf(mark, StringComparison.Ordinal) is { } at and >= 0 ? text[(at + mark.Length)..] : null;

    /// <summary>Feeds write the channel's id without its first two letters at times.</summary>
    private static string? Whole(string? channel) => YouTubeReference.IsChannel(channel) ? channel : YouTubeReference.IsChannel("UC" + channel) ? "UC" + channel : null;

    private static double? Count(string? text) => double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && double.IsFinite(count) ? count : null;
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

    /// <summary><c>starRating/@count</c>, which is the likes in practice.</summary>
    public double? Likes { get; init; }
}

/// <param name="Channel">Who deleted it, where that is said.</param>
internal sealed record Tombstone(string Id, string? Channel, DateTimeOffset? When);
