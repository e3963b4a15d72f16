using ContributionIngest.Core.Scheduling;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// Turns due rows into messages. The message leaves first and the row moves after it, so that a planner that dies in between asks twice
/// rather than never; the row moves only a little ahead, so that a message that is lost is asked for again.
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
                moves.Add((row, await AskAsync(row, now, paused, cancel)));
            await store.DueIndex.MoveAllAsync(moves, cancel);
        }
    }

    /// <summary>When the row is to come up again if nobody else moves it.</summary>
    private async Task<DateTimeOffset> AskAsync(
        DueRow row, DateTimeOffset now, IReadOnlyDictionary<string, DateTimeOffset> paused, CancellationToken cancel)
    {
        if (row.Due.Host is { } host && paused.TryGetValue(host, out var until))
            return until;
        var claimed = now + options.Claim;
        await store.Queue.PutAsync(new HarvestMessage(row.Due.Person, row.Due.Connection, DueIndex.KeyAt(row.Due, claimed)), cancel);
        return claimed;
    }
}
