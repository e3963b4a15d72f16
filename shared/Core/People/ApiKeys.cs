using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>An API key and the person it belongs to.</summary>
public sealed record KeyOwner(string Person, ApiKey Key);

/// <summary>API keys: shown once, stored as a hash, and looked up by it with one read.</summary>
public sealed class ApiKeys(ITable table, TimeProvider clock)
{
    private const string Prefix = "ci_";
    private const string LookupKey = "o";

    /// <returns>The secret, which is never available again, and the stored part of the key.</returns>
    public async Task<(string Secret, ApiKey Key)> CreateAsync(string person, string name, Scope scope, CancellationToken cancel)
    {
        var secret = Prefix + Identity.Random() + Identity.Random();
        var key = new ApiKey(Identity.Random(), name, scope, secret[..8], clock.GetUtcNow());
        await table.WriteAsync(TableNames.People, TableWrite.Insert(RowDocument.Write(person, RowKey(key.Id), key, PeopleJson.Default.ApiKey)), cancel);
        await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(LookupRow(secret, person, key)), cancel);
        return (secret, key);
    }

    /// <summary>Null unless it is a valid key. Two reads, and one write a day.</summary>
    public async Task<KeyOwner?> FindAsync(string secret, CancellationToken cancel)
    {
        if (secret.Length != Prefix.Length + (2 * Identity.Length) || !secret.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        if (await table.GetAsync(TableNames.Lookups, LookupPartition(secret), LookupKey, cancel) is not { } lookup)
            return null;
        var person = (string)lookup.Values["person"]!;
        if (await table.GetAsync(TableNames.People, person, RowKey((string)lookup.Values["key"]!), cancel) is not { } row)
            return null;
        var key = RowDocument.Read(row, PeopleJson.Default.ApiKey);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (key.LastUsed != today)
        {
            // If another request wins this write, nothing is lost: it writes the same day.
            key = key with { LastUsed = today };
            await table.WriteAsync(
                TableNames.People, TableWrite.Replace(RowDocument.Write(person, row.Key, key, PeopleJson.Default.ApiKey, row.ETag)), cancel);
        }

        return new KeyOwner(person, key);
    }

    public async Task<IReadOnlyList<ApiKey>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "a|", "a}", null, cancel)
            .Select(r => RowDocument.Read(r, PeopleJson.Default.ApiKey)).OrderBy(k => k.Since).ToListAsync(cancel);

    /// <summary>False when there is no such key. The key stops working at once.</summary>
    public async Task<bool> RevokeAsync(string person, string id, CancellationToken cancel) =>
        (await table.WriteAsync(TableNames.People, TableWrite.Delete(new Row(person, RowKey(id), new Dictionary<string, object?>(StringComparer.Ordinal))), cancel))
            .Outcome == WriteOutcome.Done;

    private static string RowKey(string id) => $"a|{id}";

    private static string LookupPartition(string secret) => $"k|{Identity.Hash(secret)}";

    private static Row LookupRow(string secret, string person, ApiKey key) =>
        new(LookupPartition(secret), LookupKey, new Dictionary<string, object?>(StringComparer.Ordinal) { ["person"] = person, ["key"] = key.Id });
}

[Flags]
[JsonConverter(typeof(ScopeConverter))]
public enum Scope
{
    None = 0,
    Read = 1,
    Write = 2,

    /// <summary>Manage people and see the operational status.</summary>
    Operate = 4,
}

/// <summary>A key as stored, without the secret.</summary>
/// <param name="Start">The first characters of the secret, so that people can tell their keys apart.</param>
/// <param name="LastUsed">The day of last use; written at most once a day.</param>
public sealed record ApiKey(string Id, string Name, Scope Scope, string Start, DateTimeOffset Since, DateOnly? LastUsed = null);

/// <summary>Writes scopes as text, such as <c>read write operate</c>.</summary>
public sealed class ScopeConverter : JsonConverter<Scope>
{
    private static readonly Scope[] All = [Scope.Read, Scope.Write, Scope.Operate];

    public static string Format(Scope scope) => string.Join(' ', All.Where(s => scope.HasFlag(s)).Select(Name));

    public static bool TryParse(string? text, out Scope scope)
    {
        scope = Scope.None;
        foreach (var word in (text ?? string.Empty).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            var match = Array.Find(All, s => string.Equals(Name(s), word, StringComparison.OrdinalIgnoreCase));
            if (match == Scope.None)
                return false;
            scope |= match;
        }

        return scope != Scope.None;
    }

    public override Scope Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryParse(reader.GetString(), out var scope) ? scope : throw new JsonException("A scope must be one or more of read, write, operate.");

    public override void Write(Utf8JsonWriter writer, Scope value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));

    private static string Name(Scope scope) => scope switch
    {
        Scope.Read => "read",
        Scope.Write => "write",
        _ => "operate",
    };
}
