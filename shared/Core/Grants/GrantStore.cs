using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Grants;

/// <summary>
/// Access that people gave to their accounts: row <c>g|(id)</c> of the person in table <c>people</c>. The tokens in it are protected for this person and
/// this grant. Partition <c>g|(id)</c> of <c>lookups</c> names the person who signs in with the account, the first who connected it.
/// </summary>
public sealed class GrantStore(ITable table, SecretProtector secrets, ConnectionStore connections, TimeProvider clock)
{
    private const string LookupKey = "o";
    private const string PersonProperty = "person";

    public static string IdOf(string source, string account) => Identity.Hash($"{source}\0{account}");

    /// <summary>Saves new tokens of an account, whatever happened to the former ones.</summary>
    public async Task<Grant> PutAsync(string person, string source, string account, string? name, GrantedTokens tokens, CancellationToken cancel)
    {
        var id = IdOf(source, account);
        var grant = new Grant(id, source, account, Normaliser.Text(name, Normaliser.TitleLength), Protect(person, id, tokens), clock.GetUtcNow()) { ExpiresAt = tokens.ExpiresAt };
        await table.WriteAsync(TableNames.People, TableWrite.Put(RowDocument.Write(person, Key(id), grant, GrantJson.Default.Grant)), cancel);
        return grant;
    }

    public async Task<IReadOnlyList<Grant>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "g|", "g}", null, cancel).Select(row => RowDocument.Read(row, GrantJson.Default.Grant)).ToListAsync(cancel);

    /// <summary>The grant and its ETag; null if there is none.</summary>
    public async Task<(Grant Grant, string Tag)?> GetAsync(string person, string id, CancellationToken cancel) =>
        await table.GetAsync(TableNames.People, person, Key(id), cancel) is { } row ? (RowDocument.Read(row, GrantJson.Default.Grant), row.ETag!) : null;

    /// <summary>The tokens of a grant; null if the key that protects them is lost.</summary>
    public async Task<GrantedTokens?> OpenAsync(string person, Grant grant, CancellationToken cancel) =>
        await secrets.UnprotectAsync(Purpose(person, grant.Id), grant.Tokens, cancel) is { } text && JsonSerializer.Deserialize(text, GrantJson.Default.TokenPair) is { } pair
            ? new GrantedTokens(pair.Access, pair.Refresh, grant.ExpiresAt)
            : null;

    /// <summary>The new ETag, or null if the grant was changed since it was read.</summary>
    public async Task<string?> SaveAsync(string person, Grant grant, string tag, CancellationToken cancel)
    {
        var write = await table.WriteAsync(TableNames.People, TableWrite.Replace(RowDocument.Write(person, Key(grant.Id), grant, GrantJson.Default.Grant, tag)), cancel);
        return write.Outcome == WriteOutcome.Done ? write.ETag : null;
    }

    public Grant With(string person, Grant grant, GrantedTokens tokens) => grant with
    {
        Tokens = Protect(person, grant.Id, tokens),
        ExpiresAt = tokens.ExpiresAt,
        RefusedAt = null,
        RefreshingUntil = null,
    };

    /// <summary>Removes a grant that no connection of the person uses, other than one that is being removed.</summary>
    public async Task RemoveUnusedAsync(string person, string id, CancellationToken cancel)
    {
        if ((await connections.ListAsync(person, cancel)).Any(c => c.Connection.Ending is null && c.Connection.Grant == id))
            return;
        await StopSigningInAsync(person, id, cancel);
        await table.WriteAsync(TableNames.People, TableWrite.Delete(new Row(person, Key(id), new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);
    }

    /// <summary>Who signs in with the account; null if nobody does.</summary>
    public async Task<string?> FindPersonAsync(string source, string account, CancellationToken cancel) => await HolderAsync(IdOf(source, account), cancel) is { } row ? (string)row.Values[PersonProperty]! : null;

    /// <summary>Lets a person sign in with an account, unless somebody else does. Returns who signs in with it.</summary>
    public async Task<string> ClaimAsync(string person, string source, string account, CancellationToken cancel)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [PersonProperty] = person };
        await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(new Row(Partition(IdOf(source, account)), LookupKey, values)), cancel);
        return await FindPersonAsync(source, account, cancel) ?? person;
    }

    /// <summary>The account signs its person in no longer.</summary>
    public async Task StopSigningInAsync(string person, string id, CancellationToken cancel)
    {
        if (await HolderAsync(id, cancel) is { } row && (string)row.Values[PersonProperty]! == person)
            await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(row), cancel);
    }

    private Task<Row?> HolderAsync(string id, CancellationToken cancel) => table.GetAsync(TableNames.Lookups, Partition(id), LookupKey, cancel);

    private string Protect(string person, string id, GrantedTokens tokens) =>
        secrets.Protect(Purpose(person, id), JsonSerializer.Serialize(new TokenPair(tokens.Access, tokens.Refresh), GrantJson.Default.TokenPair));

    private static string Purpose(string person, string id) => $"grant {person} {id}";

    private static string Partition(string id) => $"g|{id}";

    private static string Key(string id) => $"g|{id}";
}
