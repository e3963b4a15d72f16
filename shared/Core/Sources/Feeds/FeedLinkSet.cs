namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// The <c>link</c> elements of Atom, in a feed or an entry: the page (an HTML one before others), the feed itself, its hubs (WebSub) and its
/// further pages (RFC 5005). Enclosures go to the entry.
/// </summary>
internal struct FeedLinkSet
{
    private const int MostHubs = 10;
    private string? _nextPage;
    private string? _olderArchive;
    private string? _page;
    private string? _other;

    public string? Self;
    public List<string>? Hubs;

    public readonly string? Alternate => _page ?? _other;

    public readonly string? Next => _nextPage ?? _olderArchive;

    public void Take(ref FeedXml xml, FeedText text, string? around, Repairs repairs, ref FeedParts parts)
    {
        if (xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) around = FeedLinks.Base(text.Word(inner), around);
        var rel = xml.Attribute("rel"u8);
        rel = rel[(rel.LastIndexOf((byte)'/') + 1)..].Trim(" \t\r\n"u8);
        var type = xml.Attribute("type"u8);
        var href = text.Word(xml.Attribute("href"u8));
        if (rel.IsEmpty || FeedNames.Is(rel, "alternate"u8))
        {
            // Without a type it is a page; some put the address between the tags.
            href ??= FeedModules.ReadWord(ref xml, text);
            var page = type.IsEmpty || FeedNames.Is(type, "text/html"u8) || FeedNames.Is(type, "application/xhtml+xml"u8);
            ref var slot = ref page ? ref _page : ref _other;
            slot ??= FeedLinks.Resolve(href, around, repairs);
        }
        else if (FeedNames.Is(rel, "enclosure"u8))
        {
            parts.AddEnclosure(FeedLinks.Resolve(href, around, repairs), text.Word(type), text.Word(xml.Attribute("length"u8)));
        }
        else if (FeedNames.Is(rel, "self"u8))
        {
            Self ??= FeedLinks.Resolve(href, around, repairs);
        }
        else if (FeedNames.Is(rel, "next"u8))
        {
            _nextPage ??= FeedLinks.Resolve(href, around, repairs) ?? href;
        }
        else if (FeedNames.Is(rel, "prev-archive"u8))
        {
            _olderArchive ??= FeedLinks.Resolve(href, around, repairs) ?? href;
        }
        else if (FeedNames.Is(rel, "hub"u8) && FeedLinks.Resolve(href, around, repairs) is { } hub)
        {
            Hubs ??= [];
            if (Hubs.Count < MostHubs && !Hubs.Contains(hub)) Hubs.Add(hub);
        }
    }
}
