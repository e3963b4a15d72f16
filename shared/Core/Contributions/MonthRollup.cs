using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Contributions;

/// <summary>
/// Counts of one month by day, in the person's time zone. Public and private are separate. Rejected entries are not counted, nor is what did not take
/// place or is gone (<see cref="IsCounted"/>).
/// </summary>
[JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
public sealed class MonthRollup
{
    /// <summary>The <see cref="RollupSettings.Version"/> it was counted with.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long By { get; set; }

    /// <summary>The month's entries, whatever their review, so that reading by months misses none.</summary>
    public int Entries { get; set; }

    public SortedDictionary<string, Counts> Public { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Counts> Private { get; } = new(StringComparer.Ordinal);

    [JsonIgnore]
    public bool IsEmpty => Entries == 0;

    /// <summary>The day on which a contribution counts.</summary>
    public static DateOnly Day(DateTimeOffset when, DateTimeZone zone)
    {
        var local = Instant.FromDateTimeOffset(when).InZone(zone).Date;
        return new DateOnly(local.Year, local.Month, local.Day);
    }

    /// <summary>True when the change affects no count.</summary>
    public static bool HasSameCounts(Contribution before, Contribution after)
    {
        var (old, now) = (before.Effective(), after.Effective());
        return old.When == now.When && old.Kind == now.Kind && before.Private == after.Private && before.Review == after.Review
            && IsCounted(old.Status) == IsCounted(now.Status) && old.Topics.SequenceEqual(now.Topics, StringComparer.Ordinal);
    }

    /// <summary>What was cancelled or removed is shown but counts nowhere. A change here needs another <see cref="RollupSettings.CurrentRules"/>.</summary>
    public static bool IsCounted(Status status) => status is not (Status.Cancelled or Status.Removed);

    /// <param name="sign">1 to add the contribution, -1 to remove it.</param>
    public void Count(Contribution contribution, ContributionValues values, DateOnly day, int sign)
    {
        Entries += sign;
        if (contribution.Review == Review.Rejected || !IsCounted(values.Status))
            return;
        var days = contribution.Private ? Private : Public;
        var key = day.Day.ToString("D2", System.Globalization.CultureInfo.InvariantCulture);
        if (!days.TryGetValue(key, out var counts))
            days[key] = counts = new Counts();
        counts.Add(values, contribution.Source, sign);
        if (counts.Total == 0)
            days.Remove(key);
    }
}

/// <summary>What of a <see cref="MonthRollup"/> says how many entries the month has.</summary>
public sealed record MonthSize(int Entries);

/// <summary>A total, also by kind, source and topic.</summary>
[JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
public sealed class Counts
{
    public int Total { get; set; }

    public SortedDictionary<string, int> Kind { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, int> Source { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, int> Topic { get; } = new(StringComparer.Ordinal);

    public void Add(ContributionValues values, string source, int sign)
    {
        Total += sign;
        Add(Kind, EnumText<Kind>.Of(values.Kind), sign);
        Add(Source, source, sign);
        foreach (var topic in values.Topics)
            Add(Topic, topic, sign);
    }

    public void Add(Counts other)
    {
        Total += other.Total;
        Add(Kind, other.Kind);
        Add(Source, other.Source);
        Add(Topic, other.Topic);
    }

    private static void Add(SortedDictionary<string, int> counts, SortedDictionary<string, int> others)
    {
        foreach (var (name, count) in others)
            Add(counts, name, count);
    }

    private static void Add(SortedDictionary<string, int> counts, string name, int count)
    {
        var sum = counts.GetValueOrDefault(name) + count;
        if (sum == 0)
            counts.Remove(name);
        else
            counts[name] = sum;
    }
}

/// <summary>
/// The ETags of some months' counts. Any entry that is added, removed or moved changes the counts of its months. A long read can therefore
/// compare two of these to find what to read again.
/// </summary>
/// <param name="Zone">The time zone of the counts.</param>
internal sealed record MonthTags(DateTimeZone Zone, IReadOnlyDictionary<DateOnly, string> Tags)
{
    /// <summary>The parts of the range whose entries may have changed since, ascending. It is the whole range if the months' bounds have changed.</summary>
    /// <param name="from">Inclusive; null when the range has no lower bound.</param>
    /// <param name="to">Exclusive; null when the range has no upper bound.</param>
    public IReadOnlyList<(DateTimeOffset? From, DateTimeOffset? To)> ChangedSince(MonthTags before, DateTimeOffset? from, DateTimeOffset? to)
    {
        if (before.Zone.Id != Zone.Id)
            return [(from, to)];
        return [.. Tags.Where(t => before.Tags.GetValueOrDefault(t.Key) != t.Value).Select(t => t.Key).Order().Select(Part)];

        (DateTimeOffset? From, DateTimeOffset? To) Part(DateOnly month)
        {
            var (first, next) = (LedgerReader.StartOf(month, Zone), LedgerReader.StartOf(month.AddMonths(1), Zone));
            return (from > first ? from : first, to < next ? to : next);
        }
    }
}

/// <summary>
/// What the ledger knows about a connection: how many entries it sees, and whether it has ended. Every transaction that writes drafts of
/// a connection also writes this row, so that none succeeds after the connection has ended.
/// </summary>
public sealed record ConnectionCount
{
    /// <summary>The number of entries with a sighting by the connection.</summary>
    public int Entries { get; init; }

    /// <summary>The connection is removed or being removed. Its drafts are rejected permanently, and its sightings keep no entry.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsEnded { get; init; }

    /// <summary>The <see cref="RollupSettings.Version"/> it was counted with.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long By { get; init; }
}

/// <summary>The connection whose drafts should be written has ended.</summary>
public sealed class ConnectionEndedException() : Exception("The connection has ended.");
