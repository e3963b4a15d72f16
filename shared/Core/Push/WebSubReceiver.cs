using ContributionIngest.Core.Scheduling;

namespace ContributionIngest.Core.Push;

/// <summary>Takes what hubs deliver: the signature is checked, everything else waits for the queue.</summary>
public sealed class WebSubReceiver(SubscriptionStore store, PushBodyStore bodies, DiscardedDeliveries discarded, HarvestQueue queue, TimeProvider clock)
{
    /// <summary>Bytes of a body; a hub that sends more is refused.</summary>
    public const int MostBytes = 3 * 1024 * 1024;

    private const int LongestType = 200;

    /// <summary>Whether there is somebody behind this callback; asked before the body is read.</summary>
    public async Task<bool> KnowsAsync(string callback, CancellationToken cancel) =>
        await store.FindAsync(callback, cancel) is { Subscription.State: not SubscriptionState.Ending };

    /// <summary>
    /// What is not signed with the subscription's secret is counted and forgotten; the caller cannot tell, so that nobody learns by trying.
    /// An empty body says that there is something new, and every follower reads its place.
    /// </summary>
    public async Task TakeAsync(string callback, byte[] body, string? contentType, string? signature, CancellationToken cancel)
    {
        if (await store.FindAsync(callback, cancel) is not (var key, { } found))
            return;
        if (found.Secret is null || !WebSub.IsSigned(signature, body, found.Secret))
        {
            discarded.Count();
            return;
        }

        var now = clock.GetUtcNow();
        var trusted = found.State == SubscriptionState.Verified && found.LeaseUntil > now ? found.LeaseUntil : null;
        var type = contentType?.Length <= LongestType ? contentType : null;
        var pushPayload = body.Length == 0 ? null : await bodies.PutAsync(body, cancel) with { ContentType = type, TrustedUntil = trusted };
        foreach (var follower in await store.FollowersAsync(key, cancel))
            await queue.PutAsync(new HarvestMessage(follower.Person, follower.Connection, Pushed: pushPayload), cancel);
        if (found.LastPush is null || now - found.LastPush > TimeSpan.FromHours(1))
            await store.ChangeAsync(key, s => s with { LastPush = now }, cancel);
    }
}
