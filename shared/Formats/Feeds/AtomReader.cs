namespace ContributionIngest.Formats.Feeds;

/// <summary>Atom 1.0 (RFC 4287) and 0.3. Text constructs say themselves whether they are text, HTML or XHTML.</summary>
internal ref struct AtomReader
{
    private readonly List<FeedEntry> _entries = [];
    private readonly Repairs _repairs;
    private readonly FeedText _text;
    private FeedXml _xml;
    private FeedParts _feed;
    private FeedLinkSet _links = new();
    private FeedRhythm _rhythm = new();

    /// <param name="xml">Just after the root's start tag.</param>
    public AtomReader(FeedXml xml, FeedText text, Repairs repairs, string? address)
    {
        _xml = xml;
        _text = text;
        _repairs = repairs;
        _feed.Base = address;
        _xml.Own(Space.Atom);
    }

    public FeedDocument Read()
    {
        var old = _xml.TagContains("purl.org/atom/ns#"u8) || FeedNames.Is(_xml.Attribute("version"u8), "0.3"u8);
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        _feed.Base = InnerBase(_feed);
        _feed.Language = _text.Word(_xml.Attribute("xml:lang"u8));
        while (!empty && _xml.NextChild(depth))
        {
            switch (_xml.Space, _xml.Word)
            {
                case (Space.Core, FeedElement.Entry):
                    ReadEntry();
                    break;
                case (Space.Core, FeedElement.Link):
                    _links.Take(ref _xml, _text, _feed.Base, _repairs, ref _feed);
                    break;
                case (Space.Syndication or Space.History, _):
                    _rhythm.Take(ref _xml, _text);
                    break;
                default:
                    Take(ref _feed);
                    break;
            }
        }

        return new FeedDocument
        {
            Format = old ? "atom0.3" : "atom1.0",
            Id = _text.Word(_feed.Id),
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
            Complete = _rhythm.Complete,
            UpdateInterval = _rhythm.Interval,
            Generator = _text.Title(_feed.Generator, TextKind.Plain),
            Entries = _entries,
            Repairs = _repairs.ToList(),
        };
    }

    private void ReadEntry()
    {
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        var entry = new FeedParts { Base = InnerBase(_feed) };
        var links = default(FeedLinkSet);
        while (!empty && _xml.NextChild(depth))
        {
            if (_xml is { Space: Space.Core, Word: FeedElement.Entry })
            {
                _xml.CloseBefore(depth - 1);
                break;
            }

            switch (_xml.Space, _xml.Word)
            {
                case (Space.Core, FeedElement.Link):
                    links.Take(ref _xml, _text, entry.Base, _repairs, ref entry);
                    break;
                case (Space.Core, FeedElement.Source):
                    ReadSource(ref entry);
                    break;
                default:
                    Take(ref entry);
                    break;
            }
        }

        entry.Link = links.Alternate;
        if (_xml.Truncated && !entry.IsWorthKeeping) return;
        if (_entries.Count == FeedReader.MostEntries)
        {
            _repairs.Add(Repairs.TooManyEntries);
            return;
        }

        entry.Author = Author(entry) ?? Author(_feed);
        entry.Creator = null;
        _entries.Add(entry.ToEntry(_text, _xml.Truncated));
    }

    private static string? Author(in FeedParts parts) => parts.Author ?? parts.Creator ?? parts.OtherAuthor;

    /// <summary>Of the feed an entry was copied from only the author counts, where the entry names none.</summary>
    private void ReadSource(ref FeedParts entry)
    {
        var (depth, empty) = (_xml.Depth, _xml.IsEmpty);
        while (!empty && _xml.NextChild(depth))
        {
            if (_xml is { Space: Space.Core, Word: FeedElement.Author }) entry.OtherAuthor ??= FeedPeople.Read(ref _xml, _text);
        }
    }

    /// <summary>What feeds and entries have in common.</summary>
    private void Take(ref FeedParts parts)
    {
        switch (_xml.Space, _xml.Word)
        {
            case (Space.Core, FeedElement.Title):
                TakeText(ref parts.Title);
                break;
            case (Space.Core, FeedElement.Summary or FeedElement.Subtitle or FeedElement.Tagline):
                TakeText(ref parts.Summary);
                break;
            case (Space.Core, FeedElement.Content):
                TakeText(ref parts.Content);
                break;
            case (Space.Core, FeedElement.Id):
                FeedParts.Keep(ref parts.Id, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Published or FeedElement.Issued):
                FeedParts.Keep(ref parts.Published, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Created):
                FeedParts.Keep(ref parts.Created, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Updated or FeedElement.Modified):
                FeedParts.Keep(ref parts.Updated, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Author):
                parts.Author ??= FeedPeople.Read(ref _xml, _text);
                break;
            case (Space.Core, FeedElement.Generator):
                FeedParts.Keep(ref parts.Generator, _xml.ReadInside());
                break;
            case (Space.Core, FeedElement.Category):
                parts.AddCategory(_text.Word(_xml.Attribute("label"u8)) ?? _text.Word(_xml.Attribute("term"u8)) ?? FeedModules.ReadCategory(ref _xml, _text));
                break;
            default:
                FeedModules.Take(ref _xml, _text, ref parts, _repairs, parts.Base);
                break;
        }
    }

    private void TakeText(ref TextField slot)
    {
        var kind = Kind();
        if (kind is { } known) FeedParts.Keep(ref slot, _xml.ReadInside(), known);
    }

    /// <summary>RFC 4287, 3.1.1 and 4.1.3.3; mode is of 0.3. Null: no text (a picture, a film).</summary>
    private readonly TextKind? Kind()
    {
        var type = _xml.Attribute("type"u8);
        var mode = _xml.Attribute("mode"u8);
        if (FeedNames.Is(mode, "base64"u8) || FeedNames.Is(type, "application/octet-stream"u8)) return TextKind.Base64;
        if (FeedNames.Is(type, "html"u8) || FeedNames.Is(type, "text/html"u8)) return TextKind.Html;
        if (FeedNames.Is(type, "xhtml"u8) || FeedNames.Is(type, "application/xhtml+xml"u8))
            return FeedNames.Is(mode, "escaped"u8) ? TextKind.Html : TextKind.Markup;
        return type.StartsWith("image/"u8) || type.StartsWith("video/"u8) || type.StartsWith("audio/"u8) ? null : TextKind.Plain;
    }

    private readonly string? InnerBase(in FeedParts around) =>
        _xml.Attribute("xml:base"u8) is { IsEmpty: false } inner ? FeedLinks.Base(_text.Word(inner), around.Base) : around.Base;
}
