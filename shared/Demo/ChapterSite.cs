using System.Globalization;
using System.Text.Json.Nodes;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>The chapter the person runs, on a site like Bevy's: the page of the chapter, a sitemap, and the pages of events.</summary>
internal sealed class ChapterSite(World world) : IWorldSite
{
    private readonly WorldChapter chapter = World.Read<WorldChapter>("chapter");

    public string Name => chapter.Site;

    public string Source => "bevy";

    public string Typed => world.Address($"{chapter.Site}/{chapter.Slug}/");

    public string About => chapter.About;

    public Dictionary<string, string> Options => new(StringComparer.Ordinal) { ["names"] = world.Person.Name };

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal) { ["BevySites"] = world.Address(chapter.Site) };

    public void Map(RouteGroupBuilder site)
    {
        site.MapGet($"/{chapter.Slug}", () => Page());
        site.MapGet("/sitemap.xml", () => Tagged(
            $"<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{string.Concat(chapter.Events.Select(one => $"<url><loc>{Address(one)}</loc></url>"))}</urlset>", "application/xml"));
        site.MapGet("/events/details/{slug}", (string slug) => chapter.Events.FirstOrDefault(one => SlugOf(one) == slug) is { } found ? Page(found) : Results.NotFound());
    }

    private IResult Page()
    {
        var coming = chapter.Events.Where(one => one.Ago < 0).Select(one => new JsonObject { ["title"] = one.Title, ["start_date"] = Time(one.When(world)), ["url"] = Address(one) });
        return Page(chapter.Name, "", new JsonObject
        {
            ["chapterData"] = new JsonObject { ["title"] = chapter.Name, ["city"] = world.Person.City },
            ["prerenderData"] = new JsonObject { ["upcomingEvents"] = new JsonObject { ["results"] = new JsonArray([.. coming]) } },
        });
    }

    private IResult Page(WorldChapterEvent one)
    {
        var described = new JsonObject
        {
            ["@context"] = "https://schema.org",
            ["@type"] = "Event",
            ["name"] = one.Title,
            ["startDate"] = Time(one.When(world)),
            ["endDate"] = Time(one.When(world).AddHours(2)),
            ["eventStatus"] = one.Cancelled ? "https://schema.org/EventCancelled" : "https://schema.org/EventScheduled",
            ["organizer"] = new JsonObject { ["@type"] = "Organization", ["name"] = chapter.Name },
        };
        var speakers = one.Speakers.Select(name => new JsonObject { ["first_name"] = name.Split(' ')[0], ["last_name"] = name.Split(' ')[^1] });
        return Page(one.Title, $"<script type=\"application/ld+json\">{described.ToJsonString()}</script>", new JsonObject
        {
            ["eventData"] = new JsonObject
            {
                ["title"] = one.Title,
                ["chapter_slug"] = chapter.Slug,
                ["start_date_iso"] = Time(one.When(world)),
                ["description_short"] = one.Text,
                ["speakers"] = new JsonArray([.. speakers]),
            },
        });
    }

    private static IResult Page(string title, string head, JsonObject data)
    {
        var script = new JsonObject { ["props"] = new JsonObject { ["pageProps"] = data } };
        return Tagged(WorldServer.Page(title, head, $"<h1>{Text(title)}</h1>\n<script id=\"__NEXT_DATA__\" type=\"application/json\">{script.ToJsonString()}</script>"), "text/html");
    }

    private string SlugOf(WorldChapterEvent one) => $"world-{chapter.Slug}-presents-{one.Key}";

    private string Address(WorldChapterEvent one) => world.Address($"{chapter.Site}/events/details/{SlugOf(one)}/");

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}

/// <summary>A chapter or group (<c>World/chapter.json</c>, <c>World/group.json</c>).</summary>
internal sealed record WorldChapter(string Site, string Slug, string Name, string About, IReadOnlyList<WorldChapterEvent> Events);

/// <param name="Ago">Days before today; negative if in the future.</param>
internal sealed record WorldChapterEvent(string Key, int Ago, string At, string Title, string Text, IReadOnlyList<string> Speakers, bool Cancelled = false)
{
    public DateTimeOffset When(World world) => world.When(Ago, At);
}
