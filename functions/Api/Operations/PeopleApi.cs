using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Operations;

/// <summary>Everyone with an account, for operators: list, invite, make an operator and unmake one.</summary>
internal static class PeopleApi
{
    private const int PageSize = 100;

    public static void MapPeople(this IEndpointRouteBuilder api)
    {
        api.MapGet("/people", ListAsync).Needs(Scope.Operate).WithName("listPeople").Produces<ItemList<PersonItem>>()
            .WithMetadata(new DescribedValue("cursor", typeof(string), "`next` of the page before."));
        api.MapPost("/people", InviteAsync).Needs(Scope.Operate).WithName("invite").Reads<Invitation>("""{"email": "juna@example.org"}""").Produces<InvitationAnswer>(201).Refuses(409);
        api.MapPatch("/people/{id}", ChangeAsync).Needs(Scope.Operate).WithName("changePerson").Reads<PersonChange>("""{"operator": true}""").Produces<PersonItem>().Refuses(409);
    }

    /// <summary>Everyone.</summary>
    internal static async Task<IResult> ListAsync(HttpContext context, PeopleStore people)
    {
        var cursor = context.Request.Query["cursor"].ToString();
        if (cursor.Length > 0 && !Identity.IsWellFormed(cursor))
            return Problems.Invalid("cursor", "It is not one of ours; `next` of the page before is expected.");
        var ids = await people.PageAsync(cursor.Length > 0 ? cursor : null, PageSize, context.RequestAborted);
        var items = new List<PersonItem>();
        foreach (var id in ids)
        {
            if (await people.GetAsync(id, context.RequestAborted) is { } person)
                items.Add(PersonItem.Of(person));
        }

        return Results.Json(new ItemList<PersonItem>(items, ids.Count == PageSize ? ids[^1] : null), PeopleApiJson.Default.ItemListPersonItem);
    }

    /// <summary>Invite somebody.</summary>
    /// <remarks>They get a mail with a link that opens their account, once, within seven days. Where no mail is sent, `link` is to be passed on by hand.</remarks>
    /// <response code="201">The invitation. Repeating it makes a new link.</response>
    /// <response code="409">Somebody signs in with that address already, or is just being deleted.</response>
    internal static async Task<IResult> InviteAsync(HttpContext context, Invitations invitations)
    {
        var (asked, refusal) = await JsonBody.ReadAsync(context, PeopleApiJson.Default.Invitation);
        if (asked is null)
            return refusal!;
        if (SignInAddresses.Normalise(asked.Email) is not { } address)
            return Problems.Invalid("email", $"It is '{Normaliser.Text(asked.Email, 60)}'; a mail address is expected.");
        var caller = Caller.Of(context);
        return await invitations.InviteAsync(address, Normaliser.Text(asked.Name, 100), caller.Person, caller.Credential, CancellationToken.None) is { } made
            ? Results.Json(new InvitationAnswer(made.Person, address, made.Until, made.Link), PeopleApiJson.Default.InvitationAnswer, statusCode: StatusCodes.Status201Created)
            : Problems.Conflict("Somebody signs in with that address already, or did until just now: then wait until the deletion is done.");
    }

    /// <summary>Make somebody an operator, or no operator any more.</summary>
    /// <response code="409">It is the last operator.</response>
    internal static async Task<IResult> ChangeAsync(string id, HttpContext context, PeopleStore people, AuditTrail audit)
    {
        var (asked, refusal) = await JsonBody.ReadAsync(context, PeopleApiJson.Default.PersonChange);
        if (asked is null)
            return refusal!;
        if (asked.Operator is not { } isOperator)
            return Problems.Invalid("operator", "It is missing; true or false is expected.");
        if (!Identity.IsWellFormed(id) || await people.GetAsync(id, context.RequestAborted) is null)
            return Problems.NotFound("person");
        var caller = Caller.Of(context);
        if (!await people.SetOperatorAsync(id, isOperator, CancellationToken.None))
            return Problems.Conflict("This is the last operator. Make somebody else one first.");
        await audit.AddAsync(id, AuditTrail.OperatorChanged, isOperator ? "operator" : "no operator", caller.Person, caller.Credential, CancellationToken.None);
        return await people.GetAsync(id, CancellationToken.None) is { } person ? Results.Json(PersonItem.Of(person), PeopleApiJson.Default.PersonItem) : Problems.NotFound("person");
    }
}

internal sealed record PersonItem(string Id, string? Name, string? Email, bool Operator, DateTimeOffset Since)
{
    public static PersonItem Of(Person person) => new(person.Id, person.Name, person.Email, person.Operator, person.Since);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record Invitation([property: Required] string? Email = null, string? Name = null);

/// <param name="Person">The id that the account gets.</param>
/// <param name="Until">Until when the link works.</param>
/// <param name="Link">Only where no mail is sent: what to pass on.</param>
internal sealed record InvitationAnswer(string Person, string Email, DateTimeOffset Until, Uri? Link);

/// <param name="Operator">Whether the person may manage people and see the operational status.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PersonChange([property: Required] bool? Operator = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ItemList<PersonItem>))]
[JsonSerializable(typeof(Invitation))]
[JsonSerializable(typeof(InvitationAnswer))]
[JsonSerializable(typeof(PersonChange))]
internal sealed partial class PeopleApiJson : JsonSerializerContext;
