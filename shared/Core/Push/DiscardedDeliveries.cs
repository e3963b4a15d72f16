using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

/// <summary>
/// Counts unsigned and wrongly signed deliveries for the operator, on one row of table <c>lookups</c>. So that forged deliveries do not load storage, counts
/// are written once a minute; a process that dies loses its last minute.
/// </summary>
public sealed class DiscardedDeliveries(ITable table, TimeProvider clock) : IDisposable
{
    private const string Partition = "pushes";
    private const string Key = "discarded";
    private const string Value = "count";

    private static readonly TimeSpan WriteInterval = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private long waiting;
    private ITimer? timer;

    public void Count()
    {
        lock (gate)
        {
            waiting++;
            timer ??= clock.CreateTimer(delegate { _ = WriteAsync(); }, null, WriteInterval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Written counts of all processes, and pending ones of this process.</summary>
    public async Task<long> TotalAsync(CancellationToken cancel)
    {
        var written = Of(await table.GetAsync(TableNames.Lookups, Partition, Key, cancel));
        lock (gate)
            return written + waiting;
    }

    public void Dispose() => timer?.Dispose();

    private async Task WriteAsync()
    {
        long now;
        lock (gate)
        {
            (now, waiting) = (waiting, 0);
            timer?.Dispose();
            timer = null;
        }

        try
        {
            await OptimisticRetry.RunAsync<bool>(
                async () =>
                {
                    var row = await table.GetAsync(TableNames.Lookups, Partition, Key, CancellationToken.None);
                    var next = new Row(Partition, Key, new Dictionary<string, object?>(StringComparer.Ordinal) { [Value] = Of(row) + now }, row?.ETag);
                    return await table.ReplaceAsync(TableNames.Lookups, next, CancellationToken.None) ? new(true) : null;
                },
                clock,
                CancellationToken.None);
            return;
        }
        catch (Exception e) when (e is StoreUnavailableException or ConcurrencyException)
        {
            // They stay pending; the next count starts the timer again.
        }

        lock (gate)
            waiting += now;
    }

    private static long Of(Row? row) => row?.Values.GetValueOrDefault(Value) as long? ?? 0;
}
