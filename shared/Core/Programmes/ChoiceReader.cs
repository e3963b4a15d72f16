using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Contributions;
using NodaTime;

namespace ContributionIngest.Core.Programmes;

/// <summary>What is chosen for a form with little room, and what else there is.</summary>
/// <param name="Chosen">The person's choice, or the suggestion.</param>
/// <param name="Others">The newest first, at most <see cref="ChoiceReader.MaxEntries"/> with the chosen.</param>
/// <param name="IsPersons">The person has chosen; otherwise it is suggested.</param>
/// <param name="Total">Everything that counts.</param>
public sealed record ChosenEntries(IReadOnlyList<ChosenEntry> Chosen, IReadOnlyList<ChosenEntry> Others, bool IsPersons, int Total);

/// <summary>Reads what can be chosen from.</summary>
public sealed class ChoiceReader(ReadinessReader readiness, AreaChoiceStore areas)
{
    public const int MaxEntries = 500;

    /// <param name="room">How many the form takes.</param>
    /// <param name="today">In the zone.</param>
    public async Task<ChosenEntries> ReadAsync(string person, Programme programme, Membership membership, int room, DateOnly today, DateTimeZone zone, CancellationToken cancel)
    {
        var list = AreaList.Find(programme.Areas);
        var placer = list is null || membership.Area is null ? null : new AreaPlacer(list, await areas.ReadAsync(person, list.Id, cancel), membership.Area);
        var entries = new List<(LedgerLine Line, DateOnly Day, AreaPart? Part)>();
        await foreach (var (line, day) in readiness.CountedAsync(person, programme, membership, today, zone, cancel))
        {
            // What is private is not handed in unless the person asks for it there.
            if (!line.Private)
                entries.Add((line, day, placer?.Place(line.Id, line.Topics).Part));
        }

        var suggested = Choice.Suggest(entries, room, membership.Area);
        var all = Choice.All(entries);
        IReadOnlyList<ChosenEntry> chosen = membership.Chosen is { } ids
            ? [.. all.Where(entry => ids.Contains(entry.Id)).Select(entry => suggested.FirstOrDefault(other => other.Id == entry.Id) ?? entry)]
            : [.. suggested.OrderByDescending(entry => entry.Day)];
        var taken = chosen.Select(entry => entry.Id).ToHashSet(StringComparer.Ordinal);
        return new ChosenEntries(chosen, [.. all.Where(entry => !taken.Contains(entry.Id)).Take(MaxEntries - chosen.Count)], membership.Chosen is not null, all.Count);
    }
}
