using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>
/// Tracks upcoming events, and recent ones whose ids may still change, across reads: every event of a listing keeps the id it has had, and announced
/// events are noticed when they begin.
/// </summary>
internal sealed class EventTracker
{
    /// <summary>Characters of the cursor for the events.</summary>
    private const int MaxLength = 22_000;

    /// <summary>How long after its start an event's id may change (Meetup: from a placeholder of a series to a number).</summary>
    public static readonly TimeSpan IdsMayChangeFor = TimeSpan.FromDays(35);

    private readonly List<TrackedEvent> events;
    private readonly Dictionary<string, int> byName = new(StringComparer.Ordinal);
    private readonly HashSet<string> listed = new(StringComparer.Ordinal);
    private readonly HashSet<string> added = new(StringComparer.Ordinal);

    public EventTracker(IReadOnlyList<TrackedEvent> kept, DateTimeOffset? forgotten)
    {
        (events, EarliestDropped) = ([.. kept], forgotten);
        Index();
    }

    /// <summary>Start of the earliest upcoming event there was no room for.</summary>
    public DateTimeOffset? EarliestDropped { get; private set; }

    public IReadOnlyList<TrackedEvent> Events => events;

    /// <summary>An awaited event has begun, or a dropped one is near: the listing has to be read again even if unchanged.</summary>
    public bool IsDue(DateTimeOffset now) => EarliestDropped <= now || events.Exists(known => known.IsAwaited && known.Start <= now);

    /// <summary>Assigns each event of a listing, or of part of one, its id and tracks it.</summary>
    /// <param name="isWhole">What it does not show is not listed: ids that vanished may have been replaced.</param>
    public IReadOnlyList<(ListedEvent Event, string Id)> Track(IReadOnlyList<ListedEvent> listing, DateTimeOffset now, bool isWhole = false)
    {
        var named = listing.SelectMany(one => one.Names).ToHashSet(StringComparer.Ordinal);
        var taken = new List<(ListedEvent, string)>(listing.Count);
        foreach (var one in listing)
        {
            var at = IndexOf(one);
            if (at < 0 && (isWhole || !one.HasStableId))
                at = events.FindIndex(known => IsSameUnderAnotherName(known, one, named));
            if (at < 0 && isWhole && !one.HasStableId)
                at = ReplacedBy(one, listing, named);
            var id = at < 0 ? one.Names[0] : events[at].Id;
            listed.Add(id);
            taken.Add((one, id));
            var known = TrackedEvent.Of(one, id);
            if (at >= 0)
                events[at] = known with { Names = Join(known.Names, events[at].Names) };
            else if (one.Start > now - IdsMayChangeFor && (one.Start > now || !one.HasStableId))
                events.Add(known);
            else
                continue;
            if (at < 0)
                added.Add(id);
            Index(at < 0 ? events.Count - 1 : at);
        }

        return taken;
    }

    /// <summary>The events of a listing that are new or changed.</summary>
    public IReadOnlyList<ListedEvent> Changed(IReadOnlyList<ListedEvent> all)
    {
        var changed = new List<ListedEvent>();
        foreach (var one in all)
        {
            var at = IndexOf(one);
            if (at >= 0 && events[at] is var known && known.Start == one.Start && known.Title == one.Title && known.IsAwaited == !one.IsCancelled)
                listed.Add(known.Id);
            else
                changed.Add(one);
        }

        return changed;
    }

