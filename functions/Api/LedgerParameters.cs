using ContributionIngest.Core.People;
using ContributionIngest.Core.Query;
using NodaTime;

namespace ContributionIngest.Functions.Api;

/// <summary>What a request asks with, and as whom.</summary>
internal static class LedgerParameters
{
    public static Parameters Of(HttpRequest request, IReadOnlyList<string> known) => new(
        request.Query.Select(q => KeyValuePair.Create(q.Key, (IReadOnlyList<string>)[.. q.Value.OfType<string>()])), known);

    /// <summary>The zone the person's days are counted in.</summary>
    public static async Task<DateTimeZone> ZoneAsync(PeopleStore people, string person, CancellationToken cancel) =>
        await people.GetAsync(person, cancel) is { } found && DateTimeZoneProviders.Tzdb.GetZoneOrNull(found.Zone) is { } zone ? zone : DateTimeZone.Utc;

    public static DateOnly Today(TimeProvider clock, DateTimeZone zone) => Core.Ledger.MonthRollup.Day(clock.GetUtcNow(), zone);
}
