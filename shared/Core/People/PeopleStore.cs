using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

/// <summary>
/// People, in table <c>people</c> (partition: the person; <c>p</c> the person, <c>a|(id)</c> API keys, <c>c|(id)</c>, <c>c|(id)|s</c> and
/// <c>o|(hash of a place)</c> connections) with a list of all in <c>lookups</c> under <c>people</c>. Rows <c>person</c> and <c>key</c> of partition
/// <c>owner</c> there say who the owner is, which is written once, and that somebody has made their first key.
/// </summary>
public sealed class PeopleStore(ITable table, TimeProvider clock)
{
    private const string Self = "p";
    private const string Everybody = "people";
    private const string Owner = "owner";
    private const string OwnerPerson = "person";
    private const string OwnerKey = "key";

    public Task<Person> CreateAsync(Func<string, DateTimeOffset, Person> make, CancellationToken cancel) => CreateAsync(Identity.Random(), make, cancel);

    /// <summary>
    /// Makes the owner unless there is anybody. Of several who come at once the first decides whose id the owner has, and what a process left
    /// unfinished that ended on the way is finished.
    /// </summary>
    /// <returns>The owner while nobody has made their first key; null at every later time.</returns>
    public async Task<Person?> CreateOwnerAsync(Func<string, DateTimeOffset, Person> make, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, Owner, OwnerPerson, cancel) is not { } claim)
        {
            if ((await AllAsync(cancel)).Count > 0)
                return null;
            var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["person"] = Identity.Random() };
            await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(new Row(Owner, OwnerPerson, values)), cancel);
            claim = (await table.GetAsync(TableNames.Lookups, Owner, OwnerPerson, cancel))!;
        }

        if (await table.GetAsync(TableNames.Lookups, Owner, OwnerKey, cancel) is not null)
            return null;
        return await CreateAsync((string)claim.Values["person"]!, make, cancel);
    }

    /// <summary>Somebody made the owner's first key and has it: nobody makes another by themselves.</summary>
    public Task NoteFirstKeyAsync(CancellationToken cancel) =>
        table.WriteAsync(TableNames.Lookups, TableWrite.Put(new Row(Owner, OwnerKey, new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);

    /// <summary>Each step may be repeated, by whoever; the list comes last, since nobody is looked for who is not on it.</summary>
    private async Task<Person> CreateAsync(string id, Func<string, DateTimeOffset, Person> make, CancellationToken cancel)
    {
        var person = make(id, clock.GetUtcNow());
        var made = await table.WriteAsync(TableNames.People, TableWrite.Insert(RowDocument.Write(id, Self, person, PeopleJson.Default.Person)), cancel);
        if (made.Outcome == WriteOutcome.Exists)
            person = (await GetAsync(id, cancel))!;
        await RollupSettings.PrepareAsync(table, id, person.Zone, cancel);
        await table.WriteAsync(TableNames.Lookups, TableWrite.Put(new Row(Everybody, id, new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);
        return person;
    }

    public async Task<Person?> GetAsync(string id, CancellationToken cancel) =>
        await table.GetAsync(TableNames.People, id, Self, cancel) is { } row ? RowDocument.Read(row, PeopleJson.Default.Person) : null;

    /// <summary>Whoever changes the zone has the entries counted in it (<see cref="RollupRebuilder.SetZoneAsync"/>).</summary>
    /// <returns>The person after the change; null when there is none.</returns>
    /// <exception cref="ConcurrencyException">Somebody else kept changing the person.</exception>
    public Task<Person?> ChangeAsync(string id, Func<Person, Person> change, CancellationToken cancel) =>
        table.ChangeAsync(TableNames.People, id, Self, PeopleJson.Default.Person, change, cancel);

    /// <summary>Ids of all people, in no order that means anything.</summary>
    public async Task<IReadOnlyList<string>> AllAsync(CancellationToken cancel) =>
        await table.RangeAsync(TableNames.Lookups, Everybody, "!", "~", null, cancel).Select(r => r.Key).ToListAsync(cancel);
}

/// <summary>Documents of tables <c>people</c> and <c>lookups</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Person))]
[JsonSerializable(typeof(ApiKey))]
public sealed partial class PeopleJson : JsonSerializerContext;
