using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Areas;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Award and ambassador programmes: their windows and rules, each with where it is written.</summary>
internal static class ProgrammesApi
{
    public static void MapProgrammes(this IEndpointRouteBuilder api)
    {
        api.MapGet("/programmes", ListAsync).Needs(Scope.Read).WithName("listProgrammes").WithMetadata(ListDescribed).Produces<ItemList<ProgrammeItem>>();
        api.MapGet("/programmes/{name}/readiness", ReadinessAsync).Needs(Scope.Read).WithName("getReadiness").WithMetadata(Described).Produces<ReadinessAnswer>();
        api.MapGet("/programmes/{name}", GetAsync).Needs(Scope.Read).WithName("getProgramme").Produces<ProgrammeItem>();
    }

    private static readonly DescribedValue[] Described =
    [
        .. FormReader.WindowDescribed,
        new("area", typeof(string), "The area you are nominated in, instead of the one you have said."),
    ];

    private static readonly DescribedValue[] ListDescribed = [new("mine", typeof(bool), "Only those you have added.")];

    /// <summary>Award and ambassador programmes.</summary>
    /// <remarks>By name. A rule has a figure to compare with only if the programme itself published it; what participants report or advise is text.</remarks>
    internal static async Task<IResult> ListAsync(HttpContext context, ProgrammeCatalog programmes, Memberships memberships)
    {
        var parameters = LedgerParameters.Of(context.Request, ListDescribed);
        var isMine = parameters.Choice("mine", "false", "true") == "true";
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        var mine = (await memberships.ListAsync(Caller.Of(context).Person, context.RequestAborted)).ToDictionary(item => item.Programme, item => item.Membership, StringComparer.Ordinal);
        var items = programmes.All.Where(programme => !isMine || mine.ContainsKey(programme.Id)).Select(programme => ProgrammeItem.Of(programme, mine.GetValueOrDefault(programme.Id)));
        return Results.Json(new ItemList<ProgrammeItem>([.. items]), ProgrammesJson.Default.ItemListProgrammeItem);
    }

    /// <summary>One programme.</summary>
    /// <param name="name">As in the list, such as asyncapi-ambassador.</param>
    internal static async Task<IResult> GetAsync(string name, HttpContext context, ProgrammeCatalog programmes, Memberships memberships) =>
        programmes.Find(name) is { } found
            ? Results.Json(ProgrammeItem.Of(found, await memberships.GetAsync(Caller.Of(context).Person, name, context.RequestAborted)), ProgrammesJson.Default.ProgrammeItem)
            : Problems.NotFound("programme");

    /// <summary>Where you stand with a programme.</summary>
    /// <remarks>Sentences with a number and the entries behind it. There is no score; a figure to compare with is only what the programme itself published. What you have said of the programme
    /// (`PUT /programmes/{name}/membership`) counts unless a parameter says otherwise.</remarks>
    /// <param name="name">As in the list, such as asyncapi-ambassador.</param>
    internal static async Task<IResult> ReadinessAsync(string name, HttpContext context, ProgrammeCatalog programmes, ReadinessReader readiness, Memberships memberships, PeopleStore people, TimeProvider clock)
    {
        var (cancel, person) = (context.RequestAborted, Caller.Of(context).Person);
        if (programmes.Find(name) is not { } programme)
            return Problems.NotFound("programme");
        var parameters = LedgerParameters.Of(context.Request, Described);
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var said = await memberships.GetAsync(person, name, cancel) ?? new Membership();
        var area = parameters.One("area");
        if (area is not null && AreaList.Find(programme.Areas)?.CategoryOf(area) is null)
            parameters.Fault("area", $"There is no area '{Normaliser.Text(area, 60)}' in this programme.");
        var membership = FormReader.Over(said, parameters, zone) with { Area = area ?? said.Area };
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        var found = await readiness.ReadAsync(person, programme, membership, LedgerParameters.Today(clock, zone), zone, cancel);
        return Results.Json(ReadinessAnswer.Of(programme, found), ProgrammesJson.Default.ReadinessAnswer);
    }
}

/// <summary>A programme as the API shows it.</summary>
/// <param name="Wish">What it looks for above all.</param>
/// <param name="Window">The days that count; absent if nothing is known.</param>
/// <param name="Rules">Empty if no rules are published or reported.</param>
/// <param name="Types">What the programme calls our kinds.</param>
/// <param name="Areas">The list of areas it awards people in; absent if it has none.</param>
/// <param name="Mine">What you have said of it; absent if it is none of yours.</param>
internal sealed record ProgrammeItem(
    string Id, string Name, string? Url, Wish Wish, WindowRule? Window, IReadOnlyList<ProgrammeRule> Rules, IReadOnlyDictionary<Kind, string> Types, string? Areas, MembershipBody? Mine)
{
    public static ProgrammeItem Of(Programme programme, Membership? mine) => new(
        programme.Id, programme.Name, programme.Url, programme.Wish, programme.Window, programme.Rules, programme.Types, programme.Areas, mine is null ? null : MembershipBody.Of(mine));
}

/// <summary>Where the caller stands with a programme.</summary>
/// <param name="From">The first day that counts.</param>
/// <param name="To">The last.</param>
/// <param name="Needs">What would have to be said for the programme's own window: `accepted`, `cohort` or `deadline`; until then, and where no window is published, the last twelve months count.</param>
/// <param name="Rules">What the programme says beside that.</param>
/// <param name="Total">Everything in these days, also what does not name the programme's subject.</param>
/// <param name="NotAbout">How many of them do not name it; they are in no other figure.</param>
/// <param name="Areas">How they spread over areas; absent if the programme has none.</param>
/// <param name="Lacking">Entries without evidence or a number that it asks for, the newest first, at most 100.</param>
/// <param name="LackingCount">How many of them there are.</param>
internal sealed record ReadinessAnswer(
    string Programme, DateOnly From, DateOnly To, string? Needs, int Total, int NotAbout, IReadOnlyList<ReadinessCheck> Checks, IReadOnlyList<ProgrammeRule> Rules, AreaShare? Areas, IReadOnlyList<ReadinessMonth> Months, IReadOnlyList<LackingEntry> Lacking, int LackingCount)
{
    public static ReadinessAnswer Of(Programme programme, Readiness readiness) => new(
        programme.Id, readiness.Window.From, readiness.Window.To, readiness.IsOurWindow ? Membership.Needed(programme.Window?.Kind) : null, readiness.Total, readiness.NotAbout, readiness.Checks, readiness.Rules,
        readiness.Areas, readiness.Months, readiness.Lacking, readiness.LackingCount);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ItemList<ProgrammeItem>))]
[JsonSerializable(typeof(ProgrammeItem))]
[JsonSerializable(typeof(ReadinessAnswer))]
[JsonSerializable(typeof(EvidenceAnswer))]
[JsonSerializable(typeof(MembershipBody))]
[JsonSerializable(typeof(AreasAnswer))]
[JsonSerializable(typeof(AreasChange))]
internal sealed partial class ProgrammesJson : JsonSerializerContext;
