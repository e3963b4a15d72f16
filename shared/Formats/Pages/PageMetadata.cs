using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Formats.Pages;

/// <summary>
/// What a web page says about itself: JSON-LD (schema.org) first, then Open Graph and its kin, then the page's own tags. Nothing is guessed; what it
/// does not say is null. Text is plain.
/// </summary>
/// <param name="Kind">Null where the page does not say what it is.</param>
/// <param name="Address">The page's own address for itself, where it gives one on the same host; else where it was found.</param>
public sealed record PageMetadata(PageKind? Kind, string? Title, string Address)
{
    private const int LongestText = 2_000;

    private static readonly string[] DateNames =
    [
        "article:published_time", "og:article:published_time", "video:release_date", "og:video:release_date", "book:release_date", "music:release_date",
        "datePublished", "citation_publication_date", "citation_online_date", "dcterms.created", "dcterms.issued", "dc.date.issued", "dc.date.created", "dc.date",
        "parsely-pub-date", "sailthru.date", "publish-date", "publish_date", "pubdate", "date",
    ];

    public string? Summary { get; init; }

    public DateTimeOffset? When { get; init; }

    /// <summary><see cref="When"/> is a day without a time.</summary>
    public bool IsDay { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public bool IsCancelled { get; init; }

    public string? Author { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Who holds an event, else the site.</summary>
    public PageOwner? Owner { get; init; }

    /// <param name="contentType">The HTTP header, if there was one.</param>
    /// <param name="found">Where the page was found.</param>
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
            When = time?.Time,
            IsDay = time?.IsDay == true,
            EndsAt = isEvent ? entity!.End?.Time : null,
            IsCancelled = entity?.IsCancelled == true,
            Author = entity?.Author ?? Plain(tags.Meta("author", "article:author", "citation_author")),
            Topics = Words(entity, tags),
            Owner = (isEvent ? entity!.Organizer : null) ?? (site is null ? null : new PageOwner(site)),
        };
    }

    /// <summary>A page of several things is none of them, unless one of them says that it is this page.</summary>
    private static JsonLdEntity? Main(PageTags tags, string address)
    {
        var things = JsonLdEntity.Of(tags.LinkedData);
        var here = CanonicalUrl.Of(address);
        return things.FirstOrDefault(entity => tags.Absolute(entity.Url) is { } url && CanonicalUrl.Of(url) == here)
            ?? things.GroupBy(entity => entity.Kind).Where(kind => kind.Select(entity => (entity.Title, entity.Published)).Distinct().Count() == 1)
                .Select(kind => kind.First()).FirstOrDefault();
    }

    private static IsoTimestamp? Date(PageTags tags)
    {
        var said = tags.Metas(DateNames).Select(date => IsoTimestamp.Parse(date)).FirstOrDefault(time => time is not null);
        if (said is not null)
            return said;
        var times = tags.Times.Where(time => time.IsMarked).ToList();
        if (times.Count == 0)
            times = tags.Times;
        var known = times.Select(time => IsoTimestamp.Parse(time.Time)).Distinct().ToList();

        // Several times and none marked: a list of posts, comments, anything.
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
        foreach (var said in new[] { tags.Canonical, tags.Meta("og:url") })
        {
            // Half the misconfigured sites of the world name their front page as the canonical form of every page.
            if (tags.Absolute(said) is { } own && new Uri(own) is { } uri && SameHost(uri, found) && (uri.AbsolutePath.Length > 1 || found.AbsolutePath.Length <= 1))
                return own;
        }

        return found.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
    }

    private static bool SameHost(Uri one, Uri other) => HttpAddress.WithoutWww(one.Authority) == HttpAddress.WithoutWww(other.Authority);

    private static IReadOnlyList<string> Words(JsonLdEntity? entity, PageTags tags)
    {
        var own = entity?.Topics.ToList() ?? [];
        var said = own.Count > 0 ? own
            : tags.Metas("article:tag", "og:video:tag", "video:tag", "book:tag", "citation_keywords").Concat(tags.Meta("keywords")?.Split(',') ?? []);
        return [.. said.Select(Plain).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(50)];
    }

    private static string? Plain(string? text) => text is null ? null : PlainText.Fold(text, LongestText);
}

/// <summary>What a page is about, as schema.org and Open Graph tell them apart.</summary>
public enum PageKind
{
    Article,
    BlogPost,
    Book,
    Course,
    Event,
    ForumAnswer,
    PodcastEpisode,
    Presentation,
    Video,
}

public sealed record PageOwner(string Name, string? Url = null);
