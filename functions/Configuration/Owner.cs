using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The first person, who is there from the first start on.</summary>
public sealed class Owner(Settings settings, PeopleStore people, ApiKeys keys, DigestPlanner digests)
{
    /// <summary>
    /// Makes the owner if there is nobody yet; a fresh key of theirs as long as nobody has one, and null at every later start. Several who come at once
    /// each get a key of the one owner.
    /// </summary>
    public async Task<string?> EnsureAsync(CancellationToken cancel) =>
        await MakeAsync(cancel) is { } person ? await KeyAsync(person, "first key", Scope.Read | Scope.Write | Scope.Operate, cancel) : null;

    /// <summary>Another key for the owner, who is made if there is nobody yet. Null when there are people and none of them is an operator.</summary>
    public async Task<string?> NewKeyAsync(string name, Scope scope, CancellationToken cancel) =>
        (await MakeAsync(cancel) ?? await FindAsync(cancel)) is { } person ? await KeyAsync(person, name, scope, cancel) : null;

    /// <summary>The operator who has been here longest; null before the first start.</summary>
    public async Task<Person?> FindAsync(CancellationToken cancel)
    {
        Person? owner = null;
        foreach (var id in await people.AllAsync(cancel))
        {
            if (await people.GetAsync(id, cancel) is { Operator: true } person && (owner is null || person.Since < owner.Since))
                owner = person;
        }

        return owner;
    }

    /// <summary>The owner as long as nobody has a key of theirs; null later.</summary>
    private async Task<Person?> MakeAsync(CancellationToken cancel)
    {
        if (await people.CreateOwnerAsync(New, cancel) is not { } person)
            return null;
        await digests.PlanAsync(person, cancel);
        return person;
    }

    /// <summary>The key first: whoever stops in between leaves one nobody has, and the next start gives another.</summary>
    private async Task<string> KeyAsync(Person person, string name, Scope scope, CancellationToken cancel)
    {
        var (secret, _) = await keys.CreateAsync(person.Id, name, scope, cancel);
        await people.RecordFirstKeyAsync(cancel);
        return secret;
    }

    private Person New(string id, DateTimeOffset now) => new()
    {
        Id = id,
        Name = "Owner",
        Email = settings.OwnerEmail,
        Zone = settings.OwnerZone,
        Operator = true,
        Since = now,
    };
}
