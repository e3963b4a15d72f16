using System.Globalization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>How far back a calendar goes, and what would help.</summary>
internal static class ListingCoverage
{
    private const string Public = "Meetup's public calendar shows upcoming events only; past ones are kept from now on.";

    /// <summary>For a group read by the API.</summary>
    public static Coverage OfApi(MeetupCursor cursor) => cursor switch
    {
        { Scan: not null } => new(null, false, "The group's events are still being read, the oldest first."),
        { ScanRetry: null } => new(null, true, null),
        _ => new(null, false, Incomplete(cursor) + (cursor.ScanRetry.NextAt is null ? "." : ", once a week.")),
    };

    /// <param name="since">Time of the first read.</param>
    /// <param name="refused">Why the API did not help, as a sentence.</param>
    public static Coverage Of(CalendarListing listing, MeetupAddress? group, DateTimeOffset since, bool hasToken, string? refused)
    {
        if (listing.IsTruncated)
            return new(since, false, "The calendar ended before it was complete. What came is kept, and it is read again automatically.");
        if (group is not null && hasToken)
            return OfGroup(since, refused);
        if (group is not null)
            return new(since, false, $"{Public} With the setting MeetupToken the group's past is read as well; until then log older ones by hand.");

        if (listing.Events.Count == 0)
            return new(since, false, "The calendar shows no events; those it shows later are kept.");
        var oldest = listing.Events.Min(one => one.Start);
        if (listing.IsCapped)
            return new(oldest, false, "The calendar has more events than are read at once, so those furthest from today are left out; a calendar of your own events alone would be read whole.");
        if (oldest >= since)
            return new(since, false, "The calendar shows no events from before it was connected; those it shows are kept, older ones can be logged by hand.");
        var which = listing.HasOlderSeries ? "read, of recurring ones a year back," : "in the calendar";
        return new(oldest, false, string.Create(CultureInfo.InvariantCulture, $"The oldest event {which} is from {oldest:yyyy-MM-dd}; log older ones by hand."));
    }

    /// <summary>For a group with a token that did not help.</summary>
    public static Coverage OfGroup(DateTimeOffset since, string? refused) =>
        new(since, false, refused is null ? Public : $"{refused} Until that changes, past events are not read. {Public}");

    private static string Incomplete(MeetupCursor cursor) => cursor.MissingEvents switch
    {
        0 => "Meetup's API did not say whether there are more events; the list is checked again automatically",
        1 => "Meetup's API counts one event of this group that it did not show; the list is checked again automatically",
        _ => string.Create(CultureInfo.InvariantCulture, $"Meetup's API counts {cursor.MissingEvents} events of this group that it did not show; the list is checked again automatically"),
    };
}

/// <summary>Responses without a calendar → what to tell the person, and whether to try again.</summary>
internal static class ListingFailures
{
    public static SourceException Of(Fetched answer, MeetupAddress? group) => answer.Outcome == FetchOutcome.Missing && group is not null
        ? SourceException.Transient("missing", $"{answer.Address.Host} has no group named '{group.Group}' any more (404). If it has another name now, connect that.")
        : SourceException.Of(
            answer,
            gone: "If the calendar lives on elsewhere, connect its new address.",
            missing: "Check the calendar's address.",
            denied: "Only public calendars can be read: check whether it is still public.",
            tooLarge: "Connect a calendar of your own events alone, or one without those of past years.");

    /// <summary>A 2xx response without the expected calendar, such as a maintenance page or a soft 404.</summary>
    public static SourceException NoCalendar(Fetched answer) =>
        SourceException.Transient("notACalendar", $"{answer.Address.Host} answered with something that is not a calendar.");
}
