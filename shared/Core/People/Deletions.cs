using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

[JsonConverter(typeof(EnumTextConverter<DeletionState>))]
public enum DeletionState
{
    /// <summary>Rows and files are being removed.</summary>
    Removing,

    /// <summary>All is removed. What was under way at that time ends by itself; then everything is looked through once more.</summary>
    Settling,
    Done,
}

/// <summary>The deletion of a person with everything that is stored about them. When it is done, the record no longer says whom it was about.</summary>
/// <param name="Id">Cannot be guessed, and is not the person's.</param>
/// <param name="Person">Null once it is done.</param>
/// <param name="Addresses">The person's mail addresses in normal form; none once it is done.</param>
/// <param name="By">The operator who asked for it; null if the person did.</param>
public sealed record Deletion(string Id, string? Person, IReadOnlyList<string> Addresses, string? By, DateTimeOffset Begun)
{
    /// <summary>The key or session it was asked for with.</summary>
    public string? Credential { get; init; }

    public DeletionState State { get; init; }

    /// <summary>How often everything has been looked through.</summary>
    public int Passes { get; init; }

    /// <summary>The current step of the pass, from 0.</summary>
    public int Step { get; init; }

    /// <summary>Where the step goes on; null at its beginning.</summary>
    public string? After { get; init; }

    /// <summary>The current pass has removed something.</summary>
    public bool HasRemoved { get; init; }

    /// <summary>Keys of the subscriptions that the person's connections followed.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Until when a queue may hold a message about the person, as far as was known at the beginning.</summary>
    public DateTimeOffset QueuedUntil { get; init; }

    /// <summary>The next pass does not begin before; null while a pass runs.</summary>
    public DateTimeOffset? NextPass { get; init; }

    public DateTimeOffset? Done { get; init; }
}

/// <summary>
/// Deletions of people, in partition <c>deletions</c> of table <c>lookups</c>, outside the partitions that are deleted: row <c>j|(id)</c> is the deletion, and
/// until it is done <c>p|(person)</c> and <c>a|(hash of an address)</c> point to it.
/// </summary>
public sealed class Deletions(ITable table, TimeProvider clock)
{
    public const string Partition = "deletions";

    private const string JobProperty = "job";
    private const int MaxAddresses = TableLimits.OperationsPerTransaction - 2;

    /// <summary>How long the outcome can be asked for.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>Begins a deletion; of several concurrent calls for one person, all get the deletion of the first.</summary>
    public async Task<Deletion> BeginAsync(Deletion deletion, CancellationToken cancel)
    {
        var kept = deletion with { Addresses = [.. deletion.Addresses.Take(MaxAddresses)] };
        var addresses = kept.Addresses.Select(AddressKey).Distinct(StringComparer.Ordinal).Select(key => TableWrite.Put(Pointer(key, kept)));
        TableWrite[] writes = [TableWrite.Insert(Pointer(PersonKey(kept.Person!), kept)), TableWrite.Insert(Document(kept, null)), .. addresses];
        if ((await table.TransactAsync(TableNames.Lookups, writes, cancel)).Outcome == WriteOutcome.Done)
            return kept;
        return await FindAsync(kept.Person!, cancel) ?? throw new ConcurrencyException();
    }

    /// <summary>The deletion of a person that has begun and is not done; null if there is none.</summary>
    public async Task<Deletion?> FindAsync(string person, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Partition, PersonKey(person), cancel) is { } row ? (await GetAsync((string)row.Values[JobProperty]!, cancel))?.Deletion : null;

    /// <summary>Whether the person is being deleted.</summary>
    public async Task<bool> HasPersonAsync(string person, CancellationToken cancel) => await table.GetAsync(TableNames.Lookups, Partition, PersonKey(person), cancel) is not null;

    /// <summary>Whether a person with that address is being deleted.</summary>
    /// <param name="address">In normal form.</param>
    public async Task<bool> HasAddressAsync(string address, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Partition, AddressKey(address), cancel) is not null;

    public async Task<(Deletion Deletion, string Tag)?> GetAsync(string id, CancellationToken cancel) =>
        Identity.IsWellFormed(id) && await table.GetAsync(TableNames.Lookups, Partition, JobKey(id), cancel) is { } row ? (Read(row), row.ETag!) : null;

    /// <summary>False if another process came first.</summary>
    public async Task<bool> SaveAsync(Deletion deletion, string tag, CancellationToken cancel) =>
        (await table.WriteAsync(TableNames.Lookups, TableWrite.Replace(Document(deletion, tag)), cancel)).Outcome == WriteOutcome.Done;

    /// <summary>Ends a deletion: nothing says any more whom it was about. False if another process came first.</summary>
    public async Task<bool> FinishAsync(Deletion deletion, string tag, CancellationToken cancel)
    {
        var done = new Deletion(deletion.Id, null, [], null, deletion.Begun) { State = DeletionState.Done, Passes = deletion.Passes, Done = clock.GetUtcNow() };
        var writes = new List<TableWrite> { TableWrite.Replace(Document(done, tag)) };

        // Of two people with the same address, the one whose deletion began last has the pointer.
        foreach (var key in deletion.Addresses.Select(AddressKey).Append(PersonKey(deletion.Person!)).Distinct(StringComparer.Ordinal))
        {
            if (await table.GetAsync(TableNames.Lookups, Partition, key, cancel) is { } row && (string)row.Values[JobProperty]! == deletion.Id)
                writes.Add(TableWrite.Delete(row));
        }

        return (await table.TransactAsync(TableNames.Lookups, writes, cancel)).Outcome == WriteOutcome.Done;
    }

    /// <summary>The ids of deletions that are not done.</summary>
    public async Task<IReadOnlyList<string>> UnfinishedAsync(CancellationToken cancel) =>
        await AllAsync(cancel).Where(deletion => deletion.State != DeletionState.Done).Select(deletion => deletion.Id).ToListAsync(cancel);

    /// <summary>Removes the records of deletions that were done a week ago.</summary>
    public async Task PruneAsync(CancellationToken cancel)
    {
        await foreach (var deletion in AllAsync(cancel).Where(deletion => deletion.Done <= clock.GetUtcNow() - Retention))
            await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(Document(deletion, null)), cancel);
    }

    private IAsyncEnumerable<Deletion> AllAsync(CancellationToken cancel) => table.RangeAsync(TableNames.Lookups, Partition, "j|", "j}", null, cancel).Select(Read);

    private static Row Pointer(string key, Deletion deletion) =>
        new(Partition, key, new Dictionary<string, object?>(StringComparer.Ordinal) { [JobProperty] = deletion.Id });

    private static Deletion Read(Row row) => RowDocument.Read(row, PeopleJson.Default.Deletion);

    private static Row Document(Deletion deletion, string? tag) => RowDocument.Write(Partition, JobKey(deletion.Id), deletion, PeopleJson.Default.Deletion, tag);

    private static string JobKey(string id) => $"j|{id}";

    private static string PersonKey(string person) => $"p|{person}";

    private static string AddressKey(string address) => $"a|{Identity.Hash(address)}";
}
