using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.OpenCommunityGroups;

/// <summary>An event of the scripted group.</summary>
internal sealed record GroupEvent(int Id, string Title, DateTimeOffset Start)
{
    /// <summary>Cancelled or unpublished: the search leaves it out.</summary>
    public bool IsGone { get; init; }

    public string? Speaker { get; init; }

    public string Text { get; init; } = "We meet.";
}

/// <summary>A site of groups, one of which has events; it answers as ocgroups.dev does.</summary>
internal sealed class ScriptedGroup
{
    public const string Site = "https://ocgroups.dev";
    public const string Page = Site + "/cncf/group/cloud-native-sound";
    public const string Slug = "abc1234";

    private readonly TestClock clock;

    public ScriptedGroup(TestClock clock)
    {
        this.clock = clock;
        Web = new ScriptedWeb(Answer);
    }

    public ScriptedWeb Web { get; }

    public List<GroupEvent> Events { get; } = [];

    /// <summary>Seats that are left, which change all the time.</summary>
    public int Seats { get; set; } = 10;

    /// <summary>An answer it gives is the answer.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Before { get; set; } = _ => null;

    public int CountOf(string part) => Web.Addresses.Count(address => address.Contains(part, StringComparison.Ordinal));

    /// <summary>So many evenings, three weeks apart, the last so many of them still to come.</summary>
    public void Fill(int count, int coming)
    {
        for (var n = 0; n < count; n++)
            Events.Add(new GroupEvent(n + 1, $"Evening {n + 1}", clock.GetUtcNow().AddDays((21 * (n + 1 - (count - coming))) - 7)));
    }

    public void Change(int id, Func<GroupEvent, GroupEvent> change)
    {
        var at = Events.FindIndex(one => one.Id == id);
        Events[at] = change(Events[at]);
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        if (Before(request) is { } instead)
            return instead;
        var address = request.RequestUri!;
        return (address.Host, address.AbsolutePath) switch
        {
            ("community.cncf.io", "/robots.txt") or ("ocgroups.dev", "/robots.txt") => ScriptedWeb.Answer(HttpStatusCode.NotFound),
            ("community.cncf.io", "/cloud-native-sound/") => ScriptedWeb.Redirect(308, Page),
            ("community.cncf.io", _) => ScriptedWeb.Redirect(308, Site + "/"),
            ("ocgroups.dev", "/") => Html("<title>Groups</title>"),
            ("ocgroups.dev", "/cncf/group/cloud-native-sound" or "/cncf/group/" + Slug) => Html("<meta property='og:title' content='Cloud Native Sound'>"),
            ("ocgroups.dev", "/explore/groups/search") => Json(new JsonObject
            {
                ["groups"] = new JsonArray(new JsonObject { ["slug"] = "zzz", ["name"] = "Another" }, new JsonObject { ["slug"] = Slug, ["slug_pretty"] = "cloud-native-sound", ["name"] = "Cloud Native Sound" }),
                ["total"] = 2,
            }),
            ("ocgroups.dev", "/explore/events/search") => Json(Search(HttpUtility.ParseQueryString(address.Query))),
            _ => Events.Find(one => address.AbsoluteUri == $"{Page}/event/evening-{one.Id}") is { } found
                ? Html($"<h1>{found.Title}</h1>{(found.Speaker is null ? "" : $"<div>Speakers</div><user-chip user='{{\"name\":\"{found.Speaker}\"}}'></user-chip>")}")
                : ScriptedWeb.Answer(HttpStatusCode.NotFound),
        };
    }

    /// <summary>Without a date only what is coming; an unknown group is no filter.</summary>
    private JsonObject Search(System.Collections.Specialized.NameValueCollection asked)
    {
        var isKnown = asked["group[0]"] == Slug;
        var from = asked["date_from"] is null ? clock.GetUtcNow() : DateTimeOffset.MinValue;
        var found = Events.Where(one => isKnown && !one.IsGone && one.Start >= from).OrderByDescending(one => one.Start).ToList();
        var (offset, limit) = (int.Parse(asked["offset"]!, System.Globalization.CultureInfo.InvariantCulture), int.Parse(asked["limit"]!, System.Globalization.CultureInfo.InvariantCulture));
        return new JsonObject
        {
            ["total"] = isKnown ? found.Count : 1,
            ["events"] = isKnown
                ? new JsonArray([.. found.Skip(offset).Take(Math.Min(limit, 100)).Select(Event)])
                : new JsonArray(new JsonObject { ["event_id"] = "x", ["name"] = "Somebody else's", ["group_slug"] = "other", ["starts_at"] = 1_780_000_000 }),
        };
    }

    private JsonObject Event(GroupEvent one) => new()
    {
        ["event_id"] = $"00000000-0000-0000-0000-{one.Id:D12}",
        ["slug"] = $"evening-{one.Id}",
        ["name"] = one.Title,
        ["description_short"] = one.Text,
        ["group_name"] = "Cloud Native Sound",
        ["group_slug"] = Slug,
        ["group_slug_pretty"] = "cloud-native-sound",
        ["starts_at"] = one.Start.ToUnixTimeSeconds(),
        ["ends_at"] = one.Start.AddHours(2).ToUnixTimeSeconds(),
        ["remaining_capacity"] = Seats,
    };

    private static HttpResponseMessage Html(string body) => ScriptedWeb.Answer(200, Encoding.UTF8.GetBytes("<!doctype html>" + body), "text/html; charset=utf-8");

    private static HttpResponseMessage Json(JsonObject body) => ScriptedWeb.Answer(HttpStatusCode.OK, body.ToJsonString(), "application/json");
}
