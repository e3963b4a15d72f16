using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Answers that are no calendar → what to tell the person, and whether it may pass.</summary>
internal static class ListingFailures
{
    public static SourceException Of(Fetched answer, MeetupAddress? group) => answer.Outcome switch
    {
        FetchOutcome.Throttled => new(Failure.Transient, "throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Gone => new(Failure.Gone, "gone", $"{answer.Problem} If the calendar lives on elsewhere, connect its new address."),
        FetchOutcome.Missing when group is not null => new(
            Failure.Transient, "missing", $"{answer.Address.Host} has no group named '{group.Group}' any more (404). If it has another name now, connect that."),
        FetchOutcome.Missing => new(Failure.Transient, "missing", $"{answer.Problem} Check the calendar's address."),
        FetchOutcome.Denied => new(Failure.Terminal, "denied", $"{answer.Problem} Only public calendars can be read: check whether it is still public."),
        FetchOutcome.Transient => new(Failure.Transient, answer.Code ?? "transient", answer.Problem!),
        _ => new(Failure.Terminal, answer.Code ?? "status", answer.Problem ?? "The answer cannot be used."),
    };

    /// <summary>A 2xx answer without a calendar in it where one was before: a maintenance page, a soft 404.</summary>
    public static SourceException NoCalendar(Fetched answer) =>
        new(Failure.Transient, "notACalendar", $"{answer.Address.Host} answered with something that is no calendar where the calendar should be.");
}
