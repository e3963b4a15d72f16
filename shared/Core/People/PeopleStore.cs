using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.People;

/// <summary>
/// People, in table <c>people</c> (partition: the person; <c>p</c> the person, <c>a|(id)</c> API keys, <c>c|(id)</c> and <c>c|(id)|s</c>
/// connections) with a list of all in <c>lookups</c> under <c>people</c>.
/// </summary>
public sealed class PeopleStore(ITable table, TimeProvider clock)
{
    public const string Table = "people";
    public const string Lookups = "lookups";
    private const string Self = "p";
    private const string Everybody = "people";

    public async Task<Person> Create(Func<string, DateTimeOffset, Person> make, CancellationToken cancel)
    {
        var person = make(Identity.Random(), clock.GetUtcNow());
        await Counting.Prepare(table, person.Id, person.Zone, cancel);
        await table.Write(Table, TableWrite.Insert(RowDocument.Write(person.Id, Self, person, PeopleJson.Default.Person)), cancel);
        await table.Write(Lookups, TableWrite.Put(new Row(Everybody, person.Id, new Dictionary<string, object?>(StringComparer.Ordinal))), cancel);
        return person;
    }

    public async Task<Person?> Get(string id, CancellationToken cancel) =>
        await table.Get(Table, id, Self, cancel) is { } row ? RowDocument.Read(row, PeopleJson.Default.Person) : null;

    /// <summary>
    /// Null when somebody else changed the person meanwhile, eight times in a row. Whoever changes the zone has the entries counted in it
    /// (<see cref="Recount.SetZone"/>).
    /// </summary>
    public async Task<Person?> Change(string id, Func<Person, Person> change, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 8; attempt++)
        {
            var row = await table.Get(Table, id, Self, cancel);
            if (row is null)
                return null;
            var before = RowDocument.Read(row, PeopleJson.Default.Person);
            var after = change(before);
            var write = TableWrite.Replace(RowDocument.Write(id, Self, after, PeopleJson.Default.Person, row.ETag));
            if ((await table.Write(Table, write, cancel)).Outcome == WriteOutcome.Done)
                return after;
        }

        return null;
    }

    /// <summary>Ids of all people, in no order that means anything.</summary>
    public async Task<IReadOnlyList<string>> All(CancellationToken cancel) =>
        await table.Range(Lookups, Everybody, "!", "~", null, cancel).Select(r => r.Key).ToListAsync(cancel);
}
