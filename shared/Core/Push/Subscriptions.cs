using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

/// <param name="Callbacks">Base address of callbacks; null if hubs cannot reach this program, and then it does not subscribe.</param>
/// <param name="Budget">How long one run of <see cref="SubscriptionRenewal"/> may take.</param>
public sealed record PushOptions(Uri? Callbacks, TimeSpan Budget);

/// <summary>
/// The WebSub subscriber: connections follow the topics of their sources; hubs are asked, and verify. Everything that is to happen later has a row in the
/// due index. Such a row may come early or twice, but is never missing.
/// </summary>
public sealed class Subscriptions(SubscriptionStore store, ConnectionStore connections, DueIndex dueIndex, Hub hub, PushOptions options, TimeProvider clock)
{
    private const int LongestAddress = 2_000;

    /// <summary>Assumed if the hub does not say.</summary>
    private static readonly TimeSpan DefaultLease = TimeSpan.FromDays(5);

    private static readonly TimeSpan LongestLease = TimeSpan.FromDays(30);
    private static readonly TimeSpan ShortestRenewal = TimeSpan.FromMinutes(10);
    private static readonly int[] Minutes = [2, 5, 15, 30, 60];

    /// <summary>Requests that a hub takes without verifying them before the next hub is asked.</summary>
    private const int UnverifiedRequests = 3;

    /// <summary>Makes a connection follow the topic its source offers.</summary>
    /// <param name="followed">What it follows now. The caller ends that by <see cref="UnfollowAsync"/> once it has saved the result.</param>
    /// <returns>What it follows from now on; no change costs nothing.</returns>
    /// <exception cref="ConcurrencyException">Others kept creating and deleting the same subscription.</exception>
    public async Task<PushOffer?> FollowAsync(string person, string connection, PushOffer? followed, PushOffer? offered, CancellationToken cancel)
    {
        var wanted = options.Callbacks is null || offered is null || offered.Hubs.Sum(address => address.Length) + offered.Topic.Length > LongestAddress ? null : offered;
        if (wanted is null || wanted == followed)
            return wanted;
        var key = SubscriptionStore.Key(wanted);
        await store.AddFollowerAsync(key, new Follower(person, connection, clock.GetUtcNow()), cancel);
        return await OptimisticRetry.RunAsync<PushOffer>(
            async () =>
            {
                if (await store.GetAsync(key, cancel) is { State: not SubscriptionState.Ending })
                    return new(wanted);
                await MakeDueAsync(key, cancel);
                var subscription = new Subscription
                {
                    Offer = wanted,
                    Callback = Identity.Random(),
                    Secret = NewSecret(),
                    NextTry = clock.GetUtcNow(),
                };
                if (!await store.CreateAsync(key, subscription, cancel) && !await ReviveAsync(key, cancel))
                    return null;
                await AskAsync(key, cancel);
                return new(wanted);
            },
            clock,
            cancel);
    }

    /// <summary>When the last follower leaves, the subscription becomes due and is ended.</summary>
    public async Task UnfollowAsync(string person, string connection, PushOffer followed, CancellationToken cancel)
    {
        var key = SubscriptionStore.Key(followed);
        await store.RemoveFollowerAsync(key, new Follower(person, connection, clock.GetUtcNow()), cancel);
        if ((await store.FollowersAsync(key, cancel)).Count > 0)
            return;
        await store.ChangeAsync(key, s => s with { NextTry = clock.GetUtcNow() }, cancel);
        await MakeDueAsync(key, cancel);
    }

    /// <summary>
    /// Ends a subscription that nobody follows, whether or not the hub has confirmed it; what the hub still delivers is answered as unknown. False if there is
    /// none, or somebody follows it.
    /// </summary>
    public async Task<bool> EndUnfollowedAsync(string key, CancellationToken cancel)
    {
        if (await store.GetAsync(key, cancel) is null || (await store.FollowersAsync(key, cancel)).Count > 0)
            return false;
        await store.ChangeAsync(key, s => s.State == SubscriptionState.Ending ? s : s with { State = SubscriptionState.Ending, Attempts = 0 }, cancel);
        return await store.DeleteAsync(key, cancel);
    }

    /// <summary>Answers a hub's verification of intent (5.3): confirmed only for what was requested under this callback.</summary>
    public async Task<WebSubVerification> VerifyAsync(string callback, IReadOnlyDictionary<string, string> query, CancellationToken cancel)
    {
        var refused = new WebSubVerification(WebSubAnswer.Refused);
        if (await store.FindAsync(callback, cancel) is not (var key, { } found))
            return refused;
        var awaited = found.State switch
        {
            SubscriptionState.Ending => "unsubscribe",
            SubscriptionState.Denied => null,
            _ => "subscribe",
        };
        var verification = WebSub.Verify(query, awaited, found.Offer.Topic, found.Offer.Spelling ?? found.Offer.Topic);
        if (verification.Answer == WebSubAnswer.Refused)
            return refused;
        if (verification.Answer == WebSubAnswer.Confirmed && found.State == SubscriptionState.Ending)
        {
            // A new follower may have come since it was marked; the next check revives it.
            return await store.DeleteAsync(key, cancel) ? verification : refused;
        }

        var after = verification.Answer == WebSubAnswer.Confirmed
            ? await store.ChangeAsync(key, s => Verified(s, verification.Lease ?? DefaultLease), cancel)
            : await store.ChangeAsync(key, s => Denied(s, verification.Reason), cancel);
        if (after?.LastPush is not null)
            await SetPushedUntilAsync(key, after.State == SubscriptionState.Verified ? after.LeaseUntil : null, cancel);
        return verification;
    }

