using System.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>The vocabularies of a feed. <see cref="Core"/> is that of the root element.</summary>
internal enum FeedNamespace
{
    Other, Core, Atom, Rdf, Dc, DcTerms, Content, Media, Itunes, Podcast, Syndication, History, Feedburner, Xhtml,
}

/// <summary>Local names of the elements that are read.</summary>
internal enum FeedElement
{
    Other, Abstract, Archive, Author, Body, Category, Channel, Complete, Content, Created, Creator, Date, Description, Email, Enclosure, Encoded,
    Entry, Feed, Fullitem, Generator, GeneratorAgent, Group, Guid, Html, Id, Issued, Item, Keywords, Language, LastBuildDate, Link, ManagingEditor,
    Modified, Name, OrigLink, PubDate, Published, Rdf, Rss, Source, Subject, Subtitle, Summary, Tagline, Title, Ttl, UpdateFrequency, UpdatePeriod,
    Updated, WebMaster,
}

/// <summary>Names and namespaces by their bytes, ignoring case, which feeds get wrong.</summary>
internal static class FeedVocabulary
{
    public static FeedElement Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Is(name, "id"u8) ? FeedElement.Id : FeedElement.Other,
        3 => Is(name, "rss"u8) ? FeedElement.Rss : Is(name, "rdf"u8) ? FeedElement.Rdf : Is(name, "ttl"u8) ? FeedElement.Ttl : FeedElement.Other,
        4 => Is(name, "link"u8) ? FeedElement.Link
            : Is(name, "item"u8) ? FeedElement.Item
            : Is(name, "guid"u8) ? FeedElement.Guid
            : Is(name, "name"u8) ? FeedElement.Name
            : Is(name, "date"u8) ? FeedElement.Date
            : Is(name, "feed"u8) ? FeedElement.Feed
            : Is(name, "body"u8) ? FeedElement.Body
            : Is(name, "html"u8) ? FeedElement.Html : FeedElement.Other,
        5 => Is(name, "title"u8) ? FeedElement.Title
            : Is(name, "entry"u8) ? FeedElement.Entry
            : Is(name, "email"u8) ? FeedElement.Email
            : Is(name, "group"u8) ? FeedElement.Group : FeedElement.Other,
        6 => Is(name, "author"u8) ? FeedElement.Author
            : Is(name, "source"u8) ? FeedElement.Source
            : Is(name, "issued"u8) ? FeedElement.Issued : FeedElement.Other,
        7 => Is(name, "pubdate"u8) ? FeedElement.PubDate
            : Is(name, "content"u8) ? FeedElement.Content
            : Is(name, "encoded"u8) ? FeedElement.Encoded
            : Is(name, "creator"u8) ? FeedElement.Creator
            : Is(name, "summary"u8) ? FeedElement.Summary
            : Is(name, "updated"u8) ? FeedElement.Updated
            : Is(name, "subject"u8) ? FeedElement.Subject
            : Is(name, "channel"u8) ? FeedElement.Channel
            : Is(name, "created"u8) ? FeedElement.Created
            : Is(name, "tagline"u8) ? FeedElement.Tagline
            : Is(name, "archive"u8) ? FeedElement.Archive : FeedElement.Other,
        8 => Is(name, "category"u8) ? FeedElement.Category
            : Is(name, "origlink"u8) ? FeedElement.OrigLink
            : Is(name, "subtitle"u8) ? FeedElement.Subtitle
            : Is(name, "modified"u8) ? FeedElement.Modified
            : Is(name, "keywords"u8) ? FeedElement.Keywords
            : Is(name, "language"u8) ? FeedElement.Language
            : Is(name, "complete"u8) ? FeedElement.Complete
            : Is(name, "fullitem"u8) ? FeedElement.Fullitem
            : Is(name, "abstract"u8) ? FeedElement.Abstract : FeedElement.Other,
        9 => Is(name, "published"u8) ? FeedElement.Published
            : Is(name, "enclosure"u8) ? FeedElement.Enclosure
            : Is(name, "generator"u8) ? FeedElement.Generator
            : Is(name, "webmaster"u8) ? FeedElement.WebMaster : FeedElement.Other,
        11 => Is(name, "description"u8) ? FeedElement.Description : FeedElement.Other,
        12 => Is(name, "updateperiod"u8) ? FeedElement.UpdatePeriod : FeedElement.Other,
        13 => Is(name, "lastbuilddate"u8) ? FeedElement.LastBuildDate : FeedElement.Other,
        14 => Is(name, "managingeditor"u8) ? FeedElement.ManagingEditor
            : Is(name, "generatoragent"u8) ? FeedElement.GeneratorAgent : FeedElement.Other,
        15 => Is(name, "updatefrequency"u8) ? FeedElement.UpdateFrequency : FeedElement.Other,
        _ => FeedElement.Other,
    };

    /// <summary>The vocabulary of a namespace address, regardless of white space, scheme and a trailing slash.</summary>
    public static FeedNamespace FindNamespace(ReadOnlySpan<byte> address)
    {
        var uri = address.Trim(" \t\r\n"u8).TrimEnd((byte)'/');
        var slashes = uri.IndexOf("://"u8);
        if (slashes >= 0) uri = uri[(slashes + 3)..];
        return Is(uri, "www.w3.org/2005/atom"u8) ? FeedNamespace.Atom
            : Is(uri, "purl.org/atom/ns#"u8) ? FeedNamespace.Atom
            : Is(uri, "purl.org/rss/1.0/modules/content"u8) ? FeedNamespace.Content
            : Is(uri, "purl.org/dc/elements/1.1"u8) || Is(uri, "purl.org/dc/elements/1.0"u8) ? FeedNamespace.Dc
            : Is(uri, "purl.org/dc/terms"u8) ? FeedNamespace.DcTerms
            : Is(uri, "search.yahoo.com/mrss"u8) || Is(uri, "tools.search.yahoo.com/mrss"u8) ? FeedNamespace.Media
            : EndsWith(uri, "/dtds/podcast-1.0.dtd"u8) ? FeedNamespace.Itunes
            : Is(uri, "www.google.com/schemas/play-podcasts/1.0"u8) ? FeedNamespace.Itunes
            : StartsWith(uri, "podcastindex.org/namespace/"u8) ? FeedNamespace.Podcast
            : Is(uri, "purl.org/rss/1.0/modules/syndication"u8) ? FeedNamespace.Syndication
            : Is(uri, "purl.org/syndication/history/1.0"u8) ? FeedNamespace.History
            : Is(uri, "rssnamespace.org/feedburner/ext/1.0"u8) ? FeedNamespace.Feedburner
            : Is(uri, "www.w3.org/1999/02/22-rdf-syntax-ns#"u8) ? FeedNamespace.Rdf
            : Is(uri, "www.w3.org/1999/xhtml"u8) ? FeedNamespace.Xhtml
            : IsRss(uri) ? FeedNamespace.Core
            : FeedNamespace.Other;
    }

    /// <summary>The likely meaning of an undeclared prefix.</summary>
    public static FeedNamespace GuessNamespace(ReadOnlySpan<byte> prefix) =>
        Is(prefix, "dc"u8) ? FeedNamespace.Dc
        : Is(prefix, "dcterms"u8) ? FeedNamespace.DcTerms
        : Is(prefix, "content"u8) ? FeedNamespace.Content
        : Is(prefix, "media"u8) ? FeedNamespace.Media
        : Is(prefix, "itunes"u8) ? FeedNamespace.Itunes
        : Is(prefix, "atom"u8) || Is(prefix, "atom10"u8) || Is(prefix, "a10"u8) ? FeedNamespace.Atom
        : Is(prefix, "rdf"u8) ? FeedNamespace.Rdf
        : Is(prefix, "rss"u8) ? FeedNamespace.Core
        : Is(prefix, "feedburner"u8) ? FeedNamespace.Feedburner
        : Is(prefix, "podcast"u8) ? FeedNamespace.Podcast
        : Is(prefix, "sy"u8) ? FeedNamespace.Syndication
        : Is(prefix, "fh"u8) ? FeedNamespace.History
        : Is(prefix, "xhtml"u8) ? FeedNamespace.Xhtml
        : FeedNamespace.Other;

    private static bool IsRss(ReadOnlySpan<byte> uri) =>
        Is(uri, "purl.org/rss/1.0"u8)
        || Is(uri, "my.netscape.com/rdf/simple/0.9"u8)
        || Is(uri, "channel.netscape.com/rdf/simple/0.9"u8)
        || Is(uri, "purl.org/net/rss1.1#"u8)
        || Is(uri, "purl.org/rss/1.0/modules/rss091#"u8)
        || Is(uri, "backend.userland.com/rss2"u8)
        || Is(uri, "backend.userland.com/rss"u8)
        || Is(uri, "blogs.law.harvard.edu/tech/rss"u8)
        || Is(uri, "cyber.law.harvard.edu/rss/rss.html"u8)
        || Is(uri, "my.netscape.com/publish/formats/rss-0.91.dtd"u8);

    public static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) =>
        text.Length == other.Length && (text.IsEmpty || (text[0] | 0x20) == (other[0] | 0x20) && Ascii.EqualsIgnoreCase(text, other));

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) =>
        text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

    private static bool EndsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> end) =>
        text.Length >= end.Length && Ascii.EqualsIgnoreCase(text[^end.Length..], end);
}

