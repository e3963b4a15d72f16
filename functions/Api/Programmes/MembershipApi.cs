using System.ComponentModel.DataAnnotations;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Areas;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Which programmes are the person's, and what the person says of them.</summary>
internal static class MembershipApi
{
    public static void MapMemberships(this IEndpointRouteBuilder api)
    {
        api.MapPut("/programmes/{name}/membership", PutAsync).Needs(Scope.Write).WithName("addProgramme").Reads<MembershipBody>("""{"accepted": "2026-01-11"}""").Produces<MembershipBody>();
        api.MapDelete("/programmes/{name}/membership", DeleteAsync).Needs(Scope.Write).WithName("removeProgramme").Produces(204);
    }

    /// <summary>Add a programme to yours, or change what you say of it.</summary>
    /// <remarks>It replaces the dates and the area; answers for its form stay.</remarks>
    /// <param name="name">As in the list, such as asyncapi-ambassador.</param>
    internal static async Task<IResult> PutAsync(string name, HttpContext context, ProgrammeCatalog programmes, Memberships memberships)
    {
        if (programmes.Find(name) is not { } programme)
            return Problems.NotFound("programme");
        var (asked, refusal) = await JsonBody.ReadAsync(context, ProgrammesJson.Default.MembershipBody);
        if (asked is null)
            return refusal!;
        if (asked.Area is { } area && AreaList.Find(programme.Areas)?.Has(area) != true)
            return Problems.Invalid("area", $"There is no area '{Normaliser.Text(area, 60)}' in this programme.");
        foreach (var (field, day) in new[] { ("accepted", asked.Accepted), ("cohort", asked.Cohort), ("handIn", asked.HandIn) })
        {
            if (day is { } given && !DateOrInstant.IsSupported(given))
                return Problems.Invalid(field, "It is too long ago, or too far ahead.");
        }

        if (asked.Deadline is { } deadline && !DateOrInstant.IsSupported(DateOnly.FromDateTime(deadline.UtcDateTime)))
            return Problems.Invalid("deadline", "It is too long ago, or too far ahead.");
        return Results.Json(MembershipBody.Of(await memberships.ChangeAsync(Caller.Of(context).Person, name, asked.Over, context.RequestAborted)), ProgrammesJson.Default.MembershipBody);
    }

    /// <summary>Take a programme out of yours.</summary>
    /// <remarks>Answers about entries stay, so that nothing is asked again if it comes back.</remarks>
    /// <param name="name">Also one that has no file any more.</param>
    internal static async Task<IResult> DeleteAsync(string name, HttpContext context, Memberships memberships) =>
        ProgrammeFile.IsId(name) && await memberships.RemoveAsync(Caller.Of(context).Person, name, context.RequestAborted) is not null ? Results.NoContent() : Problems.NotFound("programme of yours");
}

/// <summary>What you say of a programme.</summary>
/// <param name="Accepted">When you were accepted.</param>
/// <param name="Cohort">A day in the month in which your cohort began.</param>
/// <param name="Deadline">Until when applications are taken.</param>
/// <param name="HandIn">The day on which you mean to apply; absent for today.</param>
/// <param name="Area">The area you are nominated in, of the programme's list.</param>
/// <param name="Chosen">Ids of the entries to hand in; absent for those that are suggested. Not written here.</param>
internal sealed record MembershipBody(DateOnly? Accepted = null, DateOnly? Cohort = null, DateTimeOffset? Deadline = null, DateOnly? HandIn = null, string? Area = null, IReadOnlyList<string>? Chosen = null)
{
    public static MembershipBody Of(Membership membership) => new(membership.Accepted, membership.Cohort, membership.Deadline, membership.HandIn, membership.Area, membership.Chosen);

    public Membership Over(Membership before) => before with { Accepted = Accepted, Cohort = Cohort, Deadline = Deadline?.ToUniversalTime(), HandIn = HandIn, Area = Area };
}
