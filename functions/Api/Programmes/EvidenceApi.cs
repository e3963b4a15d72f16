using ContributionIngest.Core.Evidence;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Layout;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Looks at the links of what counts for a programme, for programs and for the programme's page.</summary>
internal static class EvidenceApi
{
    public static void MapEvidence(this IEndpointRouteBuilder api) =>
        api.MapPost("/programmes/{name}/evidence", CheckAsync).Needs(Scope.Write).WithName("checkEvidence").Produces<EvidenceAnswer>();

    public static void MapEvidencePage(this IEndpointRouteBuilder site) =>
        site.MapPost(ProgrammePages.Root + "/{name}/evidence", CheckAndReturnAsync).Needs(Scope.Write).IsPage();

    /// <summary>Look at the next 25 links of what counts for a programme.</summary>
    /// <remarks>Each page is requested once, and looked through for your name and the day of the contribution. First come those that were never looked at, then those whose last look was 30 days ago or,
    /// where a link could not be read, a day ago. What was seen is kept, and counted by `GET /programmes/{name}/readiness`. Repeat it until nothing is left.</remarks>
    /// <param name="name">As in the list, such as elastic-contributor.</param>
    /// <response code="200">What was seen. After 20 seconds no other link is begun with; a link whose host has asked for a pause is left for later.</response>
    internal static async Task<IResult> CheckAsync(string name, HttpContext context, ProgrammeCatalog programmes, ProgrammeLinks links, PeopleStore people, TimeProvider clock) =>
        await LookAsync(name, context, programmes, links, people, clock) is { } looks ? Results.Json(EvidenceAnswer.Of(looks), ProgrammesJson.Default.EvidenceAnswer) : Problems.NotFound("programme");

    private static async Task<IResult> CheckAndReturnAsync(string name, HttpContext context, ProgrammeCatalog programmes, ProgrammeLinks links, PeopleStore people, TimeProvider clock)
    {
        if (await LookAsync(name, context, programmes, links, people, clock) is not { } looks)
            return ProgrammePages.NotFound();
        Notices.Leave(context, Sentence(looks));
        return Results.LocalRedirect($"{ProgrammePages.Root}/{name}");
    }

    private static string Sentence(EvidenceLooks looks)
    {
        var left = looks.Left switch { 0 => "None is left.", 1 => "1 is left.", var many => $"{Web.Ledger.Numbers.Whole(many)} are left." };
        return looks.Checks.Count switch
        {
            0 when looks.Left == 0 => "All links were looked at lately.",
            0 => $"No link could be looked at now. {left}",
            1 => $"1 link was looked at. {left}",
            var many => $"{many} links were looked at. {left}",
        };
    }

    /// <returns>Null if there is no such programme.</returns>
    private static async Task<EvidenceLooks?> LookAsync(string name, HttpContext context, ProgrammeCatalog programmes, ProgrammeLinks links, PeopleStore people, TimeProvider clock)
    {
        var (id, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        if (programmes.Find(name) is not { } programme)
            return null;
        var zone = await LedgerParameters.ZoneAsync(people, id, cancel);
        return await links.CheckAsync(id, (await people.GetAsync(id, cancel))?.Name, programme, LedgerParameters.Today(clock, zone), zone, cancel);
    }
}

/// <summary>What was seen at some links.</summary>
/// <param name="Checked">How many were looked at.</param>
/// <param name="Left">How many are left to look at.</param>
/// <param name="Items">By the ids of the contributions.</param>
internal sealed record EvidenceAnswer(int Checked, int Left, IReadOnlyDictionary<string, EvidenceCheck> Items)
{
    public static EvidenceAnswer Of(EvidenceLooks looks) => new(looks.Checks.Count, looks.Left, looks.Checks);
}
