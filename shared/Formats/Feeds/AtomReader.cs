namespace ContributionIngest.Formats.Feeds;

/// <summary>Atom 1.0 (RFC 4287) and 0.3. Text constructs declare whether they are text, HTML or XHTML.</summary>
internal ref struct AtomReader
{
    private readonly List<FeedEntry> _entries = [];
    private readonly RepairLog _repairs;
    private readonly FeedText _text;
    private FeedXml _xml;
    private FeedItemBuilder _feed;
    private FeedLinkSet _links = new();
    private FeedUpdateSchedule _schedule = new();

    /// <param name="xml">Positioned after the root's start tag.</param>
    public AtomReader(FeedXml xml, FeedText text, RepairLog repairs, string? address)
    {
        _xml = xml;
        _text = text;
        _repairs = repairs;
        _feed.Base = address;
        _xml.TreatAsCore(FeedNamespace.Atom);
    }

    public FeedDocument Read()
    {
        var old = _xml.TagContains("purl.org/atom/ns#"u8) || FeedVocabulary.Is(_xml.Attribute("version"u8), "0.3"u8);
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        _feed.Base = InnerBase(_feed);
        _feed.Language = _text.Value(_xml.Attribute("xml:lang"u8));
        while (!empty && _xml.NextChild(depth))
        {
            switch (_xml.Namespace, _xml.Element)
            {
                case (FeedNamespace.Core, FeedElement.Entry): ReadEntry(); break;
                case (FeedNamespace.Core, FeedElement.Link): _links.Read(ref _xml, _text, _feed.Base, _repairs, ref _feed); break;
                case (FeedNamespace.Syndication or FeedNamespace.History, _): _schedule.Read(ref _xml, _text); break;
                default: ReadShared(ref _feed); break;
            }
        }

        return new FeedDocument
        {
            Format = old ? "atom0.3" : "atom1.0",
            Id = _text.Value(_feed.Id),
            Title = _feed.TitleOf(_text),
            Link = _links.Alternate,
            Description = _feed.SummaryOf(_text),
            Language = _feed.Language,
            Author = Author(_feed),
            Updated = (_text.Date(_feed.Updated) ?? _text.Date(_feed.OtherPublished))?.Instant,
            Categories = _feed.Categories ?? (IReadOnlyList<string>)[],
            Hubs = _links.Hubs ?? (IReadOnlyList<string>)[],
            Self = _links.Self,
            Next = _links.Next,
            Complete = _schedule.Complete,
            UpdateInterval = _schedule.Interval,
            Generator = _text.Title(_feed.Generator, TextKind.Plain),
            Entries = _entries,
            Repairs = _repairs.ToList(),
        };
    }

    private void ReadEntry()
    {
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        var entry = new FeedItemBuilder { Base = InnerBase(_feed) };
        var links = default(FeedLinkSet);
        while (!empty && _xml.NextChild(depth))
        {
            if (_xml is { Namespace: FeedNamespace.Core, Element: FeedElement.Entry })
            {
                _xml.CloseBefore(depth - 1);
                break;
            }

            switch (_xml.Namespace, _xml.Element)
            {
                case (FeedNamespace.Core, FeedElement.Link): links.Read(ref _xml, _text, entry.Base, _repairs, ref entry); break;
                case (FeedNamespace.Core, FeedElement.Source): ReadSource(ref entry); break;
                default: ReadShared(ref entry); break;
            }
        }

        entry.Link = links.Alternate;
        if (_xml.Truncated && !entry.IsIdentifiable) return;
        if (_entries.Count == FeedReader.MaxEntries)
        {
            _repairs.Add(RepairLog.TooManyEntries);
            return;
        }

        entry.Author = Author(entry) ?? Author(_feed);
        entry.Creator = null;
        _entries.Add(entry.ToEntry(_text, _xml.Truncated));
    }

    private static string? Author(in FeedItemBuilder parts) => parts.Author ?? parts.Creator ?? parts.OtherAuthor;

    /// <summary>Of an entry's source feed only the author is used, if the entry has none.</summary>
    private void ReadSource(ref FeedItemBuilder entry)
    {
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        while (!empty && _xml.NextChild(depth))
        {
            if (_xml is { Namespace: FeedNamespace.Core, Element: FeedElement.Author }) entry.AddAuthor(ref entry.OtherAuthor, FeedPerson.Read(ref _xml, _text));
        }
    }

    /// <summary>Elements common to feeds and entries.</summary>
    private void ReadShared(ref FeedItemBuilder parts)
    {
        switch (_xml.Namespace, _xml.Element)
        {
            case (FeedNamespace.Core, FeedElement.Title): ReadText(ref parts.Title); break;
            case (FeedNamespace.Core, FeedElement.Summary or FeedElement.Subtitle or FeedElement.Tagline): ReadText(ref parts.Summary); break;
            case (FeedNamespace.Core, FeedElement.Content): ReadText(ref parts.Content); break;
            case (FeedNamespace.Core, FeedElement.Id): FeedItemBuilder.SetOnce(ref parts.Id, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.Published or FeedElement.Issued): FeedItemBuilder.SetOnce(ref parts.Published, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.Created): FeedItemBuilder.SetOnce(ref parts.Created, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.Updated or FeedElement.Modified): FeedItemBuilder.SetOnce(ref parts.Updated, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.Author): parts.AddAuthor(ref parts.Author, FeedPerson.Read(ref _xml, _text)); break;
            case (FeedNamespace.Core, FeedElement.Generator): FeedItemBuilder.SetOnce(ref parts.Generator, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.Category):
                parts.AddCategory(_text.Value(_xml.Attribute("label"u8)) ?? _text.Value(_xml.Attribute("term"u8)) ?? FeedExtensions.ReadCategory(ref _xml, _text));
                break;
            default: FeedExtensions.Read(ref _xml, _text, ref parts, _repairs, parts.Base); break;
        }
    }

    private void ReadText(ref TextContent slot)
    {
        var kind = Kind();
        if (kind is { } known) FeedItemBuilder.SetOnce(ref slot, _xml.ReadContent(), known);
    }

    /// <summary>RFC 4287, 3.1.1 and 4.1.3.3; <c>mode</c> is from 0.3. Null if it is not text but an image, audio or video.</summary>
    private readonly TextKind? Kind()
    {
        var type = _xml.Attribute("type"u8);
        var mode = _xml.Attribute("mode"u8);
        if (FeedVocabulary.Is(mode, "base64"u8) || FeedVocabulary.Is(type, "application/octet-stream"u8)) return TextKind.Base64;
        if (FeedVocabulary.Is(type, "html"u8) || FeedVocabulary.Is(type, "text/html"u8)) return TextKind.Html;
        if (FeedVocabulary.Is(type, "xhtml"u8) || FeedVocabulary.Is(type, "application/xhtml+xml"u8))
            return FeedVocabulary.Is(mode, "escaped"u8) ? TextKind.Html : TextKind.Markup;
        return type.StartsWith("image/"u8) || type.StartsWith("video/"u8) || type.StartsWith("audio/"u8) ? null : TextKind.Plain;
    }

    private readonly string? InnerBase(in FeedItemBuilder around) =>
        _xml.Attribute("xml:base"u8) is { IsEmpty: false } inner ? FeedLinks.Base(_text.Value(inner), around.Base) : around.Base;
}
