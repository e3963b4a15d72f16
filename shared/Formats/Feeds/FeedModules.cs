using System.Globalization;

namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// The extension vocabularies, which mean the same in every format: Dublin Core, content, Media RSS, iTunes, podcast, FeedBurner; and Atom
/// elements inside RSS. The element just read is taken if it is one of theirs.
/// </summary>
internal static class FeedModules
{
    public static void Take(ref FeedXml xml, FeedText text, ref FeedParts parts, Repairs repairs, string? around)
    {
        switch (xml.Space, xml.Word)
        {
            case (Space.Content, FeedElement.Encoded):
                FeedParts.Keep(ref parts.Content, xml.ReadInside());
                break;
            case (Space.Xhtml, FeedElement.Body):
                FeedParts.Keep(ref parts.Content, xml.ReadInside(), TextKind.Markup);
                break;
            case (Space.Feedburner, FeedElement.OrigLink):
                parts.OriginalLink ??= FeedLinks.Resolve(ReadWord(ref xml, text), around, repairs);
                break;
            case (Space.Podcast, FeedElement.Guid):
                FeedParts.Keep(ref parts.OtherId, xml.ReadInside());
                break;
            case (Space.Dc or Space.DcTerms, _):
                TakeDublinCore(ref xml, text, ref parts);
                break;
            case (Space.Itunes, _):
                TakeItunes(ref xml, text, ref parts);
                break;
            case (Space.Media, _):
                TakeMedia(ref xml, text, ref parts, repairs, around);
                break;
        }
    }

    private static void TakeDublinCore(ref FeedXml xml, FeedText text, ref FeedParts parts)
    {
        switch (xml.Word)
        {
            case FeedElement.Title:
                FeedParts.Keep(ref parts.OtherTitle, xml.ReadInside());
                break;
            case FeedElement.Description or FeedElement.Abstract:
                FeedParts.Keep(ref parts.OtherSummary, xml.ReadInside());
                break;
            case FeedElement.Creator or FeedElement.Author:
                parts.Creator ??= FeedPeople.Name(ReadWord(ref xml, text));
                break;
            case FeedElement.Subject:
                parts.AddCategory(ReadCategory(ref xml, text));
                break;
            case FeedElement.Date or FeedElement.Issued:
                FeedParts.Keep(ref parts.OtherPublished, xml.ReadInside());
                break;
            case FeedElement.Created:
                FeedParts.Keep(ref parts.Created, xml.ReadInside());
                break;
            case FeedElement.Modified:
                FeedParts.Keep(ref parts.Updated, xml.ReadInside());
                break;
            case FeedElement.Language:
                parts.Language ??= ReadWord(ref xml, text);
                break;
        }
    }

