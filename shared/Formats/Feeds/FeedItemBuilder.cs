using System.Globalization;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>Raw content and how to decode it; empty by default.</summary>
internal readonly record struct TextContent(RawContent Raw, TextKind Kind)
{
    public bool HasValue => Raw.Length > 0;
}

/// <summary>
/// Collects the parts of a feed or an entry in any order; precedence is decided once, at the end. Text stays raw until then, so that only what is
/// kept is decoded.
/// </summary>
internal struct FeedItemBuilder
{
    public TextContent Title;
    public TextContent OtherTitle;
    public TextContent Summary;
    public TextContent Content;
    public TextContent OtherSummary;
    public RawContent Id;
    public RawContent OtherId;
    public RawContent Published;
    public RawContent OtherPublished;
    public RawContent Updated;
    public RawContent Created;
    public RawContent Generator;
    public string? Address;
    public string? Link;
    public string? OtherLink;
    public string? OriginalLink;
    public bool GuidIsNotPermalink;
    public string? Author;
    public string? Creator;
    public string? OtherAuthor;

    /// <summary>All names, if there are several.</summary>
    public List<string>? Authors;

    private string? _firstAuthor;
    public string? Language;
    public string? Base;
    public List<string>? Categories;
    public List<Enclosure>? Enclosures;

    private const int Most = 100;

    /// <summary>A truncated entry has enough to identify it.</summary>
    public readonly bool IsIdentifiable => Title.HasValue || Id.Length > 0 || Link is not null;

    /// <summary>The first name of a slot is the author; further ones are kept beside it.</summary>
    public void AddAuthor(ref string? slot, string? name)
    {
        if (name is null) return;
        slot ??= name;
        _firstAuthor ??= name;
        if (name == _firstAuthor) return;
        Authors ??= [_firstAuthor];
        if (Authors.Count < Most && !Authors.Contains(name)) Authors.Add(name);
    }

    public void AddCategory(string? category)
    {
        if (category is null) return;
        Categories ??= [];
        if (Categories.Count < Most && !Categories.Contains(category)) Categories.Add(category);
    }

    public void AddEnclosure(string? url, string? type, string? length)
    {
        if (url is null) return;
        Enclosures ??= [];
        if (Enclosures.Count >= Most || Enclosures.Exists(known => known.Url == url)) return;
        var bytes = long.TryParse(length, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : (long?)null;
        Enclosures.Add(new Enclosure(url, type, bytes));
    }

    /// <summary>The first value wins.</summary>
    public static void SetOnce(ref RawContent slot, RawContent? found)
    {
        if (slot.Length == 0 && found is { } field) slot = field;
    }

    /// <inheritdoc cref="SetOnce(ref RawContent, RawContent?)"/>
    public static void SetOnce(ref TextContent slot, RawContent? found, TextKind kind = TextKind.Html)
    {
        if (!slot.HasValue && found is { } field) slot = new TextContent(field, kind);
    }

    public readonly FeedEntry ToEntry(FeedText text, bool isTruncated)
    {
        var published = text.Date(Published) ?? text.Date(OtherPublished);
        var updated = text.Date(Updated);
        published ??= text.Date(Created);
        var isUpdate = published is null && updated is not null;
        published ??= updated;
        var original = OriginalLink ?? text.OriginalAddress(Content.HasValue ? Content.Raw : Summary.Raw);
        var id = text.Value(Id) ?? text.Value(OtherId) ?? Address;
        return new FeedEntry
        {
            Id = id,
            Title = TitleOf(text),
            Link = Link ?? OtherLink ?? LinkOf(id) ?? original,
            OriginalLink = original,
            Published = published?.Instant,
            PublishedIsDay = published?.IsDay ?? false,
            PublishedIsUpdate = isUpdate,
            Updated = updated?.Instant,
            Author = Creator ?? Author ?? OtherAuthor,
            Authors = Authors ?? (IReadOnlyList<string>)[],
            Summary = SummaryOf(text),
            Categories = Categories ?? (IReadOnlyList<string>)[],
            Enclosures = Enclosures ?? (IReadOnlyList<Enclosure>)[],
            IsTruncated = isTruncated,
        };
    }

    public readonly string? TitleOf(FeedText text) => text.Title(Title.Raw, Title.Kind) ?? text.Title(OtherTitle.Raw, OtherTitle.Kind);

    public readonly string? SummaryOf(FeedText text) =>
        text.Summary(Summary.Raw, Summary.Kind)
        ?? text.Summary(Content.Raw, Content.Kind)
        ?? text.Summary(OtherSummary.Raw, OtherSummary.Kind);

    /// <summary>An id that is a web address serves as link, unless declared not to be one.</summary>
    private readonly string? LinkOf(string? id) => id is not null && !GuidIsNotPermalink && FeedLinks.IsWeb(id) ? FeedLinks.WithoutBreaks(id) : null;
}

/// <summary>The name in <c>me@example.com (My Name)</c>, <c>My Name &lt;me@example.com&gt;</c> and similar; without one, the text itself.</summary>
internal static class FeedPerson
{
    private const int Longest = 300;

    /// <summary>A person as elements (Atom) or text (RSS); consumes the current element.</summary>
    public static string? Read(ref FeedXml xml, FeedText text)
    {
        var depth = xml.Depth;
        var start = xml;
        if (xml.IsEmpty) return null;
        string? name = null, email = null;
        while (xml.NextChild(depth))
        {
            if (xml.Element == FeedElement.Name) name ??= xml.ReadContent() is { } inside ? text.Title(inside, TextKind.Plain) : null;
            else if (xml.Element == FeedElement.Email) email ??= FeedExtensions.ReadValue(ref xml, text);
        }

        if ((name ?? email) is { } found) return found;
        xml = start;
        return Name(FeedExtensions.ReadValue(ref xml, text));
    }

    public static string? Name(string? written)
    {
        if (written is null) return null;
        var text = written.AsSpan().Trim();
        if (text.Count('@') > 1 && text.IndexOfAny(',', ';') >= 0)
            return string.Join(", ", written.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries).Select(Name).OfType<string>()) is { Length: > 0 } names ? names : null;
        if (text.IndexOf('@') >= 0)
        {
            var name = WithoutAddress(text).Trim(" \t\r\n,;:\"'").Trim();
            if (!name.IsEmpty) text = name;
        }

        if (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)) text = text[7..];
        return text.IndexOfAny('<', '&') >= 0 ? PlainText.FromHtml(text.ToString(), Longest) : PlainText.Fold(text.ToString(), Longest);
    }

    private static ReadOnlySpan<char> WithoutAddress(ReadOnlySpan<char> text)
    {
        var open = text.IndexOfAny('(', '<');
        if (open < 0)
        {
            var space = text.IndexOfAny(' ', '\t');
            if (space < 0) return default;
            return text[..space].Contains('@') ? text[space..] : text[(text.LastIndexOfAny(' ', '\t') + 1)..].Contains('@') ? text[..text.LastIndexOfAny(' ', '\t')] : text;
        }

        var close = text[open..].IndexOfAny(')', '>');
        var inner = close < 0 ? text[(open + 1)..] : text.Slice(open + 1, close - 1);
        return inner.Contains('@') ? text[..open] : inner;
    }
}
