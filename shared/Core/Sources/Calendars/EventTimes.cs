namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>The times of an event as written; UTC once their zones are known, which may be after the event was read.</summary>
internal readonly record struct EventTimes(TimeValue Start, TimeValue End, DurationValue? Duration, TimeValue RecurrenceId)
{
    public bool AreKnown => IsKnown(Start) && IsKnown(End) && IsKnown(RecurrenceId);

    public DateTimeOffset? StartUtc => Start.IsSet ? Utc(Start.ToUtc()) : null;

    public DateTimeOffset? RecurrenceIdUtc => RecurrenceId.IsSet ? Utc(RecurrenceId.ToUtc(Start.Zone)) : null;

    public DateTimeOffset? EndUtc(RepairTally repairs)
    {
        if (!Start.IsSet) return End.IsSet ? Utc(End.ToUtc()) : null;
        var start = Start.ToUtc();
        // RFC 5545, 3.6.1: a day without an end lasts that day, a time without an end takes no time.
        var least = Start.Kind == TimeKind.Date ? Zone.Clamp(start + TimeSpan.TicksPerDay) : start;
        var end = End.IsSet ? End.ToUtc(Start.Zone) : Duration?.EndOf(start, Start.Zone) ?? least;
        if (end >= start && (end > start || Start.Kind != TimeKind.Date)) return Utc(end);
        repairs.Add("endBeforeStart");
        return Utc(least);
    }

    private static bool IsKnown(TimeValue time) => time.Zone is null or { IsDefined: true };

    private static DateTimeOffset Utc(long ticks) => new(ticks, TimeSpan.Zero);
}
