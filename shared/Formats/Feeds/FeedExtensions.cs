using System.Globalization;

namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// Extension elements, which mean the same in every format: Dublin Core, content, Media RSS, iTunes, podcast, FeedBurner. Other elements are skipped.
/// </summary>
internal static class FeedExtensions
{
    public static void Read(ref FeedXml xml, FeedText text, ref FeedItemBuilder parts, RepairLog repairs, string? around)
    {
        switch (xml.Namespace, xml.Element)
        {
            case (FeedNamespace.Content, FeedElement.Encoded): FeedItemBuilder.SetOnce(ref parts.Content, xml.ReadContent()); break;
            case (FeedNamespace.Xhtml, FeedElement.Body): FeedItemBuilder.SetOnce(ref parts.Content, xml.ReadContent(), TextKind.Markup); break;
            case (FeedNamespace.Feedburner, FeedElement.OrigLink): parts.OriginalLink ??= FeedLinks.Resolve(ReadValue(ref xml, text), around, repairs); break;
            case (FeedNamespace.Podcast, FeedElement.Guid): FeedItemBuilder.SetOnce(ref parts.OtherId, xml.ReadContent()); break;
            case (FeedNamespace.Dc or FeedNamespace.DcTerms, _): ReadDublinCore(ref xml, text, ref parts); break;
            case (FeedNamespace.Itunes, _): ReadItunes(ref xml, text, ref parts); break;
            case (FeedNamespace.Media, _): ReadMedia(ref xml, text, ref parts, repairs, around); break;
        }
    }

    private static void ReadDublinCore(ref FeedXml xml, FeedText text, ref FeedItemBuilder parts)
    {
        switch (xml.Element)
        {
            case FeedElement.Title: FeedItemBuilder.SetOnce(ref parts.OtherTitle, xml.ReadContent()); break;
            case FeedElement.Description or FeedElement.Abstract: FeedItemBuilder.SetOnce(ref parts.OtherSummary, xml.ReadContent()); break;
            case FeedElement.Creator or FeedElement.Author: parts.AddAuthor(ref parts.Creator, FeedPerson.Name(ReadValue(ref xml, text))); break;
            case FeedElement.Subject: parts.AddCategory(ReadCategory(ref xml, text)); break;
            case FeedElement.Date or FeedElement.Issued: FeedItemBuilder.SetOnce(ref parts.OtherPublished, xml.ReadContent()); break;
            case FeedElement.Created: FeedItemBuilder.SetOnce(ref parts.Created, xml.ReadContent()); break;
            case FeedElement.Modified: FeedItemBuilder.SetOnce(ref parts.Updated, xml.ReadContent()); break;
            case FeedElement.Language: parts.Language ??= ReadValue(ref xml, text); break;
        }
    }

    private static void ReadItunes(ref FeedXml xml, FeedText text, ref FeedItemBuilder parts)
    {
        switch (xml.Element)
        {
            case FeedElement.Title: FeedItemBuilder.SetOnce(ref parts.OtherTitle, xml.ReadContent()); break;
            case FeedElement.Summary or FeedElement.Subtitle or FeedElement.Description: FeedItemBuilder.SetOnce(ref parts.OtherSummary, xml.ReadContent()); break;
            case FeedElement.Author: parts.AddAuthor(ref parts.OtherAuthor, FeedPerson.Name(ReadValue(ref xml, text))); break;
            case FeedElement.Category: ReadItunesCategory(ref xml, text, ref parts); break;
            case FeedElement.Keywords:
                foreach (var word in (ReadValue(ref xml, text) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    parts.AddCategory(word);
                break;
        }
    }

    /// <summary>Categories nest once: <c>Technology</c> with <c>Podcasting</c> inside.</summary>
    private static void ReadItunesCategory(ref FeedXml xml, FeedText text, ref FeedItemBuilder parts)
    {
        var (depth, empty) = (xml.Depth, xml.IsEmpty);
        parts.AddCategory(text.Value(xml.Attribute("text"u8)));
        while (!empty && xml.NextChild(depth))
        {
            if (xml is { Namespace: FeedNamespace.Itunes, Element: FeedElement.Category }) parts.AddCategory(text.Value(xml.Attribute("text"u8)));
        }
    }

    private static void ReadMedia(ref FeedXml xml, FeedText text, ref FeedItemBuilder parts, RepairLog repairs, string? around)
    {
        var (depth, empty) = (xml.Depth, xml.IsEmpty);
        switch (xml.Element)
        {
            case FeedElement.Title: FeedItemBuilder.SetOnce(ref parts.OtherTitle, xml.ReadContent(), Kind(ref xml)); break;
            case FeedElement.Description: FeedItemBuilder.SetOnce(ref parts.OtherSummary, xml.ReadContent(), Kind(ref xml)); break;
            case FeedElement.Category: parts.AddCategory(ReadCategory(ref xml, text)); break;
            case FeedElement.Group or FeedElement.Content:
                if (IsPlayable(ref xml))
                {
                    var url = FeedLinks.Resolve(text.Value(xml.Attribute("url"u8)), around, repairs);
                    parts.AddEnclosure(url, text.Value(xml.Attribute("type"u8)), text.Value(xml.Attribute("filesize"u8)));
                }

                while (!empty && xml.NextChild(depth))
                {
                    if (xml.Namespace == FeedNamespace.Media && xml.Depth < depth + 3) ReadMedia(ref xml, text, ref parts, repairs, around);
                }

                break;
        }
    }

    /// <summary>Media RSS is used for all kinds of images; only audio and video are enclosures.</summary>
    private static bool IsPlayable(ref FeedXml xml)
    {
        var type = xml.Attribute("type"u8);
        var medium = xml.Attribute("medium"u8);
        return type.StartsWith("audio/"u8) || type.StartsWith("video/"u8) || FeedVocabulary.Is(medium, "audio"u8) || FeedVocabulary.Is(medium, "video"u8);
    }

    private static TextKind Kind(ref FeedXml xml) => FeedVocabulary.Is(xml.Attribute("type"u8), "plain"u8) ? TextKind.Plain : TextKind.Html;

    public static string? ReadValue(ref FeedXml xml, FeedText text) => xml.ReadContent() is { } inside ? text.Value(inside) : null;

    public static string? ReadCategory(ref FeedXml xml, FeedText text) => xml.ReadContent() is { } inside ? text.Title(inside) : null;
}

/// <summary>The feed's update interval: RSS <c>ttl</c> in minutes, or <c>sy</c> period ÷ frequency; and whether it is complete (RFC 5005).</summary>
internal struct FeedUpdateSchedule
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

    public void Read(ref FeedXml xml, FeedText text)
    {
        if (xml.Namespace == FeedNamespace.History)
        {
            Complete |= xml.Element == FeedElement.Complete;
            return;
        }

        var word = xml.Element;
        if (word is not (FeedElement.Ttl or FeedElement.UpdateFrequency or FeedElement.UpdatePeriod) || FeedExtensions.ReadValue(ref xml, text) is not { } value) return;
        if (word == FeedElement.Ttl) _ttlMinutes ??= Positive(value);
        else if (word == FeedElement.UpdateFrequency) _frequency ??= Positive(value);
        else _period ??= Period(value);
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
