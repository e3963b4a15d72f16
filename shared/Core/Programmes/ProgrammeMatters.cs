using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Programmes;

[JsonConverter(typeof(EnumTextConverter<MatterKind>))]
public enum MatterKind
{
    /// <summary>Contributions that a published rule asks for are missing, and the window ends soon.</summary>
    Missing,

    /// <summary>The month ends soon and has nothing, for a programme that looks at months.</summary>
    EmptyMonth,

    /// <summary>The window, or the day of applying, is near.</summary>
    Deadline,

    /// <summary>Entries lack evidence or a number that the programme asks for.</summary>
    Lacking,
}

/// <summary>Something about a programme of the person's that matters now.</summary>
/// <param name="Programme">Its id.</param>
/// <param name="Count">How many are missing or lack something; absent otherwise.</param>
/// <param name="Day">When the month or the window ends; absent if nothing ends.</param>
public sealed record ProgrammeMatter(string Programme, string Name, MatterKind Kind, int? Count = null, DateOnly? Day = null);

/// <summary>Finds what matters now for people's programmes.</summary>
public sealed class ProgrammeMatters(ProgrammeCatalog programmes, Memberships memberships, ReadinessReader readiness)
{
    public const int Most = 3;

    private const int EndsSoon = 60;
    private const int DeadlineSoon = 30;
    private const int MonthEndsSoon = 10;

    /// <param name="today">In the zone.</param>
    /// <returns>At most <see cref="Most"/>, the most pressing first.</returns>
    public async Task<IReadOnlyList<ProgrammeMatter>> ReadAsync(string person, DateOnly today, DateTimeZone zone, CancellationToken cancel)
    {
        var matters = new List<ProgrammeMatter>();
        foreach (var (id, membership) in await memberships.ListAsync(person, cancel))
        {
            if (programmes.Find(id) is { } programme)
                matters.AddRange(Of(programme, await readiness.ReadAsync(person, programme, membership, today, zone, cancel), today));
        }

        return [.. matters.OrderBy(matter => matter.Kind).ThenBy(matter => matter.Day ?? DateOnly.MaxValue).ThenBy(matter => matter.Name, StringComparer.OrdinalIgnoreCase).Take(Most)];
    }

    private static IEnumerable<ProgrammeMatter> Of(Programme programme, Readiness readiness, DateOnly today)
    {
        var left = Check(RuleCheck.Deadline)?.Count;
        var end = left is { } days ? today.AddDays(days) : (DateOnly?)null;
        var missing = Check(RuleCheck.Items)?.Missing ?? 0;
        if (missing > 0 && left <= EndsSoon)
            yield return new ProgrammeMatter(programme.Id, programme.Name, MatterKind.Missing, missing, end);
        else if (left <= DeadlineSoon)
            yield return new ProgrammeMatter(programme.Id, programme.Name, MatterKind.Deadline, null, end);

        // Only what the programme itself says of months makes an empty one matter.
        var monthEnd = new DateOnly(today.Year, today.Month, DateTime.DaysInMonth(today.Year, today.Month));
        if (programme.Rules.Any(rule => rule is { Check: RuleCheck.Months, Mark: RuleMark.Published }) && monthEnd.DayNumber - today.DayNumber < MonthEndsSoon
            && readiness.Months.FirstOrDefault(month => month.From.Year == today.Year && month.From.Month == today.Month) is { Count: 0 })
            yield return new ProgrammeMatter(programme.Id, programme.Name, MatterKind.EmptyMonth, null, monthEnd);
        if (readiness.LackingCount > 0)
            yield return new ProgrammeMatter(programme.Id, programme.Name, MatterKind.Lacking, readiness.LackingCount);

        ReadinessCheck? Check(RuleCheck check) => readiness.Checks.FirstOrDefault(found => found.Check == check);
    }
}
