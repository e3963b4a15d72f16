using NodaTime;
using NodaTime.TimeZones;

namespace ContributionIngest.Formats.Calendars;

/// <summary>A time zone as a calendar names it; its definition may follow its first use. All times are <see cref="DateTime"/> ticks, local or UTC.</summary>
internal sealed class CalendarTimeZone(string id)
{
    private DateTimeZone? _definition;
    private OffsetSpan? _lastSpan;

    public string Id { get; } = id;

    public bool IsDefined => _definition is not null;

    public DateTimeZone? Definition => _definition;

    public void Define(DateTimeZone definition)
    {
        _definition = definition;
        _lastSpan = null;
    }

    public long ToUtc(long local) => ToUtc(local, out _);

    /// <summary>A skipped time is read with the offset before the gap, so it moves forward; an ambiguous time is the first (RFC 5545, 3.3.5).</summary>
    public long ToUtc(long local, out bool skipped)
    {
        skipped = false;
        var steady = _lastSpan;
        if (steady is not null && local >= steady.From && local < steady.To) return Clamp(local - steady.Offset);

        var before = At(local - TimeSpan.TicksPerDay);
        var after = At(local + TimeSpan.TicksPerDay);
        if (before.Offset == after.Offset)
        {
            _lastSpan = before;
            return Clamp(local - before.Offset);
        }

        var first = Clamp(local - before.Offset);
        if (At(first).Offset == before.Offset) return first;
        var second = Clamp(local - after.Offset);
        skipped = At(second).Offset != after.Offset;
        return skipped ? first : second;
    }

    public long ToLocal(long utc) => Clamp(utc + At(utc).Offset);

    public static long Clamp(long ticks) => Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks);

    private OffsetSpan At(long utc)
    {
        if (_definition is null) return OffsetSpan.Utc;
        var interval = _definition.GetZoneInterval(Instant.FromUnixTimeTicks(Clamp(utc) - DateTime.UnixEpoch.Ticks));
        var offset = interval.WallOffset.Ticks;
        var from = interval.HasStart ? Ticks(interval.Start) + offset + TimeSpan.TicksPerDay : 0;
        var to = interval.HasEnd ? Ticks(interval.End) + offset - TimeSpan.TicksPerDay : DateTime.MaxValue.Ticks;
        return new OffsetSpan(from, to, offset);
    }

    private static long Ticks(Instant instant) => instant.ToUnixTimeTicks() + DateTime.UnixEpoch.Ticks;

    /// <summary>A span of local times with one offset, a day away from any change. Replaced as a whole, so readers can share it.</summary>
    private sealed record OffsetSpan(long From, long To, long Offset)
    {
        public static readonly OffsetSpan Utc = new(0, DateTime.MaxValue.Ticks, 0);
    }
}

/// <summary>A STANDARD or DAYLIGHT part of a VTIMEZONE: its offset applies from each of its onsets.</summary>
/// <param name="Start">Local ticks of the first onset, with the offset before it.</param>
/// <param name="OffsetFrom">Ticks east of UTC before.</param>
/// <param name="OffsetTo">Ticks east of UTC from then on.</param>
internal sealed record Observance(long Start, long OffsetFrom, long OffsetTo, IReadOnlyList<RecurrenceRule> Rules, IReadOnlyList<TimeValue> Dates);

/// <summary>A zone defined by the document (VTIMEZONE, RFC 5545, 3.6.5).</summary>
internal sealed class EmbeddedTimeZone(string id, IReadOnlyList<Observance> observances)
    : DateTimeZone(id, isFixed: false, Offset.MinValue, Offset.MaxValue)
{
    private const int MaxOnsets = 1_000;

    /// <summary>Programs write rules that begin in the year 1; no event is older than this.</summary>
    private static readonly long Earliest = new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private Table? _table;

    public override ZoneInterval GetZoneInterval(Instant instant)
    {
        var utc = CalendarTimeZone.Clamp(instant.ToUnixTimeTicks() + DateTime.UnixEpoch.Ticks);
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

    // Endless rules are expanded well beyond the time asked for; a later time makes a longer table.
    private Table Expand(long utc)
    {
        var asked = new DateTime(utc, DateTimeKind.Utc).Year;
        var year = Math.Clamp(asked + Math.Max(20, asked - 1990), 2040, 9999);
        var until = year == 9999 ? DateTime.MaxValue.Ticks : new DateOnly(year, 1, 1).DayNumber * TimeSpan.TicksPerDay;
        var onsets = new SortedDictionary<long, Observance>();
        foreach (var observance in observances)
        {
            onsets[CalendarTimeZone.Clamp(observance.Start - observance.OffsetFrom)] = observance;
            foreach (var date in observance.Dates)
                onsets[CalendarTimeZone.Clamp(date.Kind == TimeKind.Utc ? date.Ticks : date.Ticks - observance.OffsetFrom)] = observance;
            foreach (var rule in observance.Rules)
            {
                var local = rule.Until.Kind == TimeKind.Utc
                    ? rule with { Until = new TimeValue(CalendarTimeZone.Clamp(rule.Until.Ticks + observance.OffsetFrom), TimeKind.Floating) }
                    : rule;
                var budget = new StepBudget(MaxOnsets * 10);
                var instances = new RuleExpansion(local, observance.Start, zone: null, budget).Between(Math.Max(observance.Start, Earliest), until);
                foreach (var onset in instances.Take(MaxOnsets)) onsets[CalendarTimeZone.Clamp(onset - observance.OffsetFrom)] = observance;
            }
        }

        return new Table([.. onsets.Keys], [.. onsets.Values.Select(o => o.OffsetTo)], onsets.Count == 0 ? 0 : onsets.First().Value.OffsetFrom, until);
    }

    private sealed record Table(long[] Onsets, long[] Offsets, long Before, long Until);
}
