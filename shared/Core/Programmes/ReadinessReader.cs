using System.Runtime.CompilerServices;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Areas;
using ContributionIngest.Core.Evidence;
using NodaTime;

namespace ContributionIngest.Core.Programmes;

/// <summary>Reads where people stand: the entries of the window in one range, and the counts of the window before.</summary>
public sealed class ReadinessReader(LedgerReader ledger, LedgerLines lines, AreaChoiceStore areas, Memberships memberships, EvidenceStore evidence)
{
    /// <summary>How many days before the window count as just outside.</summary>
    internal const int JustOutside = 31;

    /// <param name="membership">What the person has said of the programme.</param>
    /// <param name="today">In the zone.</param>
    public async Task<Readiness> ReadAsync(string person, Programme programme, Membership membership, DateOnly today, DateTimeZone zone, CancellationToken cancel)
    {
        var days = new CountedEntries(programme, membership, today, zone);
        var window = days.Window;
        var list = AreaList.Find(programme.Areas);
        var placer = list is null ? null : new AreaPlacer(list, await areas.ReadAsync(person, list.Id, cancel), membership.Area);
        var (current, outside, places, total) = (new List<ReadinessItem>(), new List<ReadinessItem>(), new List<(AreaPlace, IReadOnlyList<string>)>(), 0);
        await foreach (var entry in EntriesAsync(person, Earlier(days.First, window.From.AddDays(-JustOutside)), days.Last, zone, cancel))
        {
            var day = MonthRollup.Day(entry.When, zone);
            var last = programme.CountsEachMonth && entry.EndsAt is { } end ? Earlier(MonthRollup.Day(end, zone), today) : day;
            var isIn = days.IsInWindow(entry.When, entry.EndsAt);
            total += isIn ? 1 : 0;
            if (!days.IsAbout(entry.Title, entry.Topics) || (!isIn && day >= window.From))
                continue;
            var place = isIn ? placer?.Place(entry.Id, entry.Topics) : null;
            if (place is not null)
                places.Add((place, entry.Topics));
            (isIn ? current : outside).Add(new ReadinessItem(entry, day, last, place));
        }

        var before = await BeforeAsync(person, new CountedDays(window.From.AddDays(-(window.To.DayNumber - window.From.DayNumber + 1)), window.From.AddDays(-1)), days.HasSubject, zone, cancel);
        var input = new ReadinessInput(programme, membership, window, days.IsOwnWindow, today, current, outside, before)
        {
            Years = await YearsAsync(person, programme, membership, today, zone, cancel),
            Employer = (await memberships.ProfileAsync(person, cancel)).Values.GetValueOrDefault(Memberships.EmployerSites),
            Category = membership.Area is null ? null : list?.CategoryOf(membership.Area),
            Looks = current.Exists(item => item.Url is not null) ? await evidence.ListAsync(person, cancel) : new Dictionary<string, EvidenceCheck>(StringComparer.Ordinal),
            Zone = zone,
            Share = list is null ? null : placer!.ShareOf(places),
        };
        var lacking = ReadinessChecks.LackingOf(input);
        var checks = ReadinessChecks.Of(input, lacking);
        return new Readiness(window, !days.IsOwnWindow, total, total - current.Count, checks, [.. programme.Rules.Where(rule => checks.All(check => check.Check != rule.Check))])
        {
            Areas = input.Share,
            Months = ReadinessChecks.MonthsOf(input),
            Lacking = [.. lacking.Take(Readiness.MaxEntries)],
            LackingCount = lacking.Count,
        };
    }

    /// <summary>What counts for a programme, with its day, the newest first.</summary>
    /// <param name="today">In the zone.</param>
    public async IAsyncEnumerable<(LedgerLine Line, DateOnly Day)> CountedAsync(
        string person, Programme programme, Membership membership, DateOnly today, DateTimeZone zone, [EnumeratorCancellation] CancellationToken cancel)
    {
        var days = new CountedEntries(programme, membership, today, zone);
        await foreach (var line in EntriesAsync(person, days.First, days.Last, zone, cancel))
        {
            if (days.IsInWindow(line.When, line.EndsAt) && days.IsAbout(line.Title, line.Topics))
                yield return (line, MonthRollup.Day(line.When, zone));
        }
    }

