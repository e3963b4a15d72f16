using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Formats.Pages;

/// <summary>
/// A web page's metadata: from JSON-LD (schema.org), then Open Graph, Twitter and citation tags, then the page's own elements. Nothing is guessed: what
/// the page does not state is null. Text is plain, at most 2,000 characters. Only the first 4 MB are read, tag by tag, in time linear in the page.
/// </summary>
/// <param name="Kind">Null if the page does not state it.</param>
/// <param name="Title">Title of the item, or of the page.</param>
/// <param name="Address">The page's canonical address if it is on the same host, otherwise the address it was found at.</param>
public sealed record PageMetadata(PageKind? Kind, string? Title, string Address)
{
    private const int LongestText = 2_000;

    /// <summary>Year of the earliest date; programs write year 0 or 1 for a missing one.</summary>
    private const int Earliest = 1000;

    internal static readonly string[] DateNames =
    [
        "article:published_time", "og:article:published_time", "video:release_date", "og:video:release_date", "book:release_date", "music:release_date",
        "datePublished", "citation_publication_date", "citation_online_date", "dcterms.created", "dcterms.issued", "dc.date.issued", "dc.date.created", "dc.date",
        "parsely-pub-date", "sailthru.date", "publish-date", "publish_date", "pubdate", "date",
    ];

    /// <summary>Description of the item, or of the page.</summary>
    public string? Summary { get; init; }

    /// <summary>Start of an event; otherwise the publication time.</summary>
    public DateTimeOffset? When { get; init; }

    /// <summary><see cref="When"/> is a day without a time, at midnight UTC.</summary>
    public bool IsDay { get; init; }

    /// <summary>End of an event.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>The page states that the event is cancelled.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Name of the first author.</summary>
    public string? Author { get; init; }

    /// <summary>Keywords, distinct regardless of case, at most 50.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Organizer of an event, otherwise the site.</summary>
    public PageOwner? Owner { get; init; }

    /// <summary>Reads a page. Never throws on input; an unusable page gives little more than its address.</summary>
    /// <param name="body">The page as received, decompressed.</param>
    /// <param name="contentType">The HTTP header, if there was one.</param>
    /// <param name="found">Address of the page, after redirects.</param>
    public static PageMetadata Read(byte[] body, string? contentType, Uri found)
    {
        var tags = PageTags.Read(body, contentType, found);
        var address = OwnAddress(tags, found);
        var entity = Main(tags, address);
        var isEvent = entity?.Kind == PageKind.Event;
        var time = entity?.Published ?? (isEvent ? null : Date(tags));
        var site = Plain(tags.Meta("og:site_name"));
        return new PageMetadata(
            entity?.Kind ?? OfType(tags.Meta("og:type")),
            entity?.Title ?? Plain(tags.Meta("og:title", "twitter:title", "citation_title")) ?? Plain(tags.Title),
            address)
        {
            Summary = entity?.Summary ?? Plain(tags.Meta("og:description", "twitter:description", "description")),
            When = time?.Instant,
            IsDay = time?.IsDay == true,
            EndsAt = isEvent ? entity!.End?.Instant : null,
            IsCancelled = entity?.IsCancelled == true,
            Author = entity?.Author ?? Plain(tags.Meta("author", "article:author", "citation_author")),
            Topics = Words(entity, tags),
            Owner = (isEvent ? entity!.Organizer : null) ?? (site is null ? null : new PageOwner(site)),
        };
    }

    /// <summary>A date as feeds write it, if it is at least a day. Of a time without a zone only the day is used.</summary>
    internal static FeedDate? DateOf(string? text) => FeedDates.Parse(text) switch
    {
        { IsVague: true } or { Instant.Year: < Earliest } => null,
        { IsLocal: true } local => new FeedDate(new DateTimeOffset(local.Instant.Date, TimeSpan.Zero), true),
        var date => date,
    };

    /// <summary>A page with several items is none of them, unless one of them has the address of the page.</summary>
    private static JsonLdEntity? Main(PageTags tags, string address)
    {
        var things = JsonLdEntity.Of(tags.LinkedData);
        var here = CanonicalUrl.Of(address);
        return things.FirstOrDefault(entity => tags.Absolute(entity.Url) is { } url && CanonicalUrl.Of(url) == here)
            ?? things.GroupBy(entity => entity.Kind).Where(kind => kind.Select(entity => (entity.Title, entity.Published)).Distinct().Count() == 1)
                .Select(kind => kind.First()).FirstOrDefault();
    }

    private static FeedDate? Date(PageTags tags)
    {
        var stated = tags.Metas(DateNames).Select(DateOf).FirstOrDefault(time => time is not null);
        if (stated is not null)
            return stated;
        var times = tags.Times.Where(time => time.IsMarked).ToList();
        if (times.Count == 0)
            times = tags.Times;
        var known = times.Select(time => DateOf(time.Time)).Distinct().ToList();

        // Several times, none of them marked: a list of posts, comments or the like.
        return times is [{ IsMarked: true }, ..] ? known[0] : known.Count == 1 ? known[0] : null;
    }

    private static PageKind? OfType(string? type) => type?.Trim().ToLowerInvariant() switch
    {
        null => null,
        "article" or "blog" or "website:article" => PageKind.Article,
        "book" or "books.book" => PageKind.Book,
        "event" or "events.event" => PageKind.Event,
        "music.episode" or "podcast.episode" => PageKind.PodcastEpisode,
        var video when video.StartsWith("video", StringComparison.Ordinal) => PageKind.Video,
        _ => null,
    };

    private static string OwnAddress(PageTags tags, Uri found)
    {
        foreach (var stated in new[] { tags.Canonical, tags.Meta("og:url") })
        {
            // Misconfigured sites declare their front page as the canonical form of every page.
            if (tags.Absolute(stated) is { } own && new Uri(own) is { } uri && SameHost(uri, found) && (uri.AbsolutePath.Length > 1 || found.AbsolutePath.Length <= 1))
                return own;
        }

        return found.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
    }

    private static bool SameHost(Uri one, Uri other) => HttpAddress.WithoutWww(one.Authority) == HttpAddress.WithoutWww(other.Authority);

    private static IReadOnlyList<string> Words(JsonLdEntity? entity, PageTags tags)
    {
        var own = entity?.Topics.ToList() ?? [];
        var stated = own.Count > 0 ? own
            : tags.Metas("article:tag", "og:video:tag", "video:tag", "book:tag", "citation_keywords").Concat(tags.Meta("keywords")?.Split(',') ?? []);
        return [.. stated.Select(Plain).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(50)];
    }

    private static string? Plain(string? text) => text is null ? null : PlainText.Fold(text, LongestText);
}

/// <summary>What a page is about, as schema.org and Open Graph distinguish it.</summary>
public enum PageKind
{
    /// <summary>An article, report or how-to.</summary>
    Article,

    /// <summary>A blog post.</summary>
    BlogPost,

    /// <summary>A book.</summary>
    Book,

    /// <summary>A course.</summary>
    Course,

    /// <summary>An event of any kind.</summary>
    Event,

    /// <summary>A question page or forum posting.</summary>
    ForumAnswer,

    /// <summary>An episode of a podcast or radio show.</summary>
    PodcastEpisode,

    /// <summary>A slide deck.</summary>
    Presentation,

    /// <summary>A video.</summary>
    Video,
}

/// <summary>The organizer of an event, or the site of a page.</summary>
/// <param name="Name">As written.</param>
/// <param name="Url">As written; may be relative.</param>
public sealed record PageOwner(string Name, string? Url = null);
