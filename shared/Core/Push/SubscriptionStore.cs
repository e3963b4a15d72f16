using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

[JsonConverter(typeof(EnumTextConverter<SubscriptionState>))]
public enum SubscriptionState
{
    /// <summary>Requested, or to be requested; not verified by the hub.</summary>
    Pending,
    Verified,

    /// <summary>Denied by the hub; retried rarely.</summary>
    Denied,

    /// <summary>It has no followers; the hub is asked to unsubscribe.</summary>
    Ending,
}

/// <summary>
/// A WebSub subscription, shared by all connections whose source names these hubs for this topic. They are part of its identity: a site that names its own
/// hub for someone else's topic must not reach the other followers of that topic.
/// </summary>
public sealed record Subscription
{
    public required PushOffer Offer { get; init; }

    /// <summary>Which of its hubs is asked: the next one if this one fails.</summary>
    public int HubIndex { get; init; }

    /// <summary>Last segment of the callback's address; it cannot be guessed.</summary>
    public required string Callback { get; init; }

    /// <summary>
    /// The hub signs with it. It is sent to the hub only: never to a log, a response or an export, and it is stored encrypted. Null if its key is lost: then
    /// no delivery is trusted until the hub is asked again, with a new secret.
    /// </summary>
    public string? Secret { get; init; }

    public SubscriptionState State { get; init; }

    /// <summary>End of the lease, by the last verification.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Requests since the last verification.</summary>
    public int Attempts { get; init; }

    /// <summary>When the hub is asked next.</summary>
    public required DateTimeOffset NextTry { get; init; }

    /// <summary>Why it does not deliver, according to the hub or the network.</summary>
    public string? Problem { get; init; }

    /// <summary>The last signed delivery, to the hour; null before the first.</summary>
    public DateTimeOffset? LastPush { get; init; }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{State} subscription to {Offer.Topic} at {AskedOffer.Hub}";

    /// <summary>With the hub that is asked.</summary>
    [JsonIgnore]
    public PushOffer AskedOffer => Offer with { Hub = Offer.Hubs[HubIndex % Offer.Hubs.Count] };
}

/// <summary>A connection that follows a topic.</summary>
public sealed record Follower(string Person, string Connection, DateTimeOffset Since);

/// <summary>
/// Subscriptions in table <c>lookups</c>: partition <c>ws|(key)</c> holds the subscription (<c>s</c>) and a row per follower
/// (<c>f|(person)|(connection)</c>), <c>wc|(callback)</c> points to the key. Secrets stored before encryption was introduced stay in clear
/// until their row is written again.
/// </summary>
public sealed class SubscriptionStore(ITable table, SecretProtector protector, TimeProvider clock)
{
    private const string Self = "s";
    private const string Owner = "o";

    public static string Key(PushOffer offer) =>
        Identity.Hash(offer.OtherHubs is null ? $"{offer.Hub}\0{offer.Topic}" : $"{offer.Hub}\0{offer.Topic}\0{offer.OtherHubs}");

    public async Task<Subscription?> GetAsync(string key, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Partition(key), Self, cancel) is { } row ? await ReadAsync(row, cancel) : null;

    /// <summary>Null if the callback is unknown.</summary>
    public async Task<(string Key, Subscription Subscription)?> FindAsync(string callback, CancellationToken cancel)
    {
        if (!Identity.IsWellFormed(callback) || await table.GetAsync(TableNames.Lookups, Lookup(callback), Owner, cancel) is not { } row)
            return null;
        var key = (string)row.Values["key"]!;
        return await GetAsync(key, cancel) is { } found && found.Callback == callback ? (key, found) : null;
    }

