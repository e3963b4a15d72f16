using System.Globalization;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>How far back a calendar lets one see, and what would lift that.</summary>
internal static class ListingCoverage
{
    /// <param name="since">Of the first reading.</param>
    /// <param name="refused">Why the API did not help, in one sentence.</param>
    public static Coverage Of(CalendarListing listing, MeetupAddress? group, DateTimeOffset since, bool hasToken, string? refused)
    {
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
}
