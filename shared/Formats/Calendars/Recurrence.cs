namespace ContributionIngest.Formats.Calendars;

/// <summary>How an event recurs, or what it replaces. Times stay in local time, because rules apply to it.</summary>
internal sealed record Recurrence
{
    public required TimeValue Start { get; init; }
    public IReadOnlyList<RecurrenceRule> Rules { get; init; } = [];

    /// <summary>EXRULE: RFC 2445, deprecated but still in use.</summary>
    public IReadOnlyList<RecurrenceRule> ExceptRules { get; init; } = [];

    public IReadOnlyList<RecurrenceDate> Dates { get; init; } = [];
    public IReadOnlyList<TimeValue> ExceptDates { get; init; } = [];

    /// <summary>DURATION; without it occurrences last exactly as long as the event.</summary>
    public DurationValue? Duration { get; init; }

    /// <summary>RECURRENCE-ID; unset on a master.</summary>
    public TimeValue Id { get; init; }

    /// <summary>RANGE=THISANDFUTURE.</summary>
    public bool ThisAndFuture { get; init; }

    /// <summary>Zone of the series; null for days, floating times and UTC.</summary>
    public CalendarTimeZone? Zone => Start.Zone;

    public bool AllDay => Start.Kind == TimeKind.Date;
}

/// <summary>An RDATE, with its own end if it is a PERIOD.</summary>
internal readonly record struct RecurrenceDate(TimeValue Start, TimeValue End, DurationValue? Duration)
{
    public static bool TryParse(ReadOnlySpan<byte> text, CalendarTimeZone? zone, out RecurrenceDate date)
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

/// <summary>
/// Caches the last value of a property. Events of a calendar often share a location, a description or categories, which then are the same object.
/// </summary>
internal sealed class LastValueCache<T>
    where T : class
{
    private byte[] _bytes = new byte[64];
    private int _length;
    private T? _read;

    public bool Is(ReadOnlySpan<byte> value, out T? read)
    {
        read = _read;
        return read is not null && value.SequenceEqual(_bytes.AsSpan(0, _length));
    }

    public T? Keep(ReadOnlySpan<byte> value, T? read)
    {
        if (value.Length > _bytes.Length) _bytes = new byte[value.Length * 2];
        value.CopyTo(_bytes);
        _length = value.Length;
        return _read = read;
    }
}

/// <summary>
/// Bounds the work of an expansion, for rules that never match, or match every second for ever. About twenty million steps take a second. A budget may
/// be a share of another, so that one bad rule cannot use up what others need.
/// </summary>
internal sealed class StepBudget(int most, StepBudget? shared = null)
{
    private int _left = most;

    /// <summary>The budget, or a share of it, was exhausted.</summary>
    public bool IsExhausted { get; private set; }

    public StepBudget Share(int steps) => new(steps, this);

    /// <summary>False if nothing is left.</summary>
    public bool Take(int steps = 1)
    {
        _left -= steps;
        if (_left > 0 && shared?.Take(steps) != false) return true;
        IsExhausted = true;
        if (shared is not null) shared.IsExhausted = true;
        return false;
    }
}
