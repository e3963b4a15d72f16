using ContributionIngest.Core.Scheduling;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// Turns due rows into messages. It queues the message first and then moves the row, so a crash in between means two messages rather than none. The row
/// moves only a little ahead, so a lost message is queued again.
/// </summary>
public sealed class HarvestPlanner(HarvestStore store, HarvestOptions options, TimeProvider clock)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var paused = await store.PausedHosts.NowAsync(now, cancel);
        for (var shard = 0; shard < DueIndex.Shards; shard++)
        {
            var moves = new List<(DueRow, DateTimeOffset)>();
            foreach (var row in await store.DueIndex.DueByAsync(DueIndex.Harvest, shard, now, cancel))
                moves.Add((row, await QueueAsync(row, now, paused, cancel)));
            await store.DueIndex.MoveAllAsync(moves, cancel);
        }
    }

    /// <summary>When the row is due again, unless it is moved before.</summary>
    private async Task<DateTimeOffset> QueueAsync(
        DueRow row, DateTimeOffset now, IReadOnlyDictionary<string, DateTimeOffset> paused, CancellationToken cancel)
    {
        if (row.Due.Host is { } host && paused.TryGetValue(host, out var until))
            return until;
        var claimed = now + options.Claim;
        await store.Queue.PutAsync(new HarvestMessage(row.Due.Person, row.Due.Connection, DueIndex.KeyAt(row.Due, claimed)), cancel);
        Telemetry.HarvestDue();
        return claimed;
    }
}
