using NodaTime;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// A time zone as one calendar names it. The definition may come after its first use, so the name stands for it until then. All times are
/// <see cref="DateTime"/> ticks, of the wall clock or of UTC.
/// </summary>
internal sealed class Zone(string id)
{
    private DateTimeZone? _definition;
    private Steady? _steady;

    public string Id { get; } = id;

    public bool IsDefined => _definition is not null;

    public void Define(DateTimeZone definition)
    {
        _definition = definition;
        _steady = null;
    }

    public long ToUtc(long local) => ToUtc(local, out _);

    /// <summary>
    /// A time the clock skips is read with the offset before the gap, so it moves forward; of a time the clock shows twice the first is
    /// taken (RFC 5545, 3.3.5).
    /// </summary>
    public long ToUtc(long local, out bool skipped)
    {
        skipped = false;
        var steady = _steady;
        if (steady is not null && local >= steady.From && local < steady.To) return Clamp(local - steady.Offset);

        var before = At(local - TimeSpan.TicksPerDay);
        var after = At(local + TimeSpan.TicksPerDay);
        if (before.Offset == after.Offset)
        {
            _steady = before;
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

    private Steady At(long utc)
    {
        if (_definition is null) return Steady.Utc;
        var interval = _definition.GetZoneInterval(Instant.FromUnixTimeTicks(Clamp(utc) - DateTime.UnixEpoch.Ticks));
        var offset = interval.WallOffset.Ticks;
        var from = interval.HasStart ? Ticks(interval.Start) + offset + TimeSpan.TicksPerDay : 0;
        var to = interval.HasEnd ? Ticks(interval.End) + offset - TimeSpan.TicksPerDay : DateTime.MaxValue.Ticks;
        return new Steady(from, to, offset);
    }

    private static long Ticks(Instant instant) => instant.ToUnixTimeTicks() + DateTime.UnixEpoch.Ticks;

    /// <summary>Wall clock times, a day away from any change, that all have one offset. Replaced as a whole, so readers may share it.</summary>
    private sealed record Steady(long From, long To, long Offset)
    {
        public static readonly Steady Utc = new(0, DateTime.MaxValue.Ticks, 0);
    }
}