    /// <summary>
    /// Ends a listing. Upcoming events that it should have shown, because it shows later ones, are missing. Those missing twice, or until they would
    /// have begun, do not take place: one short response is no cancellation.
    /// </summary>
    /// <param name="isWithdrawn">The listing says that the event does not take place.</param>
    /// <returns>Events that were announced to the last and have begun, as the listing shows upcoming ones only; and events that do not take place.</returns>
    public (IReadOnlyList<TrackedEvent> Started, IReadOnlyList<TrackedEvent> Gone) EndListing(DateTimeOffset? last, DateTimeOffset now, Func<TrackedEvent, bool>? isWithdrawn = null)
    {
        var gone = new List<TrackedEvent>();
        foreach (ref var known in CollectionsMarshal.AsSpan(events))
        {
            if (!known.IsAwaited || known.Start <= now || last is null || listed.Contains(known.Id))
                continue;
            var isGone = isWithdrawn?.Invoke(known) == true;
            if (!isGone && known.Start >= last)
                continue;
            isGone |= known.IsMissing;
            if (isGone)
                gone.Add(known);
            known = known with { IsMissing = true, IsAwaited = !isGone };
        }

        var (started, missed) = TakeStarted(now);
        return (started, [.. gone, .. missed]);
    }

    /// <summary>
    /// Ends a scan of the API, which shows past events as well. Awaited events that it did not show twice are gone; until then they stay awaited, even
    /// if they would have begun. One whose place another has taken is that other one.
    /// </summary>
    /// <param name="from">The scan showed nothing earlier.</param>
    /// <returns>Events that do not take place.</returns>
    public IReadOnlyList<TrackedEvent> EndScan(DateTimeOffset? from, DateTimeOffset now)
    {
        var missing = events.Where(known => known.IsAwaited && !listed.Contains(known.Id) && !(known.Start <= from)).ToList();
        var replaced = missing.Where(known => missing.Count(other => other.Start == known.Start) == 1
            && events.Where(other => other.Start == known.Start && listed.Contains(other.Id)).Take(2).ToList() is [var only] && added.Contains(only.Id)).ToHashSet();
        events.RemoveAll(replaced.Contains);
        var gone = missing.Where(known => known.IsMissing && !replaced.Contains(known)).ToList();
        foreach (ref var known in CollectionsMarshal.AsSpan(events))
        {
            if (missing.Contains(known))
                known = known with { IsMissing = true, IsAwaited = !known.IsMissing };
        }

        StopAwaiting(known => known.Start <= now && !known.IsMissing);
        Trim(now);
        return gone;
    }

    /// <summary>Ends a scan of which an earlier run read a part: only what this run saw begin is no longer awaited.</summary>
    public IReadOnlyList<TrackedEvent> EndPartOfScan(DateTimeOffset now)
    {
        StopAwaiting(known => known.Start <= now && listed.Contains(known.Id));
        Trim(now);
        return [];
    }

    /// <summary>Events that have begun and were not listed, apart from those that had been missing; they are no longer awaited.</summary>
    public (IReadOnlyList<TrackedEvent> Started, IReadOnlyList<TrackedEvent> Gone) TakeStarted(DateTimeOffset now)
    {
        var begun = events.Where(known => known.IsAwaited && known.Start <= now && !listed.Contains(known.Id)).ToLookup(known => known.IsMissing);
        (IReadOnlyList<TrackedEvent>, IReadOnlyList<TrackedEvent>) taken = ([.. begun[false]], [.. begun[true]]);
        StopAwaiting(known => known.Start <= now);
        Trim(now);
        return taken;
    }

    private void StopAwaiting(Func<TrackedEvent, bool> isOver)
    {
        foreach (ref var known in CollectionsMarshal.AsSpan(events))
            known = known.IsAwaited && isOver(known) ? known with { IsAwaited = false } : known;
    }

    /// <summary>Drops old events, and those there is no room for.</summary>
    public void Trim(DateTimeOffset now)
    {
        events.RemoveAll(known => !known.IsAwaited && known.Start <= now && (known.HasStableId || known.Start <= now - IdsMayChangeFor));

        // Upcoming events first, the next one first; then those that have begun, the latest first.
        events.Sort((a, b) => (a.Start <= now, b.Start <= now) switch
        {
            (false, false) => a.Start.CompareTo(b.Start),
            (true, true) => b.Start.CompareTo(a.Start),
            var (first, second) => first.CompareTo(second),
        });
        var room = MaxLength;
        var count = events.FindIndex(known => (room -= JsonSerializer.SerializeToUtf8Bytes(known, MeetupCursorJson.Default.TrackedEvent).Length + 1) < 0);
        EarliestDropped = count < 0 || events[count].Start <= now ? null : events[count].Start;
        if (count >= 0)
            events.RemoveRange(count, events.Count - count);
        Index();
    }

