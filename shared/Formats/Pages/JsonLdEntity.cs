using System.Text.Json;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Pages;

/// <summary>An item a page describes in JSON-LD (schema.org).</summary>
internal sealed record JsonLdEntity(PageKind Kind, JsonElement Node)
{
    private const int MaxNodes = 500;
    private const int MaxTopics = 50;

    /// <summary>Types of schema.org, most specific first.</summary>
    private static readonly (string Type, PageKind Kind)[] Types =
    [
        ("VideoObject", PageKind.Video), ("PodcastEpisode", PageKind.PodcastEpisode), ("RadioEpisode", PageKind.PodcastEpisode),
        ("BlogPosting", PageKind.BlogPost), ("LiveBlogPosting", PageKind.BlogPost),
        ("Article", PageKind.Article), ("NewsArticle", PageKind.Article), ("TechArticle", PageKind.Article), ("ScholarlyArticle", PageKind.Article), ("Report", PageKind.Article),
        ("HowTo", PageKind.Article), ("Book", PageKind.Book), ("PresentationDigitalDocument", PageKind.Presentation), ("Course", PageKind.Course),
        ("QAPage", PageKind.ForumAnswer), ("DiscussionForumPosting", PageKind.ForumAnswer),
    ];

    public string? Title => Plain(Node.Text("headline") ?? Node.Text("name"));

    public string? Summary => Plain(Node.Text("description") ?? Node.Text("abstract"));

    public string? Url => Node.Text("url") ?? Node.Text("mainEntityOfPage") ?? Node.Text("mainEntityOfPage", "@id") ?? Node.Text("@id");

    public FeedDate? Start => PageMetadata.DateOf(Node.Text("startDate"));

    public FeedDate? End => PageMetadata.DateOf(Node.Text("endDate"));

    public FeedDate? Published => Kind == PageKind.Event
        ? Start
        : PageMetadata.DateOf(Node.Text("datePublished")) ?? PageMetadata.DateOf(Node.Text("uploadDate")) ?? PageMetadata.DateOf(Node.Text("dateCreated"));

    public bool IsCancelled => Node.OneOrMany("eventStatus").Any(status => status.Text()?.EndsWith("EventCancelled", StringComparison.OrdinalIgnoreCase) == true);

    public string? Author => Authors.FirstOrDefault();

    public IEnumerable<string> Authors => Names("author");

    /// <summary>Organizer of an event.</summary>
    public PageOwner? Organizer => Node.OneOrMany("organizer").Select(one => Plain(one.Text() ?? one.Text("name")) is { } name ? new PageOwner(name, one.Text("url")) : null)
        .FirstOrDefault(found => found is not null);

    public IEnumerable<string> Topics => Node.OneOrMany("keywords").Concat(Node.OneOrMany("articleSection"))
        .SelectMany(word => (word.Text() ?? word.Text("name"))?.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
        .Take(MaxTopics).Select(Plain).OfType<string>();

    /// <summary>
    /// The items at the top of the scripts, in lists and graphs, and the page's main entity; not what those contain (the video of an article, the
    /// events of a series).
    /// </summary>
    public static IReadOnlyList<JsonLdEntity> Of(IEnumerable<string> scripts)
    {
        var things = new List<JsonLdEntity>();
        var waiting = new Queue<JsonElement>(scripts.Select(LenientJson.ParseScript).OfType<JsonElement>());
        for (var seen = 0; seen < MaxNodes && waiting.TryDequeue(out var node); seen++)
        {
            if (node.ValueKind == JsonValueKind.Array)
            {
                foreach (var one in node.EnumerateArray().Take(MaxNodes))
                    waiting.Enqueue(one);
                continue;
            }

            foreach (var one in node.OneOrMany("@graph").Concat(node.OneOrMany("mainEntity")).Take(MaxNodes))
                waiting.Enqueue(one);
            if (KindOf(node) is { } kind)
                things.Add(new JsonLdEntity(kind, node));
        }

        return things;
    }

    private static PageKind? KindOf(JsonElement node)
    {
        var types = node.OneOrMany("@type").Select(type => type.Text()).OfType<string>().Select(Bare).ToList();
        if (types.Exists(IsEvent))
            return PageKind.Event;
        foreach (var (type, kind) in Types)
        {
            if (types.Contains(type, StringComparer.Ordinal))
                return kind;
        }

        return null;
    }

    /// <summary>SocialEvent, BusinessEvent, …: all of schema.org's events but two have this suffix.</summary>
    private static bool IsEvent(string type) => type is "Hackathon" or "Festival" || type.EndsWith("Event", StringComparison.Ordinal);

    private static string Bare(string type) => type[(type.LastIndexOfAny(['/', '#', ':']) + 1)..];

    private IEnumerable<string> Names(string part) => Node.OneOrMany(part).Select(one => Plain(one.Text() ?? one.Text("name"))).OfType<string>();

    private static string? Plain(string? text) => text is null ? null : PlainText.FromHtml(text, 2_000);
}
