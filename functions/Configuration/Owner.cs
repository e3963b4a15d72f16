using ContributionIngest.Core.Digests;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The first person, created at the first start.</summary>
public sealed class Owner(Settings settings, PeopleStore people, ApiKeys keys, DigestPlanner digests)
{
    /// <summary>
    /// Creates the owner if there are no people. Returns a new key of the owner until one was handed out, then null. Concurrent callers each get a key of
    /// the same owner.
    /// </summary>
    public async Task<string?> EnsureAsync(CancellationToken cancel) =>
        await MakeAsync(cancel) is { } person ? await KeyAsync(person, "first key", Scope.Read | Scope.Write | Scope.Operate, cancel) : null;

    /// <summary>Another key for the owner, who is created if there are no people. Null if there are people but no operator.</summary>
    public async Task<string?> NewKeyAsync(string name, Scope scope, CancellationToken cancel) =>
        (await MakeAsync(cancel) ?? await FindAsync(cancel)) is { } person ? await KeyAsync(person, name, scope, cancel) : null;

    /// <summary>The operator with the oldest account; null before the first start.</summary>
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

    /// <summary>The owner until a key was handed out; then null.</summary>
    private async Task<Person?> MakeAsync(CancellationToken cancel)
    {
        if (await people.CreateOwnerAsync(New, cancel) is not { } person)
            return null;
        await digests.PlanAsync(person, cancel);
        return person;
    }

    /// <summary>Creates the key first: if the process dies in between, that key is never shown, and the next start creates another.</summary>
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
