using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Calendars;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>The events of an iCalendar: single events, and the occurrences of series within a year before and after now.</summary>
internal sealed record CalendarListing(IReadOnlyList<ListedEvent> Events, Container Container)
{
    private const int MaxEvents = 5_000;
    private const int LongestTitle = 500;
    private const string CalendarName = "Events - ";

    private static readonly TimeSpan Horizon = TimeSpan.FromDays(366);

    public IReadOnlyList<Repair> Repairs { get; private init; } = [];

    /// <summary>The document is truncated, so a missing event may still be listed.</summary>
    public bool IsTruncated { get; private init; }

    /// <summary>It shows the next events only, perhaps none.</summary>
    public bool IsExcerpt { get; init; }

    /// <summary>It has series, which get new occurrences as time passes.</summary>
    public bool HasSeries { get; private init; }

    /// <summary>A series began before the time of which its occurrences are read.</summary>
    public bool HasOlderSeries { get; private init; }

    /// <summary>It has more events than are read.</summary>
    public bool IsCapped { get; private init; }

    public TimeSpan? RefreshInterval { get; private init; }

    /// <summary>UIDs of its series.</summary>
    private HashSet<string> Series { get; init; } = [];

    private HashSet<string> Names => field ??= [.. Events.SelectMany(one => one.Names)];

    /// <param name="group">The group, if it is a Meetup group's calendar.</param>
    /// <returns>Null if it is not a calendar.</returns>
    public static CalendarListing? Of(Fetched answer, MeetupAddress? group, Uri site, DateTimeOffset now)
    {
        if (CalendarReader.Read(answer.Body, ContentType.Charset(answer.Header("Content-Type"))).Calendar is not { } calendar)
            return null;
        var name = NameOf(calendar, group);
        var container = new Container(name ?? group?.Group ?? answer.Address.Host, group?.Page(site) ?? HttpOrNull(calendar.Url));
        var (occurrences, isCapped) = Occurrences(calendar, now, out var expanded);
        var repeated = occurrences.Where(o => o.Instance is null && o.Uid is not null).GroupBy(o => o.Uid!, StringComparer.Ordinal)
            .Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet(StringComparer.Ordinal);
        var days = occurrences.Select(o => DayOf(o, repeated)).OfType<string>().CountBy(day => day, StringComparer.Ordinal).Where(day => day.Value == 1).Select(day => day.Key).ToHashSet(StringComparer.Ordinal);
        var events = occurrences.Select(one => group is null ? Event(one, site, repeated, days) : MeetupEvent(one, group, site, name)).ToList();
        var undated = calendar.Events.Count(e => e.Start is null);
        List<Repair> repairs = [.. calendar.Repairs, .. expanded];
        if (undated > 0)
            repairs.Add(new Repair("itemSkipped", undated, "without a start"));
        return new CalendarListing(events, container)
        {
            Repairs = repairs,
            IsTruncated = calendar.Repairs.Any(repair => repair.What is "truncated" or "tooManyEvents"),
            HasSeries = calendar.Events.Any(e => e.Recurring),
            HasOlderSeries = calendar.Events.Any(e => e.Recurring && e.Start < now - Horizon),
            IsCapped = isCapped || expanded.Count > 0,
            Series = [.. calendar.Events.Where(e => e is { Recurring: true, Uid: not null }).Select(e => e.Uid!)],
            RefreshInterval = calendar.RefreshInterval,
        };
    }

    /// <summary>The calendar still has the series of this event, whose rules and exceptions no longer yield it: it was taken out.</summary>
    public bool HasWithdrawn(TrackedEvent known, DateTimeOffset now)
    {
        var end = known.Id.LastIndexOf('\n');
        return end > 0 && !IsTruncated && !IsCapped && known.Start < now + Horizon && Series.Contains(known.Id[..end])
            && !Names.Contains(known.Id) && known.Names?.Any(Names.Contains) != true;
    }

    /// <summary>All single events, and the occurrences of series; of too many those nearest to now.</summary>
    private static (List<Occurrence> Occurrences, bool IsCapped) Occurrences(CalendarDocument calendar, DateTimeOffset now, out IReadOnlyList<Repair> repairs)
    {
        var series = calendar.Events.Where(e => e.Recurring).Select(e => e.Uid).ToHashSet(StringComparer.Ordinal);
        var whole = new CalendarExpansion(calendar with { Events = [.. calendar.Events.Where(e => !series.Contains(e.Uid))] }, DateTimeOffset.UnixEpoch, now + (3 * Horizon), int.MaxValue);
        var parts = calendar with { Events = [.. calendar.Events.Where(e => series.Contains(e.Uid))] };
        var coming = new CalendarExpansion(parts, now, now + Horizon, MaxEvents);
        var past = new CalendarExpansion(parts, now - Horizon, now, int.MaxValue);
        var (singles, begun) = (whole.TakeLast(MaxEvents + 1).ToList(), past.TakeLast(MaxEvents + 1).ToList());
        List<Occurrence> occurrences = [.. singles.TakeLast(MaxEvents), .. begun.TakeLast(MaxEvents), .. coming];
        repairs = [.. whole.Repairs.Concat(past.Repairs).Concat(coming.Repairs).DistinctBy(repair => repair.What)];
        return (occurrences, Math.Max(singles.Count, begun.Count) > MaxEvents);
    }

