using System.Buffers;
using System.Text;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>Bytes of a document → what the feed says. Never throws on input; a document that is no feed is a value.</summary>
public static class FeedReader
{
    /// <summary>More entries than this are counted and left out.</summary>
    internal const int MostEntries = 50_000;

    /// <param name="charset">The HTTP charset parameter, if there was one.</param>
    /// <param name="baseAddress">Where the document came from; relative links are resolved against it.</param>
    public static FeedResult Read(ReadOnlySpan<byte> bytes, string? charset = null, Uri? baseAddress = null)
    {
        var repairs = new RepairLog();
        var text = FeedEncoding.ToUtf8(bytes, charset, repairs, out var rented);
        var start = text.IndexOfAnyExcept(" \t\r\n"u8);
        var address = baseAddress is { IsAbsoluteUri: true } ? baseAddress.AbsoluteUri : null;
        var result = start < 0 ? Refuse("empty", bytes.IsEmpty ? "The document is empty." : "The document holds nothing but white space.")
            : text[start] is (byte)'{' or (byte)'[' ? new JsonFeedReader(repairs, address).Read(text[start..])
            : ReadXml(text, start, repairs, address);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return result;
    }

    internal static FeedResult Refuse(string code, string message) => new(null, new FeedError(code, message));

    private static FeedResult ReadXml(ReadOnlySpan<byte> text, int start, RepairLog repairs, string? address)
    {
        var xml = new FeedXml(text, repairs);
        // Servers print warnings before a feed; HTML's elements may stand before the root, anything else is another kind of document.
        while (xml.NextElement())
        {
            switch (xml.Element)
            {
                case FeedElement.Rss or FeedElement.Rdf or FeedElement.Channel:
                    CountJunk(text[start..xml.TagStart], repairs);
                    return new FeedResult(new RssReader(xml, Text(xml, repairs), repairs, address).Read(), null);
                case FeedElement.Feed:
                    CountJunk(text[start..xml.TagStart], repairs);
                    return new FeedResult(new AtomReader(xml, Text(xml, repairs), repairs, address).Read(), null);
                case FeedElement.Html or FeedElement.Body:
                    return Refuse("html", "This is an HTML page, not a feed.");
                default:
                    if (HtmlElements.IsKnown(xml.Name)) break;
                    var name = Encoding.UTF8.GetString(xml.Name[..Math.Min(xml.Name.Length, 40)]);
                    return Refuse("notAFeed", $"This is XML with the root element \"{name}\", which is no feed.");
            }
        }

        var pages = xml.HasSeenElement || IsHtmlDeclaration(text, xml.Declaration);
        return pages ? Refuse("html", "This is a piece of HTML, not a feed.") : Refuse("notAFeed", Describe(text[start..]));
    }

    private static FeedText Text(in FeedXml xml, RepairLog repairs) =>
        new(xml.Data, xml.Data.Slice(xml.Declaration.Start, Math.Min(xml.Declaration.Length, 4096)), repairs);

    private static bool IsHtmlDeclaration(ReadOnlySpan<byte> text, RawContent declaration) =>
        declaration.Length > 14 && Ascii.EqualsIgnoreCase(text.Slice(declaration.Start + 2, 12), "doctype html"u8);

    private static void CountJunk(ReadOnlySpan<byte> before, RepairLog repairs)
    {
        before = before.TrimStart(" \t\r\n"u8);
        if (!before.IsEmpty && !before.StartsWith("<?"u8) && !before.StartsWith("<!"u8)) repairs.Add(RepairLog.LeadingJunk);
    }

    private static string Describe(ReadOnlySpan<byte> text) =>
        text[0] == '<' ? "This looks like XML but holds no element of a feed."
        : text.StartsWith("BEGIN:VCALENDAR"u8) ? "This is a calendar (iCalendar), not a feed."
        : text.StartsWith("%PDF"u8) ? "This is a PDF, not a feed."
        : text.IndexOf("\uFFFD"u8) >= 0 ? "These bytes are no text." : "This is text without any element of a feed.";
}

/// <summary>Either a feed or the reason why it is none.</summary>
public sealed record FeedResult(FeedDocument? Feed, FeedError? Error);

/// <param name="Code">Stable word: <c>empty</c>, <c>html</c>, <c>notAFeed</c>, …</param>
public sealed record FeedError(string Code, string Message);
