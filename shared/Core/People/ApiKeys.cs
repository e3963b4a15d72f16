using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.People;

/// <summary>Who a key belongs to and what it may do.</summary>
public sealed record KeyOwner(string Person, ApiKey Key);

/// <summary>API keys: shown once, kept as a hash, found by it in one read.</summary>
public sealed class ApiKeys(ITable table, TimeProvider clock)
{
    private const string Prefix = "ci_";
    private const string Owner = "o";

    /// <returns>The key itself, for the only time, and what is kept of it.</returns>
    public async Task<(string Secret, ApiKey Key)> CreateAsync(string person, string name, Scope scope, CancellationToken cancel)
    {
        var secret = Prefix + Identity.Random() + Identity.Random();
        var key = new ApiKey(Identity.Random(), name, scope, secret[..8], clock.GetUtcNow());
        await table.WriteAsync(PeopleStore.Table, TableWrite.Insert(RowDocument.Write(person, Key(key.Id), key, PeopleJson.Default.ApiKey)), cancel);
        await table.WriteAsync(PeopleStore.Lookups, TableWrite.Insert(Lookup(secret, person, key)), cancel);
        return (secret, key);
    }

    /// <summary>Null for anything that is no valid key. Two reads; one write a day.</summary>
    public async Task<KeyOwner?> FindAsync(string secret, CancellationToken cancel)
    {
        if (secret.Length != Prefix.Length + (2 * Identity.Length) || !secret.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        if (await table.GetAsync(PeopleStore.Lookups, LookupOf(secret), Owner, cancel) is not { } lookup)
            return null;
        var person = (string)lookup.Values["person"]!;
        if (await table.GetAsync(PeopleStore.Table, person, Key((string)lookup.Values["key"]!), cancel) is not { } row)
            return null;
        var key = RowDocument.Read(row, PeopleJson.Default.ApiKey);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (key.LastUsed != today)
        {
            // Losing this write to another request of the same day loses nothing.
            key = key with { LastUsed = today };
            await table.WriteAsync(
                PeopleStore.Table, TableWrite.Replace(RowDocument.Write(person, row.Key, key, PeopleJson.Default.ApiKey, row.ETag)), cancel);
        }

        return new KeyOwner(person, key);
    }

    public async Task<IReadOnlyList<ApiKey>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(PeopleStore.Table, person, "a|", "a}", null, cancel)
            .Select(r => RowDocument.Read(r, PeopleJson.Default.ApiKey)).OrderBy(k => k.Since).ToListAsync(cancel);

    /// <summary>False when there was none. The key stops working at once.</summary>
    public async Task<bool> RevokeAsync(string person, string id, CancellationToken cancel) =>
        (await table.WriteAsync(PeopleStore.Table, TableWrite.Delete(new Row(person, Key(id), new Dictionary<string, object?>(StringComparer.Ordinal))), cancel))
            .Outcome == WriteOutcome.Done;

    private static string Key(string id) => $"a|{id}";

    private static string LookupOf(string secret) => $"k|{Identity.Hash(secret)}";

    private static Row Lookup(string secret, string person, ApiKey key) =>
        new(LookupOf(secret), Owner, new Dictionary<string, object?>(StringComparer.Ordinal) { ["person"] = person, ["key"] = key.Id });
}
