using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>A blog: its pages, which support autodiscovery, and its feed.</summary>
internal sealed class BlogSite(WorldBlog blog, World world) : IWorldSite
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    private static readonly XNamespace Dc = "http://purl.org/dc/elements/1.1/";
    private static readonly XNamespace History = "http://purl.org/syndication/history/1.0";

    private readonly (string Name, string Type) feed = blog.Format switch
    {
        "rss" => ("feed", "application/rss+xml"),
        "atom" => ("releases.atom", "application/atom+xml"),
        _ => ("feed.json", "application/feed+json"),
    };

    public string Name => blog.Site;

    public string Source => "feed";

    public string Typed => world.Address(blog.Site + "/");

    public string About => blog.About;

    public Dictionary<string, string> Options => blog.IsShared ? new(StringComparer.Ordinal) { ["author"] = world.Person.Name } : [];

    public void Map(RouteGroupBuilder site)
    {
        site.MapGet("/", () => Page(blog.Title, $"<h1>{Text(blog.Title)}</h1>\n<p>{Text(blog.About)}</p>\n<ul>\n{string.Join('\n', world.Entries(blog).Select(Item))}\n</ul>"));
        site.MapGet(feed.Name, (int? paged) => Feed(paged ?? 1));
        site.MapGet("/{post}", (string post) =>
            world.Entries(blog).FirstOrDefault(entry => entry.Path == $"{blog.Site}/{post}/") is { } entry ? Post(entry) : Results.NotFound());
    }

    private IResult Page(string title, string body) => Tagged(
        WorldServer.Page(title, $"""<link rel="alternate" type="{feed.Type}" title="{Text(blog.Title)}" href="{Typed}{feed.Name}">""", body),
        "text/html");

    private string Item(WorldEntry entry) => $"""<li><a href="{world.Address(entry.Path)}">{Text(entry.Title)}</a> <small>{Day(entry)}</small></li>""";

    private IResult Post(WorldEntry entry) => Page(
        $"{entry.Title} – {blog.Title}",
        $"""
        <p><a href="{Typed}">{Text(blog.Title)}</a></p>
        <h1>{Text(entry.Title)}</h1>
        <p><small>{Text(entry.Author)}, {Day(entry)}</small></p>
        <p>{Text(entry.Text)}</p>
        """);

    private IResult Feed(int page)
    {
        var entries = world.Entries(blog);
        var shown = entries.Skip((page - 1) * blog.PageSize).Take(blog.PageSize).ToList();
        if (shown.Count == 0)
            return Results.NotFound();
        var document = blog.Format switch
        {
            "rss" => Rss(shown).ToString(),
            "atom" => AtomFeed(shown).ToString(),
            _ => JsonFeed(shown, page * blog.PageSize < entries.Count ? $"{Typed}{feed.Name}?paged={page + 1}" : null),
        };
        return Tagged(document, feed.Type);
    }

    /// <summary>RSS 2.0 in the style of WordPress (https://www.rssboard.org/rss-specification).</summary>
    private XElement Rss(IReadOnlyList<WorldEntry> entries) => new(
        "rss",
        new XAttribute("version", "2.0"),
        new XAttribute(XNamespace.Xmlns + "dc", Dc),
        new XElement(
            "channel",
            new XElement("title", blog.Title),
            new XElement("link", Typed),
            new XElement("description", blog.About),
            new XElement("language", "en-GB"),

            // Indicates to readers that older pages are available with ?paged=2.
            new XElement("generator", "https://wordpress.org/?v=6.8"),
            entries.Select(entry => new XElement(
                "item",
                new XElement("title", entry.Title),
                new XElement("link", world.Address(entry.Path)),
                new XElement(Dc + "creator", entry.Author),
                new XElement("pubDate", entry.When.ToString("r", CultureInfo.InvariantCulture)),
                entry.Topics.Select(topic => new XElement("category", topic)),
                new XElement("guid", new XAttribute("isPermaLink", "false"), $"{blog.Site}/{entry.Key}"),
                new XElement("description", $"<p>{Text(entry.Text)}</p>")))));

    /// <summary>Atom 1.0 (RFC 4287), complete in one document (RFC 5005 section 2).</summary>
    private XElement AtomFeed(IReadOnlyList<WorldEntry> entries) => new(
        Atom + "feed",
        new XAttribute(XNamespace.Xmlns + "fh", History),
        new XElement(Atom + "id", $"tag:{blog.Site},2024:notes"),
        new XElement(Atom + "title", blog.Title),
        new XElement(Atom + "subtitle", blog.About),
        new XElement(Atom + "updated", entries.Max(entry => entry.Updated)),
        Link("self", Typed + feed.Name),
        Link("alternate", Typed),
        Author(world.Person.Name),
        new XElement(History + "complete"),
        entries.Select(entry => new XElement(
            Atom + "entry",
            new XElement(Atom + "id", $"tag:{blog.Site},2024:{entry.Key}"),
            new XElement(Atom + "title", entry.Title),
            Link("alternate", world.Address(entry.Path)),
            new XElement(Atom + "published", entry.When),
            new XElement(Atom + "updated", entry.Updated),
            Author(entry.Author),
            entry.Topics.Select(topic => new XElement(Atom + "category", new XAttribute("term", topic))),
            new XElement(Atom + "summary", entry.Text))));

    private static XElement Link(string relation, string address) => new(Atom + "link", new XAttribute("rel", relation), new XAttribute("href", address));

    private static XElement Author(string name) => new(Atom + "author", new XElement(Atom + "name", name));

    /// <summary>JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) with older pages linked by <c>next_url</c>.</summary>
    private string JsonFeed(IReadOnlyList<WorldEntry> entries, string? older) => JsonSerializer.Serialize(
        new
        {
            Version = "https://jsonfeed.org/version/1.1",
            blog.Title,
            Description = blog.About,
            HomePageUrl = Typed,
            FeedUrl = Typed + feed.Name,
            NextUrl = older,
            Items = entries.Select(entry => new
            {
                Id = $"{blog.Site}:{entry.Key}",
                Url = world.Address(entry.Path),
                entry.Title,
                ContentText = entry.Text,
                DatePublished = entry.When,
                Authors = new[] { new { Name = entry.Author } },
                Tags = entry.Topics,
            }),
        },
        SnakeCase);

    private static string Day(WorldEntry entry) => entry.When.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
