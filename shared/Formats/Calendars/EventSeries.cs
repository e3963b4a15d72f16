namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// A recurring master with its overrides (RFC 5545, 3.8.4.4). An override replaces one instance; with RANGE=THISANDFUTURE it also moves and describes
/// all later ones, until the next such override.
/// </summary>
internal sealed class EventSeries
{
    private const int MaxChanges = 100;

    private readonly CalendarEvent _master;
    private readonly Recurrence _recurrence;
    private readonly RecurrenceSet _instances;
    private readonly HashSet<long> _overridden = [];
    private readonly HashSet<long> _overriddenDays = [];
    private readonly List<Segment> _segments = [];

    public EventSeries(CalendarEvent master, IReadOnlyList<CalendarEvent> overrides, StepBudget budget)
    {
        _master = master;
        _recurrence = master.Recurrence!;
        _instances = new RecurrenceSet(_recurrence, budget);
        foreach (var one in overrides)
        {
            var id = one.Recurrence!.Id;
            if (_recurrence.AllDay || id.Kind == TimeKind.Date) _overriddenDays.Add(id.Ticks - (id.Ticks % TimeSpan.TicksPerDay));
            else _overridden.Add(id.ToUtc(_recurrence.Zone));
        }

        var changes = overrides.Where(o => o.Recurrence!.ThisAndFuture && o.Start is not null)
            .OrderBy(o => o.Recurrence!.Id.ToUtc(_recurrence.Zone))
            .Take(MaxChanges)
            .ToList();
        var from = 0L;
        var template = master;
        foreach (var change in changes)
        {
            var id = change.Recurrence!.Id.ToUtc(_recurrence.Zone);
            _segments.Add(new Segment(from, id - 1, template, ShiftOf(template)));
            (from, template) = (id, change);
        }

        _segments.Add(new Segment(from, DateTime.MaxValue.Ticks, template, ShiftOf(template)));
    }

    /// <summary>Ascending sequences of all occurrences that start in the window, without the overrides.</summary>
    public IEnumerable<IEnumerable<Occurrence>> Between(long from, long to) => _segments.Select(s => Expand(s, from, to));

    /// <summary>The day of an instance where the series takes place.</summary>
    public static DateOnly DayOf(long instance, CalendarTimeZone? zone) => DateOnly.FromDateTime(new DateTime(zone?.ToLocal(instance) ?? instance));

    /// <summary>An EXDATE of the series removes an occurrence even if there is an override.</summary>
    public bool Excludes(CalendarEvent replacement) => _instances.IsExcluded(replacement.Recurrence!.Id.ToUtc(_recurrence.Zone));

    private IEnumerable<Occurrence> Expand(Segment segment, long from, long to)
    {
        // A day of slack, because the shift is in local time.
        var slack = segment.Shift == 0 ? 0 : TimeSpan.TicksPerDay;
        var earliest = Math.Max(segment.From, from - segment.Shift - slack);
        var latest = Math.Min(segment.To, CalendarTimeZone.Clamp(to - segment.Shift + slack));
        foreach (var id in _instances.Between(earliest, latest))
        {
            if (IsOverridden(id)) continue;
            var start = Shifted(id, segment.Shift);
            if (start < from || start > to) continue;
            yield return Occurrence.Of(segment.Template, start, EndOf(segment, id, start), id, DayOf(id, _recurrence.Zone));
        }
    }

    private long? EndOf(Segment segment, long id, long start)
    {
        if (ReferenceEquals(segment.Template, _master) && _instances.OwnEnd(id) is { } own) return own;
        var recurrence = segment.Template.Recurrence!;
        if (recurrence.Duration is { } duration) return duration.EndOf(start, recurrence.Zone);
        return segment.Template.End is { } end ? CalendarTimeZone.Clamp(start + end.UtcTicks - segment.Template.Start!.Value.UtcTicks) : null;
    }

    private bool IsOverridden(long id)
    {
        if (_overridden.Contains(id)) return true;
        if (_overriddenDays.Count == 0) return false;
        var local = _recurrence.Zone?.ToLocal(id) ?? id;
        return _overriddenDays.Contains(local - (local % TimeSpan.TicksPerDay));
    }

    private long ShiftOf(CalendarEvent template) => ReferenceEquals(template, _master)
        ? 0
        : Local(template.Start!.Value.UtcTicks) - Local(template.Recurrence!.Id.ToUtc(_recurrence.Zone));

    private long Local(long utc) => _recurrence.Zone?.ToLocal(utc) ?? utc;

    private long Shifted(long id, long shift)
    {
        if (shift == 0) return id;
        var local = CalendarTimeZone.Clamp(Local(id) + shift);
        return _recurrence.Zone?.ToUtc(local) ?? local;
    }

    /// <param name="From">First instance, in UTC ticks.</param>
    /// <param name="Shift">Local ticks from an instance to its new time.</param>
    private sealed record Segment(long From, long To, CalendarEvent Template, long Shift);
}

/// <summary>
/// The recurrence set of a master (RFC 5545, 3.8.5): RRULEs and RDATEs minus EXDATEs and EXRULEs. The start belongs to it only if a rule yields it; the
/// RFC leaves the other case undefined, and most readers drop it. Instances are identified by UTC ticks, also by overrides.
/// </summary>
internal sealed class RecurrenceSet
{
    // Enough for every hour of twenty years, or a hundred thousand days without a match.
    private const int MaxSteps = 400_000;

