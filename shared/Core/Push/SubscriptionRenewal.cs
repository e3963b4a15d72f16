using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Scheduling;

namespace ContributionIngest.Core.Push;

/// <summary>Works off what is due of the subscriptions: renews, asks again, and ends those that no connection follows any more.</summary>
public sealed class SubscriptionRenewal(SubscriptionStore store, Subscriptions subscriptions, ConnectionStore connections, DueIndex dueIndex, PushOptions options, TimeProvider clock)
{
    /// <summary>So that a few slow hubs hold up nobody else's lease.</summary>
    private const int AtOnce = 8;

    /// <summary>A hub that does not take a farewell is told this often; then its deliveries are answered as unknown.</summary>
    private const int MostFarewells = 5;

    /// <summary>A follower is kept this long before its connection must say that it follows.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromHours(1);

    /// <summary>Rows that the time budget does not reach stay due.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var started = clock.GetUtcNow();
        var due = new List<DueRow>();
        for (var shard = 0; shard < DueIndex.Shards; shard++)
            due.AddRange(await dueIndex.DueByAsync(DueIndex.Push, shard, started, cancel));
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };

        // A subscription may have a second row; that one finds the work done at its next turn.
        await Parallel.ForEachAsync(due.DistinctBy(r => r.Due), atOnce, async (row, token) =>
        {
            if (clock.GetUtcNow() - started > options.Budget)
                return;
            if (await TendAsync(row.Due.Person, token) is { } next)
                await dueIndex.MoveAsync(row.Due, row.Key, next, token);
            else
                await dueIndex.RemoveAsync(row.Due, row.Key, token);
        });
    }

    /// <summary>When to look again; null when it is over.</summary>
    private async Task<DateTimeOffset?> TendAsync(string key, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (await store.GetAsync(key, cancel) is not { } found)
            return null;
        if (found.NextTry > now)
            return found.NextTry;
        if (await IsFollowedAsync(key, found, now, cancel))
        {
            await subscriptions.ReviveAsync(key, cancel);
        }
        else if (found.LeaseUntil is null || found.LeaseUntil <= now || (found.State == SubscriptionState.Ending && found.Attempts >= MostFarewells))
        {
            // It says so first: whoever comes to follow it meanwhile finds that it ends, and revives it.
            await GiveUpAsync(key, cancel);
            return await store.DeleteAsync(key, cancel) ? null : now;
        }
        else
        {
            await GiveUpAsync(key, cancel);
        }

        return (await subscriptions.AskAsync(key, cancel))?.NextTry;
    }

    private Task<Subscription?> GiveUpAsync(string key, CancellationToken cancel) => store.ChangeAsync(
        key, s => s.State == SubscriptionState.Ending ? s : s with { State = SubscriptionState.Ending, Attempts = 0 }, cancel);

    /// <summary>Connections that are gone, or follow something else, are forgotten here.</summary>
    private async Task<bool> IsFollowedAsync(string key, Subscription subscription, DateTimeOffset now, CancellationToken cancel)
    {
        var isFollowed = false;
        foreach (var follower in await store.FollowersAsync(key, cancel))
        {
            var connected = await connections.GetAsync(follower.Person, follower.Connection, cancel);
            if (connected is not null && (connected.State.Followed == subscription.Offer || follower.Since > now - Settling))
                isFollowed = true;
            else
                await store.RemoveFollowerAsync(key, follower, cancel);
        }

        return isFollowed;
    }
}
