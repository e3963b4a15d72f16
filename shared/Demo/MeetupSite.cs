using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Extensions;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>The Meetup group the person organises: its page, public calendar, events and GraphQL API.</summary>
internal sealed class MeetupSite(World world) : IWorldSite
{
    private readonly MeetupGroup group = World.Read<MeetupGroup>("meetup");

    public string Name => group.Site;

    public string Source => "meetup";

    public string Typed => world.Address($"{group.Site}/{group.Urlname}/");

    public string About => group.About;

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["MeetupSite"] = world.Address(group.Site),
        ["MeetupApi"] = world.Address(group.Site + "/gql-ext"),
        ["MeetupToken"] = "a-token-of-the-demo",
    };

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private List<DatedEvening> Evenings => [.. group.Evenings.Select(evening => new DatedEvening(evening, world.When(evening.Ago, evening.At))).OrderBy(dated => dated.Start)];

    public void Map(RouteGroupBuilder site)
    {
        site.MapPost("/gql-ext", (MeetupQuery query) => Results.Json(new
        {
            Data = new { GroupByUrlname = query.Variables.Urlname.Equals(group.Urlname, StringComparison.OrdinalIgnoreCase) ? Answer(query.Variables) : null },
        }));
        var pages = site.MapGroup(group.Urlname);
        pages.MapGet("/", () => Page());
        pages.MapGet("/events", () => Page());
        pages.MapGet("/events/ical", () => Tagged(Calendar(), "text/calendar"));
        pages.MapGet("/events/{id}", (string id) => Evenings.Find(dated => dated.Evening.Id == id) is { } dated ? Page(dated) : Results.NotFound());
    }

    /// <summary>A page of the group's events, selected by the variables.</summary>
    private object Answer(MeetupVariables variables)
    {
        var found = Evenings.FindAll(dated => variables.Filter.Status.Contains(StatusOf(dated)) && !(dated.Start <= variables.Filter.AfterDateTime));
        var end = int.Parse(variables.After ?? "0", CultureInfo.InvariantCulture) + variables.First;
        return new
        {
            group.Name,
            group.Urlname,
            Timezone = world.Person.Zone,
            ActiveTopics = group.Topics.Select(name => new { name }),
            Events = new
            {
                TotalCount = found.Count,
                PageInfo = new { HasNextPage = end < found.Count, EndCursor = end.ToString(CultureInfo.InvariantCulture) },
                Edges = found.Take(end).Skip(end - variables.First).Select(dated => new
                {
                    Node = new
                    {
                        dated.Evening.Id,
                        Token = dated.Evening.Id,
                        dated.Evening.Title,
                        Description = dated.Evening.Text,
                        DateTime = dated.Start,
                        EndTime = dated.End,
                        Duration = "PT2H30M",
                        EventUrl = Address(dated),
                        Status = StatusOf(dated),
                        Rsvps = new { YesCount = dated.Evening.Rsvps },
                    },
                }),
            },
        };
    }

    private string Calendar() => string.Concat(
        FoldLines($"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Meetup//Meetup Events v1.0//EN\nCALSCALE:GREGORIAN\nMETHOD:PUBLISH\nX-WR-CALNAME:Events - {Escape(group.Name)}"),
        string.Concat(Evenings.Where(dated => dated.Start > Now).Take(10).Select(dated => FoldLines(
            $"""
            BEGIN:VEVENT
            DTSTART;TZID={world.Person.Zone}:{Local(dated.Start, "yyyyMMdd'T'HHmmss")}
            DTEND;TZID={world.Person.Zone}:{Local(dated.End, "yyyyMMdd'T'HHmmss")}
            STATUS:{(dated.Evening.Cancelled ? "CANCELLED" : "CONFIRMED")}
            SUMMARY:{Escape(dated.Evening.Title)}
            DESCRIPTION:{Escape($"{group.Name}\n{Local(dated.Start, "dddd, MMMM d 'at' h:mm tt")}\n\n{dated.Evening.Text}\n\n{Address(dated)}")}
            ORGANIZER;CN=Meetup Reminder:MAILTO:info@meetup.com
            CLASS:PUBLIC
            URL;VALUE=URI:{Address(dated)}
            SEQUENCE:1
            UID:event_{dated.Evening.Id}@meetup.com
            END:VEVENT
            """))),
        FoldLines("END:VCALENDAR"));

    private IResult Page() => Page(group.Name, "", "<ul>\n" + string.Concat(Evenings.AsEnumerable().Reverse()
        .Select(dated => $"<li><a href=\"{Address(dated)}\">{Text(dated.Evening.Title)}</a>, {Local(dated.Start, "d MMMM yyyy")}</li>\n")) + "</ul>");

    /// <summary>An event's HTML page with JSON-LD metadata.</summary>
    private IResult Page(DatedEvening dated)
    {
        var data = new JsonObject
        {
            ["@context"] = "https://schema.org",
            ["@type"] = "Event",
            ["name"] = dated.Evening.Title,
            ["url"] = Address(dated),
            ["description"] = dated.Evening.Text,
            ["startDate"] = Local(dated.Start, "yyyy-MM-dd'T'HH:mm:sszzz"),
            ["endDate"] = Local(dated.End, "yyyy-MM-dd'T'HH:mm:sszzz"),
            ["eventStatus"] = dated.Evening.Cancelled ? "https://schema.org/EventCancelled" : "https://schema.org/EventScheduled",
            ["organizer"] = new JsonObject { ["@type"] = "Organization", ["name"] = group.Name, ["url"] = Typed },
        };
        return Page(dated.Evening.Title, $"<script type=\"application/ld+json\">{data.ToJsonString()}</script>", $"<p>{Text(dated.Evening.Text)}</p>");
    }

    private static IResult Page(string title, string head, string body) => Tagged(WorldServer.Page(title, head, $"<h1>{Text(title)}</h1>\n{body}"), "text/html");

    private string Address(DatedEvening dated) => $"{Typed}events/{dated.Evening.Id}/";

    private static string StatusOf(DatedEvening dated) => dated.Evening.Cancelled ? "CANCELLED" : dated.Start > Now ? "ACTIVE" : "PAST";

    private string Local(DateTimeOffset time, string format) =>
        time.ToInstant().InZone(DateTimeZoneProviders.Tzdb[world.Person.Zone]).ToDateTimeOffset().ToString(format, CultureInfo.InvariantCulture);

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Folds lines to at most 75 octets (RFC 5545, 3.1): 18 characters take at most 72.</summary>
    private static string FoldLines(string lines) =>
        string.Concat(lines.Split('\n').Select(line => string.Join("\r\n ", line.EnumerateRunes().Chunk(18).Select(part => string.Concat(part))) + "\r\n"));

    private sealed record DatedEvening(MeetupEvening Evening, DateTimeOffset Start)
    {
        public DateTimeOffset End => Start.AddHours(2.5);
    }
}

internal sealed record MeetupQuery(MeetupVariables Variables);

internal sealed record MeetupVariables(string Urlname, int First, string? After, MeetupFilter Filter);

internal sealed record MeetupFilter(IReadOnlyList<string> Status, DateTimeOffset? AfterDateTime);

/// <summary>The group (<c>World/meetup.json</c>).</summary>
internal sealed record MeetupGroup(string Site, string Urlname, string Name, string About, IReadOnlyList<string> Topics, IReadOnlyList<MeetupEvening> Evenings);

/// <param name="Ago">Days before today; negative if in the future.</param>
/// <param name="Rsvps">Number of people who said they would attend.</param>
internal sealed record MeetupEvening(string Id, int Ago, string At, string Title, string Text, int Rsvps, bool Cancelled = false);
