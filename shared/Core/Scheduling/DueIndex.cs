using System.Globalization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Scheduling;

/// <summary>Work that is due at a time: what (<c>harvest</c>, <c>digest</c>, <c>push</c>), for whom, and for which connection.</summary>
/// <param name="Host">The host it will request, so that the host's pause delays it; null without one.</param>
public sealed record Due(string What, string Person, string Connection, string? Host = null)
{
    /// <summary>The next harvest of a connection.</summary>
    /// <param name="address">Where its place is read.</param>
    public static Due OfConnection(string person, string connection, string address) =>
        new(DueIndex.Harvest, person, connection, Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Host : null);
}

/// <param name="Key">Where the row stands now.</param>
public sealed record DueRow(string Key, DateTimeOffset At, Due Due);

/// <summary>
/// What is due when, in table <c>schedule</c>: 16 partitions for each kind of work, so that no timer waits behind rows of another. The row key is
/// <c>(19-digit ticks)|(what)|(person)|(connection)</c>. A row is a hint: the connection's state decides whether it is really due, so a stale row is harmless.
/// </summary>
public sealed class DueIndex(ITable table)
{
    public const int Shards = 16;
    public const string Harvest = "harvest";
    public const string Push = "push";
    public const string Digest = "digest";

    public static string Shard(Due due)
    {
        var hash = due.Person.Concat(due.Connection).Aggregate(17u, (h, c) => (h * 31) + c);
        return Name(due.What, (int)(hash % Shards));
    }

    /// <summary>Harvests are in <c>d00</c> and so on, other work under its own name.</summary>
    public static string Name(string what, int shard) =>
        string.Create(CultureInfo.InvariantCulture, $"{(what == Harvest ? "d" : what)}{shard:D2}");

    /// <summary>Replaces the row under <paramref name="old"/> by one at another time, in one transaction. Returns its key.</summary>
    public async Task<string> MoveAsync(Due due, string? old, DateTimeOffset at, CancellationToken cancel)
    {
        var row = Row(due, at);
        if (string.Equals(old, row.Key, StringComparison.Ordinal))
            return row.Key;
        if (old is not null)
        {
            var moved = await table.TransactAsync(TableNames.Schedule, [TableWrite.Delete(row with { Key = old }), TableWrite.Put(row)], cancel);
            if (moved.Outcome == WriteOutcome.Done)
                return row.Key;
        }

        await table.WriteAsync(TableNames.Schedule, TableWrite.Put(row), cancel);
        return row.Key;
    }

    public async Task RemoveAsync(Due due, string key, CancellationToken cancel) =>
        await table.WriteAsync(TableNames.Schedule, TableWrite.Delete(Row(due, DateTimeOffset.MinValue) with { Key = key }), cancel);

    /// <summary>Rows of one shard that are due, oldest first, at most 1,000.</summary>
    public async Task<IReadOnlyList<DueRow>> DueByAsync(string what, int shard, DateTimeOffset now, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Schedule, Name(what, shard), "0", Ticks(now) + "}", 1000, cancel).Select(Read).ToListAsync(cancel);

    /// <summary>Moves rows of one shard, except those that were moved meanwhile.</summary>
    public async Task MoveAllAsync(IReadOnlyList<(DueRow Row, DateTimeOffset At)> moves, CancellationToken cancel)
    {
        foreach (var chunk in moves.Chunk(TableLimits.OperationsPerTransaction / 2))
        {
            // A stale row and the current one may move to the same key.
            var writes = chunk.SelectMany(m => Writes(m.Row, m.At)).DistinctBy(write => write.Row.Key).ToList();
            if ((await table.TransactAsync(TableNames.Schedule, writes, cancel)).Outcome == WriteOutcome.Done)
                continue;
            foreach (var (row, at) in chunk)
                await table.TransactAsync(TableNames.Schedule, [.. Writes(row, at)], cancel);
        }
    }

    public static string KeyAt(Due due, DateTimeOffset at) => $"{Ticks(at)}|{due.What}|{due.Person}|{due.Connection}";

    private static IEnumerable<TableWrite> Writes(DueRow row, DateTimeOffset at)
    {
        var next = Row(row.Due, at);
        return string.Equals(next.Key, row.Key, StringComparison.Ordinal)
            ? [TableWrite.Put(next)]
            : [TableWrite.Delete(next with { Key = row.Key }), TableWrite.Put(next)];
    }

    private static string Ticks(DateTimeOffset at) => at.UtcTicks.ToString("D19", CultureInfo.InvariantCulture);

    private static Row Row(Due due, DateTimeOffset at) =>
        new(Shard(due), KeyAt(due, at), new Dictionary<string, object?>(StringComparer.Ordinal) { ["host"] = due.Host });

    private static DueRow Read(Row row)
    {
        var parts = row.Key.Split('|');
        var at = new DateTimeOffset(long.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.Zero);
        return new DueRow(row.Key, at, new Due(parts[1], parts[2], parts[3], row.Values.GetValueOrDefault("host") as string));
    }
}
