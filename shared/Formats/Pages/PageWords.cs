using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Pages;

/// <summary>What a page says to those who read it, and whom and when it names as its author and its date. Only the first 4 MB are read.</summary>
/// <param name="Text">Its text on one line; null if it has none, such as a page that is made by scripts.</param>
/// <param name="Authors">As its metadata have them.</param>
/// <param name="Dates">Of its <c>time</c> elements and its metadata.</param>
public sealed record PageWords(string? Text, IReadOnlyList<string> Authors, IReadOnlyList<FeedDate> Dates)
{
    /// <summary>Reads a page. Never throws on input.</summary>
    /// <param name="body">The page as received, decompressed.</param>
    /// <param name="contentType">The HTTP header, if there was one.</param>
    /// <param name="found">Address of the page, after redirects.</param>
    public static PageWords Read(byte[] body, string? contentType, Uri found)
    {
        var tags = PageTags.Read(body, contentType, found);
        var things = JsonLdEntity.Of(tags.LinkedData);
        var dates = tags.Times.Select(time => PageMetadata.DateOf(time.Time)).Concat(tags.Metas(PageMetadata.DateNames).Select(PageMetadata.DateOf)).Concat(things.Select(thing => thing.Published));
        return new PageWords(
            PlainText.FromHtml(PageTags.Decode(body, contentType)),
            [.. things.SelectMany(thing => thing.Authors).Concat(tags.Metas("author", "article:author", "citation_author"))],
            [.. dates.OfType<FeedDate>()]);
    }
}
