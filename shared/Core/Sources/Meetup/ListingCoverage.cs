using System.Globalization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>How far back a calendar lets one see, and what would lift that.</summary>
internal static class ListingCoverage
{
    /// <summary>Of a group whose events the API tells.</summary>
    public static Coverage OfApi(MeetupCursor cursor) => cursor switch
    {
        { Scan: not null } => new(null, false, "The group's events are still being read, the oldest first."),
        { ScanRetry: null } => new(null, true, null),
        _ => new(null, false, Incomplete(cursor) + (cursor.ScanRetry.NextAt is null ? "." : ", once a week.")),
    };

    /// <param name="since">Of the first reading.</param>
    /// <param name="refused">Why the API did not help, in one sentence.</param>
    public static Coverage Of(CalendarListing listing, MeetupAddress? group, DateTimeOffset since, bool hasToken, string? refused)
    {
        if (listing.IsTruncated)
            return new(since, false, "The calendar broke off in the middle. What it showed was taken over, and it is read again by itself.");
        if (group is not null)
        {
            const string Public = "Meetup's public calendar shows coming events only; past ones are kept from now on.";
            return new(since, false, (hasToken, refused) switch
            {
                (true, null) => Public,
                (true, _) => $"{Public} {refused}",
                _ => $"{Public} With the setting MeetupToken the group's past is read as well; until then log older ones by hand.",
            });
        }

        var oldest = listing.Events.Count == 0 ? since : listing.Events.Min(one => one.Start);
        return oldest < since
            ? new(oldest, false, string.Create(CultureInfo.InvariantCulture, $"The oldest event the calendar shows is of {oldest:yyyy-MM-dd}; log older ones by hand."))
            : new(since, false, "The calendar shows coming events only; past ones are kept from now on, older ones can be logged by hand.");
    }

    private static string Incomplete(MeetupCursor cursor) => cursor.MissingEvents switch
    {
        0 => "Meetup's API did not say whether there are more events; they are looked for again by itself",
        1 => "Meetup's API counts an event of this group that it did not show; all are looked through again by itself",
        _ => string.Create(CultureInfo.InvariantCulture, $"Meetup's API counts {cursor.MissingEvents} events of this group that it did not show; all are looked through again by itself"),
    };
}

/// <summary>Answers that are no calendar → what to tell the person, and whether it may pass.</summary>
internal static class ListingFailures
{
    public static SourceException Of(Fetched answer, MeetupAddress? group) => answer.Outcome switch
    {
        FetchOutcome.Throttled => SourceException.Transient("throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Gone => new(Failure.Gone, "gone", $"{answer.Problem} If the calendar lives on elsewhere, connect its new address."),
        FetchOutcome.Missing when group is not null => SourceException.Transient(
            "missing", $"{answer.Address.Host} has no group named '{group.Group}' any more (404). If it has another name now, connect that."),
        FetchOutcome.Missing => SourceException.Transient("missing", $"{answer.Problem} Check the calendar's address."),
        FetchOutcome.Denied => SourceException.Terminal("denied", $"{answer.Problem} Only public calendars can be read: check whether it is still public."),
        FetchOutcome.Transient => SourceException.Transient(answer.Code ?? "transient", answer.Problem!),
        _ => SourceException.Terminal(answer.Code ?? "status", answer.Problem ?? "The answer cannot be used."),
    };

    /// <summary>A 2xx answer without a calendar in it where one was before: a maintenance page, a soft 404.</summary>
    public static SourceException NoCalendar(Fetched answer) =>
        SourceException.Transient("notACalendar", $"{answer.Address.Host} answered with something that is no calendar where the calendar should be.");
}