    private static ListedEvent MeetupEvent(Occurrence one, MeetupAddress group, Uri site, string? name)
    {
        var page = Uri.TryCreate(one.Event.Url, UriKind.Absolute, out var url) ? MeetupAddress.Of(url, site) : null;
        string[] names = [.. new[] { MeetupAddress.IdOfUid(one.Uid) ?? one.Uid, page?.Event }.OfType<string>().Distinct(StringComparer.Ordinal)];
        return Basics(one) with
        {
            Names = names.Length > 0 ? names : [Hash(one)],
            HasStableId = false,
            Summary = EventDescription.OfMeetup(one.Event.Description, name),
            Url = page is { Event: not null } ? page.EventPage(site) : HttpOrNull(one.Event.Url) ?? (names.Length > 0 ? (group with { Event = names[0] }).EventPage(site) : null),
        };
    }

    /// <param name="repeated">UIDs of several events without a recurrence id.</param>
    /// <param name="days">Series and days on which they have one occurrence.</param>
    private static ListedEvent Event(Occurrence one, Uri site, HashSet<string> repeated, HashSet<string> days)
    {
        var isLuma = one.Uid?.EndsWith("@events.lu.ma", StringComparison.OrdinalIgnoreCase) == true;
        var url = HttpOrNull(one.Event.Url) ?? (isLuma ? EventDescription.LumaPage(one.Event.Description) ?? LumaLocation(one.Event.Location) : null);
        if (url is not null && MeetupAddress.Of(new Uri(url), site) is { Event: not null } page)
            url = page.EventPage(site);

        // By its day where it takes place, so that an evening stays the same when the series moves by an hour.
        var id = one.Uid is null ? Hash(one)
            : InstanceOf(one, repeated) is not { } start ? one.Uid
            : DayOf(one, repeated) is { } day && days.Contains(day) ? day : $"{one.Uid}\n{Stamp(start)}";
        return Basics(one) with
        {
            Names = [id],
            HasStableId = one.Uid is not null,
            Summary = isLuma ? EventDescription.OfLuma(one.Event.Description) : EventDescription.OfOthers(one.Event.Description),
            Url = url,
        };
    }

    private static DateTimeOffset? InstanceOf(Occurrence one, HashSet<string> repeated) =>
        one.Instance ?? (one.Uid is not null && repeated.Contains(one.Uid) ? one.Start : null);

    private static string? DayOf(Occurrence one, HashSet<string> repeated) =>
        InstanceOf(one, repeated) is { } start ? string.Create(CultureInfo.InvariantCulture, $"{one.Uid}\n{one.Day ?? DateOnly.FromDateTime(start.UtcDateTime):yyyyMMdd}") : null;

    private static ListedEvent Basics(Occurrence one) => new([], one.Start)
    {
        End = one.End,
        IsDay = one.Event.AllDay,
        Title = EventDescription.Title(one.Event.Summary, LongestTitle),
        IsCancelled = one.Event.Status is "CANCELLED" or "CANCELED" || EventDescription.IsCalledOff(one.Event.Summary),
        Topics = one.Event.Categories,
    };

    /// <summary>Meetup prefixes the group's name with a word in the reader's language.</summary>
    private static string? NameOf(CalendarDocument calendar, MeetupAddress? group)
    {
        var name = calendar.Name is { } text ? PlainText.Fold(text) : null;
        if (group is null || name is null)
            return name;
        if (name.StartsWith(CalendarName, StringComparison.Ordinal))
            return name[CalendarName.Length..];
        var dash = name.IndexOf(" - ", StringComparison.Ordinal);
        var rest = dash < 0 ? name : name[(dash + 3)..];
        return calendar.Events.Any(e => e.Description?.StartsWith(rest, StringComparison.Ordinal) == true) ? rest : name;
    }

    /// <summary>Luma gives the event's page as the location of an event that is online or hidden.</summary>
    private static string? LumaLocation(string? location) =>
        HttpOrNull(location) is { } url && new Uri(url).Host is "lu.ma" or "luma.com" ? HttpOrNull(location) : null;

    private static string? HttpOrNull(string? address) =>
        Uri.TryCreate(address?.Trim(), UriKind.Absolute, out var uri) && HttpAddress.IsHttp(uri) ? uri.AbsoluteUri : null;

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Hash(Occurrence one) => "sha256:" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Stamp(one.Start)}\n{one.Event.Summary}")).AsSpan(0, 16));
}
