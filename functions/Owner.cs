using ContributionIngest.Core.Digest;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions;

/// <summary>The first person, who is there from the first start on.</summary>
public sealed class Owner(Settings settings, PeopleStore people, ApiKeys keys, DigestPlanner digests)
{
    /// <summary>Makes the owner if there is nobody yet; a fresh key of theirs for the first who comes then, and null at every later start.</summary>
    public async Task<string?> Ensure(CancellationToken cancel) =>
        await Make(cancel) is { } person ? (await keys.Create(person.Id, "first key", Scope.Read | Scope.Write | Scope.Operate, cancel)).Secret : null;

    /// <summary>Makes the owner if there is nobody yet. The owner for the one caller who is to make the first key, and null for every other.</summary>
    public async Task<Person?> Make(CancellationToken cancel)
    {
        if (await people.CreateOwner(New, cancel) is not { } person)
            return null;
        await digests.Plan(person, cancel);
        return await people.ClaimFirstKey(cancel) ? person : null;
    }

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
