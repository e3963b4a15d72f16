using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Harvest.Pushes;

/// <summary>
/// Subscriptions in table <c>lookups</c>: partition <c>ws|(key)</c> holds the subscription (<c>s</c>) and a row per follower
/// (<c>f|(person)|(connection)</c>), <c>wc|(callback)</c> leads to the key. Secrets that were kept before there was a key ring stand there as they
/// are until their row is written again.
/// </summary>
public sealed class SubscriptionStore(ITable table, SecretRing ring)
{
    private const string Self = "s";
    private const string Owner = "o";

    public static string Key(PushOffer offer) => Identity.Hash($"{offer.Hub}\0{offer.Topic}");

    public async Task<Subscription?> GetAsync(string key, CancellationToken cancel) =>
        await table.GetAsync(PeopleStore.Lookups, Partition(key), Self, cancel) is { } row ? await ReadAsync(row, cancel) : null;

    /// <summary>Null for everything that is no callback of ours.</summary>
    public async Task<(string Key, Subscription Subscription)?> FindAsync(string callback, CancellationToken cancel)
    {
        if (!Identity.IsWellFormed(callback) || await table.GetAsync(PeopleStore.Lookups, Lookup(callback), Owner, cancel) is not { } row)
            return null;
        var key = (string)row.Values["key"]!;
        return await GetAsync(key, cancel) is { } found && found.Callback == callback ? (key, found) : null;
    }

    /// <summary>False when there is one already.</summary>
    public async Task<bool> CreateAsync(string key, Subscription subscription, CancellationToken cancel)
    {
        // The way from the callback first: a subscription that no hub can reach would never be verified.
        var lookup = Values(("key", key));
        await table.WriteAsync(PeopleStore.Lookups, TableWrite.Put(new Row(Lookup(subscription.Callback), Owner, lookup)), cancel);
        var created = await table.WriteAsync(PeopleStore.Lookups, TableWrite.Insert(await WriteAsync(key, subscription, null, cancel)), cancel);
        if (created.Outcome == WriteOutcome.Done)
            return true;
        await table.WriteAsync(PeopleStore.Lookups, TableWrite.Delete(new Row(Lookup(subscription.Callback), Owner, lookup)), cancel);
        return false;
    }

    /// <summary>What it is after the change; a change to itself writes nothing. Null when there is none.</summary>
    /// <exception cref="ConcurrencyException">Somebody else kept changing it.</exception>
    public async Task<Subscription?> ChangeAsync(string key, Func<Subscription, Subscription> change, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 8; attempt++)
        {
            if (await table.GetAsync(PeopleStore.Lookups, Partition(key), Self, cancel) is not { } row)
                return null;
            var before = await ReadAsync(row, cancel);
            var after = change(before);
            if (ReferenceEquals(before, after))
                return before;
            var write = TableWrite.Replace(await WriteAsync(key, after, row.ETag, cancel));
            if ((await table.WriteAsync(PeopleStore.Lookups, write, cancel)).Outcome == WriteOutcome.Done)
                return after;
        }

        throw new ConcurrencyException();
    }

    /// <summary>
    /// Deletes a subscription that is ending. False when it is not, or somebody follows it: whoever comes to follow one that is ending revives it, so
    /// that it is another row then than the one that is deleted here.
    /// </summary>
    public async Task<bool> DeleteAsync(string key, CancellationToken cancel)
    {
        if (await table.GetAsync(PeopleStore.Lookups, Partition(key), Self, cancel) is not { } row
            || RowDocument.Read(row, HarvestJson.Default.Subscription) is not { State: SubscriptionState.Ending } ending
            || (await FollowersAsync(key, cancel)).Count > 0
            || (await table.WriteAsync(PeopleStore.Lookups, TableWrite.Delete(row), cancel)).Outcome != WriteOutcome.Done)
            return false;
        await table.WriteAsync(PeopleStore.Lookups, TableWrite.Delete(new Row(Lookup(ending.Callback), Owner, Values())), cancel);
        return true;
    }

    public async Task AddFollowerAsync(string key, Follower follower, CancellationToken cancel) => await table.WriteAsync(
        PeopleStore.Lookups, TableWrite.Put(new Row(Partition(key), FollowerKey(follower), Values(("since", follower.Since)))), cancel);

    public async Task RemoveFollowerAsync(string key, Follower follower, CancellationToken cancel) => await table.WriteAsync(
        PeopleStore.Lookups, TableWrite.Delete(new Row(Partition(key), FollowerKey(follower), Values())), cancel);

    public async Task<IReadOnlyList<Follower>> FollowersAsync(string key, CancellationToken cancel)
    {
        var followers = new List<Follower>();
        await foreach (var row in table.RangeAsync(PeopleStore.Lookups, Partition(key), "f|", "f}", null, cancel))
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
        var subscription = RowDocument.Read(row, HarvestJson.Default.Subscription);
        return subscription.Secret is { } secret && SecretRing.IsSealed(secret)
            ? subscription with { Secret = await ring.UnprotectAsync(Purpose(subscription), secret, cancel) }
            : subscription;
    }

    private async Task<Row> WriteAsync(string key, Subscription subscription, string? etag, CancellationToken cancel)
    {
        var secret = subscription.Secret is { } open ? await ring.ProtectAsync(Purpose(subscription), open, cancel) : null;
        return RowDocument.Write(Partition(key), Self, subscription with { Secret = secret }, HarvestJson.Default.Subscription, etag);
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
