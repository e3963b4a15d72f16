using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>Award and ambassador programmes: their windows and rules, each with where it is written.</summary>
internal static class ProgrammesApi
{
    public static void MapProgrammes(this IEndpointRouteBuilder api)
    {
        api.MapGet("/programmes", List).Needs(Scope.Read).WithName("listProgrammes").Produces<ItemList<ProgrammeItem>>();
        api.MapGet("/programmes/{name}/readiness", ReadinessAsync).Needs(Scope.Read).WithName("getReadiness").WithMetadata(Described).Produces<ReadinessAnswer>();
        api.MapGet("/programmes/{name}", Get).Needs(Scope.Read).WithName("getProgramme").Produces<ProgrammeItem>();
    }

    private static readonly DescribedValue[] Described =
    [
        new("accepted", typeof(DateOnly), "The day on which you were accepted, for a window that begins with it."),
        new("cohort", typeof(DateOnly), "A day in the month in which your cohort began."),
        new("deadline", typeof(DateTimeOffset), "Until when applications are taken, for a window that ends with it."),
    ];

    /// <summary>Award and ambassador programmes.</summary>
    /// <remarks>By name. A rule has a figure to compare with only if the programme itself published it; what participants report or advise is text.</remarks>
    internal static IResult List(ProgrammeCatalog programmes) =>
        Results.Json(new ItemList<ProgrammeItem>([.. programmes.All.Select(ProgrammeItem.Of)]), ProgrammesJson.Default.ItemListProgrammeItem);

    /// <summary>One programme.</summary>
    /// <param name="name">As in the list, such as asyncapi-ambassador.</param>
    internal static IResult Get(string name, ProgrammeCatalog programmes) =>
        programmes.Find(name) is { } found ? Results.Json(ProgrammeItem.Of(found), ProgrammesJson.Default.ProgrammeItem) : Problems.NotFound("programme");

    /// <summary>Where you stand with a programme.</summary>
    /// <remarks>Sentences with a number and the entries behind it. There is no score; a figure to compare with is only what the programme itself published.</remarks>
    /// <param name="name">As in the list, such as asyncapi-ambassador.</param>
    internal static async Task<IResult> ReadinessAsync(string name, HttpContext context, ProgrammeCatalog programmes, LedgerReader reader, PeopleStore people, TimeProvider clock)
    {
        var (cancel, person) = (context.RequestAborted, Caller.Of(context).Person);
        if (programmes.Find(name) is not { } programme)
            return Problems.NotFound("programme");
        var parameters = LedgerParameters.Of(context.Request, Described);
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var membership = new Membership(parameters.Day("accepted"), parameters.Day("cohort"), parameters.Moment("deadline")?.End(zone));
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        var readiness = await Readiness.ReadAsync(reader, person, programme, membership, LedgerParameters.Today(clock, zone), zone, cancel);
        return Results.Json(ReadinessAnswer.Of(programme, readiness), ProgrammesJson.Default.ReadinessAnswer);
    }
}

/// <summary>A programme as the API shows it.</summary>
/// <param name="Wish">What it looks for above all.</param>
/// <param name="Window">The days that count; absent if nothing is known.</param>
/// <param name="Rules">Empty if no rules are published or reported.</param>
/// <param name="Types">What the programme calls our kinds.</param>
internal sealed record ProgrammeItem(string Id, string Name, string? Url, Wish Wish, WindowRule? Window, IReadOnlyList<ProgrammeRule> Rules, IReadOnlyDictionary<Kind, string> Types)
{
    public static ProgrammeItem Of(Programme programme) => new(programme.Id, programme.Name, programme.Url, programme.Wish, programme.Window, programme.Rules, programme.Types);
}

/// <summary>Where the caller stands with a programme.</summary>
/// <param name="From">The first day that counts.</param>
/// <param name="To">The last.</param>
/// <param name="Needs">What would have to be said for the programme's own window: `accepted`, `cohort` or `deadline`; until then, and where no window is published, the last twelve months count.</param>
/// <param name="Rules">What the programme says beside that.</param>
internal sealed record ReadinessAnswer(string Programme, DateOnly From, DateOnly To, string? Needs, IReadOnlyList<ReadinessCheck> Checks, IReadOnlyList<ProgrammeRule> Rules)
{
    public static ReadinessAnswer Of(Programme programme, Readiness readiness) => new(
        programme.Id, readiness.Window.From, readiness.Window.To, readiness.IsOurWindow ? Membership.Needed(programme.Window?.Kind) : null, readiness.Checks, readiness.Rules);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ItemList<ProgrammeItem>))]
[JsonSerializable(typeof(ProgrammeItem))]
[JsonSerializable(typeof(ReadinessAnswer))]
internal sealed partial class ProgrammesJson : JsonSerializerContext;
