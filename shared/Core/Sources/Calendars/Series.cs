namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// A recurring master with what overrides it (RFC 5545, 3.8.4.4). An override takes the place of one instance; with RANGE=THISANDFUTURE it
/// also moves and describes all that follow, until the next such.
/// </summary>
internal sealed class Series
{
    private const int MostChanges = 100;

    private readonly CalendarEvent _master;
    private readonly Recurrence _recurrence;
    private readonly Instances _instances;
    private readonly HashSet<long> _overridden = [];
    private readonly HashSet<long> _overriddenDays = [];
    private readonly List<Segment> _segments = [];

    public Series(CalendarEvent master, IReadOnlyList<CalendarEvent> overrides, StepBudget budget)
    {
        _master = master;
        _recurrence = master.Recurrence!;
        _instances = new Instances(_recurrence, budget);
        foreach (var one in overrides)
        {
            var id = one.Recurrence!.Id;
            if (_recurrence.AllDay || id.Kind == TimeKind.Date) _overriddenDays.Add(id.Ticks - (id.Ticks % TimeSpan.TicksPerDay));
            else _overridden.Add(id.ToUtc(_recurrence.Zone));
        }

        var changes = overrides.Where(o => o.Recurrence!.ThisAndFuture && o.Start is not null)
            .OrderBy(o => o.Recurrence!.Id.ToUtc(_recurrence.Zone))
            .Take(MostChanges)
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

    /// <summary>Each ascending; together all occurrences that start in the window, overrides themselves not among them.</summary>
    public IEnumerable<IEnumerable<Occurrence>> Between(long from, long to) =>
        _segments.Select(s => OfSegment(s, from, to));

    /// <summary>An EXDATE of the series takes an occurrence out even where an override speaks of it.</summary>
    public bool Excepts(CalendarEvent replacement) => _instances.IsExcepted(replacement.Recurrence!.Id.ToUtc(_recurrence.Zone));

    private IEnumerable<Occurrence> OfSegment(Segment segment, long from, long to)
    {
        // A day of slack: the shift is one of the wall clock.
        var slack = segment.Shift == 0 ? 0 : TimeSpan.TicksPerDay;
        var earliest = Math.Max(segment.From, from - segment.Shift - slack);
        var latest = Math.Min(segment.To, Zone.Clamp(to - segment.Shift + slack));
        foreach (var id in _instances.Between(earliest, latest))
        {
            if (IsOverridden(id)) continue;
            var start = Shifted(id, segment.Shift);
            if (start < from || start > to) continue;
            yield return Occurrence.Of(segment.Template, start, EndOf(segment, id, start), id);
        }
    }

    private long? EndOf(Segment segment, long id, long start)
    {
        if (ReferenceEquals(segment.Template, _master) && _instances.OwnEnd(id) is { } own) return own;
        var recurrence = segment.Template.Recurrence!;
        if (recurrence.Duration is { } duration) return duration.EndOf(start, recurrence.Zone);
        return segment.Template.End is { } end ? Zone.Clamp(start + end.UtcTicks - segment.Template.Start!.Value.UtcTicks) : null;
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
        var local = Zone.Clamp(Local(id) + shift);
        return _recurrence.Zone?.ToUtc(local) ?? local;
    }

    /// <param name="From">First instance it speaks of, UTC ticks.</param>
    /// <param name="Shift">Ticks on the wall clock from an instance to when it now happens.</param>
    private sealed record Segment(long From, long To, CalendarEvent Template, long Shift);
}
