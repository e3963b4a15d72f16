using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Extensions;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>The group whose evenings the person organises: its page, its public calendar, its events, and the GraphQL API.</summary>
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

    private List<DatedEvening> Evenings => [.. group.Evenings.Select(evening => new DatedEvening(evening, world.When(evening.Ago, evening.At))).OrderBy(one => one.Start)];

    public void Map(RouteGroupBuilder site)
    {
        site.MapPost("/gql-ext", (MeetupQuestion asked) => Results.Json(new
        {
            Data = new { GroupByUrlname = asked.Variables.Urlname.Equals(group.Urlname, StringComparison.OrdinalIgnoreCase) ? Answer(asked.Variables) : null },
        }));
        var pages = site.MapGroup(group.Urlname);
        pages.MapGet("/", () => Page());
        pages.MapGet("/events", () => Page());
        pages.MapGet("/events/ical", () => Tagged(Calendar(), "text/calendar"));
        pages.MapGet("/events/{id}", (string id) => Evenings.Find(one => one.Evening.Id == id) is { } one ? Page(one) : Results.NotFound());
    }

    /// <summary>A page of the group's events, as the variables ask.</summary>
    private object Answer(MeetupVariables asked)
    {
        var found = Evenings.FindAll(one => asked.Filter.Status.Contains(StatusOf(one)) && !(one.Start <= asked.Filter.AfterDateTime));
        var end = int.Parse(asked.After ?? "0", CultureInfo.InvariantCulture) + asked.First;
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
                Edges = found.Take(end).Skip(end - asked.First).Select(one => new
                {
                    Node = new
                    {
                        one.Evening.Id,
                        Token = one.Evening.Id,
                        one.Evening.Title,
                        Description = one.Evening.Text,
                        DateTime = one.Start,
                        EndTime = one.End,
                        Duration = "PT2H30M",
                        EventUrl = Address(one),
                        Status = StatusOf(one),
                        Rsvps = new { YesCount = one.Evening.Rsvps },
                    },
                }),
            },
        };
    }

    private string Calendar() => string.Concat(
        Lines($"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Meetup//Meetup Events v1.0//EN\nCALSCALE:GREGORIAN\nMETHOD:PUBLISH\nX-WR-CALNAME:Events - {Escaped(group.Name)}"),
        string.Concat(Evenings.Where(one => one.Start > Now).Take(10).Select(one => Lines(
            $"""
            BEGIN:VEVENT
            DTSTART;TZID={world.Person.Zone}:{Local(one.Start, "yyyyMMdd'T'HHmmss")}
            DTEND;TZID={world.Person.Zone}:{Local(one.End, "yyyyMMdd'T'HHmmss")}
            STATUS:{(one.Evening.Cancelled ? "CANCELLED" : "CONFIRMED")}
            SUMMARY:{Escaped(one.Evening.Title)}
            DESCRIPTION:{Escaped($"{group.Name}\n{Local(one.Start, "dddd, MMMM d 'at' h:mm tt")}\n\n{one.Evening.Text}\n\n{Address(one)}")}
            ORGANIZER;CN=Meetup Reminder:MAILTO:info@meetup.com
            CLASS:PUBLIC
            URL;VALUE=URI:{Address(one)}
            SEQUENCE:1
            UID:event_{one.Evening.Id}@meetup.com
            END:VEVENT
            """))),
        Lines("END:VCALENDAR"));

    private IResult Page() => Page(group.Name, "", "<ul>\n" + string.Concat(Evenings.AsEnumerable().Reverse()
        .Select(one => $"<li><a href=\"{Address(one)}\">{Text(one.Evening.Title)}</a>, {Local(one.Start, "d MMMM yyyy")}</li>\n")) + "</ul>");

    /// <summary>For people, with JSON-LD for programs.</summary>
    private IResult Page(DatedEvening one)
    {
        var data = new JsonObject
        {
            ["@context"] = "https://schema.org",
            ["@type"] = "Event",
            ["name"] = one.Evening.Title,
            ["url"] = Address(one),
            ["description"] = one.Evening.Text,
            ["startDate"] = Local(one.Start, "yyyy-MM-dd'T'HH:mm:sszzz"),
            ["endDate"] = Local(one.End, "yyyy-MM-dd'T'HH:mm:sszzz"),
            ["eventStatus"] = one.Evening.Cancelled ? "https://schema.org/EventCancelled" : "https://schema.org/EventScheduled",
            ["organizer"] = new JsonObject { ["@type"] = "Organization", ["name"] = group.Name, ["url"] = Typed },
        };
        return Page(one.Evening.Title, $"<script type=\"application/ld+json\">{data.ToJsonString()}</script>", $"<p>{Text(one.Evening.Text)}</p>");
    }

    private static IResult Page(string title, string head, string body) => Tagged(WorldServer.Page(title, head, $"<h1>{Text(title)}</h1>\n{body}"), "text/html");

    private string Address(DatedEvening one) => $"{Typed}events/{one.Evening.Id}/";

    private static string StatusOf(DatedEvening one) => one.Evening.Cancelled ? "CANCELLED" : one.Start > Now ? "ACTIVE" : "PAST";

    private string Local(DateTimeOffset time, string format) =>
        time.ToInstant().InZone(DateTimeZoneProviders.Tzdb[world.Person.Zone]).ToDateTimeOffset().ToString(format, CultureInfo.InvariantCulture);

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Each is folded so that no part of it has more than 75 octets (RFC 5545, 3.1): 18 characters have at most 72.</summary>
    private static string Lines(string lines) =>
        string.Concat(lines.Split('\n').Select(line => string.Join("\r\n ", line.EnumerateRunes().Chunk(18).Select(part => string.Concat(part))) + "\r\n"));

    private sealed record DatedEvening(MeetupEvening Evening, DateTimeOffset Start)
    {
        public DateTimeOffset End => Start.AddHours(2.5);
    }
}

internal sealed record MeetupQuestion(MeetupVariables Variables);

internal sealed record MeetupVariables(string Urlname, int First, string? After, MeetupFilter Filter);

internal sealed record MeetupFilter(IReadOnlyList<string> Status, DateTimeOffset? AfterDateTime);

/// <summary>The group (<c>World/meetup.json</c>).</summary>
internal sealed record MeetupGroup(string Site, string Urlname, string Name, string About, IReadOnlyList<string> Topics, IReadOnlyList<MeetupEvening> Evenings);

/// <param name="Ago">Days before today; negative: to come.</param>
/// <param name="Rsvps">How many said they would come.</param>
internal sealed record MeetupEvening(string Id, int Ago, string At, string Title, string Text, int Rsvps, bool Cancelled = false);
