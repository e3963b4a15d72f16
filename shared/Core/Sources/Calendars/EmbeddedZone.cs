using NodaTime;
using NodaTime.TimeZones;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>One STANDARD or DAYLIGHT part of a VTIMEZONE: from each of its onsets on the clock has its offset.</summary>
/// <param name="Start">Wall clock ticks of the first onset, on the clock before it.</param>
/// <param name="OffsetFrom">Ticks east of UTC before.</param>
/// <param name="OffsetTo">Ticks east of UTC from then on.</param>
internal sealed record Observance(
    long Start,
    long OffsetFrom,
    long OffsetTo,
    IReadOnlyList<RecurrenceRule> Rules,
    IReadOnlyList<TimeValue> Dates);

/// <summary>A zone that the document itself defines (VTIMEZONE, RFC 5545, 3.6.5).</summary>
internal sealed class EmbeddedZone(string id, IReadOnlyList<Observance> observances)
    : DateTimeZone(id, isFixed: false, Offset.MinValue, Offset.MaxValue)
{
    private const int MostOnsets = 1_000;
    private Table? _table;

    public override ZoneInterval GetZoneInterval(Instant instant)
    {
        var utc = Zone.Clamp(instant.ToUnixTimeTicks() + DateTime.UnixEpoch.Ticks);
        var table = _table;
        if (table is null || utc >= table.Until) _table = table = Expand(utc);

        var index = Array.BinarySearch(table.Onsets, utc);
        if (index < 0) index = ~index - 1;
        var offset = index < 0 ? table.Before : table.Offsets[index];
        return new ZoneInterval(
            Id,
            index < 0 ? null : At(table.Onsets[index]),
            index + 1 < table.Onsets.Length ? At(table.Onsets[index + 1]) : At(table.Until),
            Offset.FromTicks(offset),
            Offset.Zero);
    }

    private static Instant At(long utc) => Instant.FromUnixTimeTicks(utc - DateTime.UnixEpoch.Ticks);

    // Rules for ever are followed well beyond what is asked; a later question makes a longer table, and each is longer by more.
    private Table Expand(long utc)
    {
        var asked = new DateTime(utc, DateTimeKind.Utc).Year;
        var year = Math.Clamp(asked + Math.Max(20, asked - 1990), 2040, 9999);
        var until = year == 9999 ? DateTime.MaxValue.Ticks : new DateOnly(year, 1, 1).DayNumber * TimeSpan.TicksPerDay;
        var onsets = new SortedDictionary<long, Observance>();
        foreach (var observance in observances)
        {
            onsets[Zone.Clamp(observance.Start - observance.OffsetFrom)] = observance;
            foreach (var date in observance.Dates)
                onsets[Zone.Clamp(date.Kind == TimeKind.Utc ? date.Ticks : date.Ticks - observance.OffsetFrom)] = observance;
            foreach (var rule in observance.Rules)
            {
                var local = rule.Until.Kind == TimeKind.Utc
                    ? rule with { Until = new TimeValue(Zone.Clamp(rule.Until.Ticks + observance.OffsetFrom), TimeKind.Floating) }
                    : rule;
                var budget = new StepBudget(MostOnsets * 10);
                var instances = new RuleExpansion(local, observance.Start, zone: null, budget).Between(observance.Start, until);
                foreach (var onset in instances.Take(MostOnsets)) onsets[Zone.Clamp(onset - observance.OffsetFrom)] = observance;
            }
        }

        return new Table(
            [.. onsets.Keys],
            [.. onsets.Values.Select(o => o.OffsetTo)],
            onsets.Count == 0 ? 0 : onsets.First().Value.OffsetFrom,
            until);
    }

    private sealed record Table(long[] Onsets, long[] Offsets, long Before, long Until);
}
