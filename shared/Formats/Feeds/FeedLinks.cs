namespace ContributionIngest.Formats.Feeds;

/// <summary>Resolves the links of a document to absolute http(s) addresses.</summary>
internal static class FeedLinks
{
    /// <summary>Null for other schemes (<c>javascript:</c>, <c>mailto:</c>); a relative link without a base is left as written.</summary>
    public static string? Resolve(string? link, string? baseAddress, RepairLog repairs)
    {
        if (string.IsNullOrEmpty(link)) return null;
        link = WithoutBreaks(link);
        if (IsWeb(link)) return link;
        if (HasScheme(link))
        {
            repairs.Add(RepairLog.RefusedLink);
            return null;
        }

        if (Combine(baseAddress, link) is { } absolute) return absolute;
        repairs.Add(RepairLog.RelativeLink);
        return link;
    }

    /// <summary>Without line breaks and the indentation after them.</summary>
    public static string WithoutBreaks(string link) =>
        link.AsSpan().IndexOfAny('\r', '\n') < 0 ? link : string.Concat(link.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));

    /// <summary>A relative base is resolved against the outer one.</summary>
    public static string? Base(string? inner, string? outer) => string.IsNullOrEmpty(inner) ? outer : IsWeb(inner) ? inner : Combine(outer, inner) ?? outer;

    /// <summary>
    /// A plain path is appended to the host; only what needs more (dot segments, queries, unusual characters) uses <see cref="Uri"/>, whose first use is
    /// expensive for a short-lived process.
    /// </summary>
    private static string? Combine(string? around, string link)
    {
        if (around is null || !IsWeb(around)) return null;
        if (link[0] == '/' && IsPlain(link))
        {
            var host = around.IndexOf("//", StringComparison.Ordinal) + 2;
            if (link.StartsWith("//", StringComparison.Ordinal)) return string.Concat(around.AsSpan(0, host - 2), link);
            var length = around.AsSpan(host).IndexOfAny('/', '?', '#');
            return string.Concat(length < 0 ? around : around.AsSpan(0, host + length), link);
        }

        return Uri.TryCreate(around, UriKind.Absolute, out var root) && Uri.TryCreate(root, link, out var absolute) && IsWeb(absolute.AbsoluteUri)
            ? absolute.AbsoluteUri
            : null;
    }

    private static bool IsPlain(string link)
    {
        for (var i = 0; i < link.Length; i++)
        {
            var c = link[i];
            if (c is <= ' ' or > '~' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' || c == '.' && link[i - 1] == '/') return false;
        }

        return true;
    }

    public static bool IsWeb(string link) =>
        link.StartsWith("http", StringComparison.OrdinalIgnoreCase)
        && (link.AsSpan(4).StartsWith("://") || link.Length > 4 && link[4] is 's' or 'S' && link.AsSpan(5).StartsWith("://"))
        && link.Length > 8;

    /// <summary>RFC 3986: a letter, then letters, digits, plus, minus or dot, up to a colon.</summary>
    private static bool HasScheme(string link)
    {
        for (var i = 0; i < link.Length; i++)
        {
            var c = link[i];
            if (c == ':') return i > 0;
            if (!char.IsAsciiLetter(c) && (i == 0 || !char.IsAsciiDigit(c) && c is not ('+' or '-' or '.'))) return false;
        }

        return false;
    }
}

/// <summary>
/// The Atom <c>link</c> elements of a feed or an entry: the page (HTML preferred), the feed itself, WebSub hubs, further pages (RFC 5005).
/// Enclosures go to the entry.
/// </summary>
internal struct FeedLinkSet
{
    private const int MaxHubs = 10;
    private string? _nextPage;
    private string? _olderArchive;
    private string? _page;
    private string? _other;

    public string? Self;
    public List<string>? Hubs;

    public readonly string? Alternate => _page ?? _other;

    public readonly string? Next => _nextPage ?? _olderArchive;

    public void Read(ref FeedXml xml, FeedText text, string? around, RepairLog repairs, ref FeedItemBuilder parts)
    {
        if (xml.Attribute("xml:base"u8) is { IsEmpty: false } inner) around = FeedLinks.Base(text.Value(inner), around);
        var rel = xml.Attribute("rel"u8);
        rel = rel[(rel.LastIndexOf((byte)'/') + 1)..].Trim(" \t\r\n"u8);
        var type = xml.Attribute("type"u8);
        var href = text.Value(xml.Attribute("href"u8));
        if (rel.IsEmpty || FeedVocabulary.Is(rel, "alternate"u8))
        {
            // Without a type it is a page; some feeds put the address between the tags.
            href ??= FeedExtensions.ReadValue(ref xml, text);
            var page = type.IsEmpty || FeedVocabulary.Is(type, "text/html"u8) || FeedVocabulary.Is(type, "application/xhtml+xml"u8);
            ref var slot = ref page ? ref _page : ref _other;
            slot ??= FeedLinks.Resolve(href, around, repairs);
        }
        else if (FeedVocabulary.Is(rel, "enclosure"u8)) parts.AddEnclosure(FeedLinks.Resolve(href, around, repairs), text.Value(type), text.Value(xml.Attribute("length"u8)));
        else if (FeedVocabulary.Is(rel, "self"u8)) Self ??= FeedLinks.Resolve(href, around, repairs);
        else if (FeedVocabulary.Is(rel, "next"u8)) _nextPage ??= FeedLinks.Resolve(href, around, repairs) ?? href;
        else if (FeedVocabulary.Is(rel, "prev-archive"u8)) _olderArchive ??= FeedLinks.Resolve(href, around, repairs) ?? href;
        else if (FeedVocabulary.Is(rel, "hub"u8) && FeedLinks.Resolve(href, around, repairs) is { } hub)
        {
            Hubs ??= [];
            if (Hubs.Count < MaxHubs && !Hubs.Contains(hub)) Hubs.Add(hub);
        }
    }
}
