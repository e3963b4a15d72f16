using ContributionIngest.Core.Digest;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions;

/// <summary>The first person, who is there from the first start on.</summary>
public sealed class Owner(Settings settings, PeopleStore people, ApiKeys keys, DigestPlanner digests)
{
    /// <summary>
    /// Makes the owner if there is nobody yet; a fresh key of theirs as long as nobody has one, and null at every later start. Several who come at once
    /// each get a key of the one owner.
    /// </summary>
    public async Task<string?> Ensure(CancellationToken cancel) =>
        await Make(cancel) is { } person ? await Key(person, "first key", Scope.Read | Scope.Write | Scope.Operate, cancel) : null;

    /// <summary>Another key for the owner, who is made if there is nobody yet. Null when there are people and none of them is an operator.</summary>
    public async Task<string?> NewKey(string name, Scope scope, CancellationToken cancel) =>
        (await Make(cancel) ?? await Find(cancel)) is { } person ? await Key(person, name, scope, cancel) : null;

    /// <summary>The operator who has been here longest; null before the first start.</summary>
    public async Task<Person?> Find(CancellationToken cancel)
    {
        Person? owner = null;
        foreach (var id in await people.All(cancel))
        {
            if (await people.Get(id, cancel) is { Operator: true } person && (owner is null || person.Since < owner.Since))
                owner = person;
        }

        return owner;
    }

    /// <summary>The owner as long as nobody has a key of theirs; null later.</summary>
    private async Task<Person?> Make(CancellationToken cancel)
    {
        if (await people.CreateOwner(New, cancel) is not { } person)
            return null;
        await digests.Plan(person, cancel);
        return person;
    }

    /// <summary>The key first: whoever stops in between leaves one nobody has, and the next start gives another.</summary>
    private async Task<string> Key(Person person, string name, Scope scope, CancellationToken cancel)
    {
        var (secret, _) = await keys.Create(person.Id, name, scope, cancel);
        await people.NoteFirstKey(cancel);
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
