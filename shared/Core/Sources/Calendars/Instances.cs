namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// The recurrence set of one master (RFC 5545, 3.8.5): RRULEs and RDATEs together, less EXDATEs and EXRULEs. The start belongs to it where
/// a rule yields it; of a start that its own rule does not yield the RFC leaves open what it means, and most readers drop it. An instance is
/// known by its UTC ticks; overrides refer to it by them.
/// </summary>
internal sealed class Instances
{
    // Enough for every hour of twenty years, or for a hundred thousand days that do not match.
    private const int MostSteps = 400_000;

    private readonly Recurrence _recurrence;
    private readonly StepBudget _budget;
    private readonly long _start;
    private readonly HashSet<long> _exceptInstants = [];
    private readonly HashSet<long> _exceptDays = [];
    private readonly Dictionary<long, RecurrenceDate> _dates = [];

    public Instances(Recurrence recurrence, StepBudget budget)
    {
        _recurrence = recurrence;
        _budget = budget;
        _start = recurrence.Start.ToUtc();
        foreach (var except in recurrence.ExceptDates)
        {
            // Days and times are mixed up in the wild; the day is what both tell.
            if (recurrence.AllDay || except.Kind == TimeKind.Date) _exceptDays.Add(except.Ticks - (except.Ticks % TimeSpan.TicksPerDay));
            else _exceptInstants.Add(except.ToUtc(recurrence.Zone));
        }

        foreach (var date in recurrence.Dates)
        {
            var start = date.Start;
            // A day among the dates of a timed series happens at the series' time of day.
            if (start.Kind == TimeKind.Date && !recurrence.AllDay)
                start = recurrence.Start with { Ticks = start.Ticks + (recurrence.Start.Ticks % TimeSpan.TicksPerDay) };
            else if (recurrence.AllDay)
                start = new TimeValue(start.Ticks - (start.Ticks % TimeSpan.TicksPerDay), TimeKind.Date);
            _dates.TryAdd(start.ToUtc(recurrence.Zone), date);
        }
    }

    public IEnumerable<long> Between(long from, long to)
    {
        var sequences = _recurrence.Rules.Select(r => OfRule(r, from, to)).ToList();
        if (sequences.Count == 0) sequences.Add([_start]);
        if (_dates.Count > 0) sequences.Add(_dates.Keys.Order());
        using var excepted = new AscendingSkip(_recurrence.ExceptRules.Select(r => OfRule(r, from, to)));
        var last = -1L;
        foreach (var instance in sequences.Count == 1 ? sequences[0] : AscendingMerge.Of(sequences, i => i))
        {
            if (instance > to) yield break;
            if (instance <= last || instance < from) continue;
            last = instance;
            if (!excepted.Contains(instance) && !IsExcepted(instance)) yield return instance;
        }
    }

    /// <summary>The UTC end of an instance, by its PERIOD if it came with one; null when the event's own length applies.</summary>
    public long? OwnEnd(long instance)
    {
        if (!_dates.TryGetValue(instance, out var date)) return null;
        if (date.End.IsSet) return Math.Max(instance, date.End.ToUtc(_recurrence.Zone));
        return date.Duration?.EndOf(instance, _recurrence.Zone);
    }

    /// <summary>Named by an EXDATE.</summary>
    public bool IsExcepted(long instance)
    {
        if (_exceptInstants.Contains(instance)) return true;
        if (_exceptDays.Count == 0) return false;
        var local = _recurrence.Zone?.ToLocal(instance) ?? instance;
        return _exceptDays.Contains(local - (local % TimeSpan.TicksPerDay));
    }

    // Wall clock → UTC. Instances in the hour that the clock skips move forward, past later ones: they wait for their turn.
    private IEnumerable<long> OfRule(RecurrenceRule rule, long from, long to)
    {
        var zone = _recurrence.Zone;
        if (_recurrence.AllDay) rule = rule with { BySecond = [], ByMinute = [], ByHour = [] };
        var earliest = zone is null ? from : Math.Max(0, from - (2 * TimeSpan.TicksPerDay));
        var latest = zone is null ? to : Zone.Clamp(to + (2 * TimeSpan.TicksPerDay));
        var moved = new Queue<long>();
        foreach (var local in new RuleExpansion(rule, _recurrence.Start.Ticks, zone, _budget.Share(MostSteps)).Between(earliest, latest))
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

    /// <summary>Is an ascending series of questions in an ascending sequence?</summary>
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
