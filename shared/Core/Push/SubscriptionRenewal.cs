using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Scheduling;

namespace ContributionIngest.Core.Push;

/// <summary>Handles due subscriptions: renews, retries, and ends those without followers.</summary>
public sealed class SubscriptionRenewal(SubscriptionStore store, Subscriptions subscriptions, ConnectionStore connections, DueIndex dueIndex, PushOptions options, TimeProvider clock)
{
    /// <summary>A few slow hubs must not delay the renewal of others.</summary>
    private const int MaxConcurrency = 8;

    /// <summary>How often a hub is asked to unsubscribe; after that its deliveries are answered as unknown.</summary>
    private const int MaxUnsubscribes = 5;

    /// <summary>How long a new follower may precede the state of its connection.</summary>
    private static readonly TimeSpan FollowGrace = TimeSpan.FromHours(1);

    /// <summary>Rows beyond the time budget stay due.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var started = clock.GetUtcNow();
        var due = new List<DueRow>();
        for (var shard = 0; shard < DueIndex.Shards; shard++)
            due.AddRange(await dueIndex.DueByAsync(DueIndex.Push, shard, started, cancel));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancel };

        // A subscription may have a second row, which finds the work done next time.
        await Parallel.ForEachAsync(due.DistinctBy(r => r.Due), parallel, async (row, token) =>
        {
            if (clock.GetUtcNow() - started > options.Budget)
                return;
            if (await HandleAsync(row.Due.Person, token) is { } next)
                await dueIndex.MoveAsync(row.Due, row.Key, next, token);
            else
                await dueIndex.RemoveAsync(row.Due, row.Key, token);
        });
    }

    /// <summary>When to check again; null if it has ended.</summary>
    private async Task<DateTimeOffset?> HandleAsync(string key, CancellationToken cancel)
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
        else if (found.LeaseUntil is null || found.LeaseUntil <= now || (found.State == SubscriptionState.Ending && found.Attempts >= MaxUnsubscribes))
        {
            // Mark it as ending first, so that a new follower sees that and revives it.
            await MarkEndingAsync(key, cancel);
            return await store.DeleteAsync(key, cancel) ? null : now;
        }
        else
        {
            await MarkEndingAsync(key, cancel);
        }

        return (await subscriptions.AskAsync(key, cancel))?.NextTry;
    }

    private Task<Subscription?> MarkEndingAsync(string key, CancellationToken cancel) => store.ChangeAsync(
        key, s => s.State == SubscriptionState.Ending ? s : s with { State = SubscriptionState.Ending, Attempts = 0 }, cancel);

    /// <summary>Removes followers whose connections are gone or follow something else.</summary>
    private async Task<bool> IsFollowedAsync(string key, Subscription subscription, DateTimeOffset now, CancellationToken cancel)
    {
        var isFollowed = false;
        foreach (var follower in await store.FollowersAsync(key, cancel))
        {
            var connected = await connections.GetAsync(follower.Person, follower.Connection, cancel);
            if (connected is not null && (connected.State.Followed == subscription.Offer || follower.Since > now - FollowGrace))
                isFollowed = true;
            else
                await store.RemoveFollowerAsync(key, follower, cancel);
        }

        return isFollowed;
    }
}
