using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>
/// People, in table <c>people</c>. The partition is the person; <c>p</c> is the person, <c>a|(id)</c> are API keys, and <c>c|(id)</c>,
/// <c>c|(id)|s</c> and <c>o|(hash of an origin)</c> are connections. Partition <c>people</c> of <c>lookups</c> lists everyone. In its partition
/// <c>owner</c>, row <c>person</c> names the owner, or nobody once the owner is deleted; row <c>key</c> records that the owner's first key exists; row
/// <c>setup</c> is <see cref="SetupUse"/>; row <c>operators</c> lists the operators once one was made or unmade. <see cref="Sessions"/>, <see cref="SignInAddresses"/>, <see cref="SignInLinks"/>,
/// <see cref="AuditTrail"/> and <see cref="TemplateStore"/> have rows of their own in the person's partition; <c>m|</c> and <c>q|</c> are the person's programmes, <c>y|(entry)</c> what was seen at an entry's link.
/// </summary>
public sealed class PeopleStore(ITable table, TimeProvider clock)
{
    /// <summary>The row of a person in the person's partition.</summary>
    public const string PersonKey = "p";

    /// <summary>The partition of the lookups that lists everybody, one row a person.</summary>
    public const string AllPeople = "people";

    /// <summary>The partition of rows about the owner and the operators.</summary>
    public const string OwnerPartition = "owner";

    private const string OwnerPersonKey = "person";
    private const string OwnerFirstKey = "key";
    private const string OwnerOperators = "operators";

