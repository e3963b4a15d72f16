namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// RSS 0.90 to 2.0, RSS 1.0 (RDF) and the channels of CDF before them. Items may stand inside or beside the channel; text is HTML.
/// </summary>
internal ref struct RssReader
{
    private readonly List<FeedEntry> _entries = [];
    private readonly Repairs _repairs;
    private readonly FeedText _text;
    private readonly string? _address;
    private FeedXml _xml;
    private FeedParts _feed;
    private FeedLinkSet _links = new();
    private string? _webMaster;
    private FeedRhythm _rhythm = new();
    private Field _built;

    /// <param name="xml">Just after the root's start tag.</param>
    public RssReader(FeedXml xml, FeedText text, Repairs repairs, string? address)
    {
        _xml = xml;
        _text = text;
        _repairs = repairs;
        _address = address;
    }

    public FeedDocument Read()
    {
        var format = Format();
        if (_xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) _feed.Base = FeedLinks.Base(_text.Word(inner), _address);
        _feed.Language = _text.Word(_xml.Attribute("xml:lang"u8));
        if (_xml.Word == FeedElement.Channel) ReadChannel();
        else if (!_xml.IsEmpty) ReadRoot(_xml.Depth);
        var updated = _text.Date(_built) ?? _text.Date(_feed.Updated) ?? _text.Date(_feed.Published) ?? _text.Date(_feed.OtherPublished);
        return new FeedDocument
        {
            Format = format,
            Id = _text.Word(_feed.Id) ?? _text.Word(_feed.OtherId) ?? _feed.Address,
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
            Complete = _rhythm.Complete,
            UpdateInterval = _rhythm.Interval,
            Generator = _text.Title(_feed.Generator),
            Entries = _entries,
            Repairs = _repairs.ToList(),
        };
    }

    private readonly string Format()
    {
        if (_xml.Word == FeedElement.Channel) return "cdf";
        if (_xml.Word == FeedElement.Rdf) return _xml.TagContains("netscape.com/rdf"u8) ? "rss0.90" : "rss1.0";
        return _text.Word(_xml.Attribute("version"u8)) switch
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
            if (_xml is { Space: Space.Core, Word: FeedElement.Channel }) ReadChannel();
            else if (_xml is { Space: Space.Core, Word: FeedElement.Item }) ReadItem();
            else if (_xml.Space != Space.Core) TakeChannel();
        }
    }

    private void ReadChannel()
    {
        var depth = _xml.Depth;
        if (_xml.IsEmpty) return;
        _feed.Address ??= _text.Word(_xml.Attribute("rdf:about"u8));
        _feed.OtherLink ??= Resolve(_text.Word(_xml.Attribute("href"u8)), _feed);
        if (_xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) _feed.Base = FeedLinks.Base(_text.Word(inner), Around(_feed));
        while (_xml.NextChild(depth))
        {
            if (_xml is { Space: Space.Core, Word: FeedElement.Item }) ReadItem();
            else if (_xml is { Space: Space.Core, Word: FeedElement.Channel }) ReadChannel();
            else TakeChannel();
        }
    }

    private void TakeChannel()
    {
        switch (_xml.Space, _xml.Word)
        {
            case (Space.Core, FeedElement.LastBuildDate):
                FeedParts.Keep(ref _built, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.ManagingEditor):
                _feed.Author ??= FeedPeople.Name(FeedModules.ReadWord(ref _xml, _text));
                break;
            case (Space.Core, FeedElement.WebMaster):
                _webMaster ??= FeedPeople.Name(FeedModules.ReadWord(ref _xml, _text));
                break;
            case (Space.Core, FeedElement.Language):
                _feed.Language = FeedModules.ReadWord(ref _xml, _text) ?? _feed.Language;
                break;
            case (Space.Core, FeedElement.Generator):
                FeedParts.Keep(ref _feed.Generator, _xml.ReadInside());
                break;
            case (Space.Atom, FeedElement.Link):
                _links.Take(ref _xml, _text, Around(_feed), _repairs, ref _feed);
                break;
            case (Space.Core, FeedElement.Ttl) or (Space.Syndication or Space.History, _):
                _rhythm.Take(ref _xml, _text);
                break;
            default:
                Take(ref _feed);
                break;
        }
    }

    private void ReadItem()
    {
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        var item = new FeedParts { Base = _feed.Base, Address = _text.Word(_xml.Attribute("rdf:about"u8)) };
        item.OtherLink = Resolve(_text.Word(_xml.Attribute("href"u8)), item);
        if (_xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) item.Base = FeedLinks.Base(_text.Word(inner), Around(item));
        var links = default(FeedLinkSet);
        while (!empty && _xml.NextChild(depth))
        {
            if (_xml is { Space: Space.Core, Word: FeedElement.Item })
            {
                if (_xml.IsEmpty) continue;
                _xml.CloseBefore(depth - 1);
                break;
            }

            if (_xml is { Space: Space.Atom, Word: FeedElement.Link }) links.Take(ref _xml, _text, Around(item), _repairs, ref item);
            else Take(ref item);
        }

        item.OtherLink ??= links.Alternate;
        if (_xml.Truncated && !item.IsWorthKeeping) return;
        if (_entries.Count < FeedReader.MostEntries) _entries.Add(item.ToEntry(_text, _xml.Truncated));
        else _repairs.Add(Repairs.TooManyEntries);
    }

    /// <summary>What channels and items have in common.</summary>
    private void Take(ref FeedParts parts)
    {
        switch (_xml.Space, _xml.Word)
        {
            case (Space.Core, FeedElement.Title):
                FeedParts.Keep(ref parts.Title, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Link):
                var href = _xml.Attribute("href"u8);
                parts.Link = Resolve(href.IsEmpty ? FeedModules.ReadWord(ref _xml, _text) : _text.Word(href), parts) ?? parts.Link;
                break;
            case (Space.Core, FeedElement.Description or FeedElement.Abstract):
                FeedParts.Keep(ref parts.Summary, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Content or FeedElement.Fullitem or FeedElement.Body) or (Space.Atom, FeedElement.Content):
                FeedParts.Keep(ref parts.Content, _xml.ReadInside());
                break;
            case (Space.Core or Space.Atom, FeedElement.Summary or FeedElement.Subtitle):
                FeedParts.Keep(ref parts.OtherSummary, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Guid):
                parts.IdIsNoLink = FeedNames.Is(_xml.Attribute("ispermalink"u8), "false"u8);
                FeedParts.Keep(ref parts.Id, _xml.ReadInside());
                break;
            case (Space.Core or Space.Atom, FeedElement.Id):
                FeedParts.Keep(ref parts.OtherId, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.PubDate):
                FeedParts.Keep(ref parts.Published, _xml.ReadInside());
                break;
            case (Space.Core or Space.Atom, FeedElement.Published or FeedElement.Date):
                FeedParts.Keep(ref parts.OtherPublished, _xml.ReadInside());
                break;
            case (Space.Core or Space.Atom, FeedElement.Updated or FeedElement.Modified):
                FeedParts.Keep(ref parts.Updated, _xml.ReadInside());
                break;
            case (Space.Core or Space.Atom, FeedElement.Author):
                parts.Author ??= FeedPeople.Read(ref _xml, _text);
                break;
            case (Space.Core, FeedElement.Category):
                parts.AddCategory(FeedModules.ReadCategory(ref _xml, _text));
                break;
            case (Space.Core, FeedElement.Enclosure):
                parts.AddEnclosure(
                    Resolve(_text.Word(_xml.Attribute("url"u8)), parts),
                    _text.Word(_xml.Attribute("type"u8)),
                    _text.Word(_xml.Attribute("length"u8)));
                break;
            default:
                FeedModules.Take(ref _xml, _text, ref parts, _repairs, Around(parts));
                break;
        }
    }

    private readonly string? Resolve(string? link, in FeedParts parts) => FeedLinks.Resolve(link, Around(parts), _repairs);

    /// <summary>RSS knows no base: xml:base if somebody uses it, then the site, then the feed's own address.</summary>
    private readonly string? Around(in FeedParts parts) => parts.Base ?? _feed.Link ?? _address;
}