    /// <summary>
    /// Asks the hub to subscribe or unsubscribe, as the state requires, and the topic's other hubs if it does not take the request. The responses only
    /// decide when to ask again, and whom.
    /// </summary>
    public async Task<Subscription?> AskAsync(string key, CancellationToken cancel)
    {
        for (var hubs = 1; ; hubs++)
        {
            var (asked, after) = await AskOneAsync(key, cancel);
            if (asked is null || after is null || after.HubIndex == asked.HubIndex || hubs >= asked.Offer.Hubs.Count)
                return after;
        }
    }

    private async Task<(Subscription? Asked, Subscription? After)> AskOneAsync(string key, CancellationToken cancel)
    {
        // Saved before the request: a hub may verify before it responds, and a crash in between must not cause a request loop.
        var asked = await store.ChangeAsync(key, Asked, cancel);
        if (asked is null || options.Callbacks is null)
            return (asked, asked);
        var callback = $"{options.Callbacks.AbsoluteUri.TrimEnd('/')}/api/webhooks/websub/{asked.Callback}";
        var answer = asked.State == SubscriptionState.Ending
            ? await hub.UnsubscribeAsync(asked.AskedOffer, callback, cancel)
            : await hub.SubscribeAsync(asked.AskedOffer, callback, asked.Secret!, cancel);
        return (asked, await store.ChangeAsync(key, s => s.Attempts == asked.Attempts ? After(s, answer) : s, cancel));
    }

    /// <summary>False if it was not ending.</summary>
    public async Task<bool> ReviveAsync(string key, CancellationToken cancel)
    {
        var isRevived = false;
        await store.ChangeAsync(
            key,
            s =>
            {
                isRevived = s.State == SubscriptionState.Ending;
                return isRevived ? s with { State = SubscriptionState.Pending, Attempts = 0, NextTry = clock.GetUtcNow() } : s;
            },
            cancel);
        return isRevived;
    }

    public static Due DueOf(string key) => new(DueIndex.Push, key, string.Empty);

    private async Task MakeDueAsync(string key, CancellationToken cancel) =>
        await dueIndex.MoveAsync(DueOf(key), null, clock.GetUtcNow(), cancel);

    /// <summary>While a hub that has delivered before holds a lease, its connections are polled rarely.</summary>
    private async Task SetPushedUntilAsync(string key, DateTimeOffset? until, CancellationToken cancel)
    {
        foreach (var follower in await store.FollowersAsync(key, cancel))
            await connections.ChangeStateAsync(follower.Person, follower.Connection, s => s.PushedUntil == until ? s : s with { PushedUntil = until }, cancel);
    }

    private Subscription Verified(Subscription subscription, TimeSpan lease)
    {
        var now = clock.GetUtcNow();
        lease = lease < LongestLease ? lease : LongestLease;
        var half = lease / 2;
        return subscription with
        {
            State = SubscriptionState.Verified,
            LeaseUntil = now + lease,
            Attempts = 0,
            NextTry = now + (half > ShortestRenewal ? half : ShortestRenewal),
            Problem = null,
        };
    }

    private Subscription Denied(Subscription subscription, string? reason) => subscription.State == SubscriptionState.Ending
        ? subscription
        : subscription with
        {
            State = SubscriptionState.Denied,
            Problem = Normaliser.Text(reason, Normaliser.TitleLength) ?? "The hub refused without a reason.",
            HubIndex = Next(subscription),
            NextTry = clock.GetUtcNow() + Cadence.Longest,
        };

    private Subscription Asked(Subscription subscription)
    {
        var now = clock.GetUtcNow();
        var isHeld = subscription.State == SubscriptionState.Ending
            || (subscription.State == SubscriptionState.Verified && subscription.LeaseUntil > now);
        return subscription with
        {
            State = isHeld ? subscription.State : SubscriptionState.Pending,
            Secret = subscription.Secret ?? NewSecret(),
            HubIndex = subscription.State != SubscriptionState.Ending && subscription.Attempts > 0 && subscription.Attempts % UnverifiedRequests == 0 ? Next(subscription) : subscription.HubIndex,
            Attempts = subscription.Attempts + 1,
            NextTry = now + Pause(subscription),
        };
    }

    private static string NewSecret() => Identity.Random() + Identity.Random();

    /// <summary>Hourly for a day, then daily.</summary>
    private static TimeSpan Pause(Subscription subscription)
    {
        var pause = subscription.Attempts > 28 ? Cadence.Longest : TimeSpan.FromMinutes(Minutes[Math.Min(subscription.Attempts, Minutes.Length - 1)]);
        return pause * Cadence.Spread(subscription.Callback);
    }

    private static int Next(Subscription subscription) => (subscription.HubIndex + 1) % subscription.Offer.Hubs.Count;

    private static Subscription After(Subscription subscription, HubAnswer answer) => subscription with
    {
        Problem = answer.Problem,
        HubIndex = answer.Problem is null || subscription.State == SubscriptionState.Ending ? subscription.HubIndex : Next(subscription),
        NextTry = answer.RetryAt > subscription.NextTry && answer.RetryAt < subscription.NextTry + Cadence.Longest
            ? answer.RetryAt.Value
            : subscription.NextTry,
    };
}
