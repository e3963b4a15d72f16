using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>A page of a group's events from the API; without a container, why there is none and the public calendar has to be used.</summary>
/// <param name="Next">The API's cursor for the next page; null at the end.</param>
internal sealed record GroupPage(Container? Container, IReadOnlyList<ListedEvent> Events, string? Next, IReadOnlyList<Repair> Repairs)
{
    private const int LongestCursor = 2_000;
    private const int LongestText = 2_000;

    public string? Problem { get; private init; }

    /// <summary>The API rejects its own cursor; if that persists, the scan has to be restarted.</summary>
    public bool IsRejected { get; private init; }

    /// <summary>Length of the whole list.</summary>
    public int? Total { get; private init; }

    /// <summary>Items on the page, and how many of them are unreadable.</summary>
    public int ItemCount { get; private init; }

    /// <inheritdoc cref="ItemCount"/>
    public int Skipped { get; private init; }

    /// <summary>The API says that this is the last page.</summary>
    public bool IsEnd { get; private init; }

    /// <summary>Errors have replaced some events.</summary>
    public bool IsPartial { get; init; }

    public RawResponse? Raw { get; init; }
    public static GroupPage Rejected { get; } = new(null, [], null, []) { IsRejected = true };

    public static GroupPage Refused(string problem) => new(null, [], null, []) { Problem = problem };

    /// <param name="node">A GraphQL <c>Group</c>.</param>
    public static GroupPage Of(JsonElement node, MeetupAddress group, Uri site)
    {
        var zone = node.Text("timezone");
        var topics = node.OneOrMany("activeTopics").Select(topic => topic.Text("name")).OfType<string>().Take(30).ToList();
        var events = new List<ListedEvent>();
        var (listed, skipped, hidden) = (0, 0, 0);
        foreach (var edge in node.List("events", "edges"))
        {
            listed++;
            if (Event(edge.At("node"), group, site, zone, topics) is not { } found)
                skipped++;
            else if (IsPublic(edge.Text("node", "status")))
                events.Add(found);
            else
                hidden++;
        }

        var info = node.At("events", "pageInfo");
        var next = info.Flag("hasNextPage") != true ? null
            : info.Text("endCursor") is { Length: <= LongestCursor } cursor ? cursor
            : throw SourceException.Transient("badAnswer", "Meetup's API says that there are more events but not where.");
        var repairs = new[] { new Repair("itemSkipped", skipped, "without an id or a date"), new Repair("itemNotPublic", hidden) };
        return new GroupPage(new Container(Plain(node.Text("name")) ?? group.Group, group.Page(site)), events, next, [.. repairs.Where(r => r.Count > 0)])
        {
            Total = node.Count("events", "totalCount"),
            ItemCount = listed,
            Skipped = skipped,
            IsEnd = info.Flag("hasNextPage") == false,
        };
    }

    /// <param name="node">A GraphQL <c>Event</c>; null if it has no id or no date.</param>
    public static ListedEvent? Event(JsonElement node, MeetupAddress group, Uri site, string? zone, List<string> groupTopics)
    {
        var page = Uri.TryCreate(node.Text("eventUrl"), UriKind.Absolute, out var url) ? MeetupAddress.Of(url, site) : null;
        string[] names = [.. new[] { node.Text("id"), node.Text("token"), page?.Event }.OfType<string>().Where(name => name.Length <= 100).Distinct(StringComparer.Ordinal)];
        if (names.Length == 0 || IsoTimestamp.Parse(node.Text("dateTime"), zone) is not { } start)
            return null;
        var own = node.OneOrMany("topics", "edges").Select(edge => edge.Text("node", "name")).OfType<string>().Take(30).ToList();
        return new ListedEvent(names, start.Time)
        {
            HasStableId = false,
            End = IsoTimestamp.Parse(node.Text("endTime"), zone)?.Time ?? (IsoDuration.Parse(node.Text("duration")) is { TotalDays: < 400 } length ? start.Time + length : null),
            IsDay = start.IsDay,
            Title = Plain(node.Text("title")),
            Summary = node.Text("description") is { } text ? PlainText.FromHtml(text, LongestText) : null,
            Url = (page is { Event: not null } ? page : group with { Event = names[0] }).EventPage(site),
            IsCancelled = node.Text("status")?.Contains("CANCELLED", StringComparison.Ordinal) == true,
            Topics = [.. own.Concat(groupTopics)],
            Rsvps = node.Count("rsvps", "yesCount") ?? node.Count("going", "totalCount"),
        };
    }

    /// <summary>The query asks for past, active and cancelled events; unpublished ones are left out.</summary>
    public static bool IsPublic(string? status) => status is not ("DRAFT" or "AUTOSCHED_DRAFT" or "PENDING" or "PROPOSED" or "TEMPLATE" or "BLOCKED");

    private static string? Plain(string? text) => text is null ? null : PlainText.Fold(text, LongestText);
}
