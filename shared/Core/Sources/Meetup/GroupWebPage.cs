using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.Meetup;

/// <param name="Content">What matters of it: the rest of a page differs with each answer.</param>
internal sealed record GroupWebPageResult(Fetched Answer, MeetupAddress Group, CalendarListing Listing, byte[] Content);

/// <summary>
/// Events in the data of Meetup's pages (<c>__NEXT_DATA__</c>): entries of a cache that refer to each other. They are read where there is no calendar.
/// </summary>
internal sealed partial class GroupWebPage(Fetcher fetcher, Uri site)
{
    private const int MaxObjects = 50_000;

    /// <summary>The group's page, if there is no public calendar but a page that has data; otherwise null.</summary>
    /// <param name="calendar">The answer in place of the calendar.</param>
    public async Task<GroupWebPageResult?> InsteadOfAsync(Fetched calendar, MeetupAddress group, CancellationToken cancel)
    {
        var isMissing = calendar.Outcome is FetchOutcome.Missing or FetchOutcome.Gone or FetchOutcome.Denied
            || (calendar.Outcome == FetchOutcome.Content && (calendar.Body.Length == 0 || PageReader.IsPage(calendar)));
        if (!isMissing)
            return null;
        var answer = await fetcher.SendAsync(new FetchRequest(new Uri(group.Page(site))) { Accept = PageReader.Accept }, cancel);
        if (Objects(answer) is not { } objects)
            return null;
        group = (MeetupAddress.Of(answer.Address, site) ?? group) with { Event = null };
        var home = objects.Find(one => IsGroup(one.Value, group)).Value;
        var events = Events(objects, group, home).DistinctBy(one => one.Names[0], StringComparer.Ordinal).OrderBy(one => one.Start).ToList();
        if (events.Count == 0 && home.ValueKind == JsonValueKind.Undefined)
            return null;
        var content = string.Join('\n', events.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Names[0]} {one.Start:O} {one.End:O} {one.IsCancelled} {one.Title} {one.Summary}")));
        return new(answer, group, new CalendarListing(events, ContainerOf(home, group)) { IsExcerpt = true }, Encoding.UTF8.GetBytes(content));
    }

    /// <summary>The event of an address by its page's data; null if the page has none.</summary>
    public async Task<(ListedEvent Event, Container Container)?> EventAsync(MeetupAddress wanted, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(new Uri(wanted.EventPage(site))) { Accept = PageReader.Accept }, cancel);
        if (Objects(answer) is not { } objects)
            return null;
        var home = objects.Find(one => IsGroup(one.Value, wanted)).Value;
        return Events(objects, wanted, home).FirstOrDefault(one => one.Names.Contains(wanted.Event, StringComparer.Ordinal)) is { } found
            ? (found, ContainerOf(home, wanted))
            : null;
    }

    private Container ContainerOf(JsonElement home, MeetupAddress group) => new(home.Text("name") ?? group.Group, group.Page(site));

    private IEnumerable<ListedEvent> Events(List<(string? Name, JsonElement Value)> objects, MeetupAddress group, JsonElement home)
    {
        var groups = objects.Where(one => IsGroup(one.Value, group)).Select(one => one.Name).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return objects.Select(one => one.Value)
            .Where(one => one.Has("dateTime") && one.Has("title") && one.Text("__typename") is null or "Event" && IsOf(one, group, groups) && GroupPage.IsPublic(one.Text("status")))
            .Select(one => GroupPage.Event(one, group, site, home.Text("timezone"), [])).OfType<ListedEvent>();
    }

    /// <summary>Pages also show events of other groups.</summary>
    private bool IsOf(JsonElement one, MeetupAddress group, HashSet<string> groups)
    {
        if (one.Text("group", "__ref") is { } reference && groups.Count > 0)
            return groups.Contains(reference);
        if (one.Text("group", "urlname") is { } name)
            return name.Equals(group.Group, StringComparison.OrdinalIgnoreCase);
        return !Uri.TryCreate(one.Text("eventUrl"), UriKind.Absolute, out var url) || MeetupAddress.Of(url, site)?.Group == group.Group;
    }

    private static bool IsGroup(JsonElement one, MeetupAddress group) =>
        one.Has("name") && string.Equals(one.Text("urlname"), group.Group, StringComparison.OrdinalIgnoreCase);

    /// <summary>All objects of the data with their names; null without data.</summary>
    private static List<(string? Name, JsonElement Value)>? Objects(Fetched answer)
    {
        if (answer.Outcome != FetchOutcome.Content || !PageReader.IsPage(answer))
            return null;
        var html = Encoding.UTF8.GetString(answer.Body);
        if (Script().Match(html) is not { Success: true } script
            || html.IndexOf("</script", script.Index + script.Length, StringComparison.OrdinalIgnoreCase) is not (> 0 and var end)
            || LenientJson.ParseScript(html[(script.Index + script.Length)..end]) is not { } data)
            return null;
        var found = new List<(string?, JsonElement)>();
        var open = new Stack<(string? Name, JsonElement Value)>([(null, data)]);
        while (found.Count < MaxObjects && open.TryPop(out var one))
        {
            if (one.Value.ValueKind == JsonValueKind.Object)
                found.Add(one);
            foreach (var part in Parts(one.Value))
                open.Push(part);
        }

        return found;
    }

    private static IEnumerable<(string? Name, JsonElement Value)> Parts(JsonElement of) => of.ValueKind switch
    {
        JsonValueKind.Object => of.EnumerateObject().Where(part => IsNested(part.Value)).Select(part => (NameOf(part), part.Value)),
        JsonValueKind.Array => of.EnumerateArray().Where(IsNested).Select(part => ((string?)null, part)),
        _ => [],
    };

    private static bool IsNested(JsonElement one) => one.ValueKind is JsonValueKind.Object or JsonValueKind.Array;

    /// <summary>Null if the name has half a surrogate pair.</summary>
    private static string? NameOf(JsonProperty part)
    {
        try
        {
            return part.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("""<script\b[^>]*\bid\s*=\s*["']?__NEXT_DATA__\b[^>]*>""", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking, 5000)]
    private static partial Regex Script();
}