    private readonly Recurrence _recurrence;
    private readonly StepBudget _budget;
    private readonly long _start;
    private readonly HashSet<long> _exceptInstants = [];
    private readonly HashSet<long> _exceptDays = [];
    private readonly Dictionary<long, RecurrenceDate> _dates = [];

    public RecurrenceSet(Recurrence recurrence, StepBudget budget)
    {
        _recurrence = recurrence;
        _budget = budget;
        _start = recurrence.Start.ToUtc();
        foreach (var except in recurrence.ExceptDates)
        {
            // In practice dates and times are mixed; both have the day. A series without a zone has its local time in any.
            if (recurrence.AllDay || except.Kind == TimeKind.Date || IsDay(except)) _exceptDays.Add(except.Ticks - (except.Ticks % TimeSpan.TicksPerDay));
            else _exceptInstants.Add(recurrence.Start.Kind == TimeKind.Floating ? except.Ticks : except.ToUtc(recurrence.Zone));
        }

        foreach (var date in recurrence.Dates)
        {
            var start = date.Start;
            // A date in a timed series has the series' time of day.
            if (start.Kind == TimeKind.Date && !recurrence.AllDay)
                start = recurrence.Start with { Ticks = start.Ticks + (recurrence.Start.Ticks % TimeSpan.TicksPerDay) };
            else if (recurrence.AllDay)
                start = new TimeValue(start.Ticks - (start.Ticks % TimeSpan.TicksPerDay), TimeKind.Date);
            _dates.TryAdd(start.ToUtc(recurrence.Zone), date);
        }
    }

    public IEnumerable<long> Between(long from, long to)
    {
        var sequences = _recurrence.Rules.Select(r => Expand(r, from, to)).ToList();
        if (sequences.Count == 0) sequences.Add([_start]);
        if (_dates.Count > 0) sequences.Add(_dates.Keys.Order());
        using var excepted = new AscendingSkip(_recurrence.ExceptRules.Select(r => Expand(r, from, to)));
        var last = -1L;
        foreach (var instance in sequences.Count == 1 ? sequences[0] : AscendingMerge.Of(sequences, i => i))
        {
            if (instance > to) yield break;
            if (instance <= last || instance < from) continue;
            last = instance;
            if (!excepted.Contains(instance) && !IsExcluded(instance)) yield return instance;
        }
    }

    /// <summary>The UTC end of an instance with a PERIOD; null if the event's own length applies.</summary>
    public long? OwnEnd(long instance)
    {
        if (!_dates.TryGetValue(instance, out var date)) return null;
        if (date.End.IsSet) return Math.Max(instance, date.End.ToUtc(_recurrence.Zone));
        return date.Duration?.EndOf(instance, _recurrence.Zone);
    }

    /// <summary>Removed by an EXDATE.</summary>
    public bool IsExcluded(long instance)
    {
        if (_exceptInstants.Contains(instance)) return true;
        if (_exceptDays.Count == 0) return false;
        var local = _recurrence.Zone?.ToLocal(instance) ?? instance;
        return _exceptDays.Contains(local - (local % TimeSpan.TicksPerDay));
    }

    // Some programs write a day as its midnight, at which a series of evenings has no instance.
    private bool IsDay(TimeValue except) =>
        except.Ticks % TimeSpan.TicksPerDay == 0
        && _recurrence.Start.Ticks % TimeSpan.TicksPerDay != 0
        && _recurrence.Dates.Count == 0
        && (except.Kind == TimeKind.Floating || (except.Kind == _recurrence.Start.Kind && ReferenceEquals(except.Zone, _recurrence.Zone)))
        && _recurrence.Rules.All(rule => rule is { Frequency: >= Frequency.Daily, ByHour.Length: 0, ByMinute.Length: 0 });

    // Converts to UTC. Instances in an hour that the clock skips move forward, possibly past later ones, so they are queued.
    private IEnumerable<long> Expand(RecurrenceRule rule, long from, long to)
    {
        var zone = _recurrence.Zone;
        if (_recurrence.AllDay) rule = rule with { BySecond = [], ByMinute = [], ByHour = [] };
        var earliest = zone is null ? from : Math.Max(0, from - (2 * TimeSpan.TicksPerDay));
        var latest = zone is null ? to : CalendarTimeZone.Clamp(to + (2 * TimeSpan.TicksPerDay));
        var moved = new Queue<long>();
        foreach (var local in new RuleExpansion(rule, _recurrence.Start.Ticks, zone, _budget.Share(MaxSteps)).Between(earliest, latest))
        {
            var skipped = false;
            var utc = zone is null ? local : zone.ToUtc(local, out skipped);
            if (skipped)
            {
                moved.Enqueue(utc);
                continue;
            }

            while (moved.TryPeek(out var waiting) && waiting <= utc) yield return moved.Dequeue();
            yield return utc;
        }

        while (moved.TryDequeue(out var waiting)) yield return waiting;
    }

    /// <summary>Looks up ascending values in an ascending sequence.</summary>
    private sealed class AscendingSkip(IEnumerable<IEnumerable<long>> sequences) : IDisposable
    {
        private readonly IEnumerator<long> _sequence = AscendingMerge.Of(sequences, i => i).GetEnumerator();
        private bool _started;
        private bool _ended;

        public bool Contains(long instance)
        {
            if (!_started) _ended = !_sequence.MoveNext();
            _started = true;
            while (!_ended && _sequence.Current < instance) _ended = !_sequence.MoveNext();
            return !_ended && _sequence.Current == instance;
        }

        public void Dispose() => _sequence.Dispose();
    }
}
