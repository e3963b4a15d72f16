using System.Globalization;
using System.Text;
using System.Xml;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Contributions.Exports;

/// <summary>The addresses and times of a feed.</summary>
/// <param name="Name">The same for all pages of the same query.</param>
/// <param name="Self">The absolute address of this page.</param>
/// <param name="Next">The absolute address of the next page (RFC 5005 section 3).</param>
/// <param name="Updated">When the feed last changed.</param>
/// <param name="Now">What is dated later has not happened yet.</param>
public sealed record FeedHead(string Name, string Self, string? Next, DateTimeOffset Updated, DateTimeOffset Now);

/// <summary>
/// Contributions as an Atom feed (RFC 4287). <c>updated</c> is when the ledger last learned something about the entry. <c>published</c> is when the
/// contribution happened, as the place or the person says; it is absent where that is unknown, derived from something else, or still to come. A bare day
/// is given as its noon in UTC, which lies within the day almost everywhere.
/// </summary>
public static class LedgerAtom
{
    private const string Namespace = "http://www.w3.org/2005/Atom";

    /// <summary>Tells kinds from topics.</summary>
    private const string KindScheme = "urn:contributioningest:kind";

    // A feed that breaks off must not end as if it were whole.
    private static readonly XmlWriterSettings Settings = new() { Async = true, Encoding = new UTF8Encoding(false), Indent = true, WriteEndDocumentOnClose = false };

    /// <param name="output">The stream is left open.</param>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<Contribution> entries, LedgerOwner owner, FeedHead head, CancellationToken cancel)
    {
        await using var stream = new DeferredStream(output, cancel);
        await using var xml = XmlWriter.Create(stream, Settings);
        WriteHead(xml, owner, head);
        await foreach (var entry in entries.WithCancellation(cancel))
        {
            WriteEntry(xml, entry, owner, head.Now);
            await stream.SendAsync();
        }

        WriteEnd(xml);
        await stream.FlushAsync(cancel);
    }

    private static void WriteHead(XmlWriter xml, LedgerOwner owner, FeedHead head)
    {
        xml.WriteStartDocument();
        xml.WriteStartElement("feed", Namespace);
        WriteText(xml, "id", Urn(owner.Uuid(head.Name)));
        WriteText(xml, "title", owner.Title);
        WriteText(xml, "updated", Time(head.Updated));
        xml.WriteStartElement("author", Namespace);
        WriteText(xml, "name", owner.Name ?? "unknown");
        xml.WriteEndElement();
        WriteEmpty(xml, "link", ("rel", "self"), ("type", "application/atom+xml"), ("href", head.Self));
        if (head.Next is { } next)
            WriteEmpty(xml, "link", ("rel", "next"), ("type", "application/atom+xml"), ("href", next));
    }

    private static void WriteEnd(XmlWriter xml)
    {
        xml.WriteEndElement();
        xml.WriteEndDocument();
        xml.Flush();
    }

    private static void WriteEntry(XmlWriter xml, Contribution entry, LedgerOwner owner, DateTimeOffset now)
    {
        var values = entry.Effective();
        xml.WriteStartElement("entry", Namespace);
        WriteText(xml, "id", Urn(owner.Uuid(entry.Id)));
        WriteText(xml, "title", values.Title);
        if (values.Url is { } url)
            WriteEmpty(xml, "link", ("rel", "alternate"), ("href", url));
        if (Published(values, owner) is { } published && published <= now)
            WriteText(xml, "published", Time(published));
        WriteText(xml, "updated", Time(entry.Updated()));
        var kind = EnumText<Kind>.Of(values.Kind);
        WriteEmpty(xml, "category", ("scheme", KindScheme), ("term", kind), ("label", CamelCase.ToWords(kind)));
        foreach (var topic in values.Topics)
            WriteEmpty(xml, "category", ("term", topic));

        // An entry without an address must have a content (section 4.1.2).
        if (values.Url is null)
            WriteText(xml, "content", values.Summary ?? values.Title);
        else if (values.Summary is { } summary)
            WriteText(xml, "summary", summary);
        xml.WriteEndElement();
        xml.Flush();
    }

    private static DateTimeOffset? Published(ContributionValues values, LedgerOwner owner) => values.DatePrecision switch
    {
        DatePrecision.Exact => values.When,
        DatePrecision.Day => new DateTimeOffset(owner.Day(values.When, DatePrecision.Day), new TimeOnly(12, 0), TimeSpan.Zero),
        _ => null,
    };

    private static string Urn(Guid id) => $"urn:uuid:{id}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static void WriteText(XmlWriter xml, string name, string text) => xml.WriteElementString(name, Namespace, XmlText.Of(text));

    private static void WriteEmpty(XmlWriter xml, string name, params (string Name, string Value)[] attributes)
    {
        xml.WriteStartElement(name, Namespace);
        foreach (var (attribute, value) in attributes)
            xml.WriteAttributeString(attribute, XmlText.Of(value));
        xml.WriteEndElement();
    }
}
