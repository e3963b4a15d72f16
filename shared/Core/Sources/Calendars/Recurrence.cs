namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>How an event repeats, or what it replaces, as written: times keep their clocks, since rules run on the wall clock.</summary>
internal sealed record Recurrence
{
    public required TimeValue Start { get; init; }

    public IReadOnlyList<RecurrenceRule> Rules { get; init; } = [];

    /// <summary>EXRULE: of RFC 2445, deprecated but alive.</summary>
    public IReadOnlyList<RecurrenceRule> ExceptRules { get; init; } = [];

    public IReadOnlyList<RecurrenceDate> Dates { get; init; } = [];

    public IReadOnlyList<TimeValue> ExceptDates { get; init; } = [];

    /// <summary>DURATION; where it is absent an occurrence lasts as long, to the tick, as the event itself.</summary>
    public DurationValue? Duration { get; init; }

    /// <summary>RECURRENCE-ID; unset on a master.</summary>
    public TimeValue Id { get; init; }

    /// <summary>RANGE=THISANDFUTURE.</summary>
    public bool ThisAndFuture { get; init; }

    /// <summary>The clock the series runs on; null for days, floating times and UTC.</summary>
    public Zone? Zone => Start.Zone;

    public bool AllDay => Start.Kind == TimeKind.Date;
}

/// <summary>An RDATE; with an end of its own when it is a PERIOD.</summary>
internal readonly record struct RecurrenceDate(TimeValue Start, TimeValue End, DurationValue? Duration)
{
    public static bool TryParse(ReadOnlySpan<byte> text, Zone? zone, out RecurrenceDate date)
    {
        date = default;
        var slash = text.IndexOf((byte)'/');
        if (!TimeValue.TryParse(slash < 0 ? text : text[..slash], zone, out var start)) return false;
        date = new RecurrenceDate(start, default, null);
        if (slash < 0) return true;
        if (TimeValue.TryParse(text[(slash + 1)..], zone, out var end)) date = new RecurrenceDate(start, end, null);
        else if (DurationValue.TryParse(text[(slash + 1)..], out var duration)) date = new RecurrenceDate(start, default, duration);
        return true;
    }
}
