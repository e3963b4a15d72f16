using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Maintenance;

/// <summary>How many entries all ledgers together held.</summary>
/// <param name="At">When they were counted.</param>
public sealed record CountedEntries(long Entries, DateTimeOffset At);

/// <summary>
/// The number of entries of all people: row <c>total</c> of partition <c>entries</c> in table <c>lookups</c>. <see cref="MaintenanceRun"/> counts it anew; anyone may
/// ask for it, so a process reads the row at most once a minute.
/// </summary>
public sealed class EntryTotal(ITable table, LedgerReader ledger, RollupRebuilder rebuilder, TimeProvider clock)
{
    private const string Partition = "entries";
    private const string Key = "total";
    private const string EntriesName = "entries";
    private const string AtName = "at";

    private const int MaxConcurrency = 8;

    private static readonly TimeSpan CacheTime = TimeSpan.FromMinutes(1);

    /// <summary>Nobody waits longer for a store that does not answer.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private Task<CountedEntries?>? read;
    private long readAt;

    internal DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Null if they have not been counted yet or the store cannot be read; the answer is at most a minute old.</summary>
    public Task<CountedEntries?> GetAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            // One read for all who ask at the same time; it does not end when one of them leaves.
            if (read is null || clock.GetElapsedTime(readAt) >= CacheTime)
                (read, readAt) = (ReadAsync(), clock.GetTimestamp());
            return read.WaitAsync(cancel);
        }
    }

    /// <summary>The number of entries these people have.</summary>
    internal async Task<long> CountAsync(IReadOnlyList<string> people, CancellationToken cancel)
    {
        var entries = 0L;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancel };
        await Parallel.ForEachAsync(people, parallel, async (person, token) =>
        {
            int? count;
            while ((count = await ledger.CountAsync(person, token)) is null)
                await rebuilder.FinishAsync(person, token);
            Interlocked.Add(ref entries, count.Value);
        });
        return entries;
    }

    /// <summary>Saves a count unless a newer one is there.</summary>
    internal Task SaveAsync(CountedEntries counted, CancellationToken cancel) => OptimisticRetry.RunAsync<bool>(
        async () =>
        {
            var row = await table.GetAsync(TableNames.Lookups, Partition, Key, cancel);
            if (Of(row)?.At > counted.At)
                return new(false);
            var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [EntriesName] = counted.Entries, [AtName] = counted.At };
            return await table.ReplaceAsync(TableNames.Lookups, new Row(Partition, Key, values, row?.ETag), cancel) ? new(true) : null;
        },
        clock,
        cancel);

    private async Task<CountedEntries?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(ReadTimeout, clock);
        try
        {
            return Of(await table.GetAsync(TableNames.Lookups, Partition, Key, limit.Token));
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            return null;
        }
    }

    private static CountedEntries? Of(Row? row) =>
        row?.Values.GetValueOrDefault(EntriesName) is long entries && row.Values.GetValueOrDefault(AtName) is DateTimeOffset at ? new CountedEntries(entries, at) : null;
}
