using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.Bevy;

/// <summary>An event of the scripted chapter.</summary>
internal sealed record ChapterEvent(string Key, string Title, DateTimeOffset Start)
{
    public bool IsCancelled { get; init; }

    /// <summary>Its page is not there, and no list has it.</summary>
    public bool IsGone { get; init; }

    /// <summary>The chapter's page does not show it any more.</summary>
    public bool IsUnlisted { get; init; }

    public string Modified { get; init; } = "2026-05-01";

    public string? Speaker { get; init; }

    public string Text { get; init; } = "We meet.";

    /// <summary>In the JSON-LD, where it differs.</summary>
    public string? OtherTitle { get; init; }
}

/// <summary>A site of one chapter that answers as one made with Bevy does.</summary>
internal sealed class ScriptedChapter
{
    public const string Host = "https://gdg.community.dev";
    public const string Address = Host + "/gdg-sound/";

    private readonly TestClock clock;

    public ScriptedChapter(TestClock clock)
    {
        this.clock = clock;
        Web = new ScriptedWeb(Answer);
    }

    public ScriptedWeb Web { get; }

    public List<ChapterEvent> Events { get; } = [];

    public string Robots { get; set; } = "User-agent: *\nDisallow: /api/\nDisallow: /gql/\nCrawl-delay: 2";

    public bool HasValidators { get; set; } = true;

    public bool HasSitemap { get; set; } = true;

    /// <summary>An answer it gives is the answer.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Before { get; set; } = _ => null;

    public int CountOf(string part) => Web.Addresses.Count(address => address.Contains(part, StringComparison.Ordinal));

    /// <summary>So many evenings, three weeks apart, the last so many of them still to come.</summary>
    public void Fill(int count, int coming)
    {
        for (var n = 0; n < count; n++)
            Events.Add(new ChapterEvent($"evening-{n + 1}", $"Evening {n + 1}", clock.GetUtcNow().AddDays((21 * (n + 1 - (count - coming))) - 7)));
    }

    public void Change(string key, Func<ChapterEvent, ChapterEvent> change)
    {
        var at = Events.FindIndex(one => one.Key == key);
        Events[at] = change(Events[at]);
    }

    public static string PageOf(string key) => $"{Host}/events/details/google-gdg-sound-presents-{key}/";

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (Before(request) is { } instead)
            return instead;
        var address = request.RequestUri!.AbsoluteUri;
        if (address == Host + "/robots.txt")
            return Tagged(request, Robots, "text/plain");
        if (address == Address)
            return Tagged(request, Html("Sound", "", ChapterData()), "text/html; charset=utf-8");
        if (address == Host + "/sitemap.xml")
            return HasSitemap ? Tagged(request, Index(), "application/xml") : ScriptedWeb.Answer(HttpStatusCode.NotFound);
        if (address.StartsWith(Host + "/sitemap-events-", StringComparison.Ordinal))
            return Tagged(request, Month(address[^11..^4]), "application/xml");
        if (Events.Find(one => address == PageOf(one.Key) && !one.IsGone) is { } found)
            return Tagged(request, EventPage(found), "text/html; charset=utf-8");
        return address.Contains("/events/details/", StringComparison.Ordinal) ? ScriptedWeb.Answer(HttpStatusCode.NotFound) : throw new InvalidOperationException($"Nobody scripted {address}.");
    }

    private HttpResponseMessage Tagged(HttpRequestMessage request, string body, string type)
    {
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)).AsSpan(0, 6))}\"";
        if (HasValidators && request.Headers.TryGetValues("If-None-Match", out var known) && known.Contains(tag))
            return ScriptedWeb.Answer(304, []);
        return HasValidators ? ScriptedWeb.Answer(200, Encoding.UTF8.GetBytes(body), type, ("ETag", tag)) : ScriptedWeb.Answer(200, Encoding.UTF8.GetBytes(body), type);
    }

    private JsonObject ChapterData() => new()
    {
        ["chapterData"] = new JsonObject { ["title"] = "GDG Sound" },
        ["prerenderData"] = new JsonObject
        {
            ["upcomingEvents"] = new JsonObject
            {
                ["results"] = new JsonArray([.. Events.Where(one => one.Start > clock.GetUtcNow() && !one.IsGone && !one.IsUnlisted).OrderBy(one => one.Start)
                    .Select(one => new JsonObject { ["title"] = one.Title, ["start_date"] = Time(one.Start), ["url"] = PageOf(one.Key) })]),
            },
        },
    };

    private string Index() => $"<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>{Host}/sitemap-chapters.xml</loc></sitemap>"
        + string.Concat(Events.Select(one => MonthOf(one.Start)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(month => $"<sitemap><loc>{Host}/sitemap-events-{month}.xml</loc></sitemap>"))
        + "</sitemapindex>";

    private string Month(string month) => "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
        + $"<url><loc>{Host}/events/details/google-gdg-other-presents-something-{month}/</loc><lastmod>2020-01-01</lastmod></url>"
        + string.Concat(Events.Where(one => MonthOf(one.Start) == month && !one.IsGone).Select(one => $"<url><loc>{PageOf(one.Key)}</loc><lastmod>{one.Modified}</lastmod></url>")) + "</urlset>";

    private static string EventPage(ChapterEvent one)
    {
        var described = new JsonObject
        {
            ["@type"] = "Event",
            ["name"] = one.OtherTitle ?? one.Title,
            ["startDate"] = Time(one.Start),
            ["endDate"] = Time(one.Start.AddHours(2)),
            ["eventStatus"] = one.IsCancelled ? "https://schema.org/EventCancelled" : "https://schema.org/EventScheduled",
        };
        var data = new JsonObject { ["title"] = one.Title, ["chapter_slug"] = "gdg-sound", ["start_date_iso"] = Time(one.Start), ["description_short"] = one.Text };
        if (one.Speaker is not null)
            data["speakers"] = new JsonArray(new JsonObject { ["full_name"] = one.Speaker });
        return Html(one.Title, $"<script type=\"application/ld+json\">{described.ToJsonString()}</script>", new JsonObject { ["eventData"] = data });
    }

    private static string Html(string title, string head, JsonObject props) =>
        $"<!doctype html><title>{title}</title>{head}<script id=\"__NEXT_DATA__\" type=\"application/json\">{new JsonObject { ["props"] = new JsonObject { ["pageProps"] = props } }.ToJsonString()}</script>";

    private static string MonthOf(DateTimeOffset time) => time.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
