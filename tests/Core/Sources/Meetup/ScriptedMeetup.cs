using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>An event of the scripted group.</summary>
/// <param name="Id">Number, or a series' placeholder.</param>
internal sealed record GroupEvent(string Id, string Title, DateTimeOffset Start)
{
    public string? Uid { get; init; }

    public string Status { get; init; } = "";

    public int Rsvps { get; init; } = 10;

    public string Description { get; init; } = "We meet, somebody talks, everybody asks.";

    /// <summary>The public calendar has forgotten it.</summary>
    public bool IsGone { get; init; }
}

/// <summary>A Meetup of one group, answering on its real addresses as the real one does: the public calendar, and the API with a token.</summary>
internal sealed class ScriptedMeetup
{
    public const string Site = "https://www.meetup.com/sound-dotnet/";
    public const string Calendar = Site + "events/ical/";
    public const string Api = "https://api.meetup.com/gql-ext";
    public const string Token = "meetup-token-nobody-may-see";

    private readonly TestClock clock;

    public ScriptedMeetup(TestClock clock)
    {
        this.clock = clock;
        Web = new ScriptedWeb(request => Answer(request));
    }

    public static Dictionary<string, string?> WithToken { get; } = new(StringComparer.Ordinal) { ["MeetupToken"] = Token };

    public ScriptedWeb Web { get; }

    public List<GroupEvent> Events { get; } = [];

    /// <summary>The API knows nothing of the group.</summary>
    public bool IsUnknownToApi { get; set; }

    public bool HasValidators { get; set; } = true;

    /// <summary>Most events of a page, whatever was asked for.</summary>
    public int MaxPerPage { get; set; } = 1_000;

    /// <summary>Called before each answer; an answer it gives is the answer.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Before { get; set; } = _ => null;

    /// <summary>Sees every answer of calendar and API; what it makes of it is sent.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage, HttpResponseMessage> Then { get; set; } = (_, answer) => answer;

    /// <summary>Every other address; the group's page is not there unless it says so.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Elsewhere { get; set; } = _ => null;

    public int CountOf(string address) => Web.Asked.Count(request => request.RequestUri!.AbsoluteUri == address);

    /// <summary>So many evenings, three weeks apart, the last so many of them still to come.</summary>
    public void Fill(int count, int coming)
    {
        var now = clock.GetUtcNow();
        for (var n = 0; n < count; n++)
            Events.Add(new GroupEvent($"{300_000_000 + n}", $"Evening {n + 1}", now.AddDays(21 * (n + 1 - (count - coming))).AddDays(-7)));
    }

    public void Change(string id, Func<GroupEvent, GroupEvent> change)
    {
        var at = Events.FindIndex(one => one.Id == id);
        Events[at] = change(Events[at]);
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (Before(request) is { } instead)
            return instead;
        return request.RequestUri!.AbsoluteUri switch
        {
            Calendar => Then(request, AsCalendar(request)),
            Api => Then(request, AsApi(request)),
            Site => Elsewhere(request) ?? ScriptedWeb.Answer(HttpStatusCode.NotFound),
            _ => Elsewhere(request) ?? throw new InvalidOperationException($"Nobody scripted {request.Method} {request.RequestUri}."),
        };
    }