    /// <summary>What counts of a range of days, the newest first.</summary>
    private async IAsyncEnumerable<LedgerLine> EntriesAsync(string person, DateOnly first, DateOnly last, DateTimeZone zone, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (last < first)
            yield break;
        var (from, to) = (new DateOrInstant(null, first).Start(zone), new DateOrInstant(null, last).End(zone));
        await foreach (var entry in lines.NewestFirstAsync(person, from, to, cancel))
        {
            if (entry.IsCounted)
                yield return entry;
        }
    }

    /// <summary>The counts of the window before; null if nothing is known of that time, or if counts cannot tell what is about the programme's subject.</summary>
    private async Task<IReadOnlyDictionary<Kind, int>?> BeforeAsync(string person, CountedDays days, bool hasSubject, DateTimeZone zone, CancellationToken cancel)
    {
        if (hasSubject)
            return null;
        var counts = await CountAsync(person, days, zone, cancel);
        return counts.Count == 0 ? null : counts;
    }

    private async Task<IReadOnlyDictionary<Kind, int>> CountAsync(string person, CountedDays days, DateTimeZone zone, CancellationToken cancel)
    {
        var kinds = new Dictionary<Kind, int>();
        if (!(await ledger.ZoneAsync(person, cancel)).Equals(zone))
            return kinds;
        await foreach (var (first, month) in ledger.MonthsAsync(person, days.From, days.To, cancel))
        {
            foreach (var (day, counts) in month.Public.Concat(month.Private))
            {
                if (!days.Includes(first.AddDays(int.Parse(day, System.Globalization.CultureInfo.InvariantCulture) - 1)))
                    continue;
                foreach (var (name, count) in counts.Kind)
                {
                    if (EnumText<Kind>.TryParse(name, out var kind))
                        kinds[kind] = kinds.GetValueOrDefault(kind) + count;
                }
            }
        }

        return kinds;
    }

    /// <summary>For a programme with levels, the points of each year since the person was accepted.</summary>
    private async Task<IReadOnlyList<int>> YearsAsync(string person, Programme programme, Membership membership, DateOnly today, DateTimeZone zone, CancellationToken cancel)
    {
        if (membership.Accepted is not { } accepted || accepted > today || programme.Window is not { Kind: WindowKind.Anniversary } window)
            return [];
        if (programme.Rules.FirstOrDefault(rule => rule is { Check: RuleCheck.Points, Points: not null, Levels: not null })?.Points is not { } points)
            return [];
        var years = new List<int>();
        for (var day = accepted; day <= today; day = window.Around(day, membership)!.Value.To.AddDays(1))
        {
            var counts = await CountAsync(person, window.Around(day, membership)!.Value, zone, cancel);
            years.Add(counts.Sum(count => count.Value * points.GetValueOrDefault(count.Key)));
        }

        return years;
    }

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;
}

/// <summary>An entry as the checks look at it.</summary>
/// <param name="Last">The last day on which it counts.</param>
internal sealed record ReadinessItem(LedgerLine Line, DateOnly Day, DateOnly Last, AreaPlace? Place)
{
    public string Id => Line.Id;

    public string Title => Line.Title;

    public Kind Kind => Line.Kind;

    public string? Url => Line.Url;

    public double? Number(string name) => Line.Number(name);
}

/// <summary>What the checks look at.</summary>
/// <param name="IsKnown">The window is the programme's own.</param>
/// <param name="Outside">What was shortly before the window.</param>
/// <param name="Before">The counts of the window before; null if there is nothing to compare with.</param>
internal sealed record ReadinessInput(
    Programme Programme, Membership Membership, CountedDays Window, bool IsKnown, DateOnly Today, IReadOnlyList<ReadinessItem> Current, IReadOnlyList<ReadinessItem> Outside, IReadOnlyDictionary<Kind, int>? Before)
{
    /// <summary>Points by year, for a programme with levels.</summary>
    public required IReadOnlyList<int> Years { get; init; }

    /// <summary>Hosts of the employer's sites, separated by commas.</summary>
    public required string? Employer { get; init; }

    /// <summary>The category of the area the person is nominated in.</summary>
    public required string? Category { get; init; }

    public required AreaShare? Share { get; init; }

    /// <summary>The last look at each link, by the entry's id.</summary>
    public required IReadOnlyDictionary<string, EvidenceCheck> Looks { get; init; }

    /// <summary>In which days are counted.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>The last day of the window that has come.</summary>
    public DateOnly End => Window.To < Today ? Window.To : Today;
}