    private static void TakeItunes(ref FeedXml xml, FeedText text, ref FeedParts parts)
    {
        switch (xml.Word)
        {
            case FeedElement.Title:
                FeedParts.Keep(ref parts.OtherTitle, xml.ReadInside());
                break;
            case FeedElement.Summary or FeedElement.Subtitle or FeedElement.Description:
                FeedParts.Keep(ref parts.OtherSummary, xml.ReadInside());
                break;
            case FeedElement.Author:
                parts.OtherAuthor ??= FeedPeople.Name(ReadWord(ref xml, text));
                break;
            case FeedElement.Category:
                TakeItunesCategory(ref xml, text, ref parts);
                break;
            case FeedElement.Keywords:
                foreach (var word in (ReadWord(ref xml, text) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    parts.AddCategory(word);
                break;
        }
    }

    /// <summary>Categories nest once: <c>Technology</c> with <c>Podcasting</c> inside.</summary>
    private static void TakeItunesCategory(ref FeedXml xml, FeedText text, ref FeedParts parts)
    {
        var (depth, empty) = (xml.Depth, xml.IsEmpty);
        parts.AddCategory(text.Word(xml.Attribute("text"u8)));
        while (!empty && xml.NextChild(depth))
        {
            if (xml is { Space: Space.Itunes, Word: FeedElement.Category }) parts.AddCategory(text.Word(xml.Attribute("text"u8)));
        }
    }

    private static void TakeMedia(ref FeedXml xml, FeedText text, ref FeedParts parts, Repairs repairs, string? around)
    {
        var (depth, empty) = (xml.Depth, xml.IsEmpty);
        switch (xml.Word)
        {
            case FeedElement.Title:
                FeedParts.Keep(ref parts.OtherTitle, xml.ReadInside(), Kind(ref xml));
                break;
            case FeedElement.Description:
                FeedParts.Keep(ref parts.OtherSummary, xml.ReadInside(), Kind(ref xml));
                break;
            case FeedElement.Category:
                parts.AddCategory(ReadCategory(ref xml, text));
                break;
            case FeedElement.Group or FeedElement.Content:
                if (IsPlayable(ref xml))
                {
                    parts.AddEnclosure(
                        FeedLinks.Resolve(text.Word(xml.Attribute("url"u8)), around, repairs),
                        text.Word(xml.Attribute("type"u8)),
                        text.Word(xml.Attribute("filesize"u8)));
                }

                while (!empty && xml.NextChild(depth))
                {
                    if (xml.Space == Space.Media && xml.Depth < depth + 3) TakeMedia(ref xml, text, ref parts, repairs, around);
                }

                break;
        }
    }

    /// <summary>Media RSS is used for pictures of all sorts; only sound and film are what the entry brings along.</summary>
    private static bool IsPlayable(ref FeedXml xml)
    {
        var type = xml.Attribute("type"u8);
        var medium = xml.Attribute("medium"u8);
        return type.StartsWith("audio/"u8) || type.StartsWith("video/"u8) || FeedNames.Is(medium, "audio"u8) || FeedNames.Is(medium, "video"u8);
    }

    private static TextKind Kind(ref FeedXml xml) => FeedNames.Is(xml.Attribute("type"u8), "plain"u8) ? TextKind.Plain : TextKind.Html;

    public static string? ReadWord(ref FeedXml xml, FeedText text) => xml.ReadInside() is { } inside ? text.Word(inside) : null;

    public static string? ReadCategory(ref FeedXml xml, FeedText text) => xml.ReadInside() is { } inside ? text.Title(inside) : null;
}

/// <summary>How often a feed says it changes: RSS <c>ttl</c> in minutes, or period ÷ frequency (sy); and whether it is complete (RFC 5005).</summary>
internal struct FeedRhythm
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);
    private double? _ttlMinutes;
    private double? _frequency;
    private TimeSpan? _period;

    public bool Complete { get; private set; }

    public readonly TimeSpan? Interval
    {
        get
        {
            var interval = _ttlMinutes is { } minutes ? TimeSpan.FromMinutes(minutes)
                : _period is { } period ? period / (_frequency ?? 1)
                : (TimeSpan?)null;
            return interval > Longest ? Longest : interval;
        }
    }

    public void Take(ref FeedXml xml, FeedText text)
    {
        if (xml.Space == Space.History)
        {
            Complete |= xml.Word == FeedElement.Complete;
            return;
        }

        var word = xml.Word;
        if (word is not (FeedElement.Ttl or FeedElement.UpdateFrequency or FeedElement.UpdatePeriod) || FeedModules.ReadWord(ref xml, text) is not { } said) return;
        if (word == FeedElement.Ttl) _ttlMinutes ??= Positive(said);
        else if (word == FeedElement.UpdateFrequency) _frequency ??= Positive(said);
        else _period ??= Period(said);
    }

    private static TimeSpan? Period(string word) => word.ToLowerInvariant() switch
    {
        "hourly" => TimeSpan.FromHours(1),
        "daily" => TimeSpan.FromDays(1),
        "weekly" => TimeSpan.FromDays(7),
        "monthly" => TimeSpan.FromDays(30),
        "yearly" => TimeSpan.FromDays(365),
        _ => null,
    };

    private static double? Positive(string number) =>
        double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 1e7 ? value : null;
}