    private HttpResponseMessage AsCalendar(HttpRequestMessage request)
    {
        var body = Encoding.UTF8.GetBytes(Ics());
        var tag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body).AsSpan(0, 6))}\"";
        if (HasValidators && request.Headers.TryGetValues("If-None-Match", out var known) && known.Contains(tag))
            return ScriptedWeb.Answer(304, []);
        return HasValidators
            ? ScriptedWeb.Answer(200, body, "text/calendar; charset=utf-8", ("ETag", tag))
            : ScriptedWeb.Answer(200, body, "text/calendar; charset=utf-8");
    }

    private string Ics()
    {
        var ics = new StringBuilder("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Meetup//Meetup Events v1.0//EN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Events - Sound .NET\r\n");
        foreach (var one in Events.Where(e => e.Start > clock.GetUtcNow() && !e.IsGone).OrderBy(e => e.Start).Take(10))
        {
            ics.Append("BEGIN:VEVENT\r\n")
                .Append(CultureInfo.InvariantCulture, $"DTSTART:{one.Start.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}\r\n")
                .Append(CultureInfo.InvariantCulture, $"DTEND:{one.Start.AddHours(2).UtcDateTime:yyyyMMdd'T'HHmmss'Z'}\r\n")
                .Append(CultureInfo.InvariantCulture, $"STATUS:{(one.Status == "CANCELLED" ? "CANCELLED" : "CONFIRMED")}\r\nSUMMARY:{one.Title}\r\n")
                .Append(CultureInfo.InvariantCulture, $"DESCRIPTION:Sound .NET\\n{one.Start:dddd\\, MMMM d} at 6:30 PM\\n\\n{one.Description}\\n\\n{Site}events/{one.Id}/\r\n")
                .Append("ORGANIZER;CN=Meetup Reminder:MAILTO:info@meetup.com\r\nLOCATION:Kajkatalogen 3\\, Malmö\r\n")
                .Append(CultureInfo.InvariantCulture, $"URL:{Site}events/{one.Id}/\r\nUID:{one.Uid ?? $"event_{one.Id}@meetup.com"}\r\nEND:VEVENT\r\n");
        }

        return ics.Append("END:VCALENDAR\r\n").ToString();
    }

    private HttpResponseMessage AsApi(HttpRequestMessage request)
    {
        if (request.Headers.Authorization?.ToString() != "Bearer " + Token)
            return ScriptedWeb.Answer(HttpStatusCode.Unauthorized, """{"errors":[{"message":"Not authenticated"}]}""", "application/json");
        using var asked = JsonDocument.Parse(request.Content!.ReadAsStringAsync().GetAwaiter().GetResult());
        var variables = asked.RootElement.GetProperty("variables");
        if (IsUnknownToApi || variables.GetProperty("urlname").GetString() != "sound-dotnet")
            return Json("""{"data":{"groupByUrlname":null}}""");
        var filter = variables.GetProperty("filter");
        var statuses = filter.GetProperty("status").EnumerateArray().Select(s => s.GetString()).ToHashSet();
        var from = filter.TryGetProperty("afterDateTime", out var after) ? after.GetDateTimeOffset() : DateTimeOffset.MinValue;
        var found = Events.Where(e => statuses.Contains(StatusOf(e)) && e.Start > from).OrderBy(e => e.Start).ThenBy(e => e.Id, StringComparer.Ordinal).ToList();
        var start = variables.TryGetProperty("after", out var cursor) ? found.FindIndex(e => CursorOf(e) == cursor.GetString()) + 1 : 0;
        var page = found.Skip(start).Take(Math.Min(MaxPerPage, variables.GetProperty("first").GetInt32())).ToList();
        var group = new JsonObject
        {
            ["name"] = "Sound .NET",
            ["urlname"] = "sound-dotnet",
            ["timezone"] = "Europe/Stockholm",
            ["activeTopics"] = new JsonArray(new JsonObject { ["name"] = ".NET" }),
            ["events"] = new JsonObject
            {
                ["totalCount"] = found.Count,
                ["pageInfo"] = new JsonObject { ["hasNextPage"] = start + page.Count < found.Count, ["endCursor"] = page.Count == 0 ? null : CursorOf(page[^1]) },
                ["edges"] = new JsonArray([.. page.Select(e => (JsonNode)new JsonObject { ["node"] = Node(e) })]),
            },
        };
        return Json(new JsonObject { ["data"] = new JsonObject { ["groupByUrlname"] = group } }.ToJsonString());
    }

    private JsonObject Node(GroupEvent one) => new()
    {
        ["id"] = one.Id,
        ["token"] = one.Id,
        ["title"] = one.Title,
        ["description"] = one.Description,
        ["dateTime"] = one.Start.ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture),
        ["duration"] = "PT2H",
        ["eventUrl"] = $"{Site}events/{one.Id}/",
        ["status"] = StatusOf(one),
        ["rsvps"] = new JsonObject { ["yesCount"] = one.Rsvps },
        ["topics"] = null,
    };

    private string StatusOf(GroupEvent one) => one.Status.Length > 0 ? one.Status : one.Start > clock.GetUtcNow() ? "ACTIVE" : "PAST";

    private static string CursorOf(GroupEvent one) => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{one.Id}:{one.Start.ToUnixTimeMilliseconds()}"));

    public static HttpResponseMessage Json(string json) => ScriptedWeb.Answer(HttpStatusCode.OK, json, "application/json;charset=utf-8");
}
