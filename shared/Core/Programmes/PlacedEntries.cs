using ContributionIngest.Core.Model;
using ContributionIngest.Core.Areas;
using NodaTime;

namespace ContributionIngest.Core.Programmes;

/// <summary>An entry and the area it is in.</summary>
/// <param name="Set">The area as the person has set it, where that is the name of an older list.</param>
public sealed record PlacedEntry(string Id, string Title, Kind Kind, DateOnly Day, string? Url, IReadOnlyList<string> Topics, AreaPlace Place, string? Set = null);

/// <summary>Reads the entries of a programme's window with the areas they are in.</summary>
public sealed class PlacedEntries(ReadinessReader readiness, AreaChoiceStore choices, Memberships memberships)
{
    /// <param name="today">In the zone.</param>
    /// <returns>The newest first.</returns>
    public async Task<(IReadOnlyList<PlacedEntry> Entries, AreaShare Share, AreaChoices Choices)> ReadAsync(string person, Programme programme, AreaList list, DateOnly today, DateTimeZone zone, CancellationToken cancel)
    {
        var membership = await memberships.GetAsync(person, programme.Id, cancel) ?? new Membership();
        var said = await choices.ReadAsync(person, list.Id, cancel);
        var placer = new AreaPlacer(list, said, membership.Area);
        var entries = new List<PlacedEntry>();
        await foreach (var (entry, day) in readiness.CountedAsync(person, programme, membership, today, zone, cancel))
        {
            var set = said.Entries.GetValueOrDefault(entry.Id);
            entries.Add(new PlacedEntry(entry.Id, entry.Title, entry.Kind, day, entry.Url, entry.Topics, placer.Place(entry.Id, entry.Topics), set is not null && !list.Has(set) ? set : null));
        }

        return (entries, placer.ShareOf([.. entries.Select(entry => (entry.Place, entry.Topics))]), said);
    }
}