/// <summary>The namespaces in scope. Undeclared prefixes are guessed.</summary>
internal struct NamespaceScope(RepairLog repairs)
{
    private const int Most = 32;

    private readonly Declared[] _declared = new Declared[Most];
    private int _count;

    /// <summary>The format's own vocabulary, whose elements count as <see cref="FeedNamespace.Core"/>.</summary>
    public FeedNamespace CoreNamespace { get; set; } = FeedNamespace.Core;

    /// <summary>The namespace of names without a prefix.</summary>
    public FeedNamespace Default { get; private set; } = FeedNamespace.Core;

    /// <summary>Drops the declarations of elements that have ended.</summary>
    public void CloseTo(int depth)
    {
        if (_count == 0 || _declared[_count - 1].Depth <= depth) return;
        while (_count > 0 && _declared[_count - 1].Depth > depth) _count--;
        SetDefault();
    }

    /// <summary>Adds the declarations of a tag inside <paramref name="depth"/> elements.</summary>
    public void Declare(ReadOnlySpan<byte> data, in StartTag tag, int depth)
    {
        CloseTo(depth);
        var rest = data[tag.NameEnd..tag.AttributesEnd];
        if (rest.IndexOf("xmlns"u8) < 0) return;
        while (XmlAttributes.Next(ref rest, out var name, out var value))
        {
            if (!name.StartsWith("xmlns"u8) || name.Length > 5 && name[5] != ':') continue;
            if (_count == Most)
            {
                repairs.Add(RepairLog.TooManyNamespaces);
                break;
            }

            data.Overlaps(name, out var start);
            var prefix = Math.Min(6, name.Length);
            _declared[_count++] = new Declared { Start = start + prefix, Length = name.Length - prefix, Space = FeedVocabulary.FindNamespace(value), Depth = depth + 1 };
        }

        SetDefault();
    }

