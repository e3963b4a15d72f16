using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Core.Contributions;

/// <summary>Counts of one month by day, in the person's zone; public and private apart; rejected left out.</summary>
[JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)]
public sealed class MonthRollup
{
    /// <summary><see cref="RollupSettings.Version"/> it was counted by.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long By { get; set; }

    /// <summary>Entries of the month whatever their review, so that a walk by months misses none.</summary>
    public int Entries { get; set; }

    public SortedDictionary<string, Counts> Public { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Counts> Private { get; } = new(StringComparer.Ordinal);

    [JsonIgnore]
    public bool IsEmpty => Entries == 0;

    /// <summary>The day a contribution counts on.</summary>
    public static DateOnly Day(DateTimeOffset when, DateTimeZone zone)
    {
        var local = Instant.FromDateTimeOffset(when).InZone(zone).Date;
        return new DateOnly(local.Year, local.Month, local.Day);
    }

    /// <summary>True when the change makes no difference to any count.</summary>
    public static bool CountsAlike(Contribution before, Contribution after)
    {
        var (old, now) = (before.Effective(), after.Effective());
        return old.When == now.When && old.Kind == now.Kind && before.Private == after.Private && before.Review == after.Review
            && old.Topics.SequenceEqual(now.Topics, StringComparer.Ordinal);
    }

    /// <param name="sign">1 to count the contribution in, -1 to take it out again.</param>
    public void Count(Contribution contribution, ContributionValues values, DateOnly day, int sign)
    {
        Entries += sign;
        if (contribution.Review == Review.Rejected)
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

/// <summary>How many, and the same by kind, source and topic.</summary>
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
/// ETags of the counts of some months. Whatever comes, goes or moves changes the counts of its months, so whoever reads entries for long knows by
/// two of these where to look again.
/// </summary>
/// <param name="Zone">The zone the counts are made in.</param>
internal sealed record MonthTags(DateTimeZone Zone, IReadOnlyDictionary<DateOnly, string> Tags)
{
    /// <summary>Those parts of the range whose entries may have changed since, ascending: all of it when months have other bounds by now.</summary>
    /// <param name="from">Inclusive; null where the range has no beginning.</param>
    /// <param name="to">Exclusive; null where the range has no end.</param>
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
/// What the ledger knows of a connection: how many entries it sees, and whether it was ended. Every transaction that writes drafts of a connection
/// writes this row too, so that none succeeds after the connection was ended.
/// </summary>
public sealed record ConnectionCount
{
    /// <summary>Entries that have a sighting by the connection.</summary>
    public int Entries { get; init; }

    /// <summary>The connection is gone or going; its drafts are refused for good, and its sightings support nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsEnded { get; init; }

    /// <summary><see cref="RollupSettings.Version"/> it was counted by.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long By { get; init; }
}

/// <summary>The connection whose drafts were to be written is ended.</summary>
public sealed class ConnectionEndedException() : Exception("The connection is ended.");
