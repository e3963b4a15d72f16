using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources.Events;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.OpenCommunityGroups;

/// <summary>One page of a group's events, the newest first (source of open-community-groups, <c>search_events</c>). Times are seconds since 1970.</summary>
/// <param name="Total">Events that the search found.</param>
/// <param name="Count">Events on this page, read or not.</param>
internal sealed record EventSearch(IReadOnlyList<ListedEvent> Events, long Total, int Count)
{
    /// <summary>The most that the search returns.</summary>
    public const int PageSize = 100;

    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Seconds since 1970 within the years 1970 to 2999.</summary>
    private const long LatestTime = 32_503_680_000;

    public string? GroupName { get; private init; }

    /// <summary>The slug in addresses for people; null if it is the one that stays.</summary>
    public string? ShownSlug { get; private init; }

    public IReadOnlyList<Repair> Repairs { get; private init; } = [];

    /// <summary>What matters of it, as a hash: seats that are left change with each registration.</summary>
    public string Hash { get; private init; } = "";

    public static Uri Address(GroupAddress group, Uri site, int offset, DateTimeOffset now) => group.Search(site, "events", string.Create(
        CultureInfo.InvariantCulture,
        $"group[0]={Uri.EscapeDataString(group.Slug)}&date_from=2010-01-01&date_to={now.AddYears(2):yyyy-MM-dd}&limit={PageSize}&offset={offset}&sort_by=date&sort_direction=desc"));

    /// <exception cref="SourceException">It cannot be read, or shows the events of other groups.</exception>
    public static async Task<(EventSearch Page, Fetched Answer)> ReadAsync(Fetcher fetcher, GroupAddress group, Uri site, int offset, DateTimeOffset now, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(Address(group, site, offset, now)) { Accept = "application/json", MaximumBytes = MaxBytes }, cancel);
        if (answer.Outcome != FetchOutcome.Content)
            throw SourceException.Of(answer, "The group may have moved.", "The site may have changed its search; it is tried again.", "Only public groups can be read.");
        return LenientJson.Parse(answer.Body) is { ValueKind: JsonValueKind.Object } found && found.At("events").ValueKind == JsonValueKind.Array
            ? (Of(found, group, site), answer)
            : throw SourceException.Transient("badAnswer", $"{answer.Address.Host} answered with something else than a list of events; it is asked again later.");
    }

    private static EventSearch Of(JsonElement found, GroupAddress group, Uri site)
    {
        List<JsonElement> all = [.. found.List("events").Take(PageSize)];

        // A search for a group that the site does not know finds the events of all groups.
        List<JsonElement> own = [.. all.Where(one => IsOf(one, group) && one.Flag("test_event") != true && one.Flag("published") != false)];
        if (all.Count > 0 && !all.Exists(one => IsOf(one, group)))
            throw SourceException.Terminal("unknownGroup", $"{site.Host} does not know the group '{group.Slug}' of '{group.Community}' any more. Open the group there and connect the address of its page.");
        List<ListedEvent> events = [.. own.Select(one => Event(one, group, site)).OfType<ListedEvent>()];
        var content = string.Join('\n', events.Select(one => string.Create(
            CultureInfo.InvariantCulture, $"{one.Names[0]} {one.Start:O} {one.End:O} {one.IsCancelled} {one.Title} {one.Url} {one.Summary}")));
        var total = found.Integer("total") is >= 0 and var counted ? counted : all.Count;
        return new EventSearch(events, total, all.Count)
        {
            GroupName = own.Select(one => one.Text("group_name")).FirstOrDefault(name => name is not null),
            ShownSlug = own.Select(one => one.Text("group_slug_pretty")).FirstOrDefault(slug => slug is not null),
            Repairs = events.Count < own.Count ? [new Repair("itemSkipped", own.Count - events.Count, "without a start")] : [],
            Hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{total}\n{content}")).AsSpan(0, 18)),
        };
    }

    private static bool IsOf(JsonElement one, GroupAddress group) =>
        group.Slug.Equals(one.Text("group_slug"), StringComparison.OrdinalIgnoreCase) || group.Slug.Equals(one.Text("group_slug_pretty"), StringComparison.OrdinalIgnoreCase);

    private static ListedEvent? Event(JsonElement one, GroupAddress group, Uri site)
    {
        if (one.Text("event_id") is not { Length: <= 100 } id || Time(one, "starts_at") is not { } start)
            return null;
        var slug = one.Text("slug");
        return new ListedEvent([id], start)
        {
            End = Time(one, "ends_at"),
            Title = one.Text("name") is { } name ? PlainText.Fold(name, 500) : null,
            Summary = one.Text("description_short") is { } text ? PlainText.Fold(text, 1_500) : null,
            Url = slug is not null && GroupAddress.IsSlug(slug) ? group.EventPage(site, one.Text("group_slug_pretty") ?? group.Slug, slug) : null,
            IsCancelled = one.Flag("canceled") == true,
        };
    }

    private static DateTimeOffset? Time(JsonElement one, string name) =>
        one.Integer(name) is > 0 and < LatestTime and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
