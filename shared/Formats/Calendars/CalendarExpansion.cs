using System.Collections;

namespace ContributionIngest.Formats.Calendars;

/// <summary>One occurrence of an event.</summary>
/// <param name="Uid">Shared by all occurrences of a series.</param>
/// <param name="Start">In UTC.</param>
/// <param name="End">In UTC, exclusive.</param>
/// <param name="Event">The event itself, the master of its series, or the override.</param>
/// <param name="Instance">Of a series: its original start, which identifies it wherever it was moved to.</param>
public sealed record Occurrence(string? Uid, DateTimeOffset Start, DateTimeOffset? End, CalendarEvent Event, DateTimeOffset? Instance = null)
{
    /// <summary>Of a series: the day of its original start, in the zone of the series.</summary>
    public DateOnly? Day { get; init; }

    internal static Occurrence Of(CalendarEvent of, long start, long? end, long? instance, DateOnly? day) => new(
        of.Uid,
        new DateTimeOffset(start, TimeSpan.Zero),
        end is { } e ? new DateTimeOffset(e, TimeSpan.Zero) : null,
        of,
        instance is { } i ? new DateTimeOffset(i, TimeSpan.Zero) : of.RecurrenceId)
    {
        Day = day,
    };
}

/// <summary>
/// The occurrences of all events of a document that start in a window, in ascending order, computed as they are read (RFC 5545, 3.8.5: RRULE, RDATE,
/// EXDATE; RFC 2445: EXRULE). Overrides replace their occurrences; cancelled ones have that status. Bounded by <paramref name="cap"/> and by a
/// budget of work; if either ends it early, <see cref="Repairs"/> says so after reading.
/// </summary>
/// <param name="document">From <see cref="CalendarReader"/>.</param>
/// <param name="from">Inclusive.</param>
/// <param name="to">Exclusive.</param>
/// <param name="cap">The most occurrences to return.</param>
public sealed class CalendarExpansion(CalendarDocument document, DateTimeOffset from, DateTimeOffset to, int cap = CalendarExpansion.DefaultCap)
    : IEnumerable<Occurrence>
{
    /// <summary>Default of <c>cap</c>.</summary>
    public const int DefaultCap = 50_000;
    private const int MaxSteps = 2_000_000;
    private const int MaxStepsForEach = 500;
    private const int MaxSeriesOverridden = 16;

    private readonly RepairLog _repairs = new();

    /// <summary><c>occurrencesCapped</c> or <c>expansionStopped</c>; complete after the occurrences have been read.</summary>
    public IReadOnlyList<Repair> Repairs => _repairs.ToList();

    /// <inheritdoc/>
    public IEnumerator<Occurrence> GetEnumerator()
    {
        var budget = new StepBudget(MaxSteps + (MaxStepsForEach * document.Events.Count));
        var given = 0;
        foreach (var occurrence in AscendingMerge.Of(Sequences(budget), o => o.Start.UtcTicks))
        {
            if (given++ == cap)
            {
                _repairs.Add("occurrencesCapped");
                yield break;
            }

            yield return occurrence;
        }

        if (budget.IsExhausted) _repairs.Add("expansionStopped");
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<IEnumerable<Occurrence>> Sequences(StepBudget budget)
    {
        var (first, last) = (from.UtcTicks, to.UtcTicks - 1);
        var overrides = OverridesByUid();
        var singles = new List<Occurrence>();
        var sequences = new List<IEnumerable<Occurrence>>();
        foreach (var one in Masters())
        {
            var start = one.Start!.Value;
            overrides.TryGetValue(one.Uid ?? "", out var replacements);
            if (one.Recurring)
            {
                // Overrides belong to one series, or to a few that share a uid. Thousands times thousands are an attack.
                if (replacements is not null && ++replacements.Series > MaxSeriesOverridden) replacements = null;
                var series = new EventSeries(one, replacements is null ? [] : [.. replacements.ById.Values], budget);
                if (replacements is not null) replacements.Zone ??= one.Recurrence!.Zone;
                sequences.AddRange(series.Between(first, last));
                foreach (var (id, replacement) in replacements?.ById.ToList() ?? [])
                    if (series.Excludes(replacement)) replacements!.ById.Remove(id);
            }
            else if (replacements?.ById.ContainsKey(start.UtcTicks) != true)
            {
                AddSingle(one, start);
            }
        }

        foreach (var ofUid in overrides.Values)
            foreach (var (id, one) in ofUid.ById)
                if (one.Start is { } start) AddSingle(one, start, EventSeries.DayOf(id, one.Recurrence!.Id.Kind == TimeKind.Date ? null : ofUid.Zone ?? one.Recurrence.Zone));

        singles.Sort((a, b) => a.Start.CompareTo(b.Start));
        sequences.Add(singles);
        return sequences;

        void AddSingle(CalendarEvent one, DateTimeOffset start, DateOnly? day = null)
        {
            if (start.UtcTicks >= first && start.UtcTicks <= last) singles.Add(Occurrence.Of(one, start.UtcTicks, one.End?.UtcTicks, null, day));
        }
    }

    // Events with the same uid and start are versions of one: the newest wins.
    private IEnumerable<CalendarEvent> Masters()
    {
        var masters = document.Events.Where(e => e.Start is not null && e.Recurrence is not { Id.IsSet: true }).ToLookup(e => e.Uid is null);
        return masters[true].Concat(masters[false].GroupBy(e => (e.Uid, e.Start)).Select(g => g.MaxBy(e => e.Sequence)!));
    }

    // Of several versions of an override the newest wins.
    private Dictionary<string, Overrides> OverridesByUid()
    {
        var overrides = new Dictionary<string, Overrides>(StringComparer.Ordinal);
        foreach (var one in document.Events)
        {
            if (one.Recurrence is not { Id.IsSet: true } recurrence) continue;
            var uid = one.Uid ?? "";
            if (!overrides.TryGetValue(uid, out var ofUid)) overrides[uid] = ofUid = new Overrides();
            var id = recurrence.Id.ToUtc(recurrence.Zone);
            if (!ofUid.ById.TryGetValue(id, out var other) || one.Sequence >= other.Sequence) ofUid.ById[id] = one;
        }

        return overrides;
    }

    private sealed class Overrides
    {
        public Dictionary<long, CalendarEvent> ById { get; } = [];

        /// <summary>Of the series; null for days, floating times and UTC.</summary>
        public CalendarTimeZone? Zone { get; set; }

        /// <summary>Number of series with this uid so far.</summary>
        public int Series { get; set; }
    }
}

/// <summary>Merges ascending sequences, reading at most one element of each ahead.</summary>
internal static class AscendingMerge
{
    public static IEnumerable<T> Of<T>(IEnumerable<IEnumerable<T>> sequences, Func<T, long> key)
    {
        var heads = new PriorityQueue<IEnumerator<T>, (long Key, int Order)>();
        var order = 0;
        try
        {
            foreach (var sequence in sequences)
            {
                var head = sequence.GetEnumerator();
                if (head.MoveNext()) heads.Enqueue(head, (key(head.Current), order++));
                else head.Dispose();
            }

            while (heads.TryDequeue(out var head, out var priority))
            {
                yield return head.Current;
                if (head.MoveNext()) heads.Enqueue(head, (key(head.Current), priority.Order));
                else head.Dispose();
            }
        }
        finally
        {
            while (heads.TryDequeue(out var head, out _)) head.Dispose();
        }
    }
}
