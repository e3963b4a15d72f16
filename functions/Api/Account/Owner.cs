using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;

namespace ContributionIngest.Functions.Api.Account;

/// <param name="Email">Signs in with it from the start; null if none is set.</param>
/// <param name="Zone">IANA time zone.</param>
public sealed record OwnerOptions(string? Email, string Zone);

/// <summary>The first person, created at the first start.</summary>
public sealed class Owner(OwnerOptions options, PeopleStore people, ApiKeys keys, DigestPlanner digests)
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

    /// <summary>The owner, who is created if there are no people.</summary>
    /// <exception cref="InvalidOperationException">There are people but no operator.</exception>
    public async Task<Person> GetOrCreateAsync(CancellationToken cancel) =>
        await MakeAsync(cancel) ?? await FindAsync(cancel) ?? throw new InvalidOperationException("There are people here but no operator.");

    /// <summary>The operator with the oldest account; null before the first start.</summary>
    public Task<Person?> FindAsync(CancellationToken cancel) => people.FindOwnerAsync(cancel);

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
        Email = options.Email,
        Zone = options.Zone,
        Operator = true,
        Since = now,
    };
}

/// <summary>Links for the owner, printed where the server is started.</summary>
public sealed class OwnerSignIn(Owner owner, SignInLinks links, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>The token of a link that signs the owner in once, within a day, in any browser. Null if there are people but no operator.</summary>
    public async Task<string?> TokenAsync(CancellationToken cancel)
    {
        if (await owner.FindAsync(cancel) is not { } person)
            return null;
        var link = new SignInLink(Identity.Random(), null, null, null, clock.GetUtcNow() + Lifetime);
        await links.CreateAsync(person.Id, link, cancel);
        return links.Token(person.Id, link);
    }
}