    /// <summary>The only event at the same minute that is gone, if this is the only one listed then: an event of a series that was edited.</summary>
    private int ReplacedBy(ListedEvent one, IReadOnlyList<ListedEvent> listing, HashSet<string> named)
    {
        var gone = events.Index().Where(known => known.Item.Start == one.Start && !IsNamed(known.Item, named)).Select(known => known.Index).Take(2).ToList();
        return gone.Count == 1 && listing.Count(other => other.Start == one.Start) == 1 ? gone[0] : -1;
    }

    private int IndexOf(ListedEvent one) => one.Names.Select(name => byName.GetValueOrDefault(name, -1)).FirstOrDefault(at => at >= 0, -1);

    private void Index()
    {
        byName.Clear();
        for (var at = 0; at < events.Count; at++)
            Index(at);
    }

    private void Index(int at)
    {
        byName[events[at].Id] = at;
        foreach (var name in events[at].Names ?? [])
            byName.TryAdd(name, at);
    }

    /// <summary>Same start and title, and its own ids are no longer listed: an event of a series whose id changed.</summary>
    private static bool IsSameUnderAnotherName(TrackedEvent known, ListedEvent one, HashSet<string> named) =>
        known.Start == one.Start && known.Title is { } title && Normalize(title) == Normalize(one.Title)
        && !IsNamed(known, named);

    private static bool IsNamed(TrackedEvent known, HashSet<string> named) => named.Contains(known.Id) || known.Names?.Any(named.Contains) == true;

    private static string Normalize(string? title) => string.Concat((title ?? "").Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));

    private static IReadOnlyList<string>? Join(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        (one ?? []).Concat(other ?? []).Distinct(StringComparer.Ordinal).Take(5).ToList() is { Count: > 0 } names ? names : null;
}

/// <summary>An announced event, kept to recognise it under another id and after its listing has dropped it.</summary>
internal sealed record TrackedEvent
{
    /// <summary>The id it has in the ledger.</summary>
    [JsonPropertyName("i")]
    public required string Id { get; init; }

    /// <summary>Its other ids.</summary>
    [JsonPropertyName("n")]
    public IReadOnlyList<string>? Names { get; init; }

    [JsonPropertyName("s")]
    public DateTimeOffset Start { get; init; }

    [JsonPropertyName("e")]
    public DateTimeOffset? End { get; init; }

    [JsonPropertyName("d")]
    public bool IsDay { get; init; }

    [JsonPropertyName("t")]
    public string? Title { get; init; }

    [JsonPropertyName("u")]
    public string? Url { get; init; }

    [JsonPropertyName("k")]
    public IReadOnlyList<string>? Topics { get; init; }

    /// <summary>It is expected to take place; the ledger is updated when it begins.</summary>
    [JsonPropertyName("w")]
    public bool IsAwaited { get; init; }

    /// <summary>The last listing should have shown it and did not.</summary>
    [JsonPropertyName("m")]
    public bool IsMissing { get; init; }

    [JsonPropertyName("f")]
    public bool HasStableId { get; init; }

    public static TrackedEvent Of(ListedEvent listed, string id) => new()
    {
        Id = id,
        Names = listed.Names.Where(name => name != id).ToList() is { Count: > 0 } names ? names : null,
        Start = listed.Start,
        End = listed.End,
        IsDay = listed.IsDay,
        Title = listed.Title,
        Url = listed.Url,
        Topics = listed.Topics.Count > 0 ? listed.Topics : null,
        IsAwaited = !listed.IsCancelled,
        HasStableId = listed.HasStableId,
    };

    public ListedEvent ToListed() => new([Id], Start)
    {
        HasStableId = HasStableId,
        End = End,
        IsDay = IsDay,
        Title = Title,
        Url = Url,
        Topics = Topics ?? [],
    };
}
