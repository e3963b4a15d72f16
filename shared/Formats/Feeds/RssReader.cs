namespace ContributionIngest.Formats.Feeds;

/// <summary>RSS 0.90 to 2.0, RSS 1.0 (RDF), and CDF channels. Items may be inside or next to the channel; text is HTML.</summary>
internal ref struct RssReader
{
    private readonly List<FeedEntry> _entries = [];
    private readonly RepairLog _repairs;
    private readonly FeedText _text;
    private readonly string? _address;
    private FeedXml _xml;
    private FeedItemBuilder _feed;
    private FeedLinkSet _links = new();
    private string? _webMaster;
    private FeedUpdateSchedule _schedule = new();
    private RawContent _lastBuildDate;

    /// <param name="xml">Positioned after the root's start tag.</param>
    public RssReader(FeedXml xml, FeedText text, RepairLog repairs, string? address)
    {
        _xml = xml;
        _text = text;
        _repairs = repairs;
        _address = address;
    }

    public FeedDocument Read()
    {
        var format = Format();
        if (_xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) _feed.Base = FeedLinks.Base(_text.Value(inner), _address);
        _feed.Language = _text.Value(_xml.Attribute("xml:lang"u8));
        if (_xml.Element == FeedElement.Channel) ReadChannel();
        else if (!_xml.IsEmpty) ReadRoot(_xml.Depth);
        var updated = _text.Date(_lastBuildDate) ?? _text.Date(_feed.Updated) ?? _text.Date(_feed.Published) ?? _text.Date(_feed.OtherPublished);
        return new FeedDocument
        {
            Format = format,
            Id = _text.Value(_feed.Id) ?? _text.Value(_feed.OtherId) ?? _feed.Address,
            Title = _feed.TitleOf(_text),
            Link = _feed.Link ?? _links.Alternate ?? _feed.OtherLink,
            Description = _feed.SummaryOf(_text),
            Language = _feed.Language,
            Author = _feed.Author ?? _feed.Creator ?? _feed.OtherAuthor ?? _webMaster,
            Updated = updated?.Instant,
            Categories = _feed.Categories ?? (IReadOnlyList<string>)[],
            Hubs = _links.Hubs ?? (IReadOnlyList<string>)[],
            Self = _links.Self,
            Next = _links.Next,
            Complete = _schedule.Complete,
            UpdateInterval = _schedule.Interval,
            Generator = _text.Title(_feed.Generator),
            Entries = _entries,
            Repairs = _repairs.ToList(),
        };
    }

    private readonly string Format()
    {
        if (_xml.Element == FeedElement.Channel) return "cdf";
        if (_xml.Element == FeedElement.Rdf) return _xml.TagContains("netscape.com/rdf"u8) ? "rss0.90" : "rss1.0";
        return _text.Value(_xml.Attribute("version"u8)) switch
        {
            "0.90" => "rss0.90",
            "0.91" => "rss0.91",
            "0.92" => "rss0.92",
            "0.93" => "rss0.93",
            "0.94" => "rss0.94",
            "1.0" => "rss1.0",
            { } version when version.StartsWith('2') => "rss2.0",
            _ => "rss",
        };
    }

    private void ReadRoot(int depth)
    {
        while (_xml.NextChild(depth))
        {
            if (_xml is { Namespace: FeedNamespace.Core, Element: FeedElement.Channel }) ReadChannel();
            else if (_xml is { Namespace: FeedNamespace.Core, Element: FeedElement.Item }) ReadItem();
            else if (_xml.Namespace != FeedNamespace.Core) ReadChannelElement();
        }
    }

    private void ReadChannel()
    {
        var depth = _xml.Depth;
        if (_xml.IsEmpty) return;
        _feed.Address ??= _text.Value(_xml.Attribute("rdf:about"u8));
        _feed.OtherLink ??= Resolve(_text.Value(_xml.Attribute("href"u8)), _feed);
        if (_xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) _feed.Base = FeedLinks.Base(_text.Value(inner), BaseOf(_feed));
        while (_xml.NextChild(depth))
        {
            if (_xml is { Namespace: FeedNamespace.Core, Element: FeedElement.Item }) ReadItem();
            else if (_xml is { Namespace: FeedNamespace.Core, Element: FeedElement.Channel }) ReadChannel();
            else ReadChannelElement();
        }
    }

    private void ReadChannelElement()
    {
        switch (_xml.Namespace, _xml.Element)
        {
            case (FeedNamespace.Core, FeedElement.LastBuildDate): FeedItemBuilder.SetOnce(ref _lastBuildDate, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.ManagingEditor): _feed.Author ??= FeedPerson.Name(FeedExtensions.ReadValue(ref _xml, _text)); break;
            case (FeedNamespace.Core, FeedElement.WebMaster): _webMaster ??= FeedPerson.Name(FeedExtensions.ReadValue(ref _xml, _text)); break;
            case (FeedNamespace.Core, FeedElement.Language): _feed.Language = FeedExtensions.ReadValue(ref _xml, _text) ?? _feed.Language; break;
            case (FeedNamespace.Core, FeedElement.Generator): FeedItemBuilder.SetOnce(ref _feed.Generator, _xml.ReadContent()); break;
            case (FeedNamespace.Atom, FeedElement.Link): _links.Read(ref _xml, _text, BaseOf(_feed), _repairs, ref _feed); break;
            case (FeedNamespace.Core, FeedElement.Ttl) or (FeedNamespace.Syndication or FeedNamespace.History, _): _schedule.Read(ref _xml, _text); break;
            default: ReadShared(ref _feed); break;
        }
    }

    private void ReadItem()
    {
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        var item = new FeedItemBuilder { Base = _feed.Base, Address = _text.Value(_xml.Attribute("rdf:about"u8)) };
        item.OtherLink = Resolve(_text.Value(_xml.Attribute("href"u8)), item);
        if (_xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) item.Base = FeedLinks.Base(_text.Value(inner), BaseOf(item));
        var links = default(FeedLinkSet);
        while (!empty && _xml.NextChild(depth))
        {
            if (_xml is { Namespace: FeedNamespace.Core, Element: FeedElement.Item })
            {
                if (_xml.IsEmpty) continue;
                _xml.CloseBefore(depth - 1);
                break;
            }

            if (_xml is { Namespace: FeedNamespace.Atom, Element: FeedElement.Link }) links.Read(ref _xml, _text, BaseOf(item), _repairs, ref item);
            else ReadShared(ref item);
        }

        item.OtherLink ??= links.Alternate;
        if (_xml.Truncated && !item.IsIdentifiable) return;
        if (_entries.Count < FeedReader.MaxEntries) _entries.Add(item.ToEntry(_text, _xml.Truncated));
        else _repairs.Add(RepairLog.TooManyEntries);
    }

    /// <summary>Elements common to channels and items.</summary>
    private void ReadShared(ref FeedItemBuilder parts)
    {
        switch (_xml.Namespace, _xml.Element)
        {
            case (FeedNamespace.Core, FeedElement.Title): FeedItemBuilder.SetOnce(ref parts.Title, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.Link):
                var href = _xml.Attribute("href"u8);
                parts.Link = Resolve(href.IsEmpty ? FeedExtensions.ReadValue(ref _xml, _text) : _text.Value(href), parts) ?? parts.Link;
                break;
            case (FeedNamespace.Core, FeedElement.Description or FeedElement.Abstract): FeedItemBuilder.SetOnce(ref parts.Summary, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.Content or FeedElement.Fullitem or FeedElement.Body) or (FeedNamespace.Atom, FeedElement.Content):
                FeedItemBuilder.SetOnce(ref parts.Content, _xml.ReadContent());
                break;
            case (FeedNamespace.Core or FeedNamespace.Atom, FeedElement.Summary or FeedElement.Subtitle):
                FeedItemBuilder.SetOnce(ref parts.OtherSummary, _xml.ReadContent());
                break;
            case (FeedNamespace.Core, FeedElement.Guid):
                parts.GuidIsNotPermalink = FeedVocabulary.Is(_xml.Attribute("ispermalink"u8), "false"u8);
                FeedItemBuilder.SetOnce(ref parts.Id, _xml.ReadContent());
                break;
            case (FeedNamespace.Core or FeedNamespace.Atom, FeedElement.Id): FeedItemBuilder.SetOnce(ref parts.OtherId, _xml.ReadContent()); break;
            case (FeedNamespace.Core, FeedElement.PubDate): FeedItemBuilder.SetOnce(ref parts.Published, _xml.ReadContent()); break;
            case (FeedNamespace.Core or FeedNamespace.Atom, FeedElement.Published or FeedElement.Date):
                FeedItemBuilder.SetOnce(ref parts.OtherPublished, _xml.ReadContent());
                break;
            case (FeedNamespace.Core or FeedNamespace.Atom, FeedElement.Updated or FeedElement.Modified):
                FeedItemBuilder.SetOnce(ref parts.Updated, _xml.ReadContent());
                break;
            case (FeedNamespace.Core or FeedNamespace.Atom, FeedElement.Author): parts.AddAuthor(ref parts.Author, FeedPerson.Read(ref _xml, _text)); break;
            case (FeedNamespace.Core, FeedElement.Category): parts.AddCategory(FeedExtensions.ReadCategory(ref _xml, _text)); break;
            case (FeedNamespace.Core, FeedElement.Enclosure):
                parts.AddEnclosure(Resolve(_text.Value(_xml.Attribute("url"u8)), parts), _text.Value(_xml.Attribute("type"u8)), _text.Value(_xml.Attribute("length"u8)));
                break;
            default: FeedExtensions.Read(ref _xml, _text, ref parts, _repairs, BaseOf(parts)); break;
        }
    }

    private readonly string? Resolve(string? link, in FeedItemBuilder parts) => FeedLinks.Resolve(link, BaseOf(parts), _repairs);

    /// <summary>RSS has no base address: xml:base if present, then the site, then the feed's own address.</summary>
    private readonly string? BaseOf(in FeedItemBuilder parts) => parts.Base ?? _feed.Link ?? _address;
}