    public readonly FeedNamespace Find(ReadOnlySpan<byte> data, ReadOnlySpan<byte> prefix, bool isRoot)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            ref var declared = ref _declared[i];
            if (!data.Slice(declared.Start, declared.Length).SequenceEqual(prefix)) continue;
            // An unknown namespace of the root element is the feed's own.
            if (isRoot && declared.Space == FeedNamespace.Other) declared.Space = FeedNamespace.Core;
            return declared.Space == CoreNamespace ? FeedNamespace.Core : declared.Space;
        }

        var guess = FeedVocabulary.GuessNamespace(prefix);
        if (guess != FeedNamespace.Other) repairs.Add(RepairLog.UndeclaredPrefix);
        return guess == CoreNamespace ? FeedNamespace.Core : guess;
    }

    /// <summary>A default namespace on the root, or an unknown one, is the feed's own; a known one further down is taken as declared.</summary>
    private void SetDefault()
    {
        Default = FeedNamespace.Core;
        for (var i = _count - 1; i >= 0; i--)
        {
            if (_declared[i].Length > 0) continue;
            var space = _declared[i].Space;
            if (_declared[i].Depth > 1 && space != FeedNamespace.Other && space != CoreNamespace) Default = space;
            return;
        }
    }

    private struct Declared
    {
        public int Start;
        public int Length;
        public FeedNamespace Space;
        public int Depth;
    }
}
