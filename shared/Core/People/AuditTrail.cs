using System.Globalization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>Something that happened to a person's account.</summary>
/// <param name="What">A stable word such as <c>signedIn</c>; see <see cref="AuditTrail"/>.</param>
/// <param name="Detail">A short text for people; never a secret.</param>
/// <param name="By">The operator who did it; null if it was the person.</param>
/// <param name="Credential">The id of the key or the session it was done with; null if neither.</param>
public sealed record AuditEntry(DateTimeOffset At, string What, string? Detail = null, string? By = null, string? Credential = null);

/// <summary>
/// What happened to a person's account, newest first, in table <c>people</c> under <c>t|(19-digit inverted ticks)|(id)</c> of the person: sign-ins,
/// sessions, keys, addresses, connections, and what operators did. Kept for 400 days.
/// </summary>
public sealed class AuditTrail(ITable table, TimeProvider clock)
{
    public const string SignedIn = "signedIn";
    public const string SignedOut = "signedOut";
    public const string SessionEnded = "sessionEnded";
    public const string KeyCreated = "keyCreated";
    public const string KeyRevoked = "keyRevoked";
    public const string AddressAsked = "addressAsked";
    public const string AddressAdded = "addressAdded";
    public const string AddressRemoved = "addressRemoved";
    public const string ProfileChanged = "profileChanged";
    public const string Connected = "connected";
    public const string AccountConnected = "accountConnected";
    public const string ConnectionChanged = "connectionChanged";
    public const string Disconnected = "disconnected";
    public const string Verified = "verified";
    public const string Invited = "invited";
    public const string OperatorChanged = "operatorChanged";
    public const string Exported = "exported";

    /// <summary>Also in the trail of the operator who asked for it, without a word about whom.</summary>
    public const string DeletionBegun = "deletionBegun";

    /// <summary>Stands for an operator who was deleted.</summary>
    public const string Nobody = "deleted";

    private const int MaxDetailLength = 200;
    private static readonly TimeSpan Retention = TimeSpan.FromDays(400);

    public async Task AddAsync(string person, string what, string? detail, string? by, string? credential, CancellationToken cancel) =>
        await table.WriteAsync(TableNames.People, TableWrite.Insert(Entry(person, what, detail, by, credential)), cancel);

    /// <summary>A new entry, to be inserted in the transaction that makes it true.</summary>
    public Row Entry(string person, string what, string? detail, string? by, string? credential)
    {
        var entry = new AuditEntry(clock.GetUtcNow(), what, Normaliser.Text(detail, MaxDetailLength), by, credential);
        var key = string.Create(CultureInfo.InvariantCulture, $"{Key(entry.At)}|{Identity.Random()}");
        return RowDocument.Write(person, key, entry, PeopleJson.Default.AuditEntry);
    }

    /// <summary>The same for something that has an id and a time of its own: it is there once, however often it is added.</summary>
    public async Task AddOnceAsync(string person, string id, AuditEntry entry, CancellationToken cancel) => await table.WriteAsync(
        TableNames.People, TableWrite.Insert(RowDocument.Write(person, $"{Key(entry.At)}|{id}", entry, PeopleJson.Default.AuditEntry)), cancel);

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(string person, int limit, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "t|", "t}", limit, cancel).Select(row => RowDocument.Read(row, PeopleJson.Default.AuditEntry)).ToListAsync(cancel);

    /// <summary>
    /// Takes a person who is deleted out of the trail of somebody else: as the operator who did something, and as who was invited. The number of entries that
    /// named them.
    /// </summary>
    /// <param name="addresses">Of the person, in normal form.</param>
    public async Task<int> ForgetAsync(string trail, string person, IReadOnlyCollection<string> addresses, CancellationToken cancel)
    {
        var changed = 0;
        await foreach (var row in table.RangeAsync(TableNames.People, trail, "t|", "t}", null, cancel))
        {
            var entry = RowDocument.Read(row, PeopleJson.Default.AuditEntry);
            var without = entry.By == person ? entry with { By = Nobody, Credential = null } : entry;
            if (entry.What == Invited && SignInAddresses.Normalise(entry.Detail) is { } invited && addresses.Contains(invited))
                without = without with { Detail = null };
            if (without == entry)
                continue;
            await table.WriteAsync(TableNames.People, TableWrite.Replace(RowDocument.Write(trail, row.Key, without, PeopleJson.Default.AuditEntry, row.ETag)), cancel);
            changed++;
        }

        return changed;
    }

    /// <summary>Removes what is older than the retention.</summary>
    public async Task PruneAsync(string person, CancellationToken cancel)
    {
        await foreach (var row in table.RangeAsync(TableNames.People, person, Key(clock.GetUtcNow() - Retention), "t}", null, cancel))
            await table.WriteAsync(TableNames.People, TableWrite.Delete(row), cancel);
    }

    private static string Key(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"t|{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks:D19}");
}