    /// <summary>
    /// Creates the owner unless anyone exists. Of several concurrent calls, the first determines the owner's id. Also completes what a
    /// process left unfinished when it died.
    /// </summary>
    /// <returns>The owner until the owner's first key is created; null from then on.</returns>
    public async Task<Person?> CreateOwnerAsync(Func<string, DateTimeOffset, Person> create, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, OwnerPartition, OwnerPersonKey, cancel) is not { } claim)
        {
            if ((await PageAsync(null, 1, cancel)).Count > 0)
                return null;
            var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["person"] = Identity.Random() };
            await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(new Row(OwnerPartition, OwnerPersonKey, values)), cancel);
            claim = (await table.GetAsync(TableNames.Lookups, OwnerPartition, OwnerPersonKey, cancel))!;
        }

        var owner = (string)claim.Values["person"]!;
        if (owner.Length == 0 || await table.GetAsync(TableNames.Lookups, OwnerPartition, OwnerFirstKey, cancel) is not null)
            return null;
        return await CreateAsync(owner, create, cancel);
    }

    /// <summary>Whether the owner was deleted; the settings then say nothing about who else is operator.</summary>
    public async Task<bool> IsOwnerDeletedAsync(CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, OwnerPartition, OwnerPersonKey, cancel) is { } claim && (string)claim.Values["person"]! is "";

    /// <summary>Takes a person's name off the rows about the owner and the operators. False if there was none.</summary>
    /// <exception cref="ConcurrencyException">Others kept changing them.</exception>
    public async Task<bool> ForgetAsync(string id, CancellationToken cancel)
    {
        var isOwner = await table.GetAsync(TableNames.Lookups, OwnerPartition, OwnerPersonKey, cancel) is { } claim && (string)claim.Values["person"]! == id;
        if (isOwner)
        {
            var nobody = new Dictionary<string, object?>(StringComparer.Ordinal) { ["person"] = "" };
            await table.WriteAsync(TableNames.Lookups, TableWrite.Put(new Row(OwnerPartition, OwnerPersonKey, nobody)), cancel);
        }

        var row = await table.GetAsync(TableNames.Lookups, OwnerPartition, OwnerOperators, cancel);
        return (row is not null && ((string)row.Values[OwnerOperators]!).Split(',').Contains(id) && await SetOperatorAsync(id, isOperator: false, cancel)) || isOwner;
    }

    /// <summary>Records that the owner's first key was handed out, so that no other is created automatically.</summary>
    public Task RecordFirstKeyAsync(CancellationToken cancel) =>
        table.WriteAsync(TableNames.Lookups, TableWrite.Put(new Row(OwnerPartition, OwnerFirstKey, new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);

    public Task<Person> CreateAsync(Func<string, DateTimeOffset, Person> create, CancellationToken cancel) => CreateAsync(Identity.Random(), create, cancel);

    /// <summary>Each step may be repeated, by any process. The list comes last: a person who is not on it is never looked up.</summary>
    public async Task<Person> CreateAsync(string id, Func<string, DateTimeOffset, Person> create, CancellationToken cancel)
    {
        var person = create(id, clock.GetUtcNow());
        var insert = await table.WriteAsync(TableNames.People, TableWrite.Insert(RowDocument.Write(id, PersonKey, person, PeopleJson.Default.Person)), cancel);
        if (insert.Outcome == WriteOutcome.Exists)
            person = (await GetAsync(id, cancel))!;
        await RollupSettings.PrepareAsync(table, id, person.Zone, cancel);
        await table.WriteAsync(TableNames.Lookups, TableWrite.Put(new Row(AllPeople, id, new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);
        return person;
    }

    /// <summary>The operator with the oldest account; null before the first start.</summary>
    public async Task<Person?> FindOwnerAsync(CancellationToken cancel)
    {
        Person? owner = null;
        foreach (var id in await AllAsync(cancel))
        {
            if (await GetAsync(id, cancel) is { Operator: true } person && (owner is null || person.Since < owner.Since))
                owner = person;
        }

        return owner;
    }

    public async Task<Person?> GetAsync(string id, CancellationToken cancel) =>
        await table.GetAsync(TableNames.People, id, PersonKey, cancel) is { } row ? RowDocument.Read(row, PeopleJson.Default.Person) : null;

    /// <summary>A caller that changes the zone must also call <see cref="RollupRebuilder.SetZoneAsync"/>, so that entries are counted in it.</summary>
    /// <returns>The changed person; null when there is none.</returns>
    /// <exception cref="ConcurrencyException">Other writers kept changing the person.</exception>
    public Task<Person?> ChangeAsync(string id, Func<Person, Person> change, CancellationToken cancel) =>
        table.ChangeAsync(TableNames.People, id, PersonKey, PeopleJson.Default.Person, change, clock, cancel);

    /// <summary>Makes a person an operator, or no operator any more.</summary>
    /// <returns>False if it is the last operator; nothing is changed then.</returns>
    /// <exception cref="ConcurrencyException">Others kept changing the operators.</exception>
    public async Task<bool> SetOperatorAsync(string id, bool isOperator, CancellationToken cancel)
    {
        // One row lists the operators, so that two of them cannot remove each other at the same time. It decides; the person's own row follows.
        var isDone = await OptimisticRetry.RunAsync<bool>(
            async () =>
            {
                var row = await table.GetAsync(TableNames.Lookups, OwnerPartition, OwnerOperators, cancel);
                var before = row is null ? await OperatorsAsync(cancel) : ((string)row.Values[OwnerOperators]!).Split(',');
                string[] after = isOperator ? [.. before.Append(id).Distinct(StringComparer.Ordinal)] : [.. before.Where(known => known != id)];
                if (after.Length == 0)
                    return new(false);
                var values = new Dictionary<string, object?>(StringComparer.Ordinal) { [OwnerOperators] = string.Join(',', after), ["by"] = Identity.Random() };
                return await table.ReplaceAsync(TableNames.Lookups, new Row(OwnerPartition, OwnerOperators, values, row?.ETag), cancel) ? new(true) : null;
            },
            clock,
            cancel);
        if (isDone)
            await ChangeAsync(id, person => person with { Operator = isOperator }, cancel);
        return isDone;
    }

    private async Task<string[]> OperatorsAsync(CancellationToken cancel)
    {
        var operators = new List<string>();
        foreach (var id in await AllAsync(cancel))
        {
            if (await GetAsync(id, cancel) is { Operator: true })
                operators.Add(id);
        }

        return [.. operators];
    }

    /// <summary>The ids of all people, in no particular order.</summary>
    public async Task<IReadOnlyList<string>> AllAsync(CancellationToken cancel) =>
        await PageAsync(null, null, cancel);

    /// <summary>Whether the person is on the list of people.</summary>
    public async Task<bool> IsListedAsync(string id, CancellationToken cancel) => await table.GetAsync(TableNames.Lookups, AllPeople, id, cancel) is not null;

    /// <summary>Ids of people, ascending.</summary>
    /// <param name="after">The last id of the page before; null for the first page.</param>
    /// <param name="limit">Fewer ids than that mean that there are no more.</param>
    public async Task<IReadOnlyList<string>> PageAsync(string? after, int? limit, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Lookups, AllPeople, after + "!", "~", limit, cancel).Select(r => r.Key).ToListAsync(cancel);
}

/// <summary>The documents in tables <c>people</c> and <c>lookups</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(Session))]
[JsonSerializable(typeof(SignInAddress))]
[JsonSerializable(typeof(SignInLink))]
[JsonSerializable(typeof(AuditEntry))]
[JsonSerializable(typeof(Deletion))]
[JsonSerializable(typeof(Export))]
[JsonSerializable(typeof(ContributionTemplate))]
public sealed partial class PeopleJson : JsonSerializerContext;
