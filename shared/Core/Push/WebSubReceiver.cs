using System.Buffers;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Push;

/// <summary>Accepts deliveries of hubs: it checks the signature and queues the body.</summary>
public sealed class WebSubReceiver(SubscriptionStore store, PushBodyStore bodies, DiscardedDeliveries discarded, HarvestQueue queue, TimeProvider clock)
{
    /// <summary>Bytes of a body, as many as are read of a feed; larger ones are refused.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;

    private const int LongestType = 200;

    /// <summary>Whether the callback belongs to a subscription; checked before the body is read.</summary>
    public async Task<bool> KnowsAsync(string callback, CancellationToken cancel) =>
        await store.FindAsync(callback, cancel) is { Subscription.State: not SubscriptionState.Ending };

    /// <summary>
    /// A delivery with a wrong signature is counted and discarded; the caller cannot tell, so nobody learns by trying. An empty body means that there is
    /// something new, and every follower is harvested.
    /// </summary>
    public async Task TakeAsync(string callback, DeliveredBody body, string? contentType, string? signature, CancellationToken cancel)
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
        var followers = await store.FollowersAsync(key, cancel);
        var pushPayload = body.Length == 0 ? null : await bodies.PutAsync(followers.Select(follower => follower.Person), body.Bytes.ToArray(), cancel) with { ContentType = type, TrustedUntil = trusted };
        foreach (var follower in followers)
            await queue.PutAsync(new HarvestMessage(follower.Person, follower.Connection, Pushed: pushPayload), cancel);
        if (found.LastPush is null || now - found.LastPush > TimeSpan.FromHours(1))
            await store.ChangeAsync(key, s => s with { LastPush = now }, cancel);
    }
}
