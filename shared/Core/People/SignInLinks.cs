using System.Globalization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>A link that signs a person in once.</summary>
/// <param name="Address">The mail address it was sent to; following it shows that the address is the person's. Null if it was not mailed.</param>
/// <param name="Browser">Hash of what the browser that asked for it holds; null if any browser may use it.</param>
/// <param name="Return">The path to go on to.</param>
public sealed record SignInLink(string Id, string? Address, string? Browser, string? Return, DateTimeOffset Until)
{
    /// <summary>What an account is called that the link opens; null if it opens none, or its name is not known.</summary>
    public string? Name { get; init; }
}

public enum SignInLinkState
{
    /// <summary>It can be used.</summary>
    Valid,

    /// <summary>Not one of ours, or altered.</summary>
    Unknown,
    Expired,

    /// <summary>It was used, or its mail was not sent and another one was.</summary>
    Used,
}

/// <summary>What a token of a link stands for; the link and the person are null unless the state is valid.</summary>
public sealed record OpenedSignInLink(SignInLinkState State, string? Person = null, SignInLink? Link = null);

/// <summary>
/// Links that sign in: row <c>l|(id)</c> of the person in table <c>people</c> until the link is used. The token in the address is encrypted and is stored
/// nowhere.
/// </summary>
public sealed class SignInLinks(ITable table, SecretProtector protector, TimeProvider clock)
{
    private const string Purpose = "sign-in link";
    /// <summary>The partition of people who have no account yet.</summary>
    public const string Newcomers = "newcomers";

    /// <returns>False if a link with that id exists: another process has made it.</returns>
    public async Task<bool> CreateAsync(string person, SignInLink link, CancellationToken cancel) =>
        (await table.WriteAsync(TableNames.People, TableWrite.Insert(RowDocument.Write(person, Key(link.Id), link, PeopleJson.Default.SignInLink)), cancel)).Outcome == WriteOutcome.Done;

    public string Token(string person, SignInLink link) =>
        protector.Protect(Purpose, string.Create(CultureInfo.InvariantCulture, $"{person}|{link.Id}|{link.Until.ToUnixTimeSeconds()}"));

    public async Task<OpenedSignInLink> OpenAsync(string token, CancellationToken cancel)
    {
        if (await protector.UnprotectAsync(Purpose, token, cancel) is not { } text || text.Split('|') is not [var person, var id, var end])
            return new(SignInLinkState.Unknown);
        if (long.Parse(end, CultureInfo.InvariantCulture) <= clock.GetUtcNow().ToUnixTimeSeconds())
            return new(SignInLinkState.Expired);
        return await table.GetAsync(TableNames.People, person, Key(id), cancel) is { } row
            ? new(SignInLinkState.Valid, person, RowDocument.Read(row, PeopleJson.Default.SignInLink))
            : new(SignInLinkState.Used);
    }

    /// <summary>Uses the link up. Of several concurrent calls, one gets true.</summary>
    public async Task<bool> UseAsync(string person, string id, CancellationToken cancel) =>
        (await table.WriteAsync(TableNames.People, TableWrite.Delete(new Row(person, Key(id), new Dictionary<string, object?>(StringComparer.Ordinal))), cancel)).Outcome == WriteOutcome.Done;

    /// <summary>Removes links that have expired.</summary>
    public async Task PruneAsync(string person, CancellationToken cancel)
    {
        await foreach (var row in table.RangeAsync(TableNames.People, person, "l|", "l}", null, cancel))
        {
            if (RowDocument.Read(row, PeopleJson.Default.SignInLink).Until <= clock.GetUtcNow())
                await table.WriteAsync(TableNames.People, TableWrite.Delete(row), cancel);
        }
    }

    /// <summary>Removes a person's links that were mailed to one of these addresses. The number of removed links.</summary>
    /// <param name="addresses">In normal form.</param>
    public async Task<int> RemoveAsync(string person, IReadOnlyCollection<string> addresses, CancellationToken cancel)
    {
        var removed = 0;
        await foreach (var row in table.RangeAsync(TableNames.People, person, "l|", "l}", null, cancel))
        {
            if (SignInAddresses.Normalise(RowDocument.Read(row, PeopleJson.Default.SignInLink).Address) is not { } address || !addresses.Contains(address))
                continue;
            await table.WriteAsync(TableNames.People, TableWrite.Delete(row), cancel);
            removed++;
        }

        return removed;
    }

    public async Task<IReadOnlyList<SignInLink>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "l|", "l}", null, cancel).Select(row => RowDocument.Read(row, PeopleJson.Default.SignInLink)).ToListAsync(cancel);

    /// <summary>Records that the link is of somebody who has no account yet, so that it is removed if nobody follows it.</summary>
    public async Task RecordNewcomerAsync(string person, DateTimeOffset until, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Put(new Row(Newcomers, person, new Dictionary<string, object?>(StringComparer.Ordinal) { ["until"] = until })), cancel);

    /// <summary>Removes the expired links of people who never followed them.</summary>
    public async Task PruneNewcomersAsync(CancellationToken cancel)
    {
        await foreach (var row in table.RangeAsync(TableNames.Lookups, Newcomers, "0", "~", null, cancel))
        {
            if ((DateTimeOffset)row.Values["until"]! > clock.GetUtcNow())
                continue;
            await PruneAsync(row.Key, cancel);
            await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(row), cancel);
        }
    }

    private static string Key(string id) => $"l|{id}";
}