    /// <summary>The rows of a subscription as they are stored, without its followers, for a backup. A secret that is not encrypted is left out.</summary>
    public async IAsyncEnumerable<Row> RowsAsync(string key, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, Partition(key), Self, cancel) is not { } row)
            yield break;
        var stored = RowDocument.Read(row, PushJson.Default.Subscription);
        if (await table.GetAsync(TableNames.Lookups, Lookup(stored.Callback), Owner, cancel) is { } lookup)
            yield return lookup;
        yield return stored.Secret is null || SecretProtector.IsProtected(stored.Secret)
            ? row
            : RowDocument.Write(Partition(key), Self, stored with { Secret = null }, PushJson.Default.Subscription, row.ETag);
    }

    /// <summary>False if there is one already.</summary>
    public async Task<bool> CreateAsync(string key, Subscription subscription, CancellationToken cancel)
    {
        // The pointer from the callback comes first: without it the subscription could never be verified.
        var lookup = Values(("key", key));
        await table.WriteAsync(TableNames.Lookups, TableWrite.Put(new Row(Lookup(subscription.Callback), Owner, lookup)), cancel);
        var created = await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(ToRow(key, subscription, null)), cancel);
        if (created.Outcome == WriteOutcome.Done)
            return true;
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(new Row(Lookup(subscription.Callback), Owner, lookup)), cancel);
        return false;
    }

    /// <summary>The subscription after the change; null if there is none. Returning the same instance writes nothing.</summary>
    /// <exception cref="ConcurrencyException">Others kept changing it.</exception>
    public Task<Subscription?> ChangeAsync(string key, Func<Subscription, Subscription> change, CancellationToken cancel) => OptimisticRetry.RunAsync<Subscription?>(
        async () =>
        {
            if (await table.GetAsync(TableNames.Lookups, Partition(key), Self, cancel) is not { } row)
                return new(null);
            var before = await ReadAsync(row, cancel);
            var after = change(before);
            return ReferenceEquals(before, after) || await table.ReplaceAsync(TableNames.Lookups, ToRow(key, after, row.ETag), cancel) ? new(after) : null;
        },
        clock,
        cancel);

    /// <summary>
    /// Deletes a subscription that is ending. False if it is not, or has a follower. A new follower revives a subscription that is ending, which changes the
    /// ETag that is checked here.
    /// </summary>
    public async Task<bool> DeleteAsync(string key, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, Partition(key), Self, cancel) is not { } row
            || RowDocument.Read(row, PushJson.Default.Subscription) is not { State: SubscriptionState.Ending } ending
            || (await FollowersAsync(key, cancel)).Count > 0
            || (await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(row), cancel)).Outcome != WriteOutcome.Done)
            return false;
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(new Row(Lookup(ending.Callback), Owner, Values())), cancel);
        return true;
    }

    public async Task AddFollowerAsync(string key, Follower follower, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Put(new Row(Partition(key), FollowerKey(follower), Values(("since", follower.Since)))), cancel);

    public async Task RemoveFollowerAsync(string key, Follower follower, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Delete(new Row(Partition(key), FollowerKey(follower), Values())), cancel);

    public async Task<IReadOnlyList<Follower>> FollowersAsync(string key, CancellationToken cancel)
    {
        var followers = new List<Follower>();
        await foreach (var row in table.RangeAsync(TableNames.Lookups, Partition(key), "f|", "f}", null, cancel))
        {
            var parts = row.Key.Split('|');
            followers.Add(new Follower(parts[1], parts[2], (DateTimeOffset)row.Values["since"]!));
        }

        return followers;
    }

    private static string Partition(string key) => $"ws|{key}";

    private static string Lookup(string callback) => $"wc|{callback}";

    private static string FollowerKey(Follower follower) => $"f|{follower.Person}|{follower.Connection}";

    private async Task<Subscription> ReadAsync(Row row, CancellationToken cancel)
    {
        var subscription = RowDocument.Read(row, PushJson.Default.Subscription);
        return subscription.Secret is { } secret && SecretProtector.IsProtected(secret)
            ? subscription with { Secret = await protector.UnprotectAsync(Purpose(subscription), secret, cancel) }
            : subscription;
    }

    private Row ToRow(string key, Subscription subscription, string? etag)
    {
        var secret = subscription.Secret is { } open ? protector.Protect(Purpose(subscription), open) : null;
        return RowDocument.Write(Partition(key), Self, subscription with { Secret = secret }, PushJson.Default.Subscription, etag);
    }

    private static string Purpose(Subscription subscription) => $"websub|{subscription.Callback}";

    private static Dictionary<string, object?> Values(params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var row = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
            row[name] = value;
        return row;
    }
}

/// <summary>Subscriptions and webhooks in table <c>lookups</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Subscription))]
[JsonSerializable(typeof(Webhook))]
[JsonSerializable(typeof(LastDelivery))]
[JsonSerializable(typeof(RedeliveryRun))]
public sealed partial class PushJson : JsonSerializerContext;
