using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;
using NodaTime.Text;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>A page of a group's events from the API; or, without a container, why there is none and the public calendar has to do.</summary>
/// <param name="Next">The API's cursor for the page after; null at the end.</param>
internal sealed record GroupPage(Container? Container, IReadOnlyList<ListedEvent> Events, string? Next, IReadOnlyList<Repair> Repairs)
{
    private const int LongestCursor = 2_000;
    private const int LongestText = 2_000;

    public string? Problem { get; private init; }

    /// <summary>The API does not take the question with its own cursor in it; where that goes on, the walk has to begin anew.</summary>
    public bool IsRejected { get; private init; }

    /// <summary>How many events the list has in all.</summary>
    public int? Total { get; private init; }

    /// <summary>Places of the list it shows, and how many of them cannot be read.</summary>
    public int ItemCount { get; private init; }

    /// <inheritdoc cref="ItemCount"/>
    public int Skipped { get; private init; }

    /// <summary>It says itself that no page comes after it.</summary>
    public bool IsEnd { get; private init; }

    /// <summary>Some events of the page are missing, and errors stand in their place.</summary>
    public bool IsPartial { get; init; }

    public RawResponse? Raw { get; init; }

    public static GroupPage Rejected { get; } = new(null, [], null, []) { IsRejected = true };

    public static GroupPage Refused(string problem) => new(null, [], null, []) { Problem = problem };

    /// <param name="node">A Group.</param>
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
            : throw SourceException.Transient("badAnswer", "Meetup's API says that there is more and not where.");
        var repairs = new[] { new Repair("itemSkipped", skipped, "without an id or a date"), new Repair("itemNotPublic", hidden) };
        return new GroupPage(
            new Container(Plain(node.Text("name")) ?? group.Group, group.Page(site)), events, next, [.. repairs.Where(r => r.Count > 0)])
        {
            Total = node.Count("events", "totalCount"),
            ItemCount = listed,
            Skipped = skipped,
            IsEnd = info.Flag("hasNextPage") == false,
        };
    }

    private static ListedEvent? Event(JsonElement node, MeetupAddress group, Uri site, string? zone, List<string> groupTopics)
    {
        var page = Uri.TryCreate(node.Text("eventUrl"), UriKind.Absolute, out var url) ? MeetupAddress.Of(url, site) : null;
        string[] names = [.. new[] { node.Text("id"), node.Text("token"), page?.Event }.OfType<string>().Where(name => name.Length <= 100).Distinct(StringComparer.Ordinal)];
        if (names.Length == 0 || IsoTimestamp.Parse(node.Text("dateTime"), zone) is not { } start)
            return null;
        var own = node.OneOrMany("topics", "edges").Select(edge => edge.Text("node", "name")).OfType<string>().Take(30).ToList();
        return new ListedEvent(names, start.Time)
        {
            HasStableId = false,
            End = IsoTimestamp.Parse(node.Text("endTime"), zone)?.Time ?? EndOf(start.Time, node.Text("duration")),
            IsDay = start.IsDay,
            Title = Plain(node.Text("title")),
            Summary = node.Text("description") is { } text ? PlainText.FromHtml(text, LongestText) : null,
            Url = (page is { Event: not null } ? page : group with { Event = names[0] }).EventPage(site),
            IsCancelled = node.Text("status")?.Contains("CANCELLED", StringComparison.Ordinal) == true,
            Topics = [.. own.Concat(groupTopics)],
            Rsvps = node.Count("rsvps", "yesCount"),
        };
    }

    /// <summary>Asked for are past, active and cancelled ones; what an organiser has not published is nobody's business.</summary>
    private static bool IsPublic(string? status) =>
        status is not ("DRAFT" or "AUTOSCHED_DRAFT" or "PENDING" or "PROPOSED" or "TEMPLATE" or "BLOCKED");

    /// <param name="duration">ISO 8601, <c>PT2H30M</c>.</param>
    private static DateTimeOffset? EndOf(DateTimeOffset start, string? duration)
    {
        if (duration is null || PeriodPattern.NormalizingIso.Parse(duration) is not { Success: true } parsed)
            return null;
        try
        {
            var length = parsed.Value;
            return length.Years == 0 && length.Months == 0 && length.ToDuration() is var span && span > NodaTime.Duration.Zero && span.TotalDays < 400
                ? start + span.ToTimeSpan()
                : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static string? Plain(string? text) => text is null ? null : PlainText.Fold(text, LongestText);
}
