using System.Buffers;
using System.Text;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// Reads RSS 0.90 to 2.0, RSS 1.0, CDF, Atom 0.3 and 1.0 (RFC 4287) and JSON Feed 1.0 and 1.1 in any encoding, with the common extensions (Dublin
/// Core, content, Media RSS, iTunes, podcast, syndication, RFC 5005, WebSub). It reads damaged documents as their authors meant them and reports each
/// kind of damage as a <see cref="Repair"/>. It never throws on input, fetches nothing, expands no entities beyond short declared ones, and takes time
/// linear in the input.
/// </summary>
public static class FeedReader
{
    /// <summary>Further entries are counted as repairs and left out.</summary>
    internal const int MaxEntries = 20_000;

    /// <summary>Reads a document. One that is not a feed gives an error instead.</summary>
    /// <param name="bytes">The document as received, decompressed.</param>
    /// <param name="charset">The HTTP <c>charset</c> parameter, if there was one.</param>
    /// <param name="baseAddress">Address of the document, the base of relative links.</param>
    public static FeedResult Read(ReadOnlySpan<byte> bytes, string? charset = null, Uri? baseAddress = null)
    {
        var repairs = new RepairLog();
        var text = FeedEncoding.ToUtf8(bytes, charset, repairs, out var rented);
        var start = text.IndexOfAnyExcept(" \t\r\n"u8);
        var address = baseAddress is { IsAbsoluteUri: true } ? baseAddress.AbsoluteUri : null;
        var result = start < 0 ? Refuse("empty", bytes.IsEmpty ? "The document is empty." : "The document is blank.")
            : text[start] is (byte)'{' or (byte)'[' ? new JsonFeedReader(repairs, address).Read(text[start..])
            : ReadXml(text, start, repairs, address);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return result;
    }

    internal static FeedResult Refuse(string code, string message) => new(null, new FeedError(code, message));

    private static FeedResult ReadXml(ReadOnlySpan<byte> text, int start, RepairLog repairs, string? address)
    {
        var xml = new FeedXml(text, repairs);
        // Servers print warnings before a feed, so HTML elements may precede the root; anything else is another kind of document.
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
                    return Refuse("notAFeed", $"This is XML with the root element \"{name}\", which is not a feed.");
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
        text[0] == '<' ? "This looks like XML but has no element of a feed."
        : text.StartsWith("BEGIN:VCALENDAR"u8) ? "This is a calendar (iCalendar), not a feed."
        : text.StartsWith("%PDF"u8) ? "This is a PDF, not a feed."
        : text.IndexOf("\uFFFD"u8) >= 0 ? "This is not text." : "This is text without any element of a feed.";
}

/// <summary>Exactly one of the two is set.</summary>
public sealed record FeedResult(FeedDocument? Feed, FeedError? Error);

/// <summary>Why a document is not a feed.</summary>
/// <param name="Code">Stable: <c>empty</c>, <c>html</c>, <c>notAFeed</c> or <c>invalidJson</c>.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record FeedError(string Code, string Message);
