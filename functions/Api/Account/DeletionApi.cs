using System.Text.Json.Serialization;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Account;

/// <summary>The deletion of a person with everything stored about them: asked for by the person or an operator, and how far it is.</summary>
internal static class DeletionApi
{
    private const string Confirm = "confirm";

    private static readonly DescribedValue Described = new(Confirm, typeof(string), "The person's id, or an address they sign in with or get digests at.", IsRequired: true);

    public static void MapDeletions(this IEndpointRouteBuilder api)
    {
        api.MapDelete("/me", DeleteMeAsync).Needs(Scope.Write).WithName("deleteMe").WithMetadata(Described).Produces<DeletionItem>(202).Sends("Location").Refuses(404, 409);
        api.MapDelete("/people/{id}", DeletePersonAsync).Needs(Scope.Operate).WithName("deletePerson").WithMetadata(Described).Produces<DeletionItem>(202).Sends("Location").Refuses(409);
        api.MapGet("/deletions/{id}", GetAsync).IsOpen().WithName("getDeletion").Produces<DeletionItem>();
    }

    /// <summary>Delete everything of yours.</summary>
    /// <remarks>Your keys and sessions end at once; the rest follows within minutes. An hour later everything is looked through once more, since queues may hold what was under way; if a
    /// digest was waiting to be mailed, that is up to seven days later. Nothing of it can be undone: export first. Contributions of others from the same places are not touched. Backups that the operator made keep what they hold.</remarks>
    /// <response code="202">It has begun. `Location` tells how far it is; it needs no key, and works for a week after the end.</response>
    /// <response code="409">You are the last operator.</response>
    internal static async Task<IResult> DeleteMeAsync(HttpContext context, PeopleStore people, SignInAddresses addresses, AccountDeletion deletion, MaintenanceRun maintenance)
    {
        var caller = Caller.Of(context);
        if (await people.GetAsync(caller.Person, context.RequestAborted) is not { } person)
            return Problems.NotFound("person");
        if (!await IsConfirmedAsync(context.Request.Query[Confirm], person, addresses, context.RequestAborted))
            return NotConfirmed(context);
        return Answer(context, await BeginAsync(person, null, caller.Credential, deletion, maintenance));
    }

    /// <summary>Delete a person with everything stored about them.</summary>
    /// <remarks>The same as the person can do with `DELETE /me`.</remarks>
    /// <response code="202">It has begun. `Location` tells how far it is; it needs no key, and works for a week after the end.</response>
    /// <response code="409">It is the last operator.</response>
    internal static async Task<IResult> DeletePersonAsync(
        string id, HttpContext context, PeopleStore people, SignInAddresses addresses, Deletions deletions, AccountDeletion deletion, MaintenanceRun maintenance)
    {
        var cancel = context.RequestAborted;
        if (!Identity.IsWellFormed(id))
            return Problems.NotFound("person");
        if (await people.GetAsync(id, cancel) is { } person)
        {
            var caller = Caller.Of(context);
            return await IsConfirmedAsync(context.Request.Query[Confirm], person, addresses, cancel)
                ? Answer(context, await BeginAsync(person, id == caller.Person ? null : caller.Person, caller.Credential, deletion, maintenance))
                : NotConfirmed(context);
        }

        // Whoever did not get the answer asks again.
        if (await deletions.FindAsync(id, cancel) is not { } begun)
            return Problems.NotFound("person");
        return context.Request.Query[Confirm] == id || (SignInAddresses.Normalise(context.Request.Query[Confirm]) is { } address && begun.Addresses.Contains(address))
            ? Answer(context, begun)
            : NotConfirmed(context);
    }

    /// <summary>How far a deletion is.</summary>
    /// <remarks>It tells nothing about the person. A week after the end it is gone.</remarks>
    internal static async Task<IResult> GetAsync(string id, HttpContext context, Deletions deletions)
    {
        if (await deletions.GetAsync(id, context.RequestAborted) is not var (deletion, _))
            return Problems.NotFound("deletion");
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(DeletionItem.Of(deletion), DeletionApiJson.Default.DeletionItem);
    }

    /// <summary>Whether the text names the person: their id, or one of their addresses.</summary>
    internal static async Task<bool> IsConfirmedAsync(string? typed, Person person, SignInAddresses addresses, CancellationToken cancel) =>
        typed?.Trim() is { Length: > 0 } text && (text == person.Id || (SignInAddresses.Normalise(text) is { } address
            && (address == SignInAddresses.Normalise(person.Email) || (await addresses.ListAsync(person.Id, cancel)).Any(known => known.Address == address))));

    /// <summary>Begins; from then on it goes on whether or not the caller waits. Null if it is the last operator.</summary>
    internal static async Task<Deletion?> BeginAsync(Person person, string? by, string credential, AccountDeletion deletion, MaintenanceRun maintenance)
    {
        if (await deletion.BeginAsync(person, by, credential, CancellationToken.None) is not { } begun)
            return null;
        await maintenance.StartDeletionAsync(begun.Id, CancellationToken.None);
        await deletion.EndAccessAsync(person.Id, CancellationToken.None);
        return begun;
    }

    internal static string PathOf(Deletion deletion) => $"/api/deletions/{deletion.Id}";

    private static IResult Answer(HttpContext context, Deletion? begun)
    {
        if (begun is null)
            return Problems.Conflict("This is the last operator. Make somebody else one first, with PATCH /api/people/{id}; if nobody is to stay, remove the installation with its storage.");
        context.Response.Headers.Location = PathOf(begun);
        return Results.Json(DeletionItem.Of(begun), DeletionApiJson.Default.DeletionItem, statusCode: StatusCodes.Status202Accepted);
    }

    private static IResult NotConfirmed(HttpContext context) => Problems.Invalid(
        Confirm, context.Request.Query[Confirm].ToString() is { Length: > 0 } typed
            ? $"It is '{Normaliser.Text(typed, 60)}'; the person's id or one of their mail addresses is expected."
            : "It is missing; the person's id or one of their mail addresses is expected.");
}

/// <summary>The state of a deletion.</summary>
/// <param name="State"><c>removing</c>, then <c>settling</c> until nothing can be under way any more, then <c>done</c>.</param>
/// <param name="Step">How many steps of the current pass are done.</param>
/// <param name="NextPass">When everything is looked through again.</param>
internal sealed record DeletionItem(string Id, DeletionState State, DateTimeOffset Begun, int Step, int Steps, DateTimeOffset? NextPass, DateTimeOffset? Done)
{
    public static DeletionItem Of(Deletion deletion) => new(
        deletion.Id,
        deletion.State,
        deletion.Begun,
        deletion.State == DeletionState.Removing ? deletion.Step : DeletionSteps.Count,
        DeletionSteps.Count,
        deletion.NextPass,
        deletion.Done);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DeletionItem))]
internal sealed partial class DeletionApiJson : JsonSerializerContext;
