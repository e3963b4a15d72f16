using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Core.Areas;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Programmes;

/// <summary>In which areas of a programme the entries of its window are, and the word that decided.</summary>
internal static class AreasApi
{
    private const int MaxChanges = 200;

    private static readonly DescribedValue[] Described = [new("part", typeof(AreaPart), "Only the entries of that part.")];

    public static void MapAreas(this IEndpointRouteBuilder api)
    {
        api.MapGet("/programmes/{name}/areas", GetAsync).Needs(Scope.Read).WithName("getAreas").WithMetadata(Described).Produces<AreasAnswer>();
        api.MapPatch("/programmes/{name}/areas", PatchAsync).Needs(Scope.Write).WithName("changeAreas").Reads<AreasChange>("""{"topics": {"blazor": "Web Development", "azure": ""}}""").Produces(204);
    }

    /// <summary>The entries of a programme's window by area.</summary>
    /// <remarks>Every entry counts once. `reason` and `words` say what decided: your own word on the entry, your word on a topic, or the table's.</remarks>
    /// <param name="name">As in the list, such as microsoft-mvp.</param>
    internal static async Task<IResult> GetAsync(string name, HttpContext context, ProgrammeCatalog programmes, PlacedEntries placed, PeopleStore people, TimeProvider clock)
    {
        if (programmes.Find(name) is not { } programme || AreaList.Find(programme.Areas) is not { } list)
            return Problems.NotFound("programme with areas");
        var parameters = LedgerParameters.Of(context.Request, Described);
        var parts = parameters.Words<AreaPart>("part");
        if (!parameters.IsValid)
            return Problems.Invalid(parameters.Faults);
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        var zone = await LedgerParameters.ZoneAsync(people, person, cancel);
        var (entries, share, choices) = await placed.ReadAsync(person, programme, list, LedgerParameters.Today(clock, zone), zone, cancel);
        var items = entries.Where(entry => parts.Count == 0 || parts.Contains(entry.Place.Part));
        return Results.Json(new AreasAnswer(share, [.. items], list.Categories, choices.Topics), ProgrammesJson.Default.AreasAnswer);
    }

    /// <summary>Say where topics and entries belong.</summary>
    /// <remarks>The area by topic, or by the entry's id. Nothing (`""`) for a topic that is to decide nothing; null takes back what you said. It counts for every programme with the same areas.</remarks>
    /// <param name="name">As in the list, such as microsoft-mvp.</param>
    internal static async Task<IResult> PatchAsync(string name, HttpContext context, ProgrammeCatalog programmes, AreaChoiceStore choices)
    {
        if (programmes.Find(name) is not { } programme || AreaList.Find(programme.Areas) is not { } list)
            return Problems.NotFound("programme with areas");
        var (asked, refusal) = await JsonBody.ReadAsync(context, ProgrammesJson.Default.AreasChange);
        if (asked is null)
            return refusal!;
        var (topics, entries) = (asked.Topics ?? new Dictionary<string, string?>(StringComparer.Ordinal), asked.Entries ?? new Dictionary<string, string?>(StringComparer.Ordinal));
        if (topics.Count + entries.Count > MaxChanges)
            return Problems.Invalid("body", $"There are more than {MaxChanges} changes; send them in several requests.");
        if (topics.Keys.FirstOrDefault(topic => AreaList.Fold(topic).Length == 0 || topic.Length > Normaliser.TopicLength) is { } bad)
            return Problems.Invalid("topics", $"'{Normaliser.Text(bad, 60)}' is no topic.");
        if (topics.Values.Concat(entries.Values).FirstOrDefault(area => area is { Length: > 0 } && !list.Has(area)) is { } unknown)
            return Problems.Invalid(topics.Values.Contains(unknown, StringComparer.Ordinal) ? "topics" : "entries", $"There is no area '{Normaliser.Text(unknown, 60)}' in this programme.");
        if (entries.Any(entry => !Identity.IsWellFormed(entry.Key) || entry.Value is ""))
            return Problems.Invalid("entries", "The area by the id of an entry is expected, or null.");
        var person = Caller.Of(context).Person;
        if (topics.Count > 0 && !await choices.PlaceTopicsAsync(person, list.Id, topics, context.RequestAborted))
            return Problems.Invalid("topics", $"You have placed {AreaChoices.MaxTopics} topics; take some back first.");
        foreach (var (entry, area) in entries)
            await choices.PlaceEntryAsync(person, list.Id, entry, area, context.RequestAborted);
        return Results.NoContent();
    }
}

/// <param name="Share">The figure.</param>
/// <param name="Items">The newest first.</param>
/// <param name="Categories">The programme's areas by category.</param>
/// <param name="Topics">The areas of topics as you have said.</param>
internal sealed record AreasAnswer(AreaShare Share, IReadOnlyList<PlacedEntry> Items, IReadOnlyDictionary<string, IReadOnlyList<string>> Categories, IReadOnlyDictionary<string, string> Topics);

/// <param name="Topics">The area by topic.</param>
/// <param name="Entries">The area by the id of an entry.</param>
internal sealed record AreasChange(IReadOnlyDictionary<string, string?>? Topics = null, IReadOnlyDictionary<string, string?>? Entries = null);
