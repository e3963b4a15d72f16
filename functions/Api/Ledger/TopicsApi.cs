using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary><c>GET PUT /me/topics</c>: the caller's topics with their alternative spellings, <c>{"topics": {"JavaScript": ["js"]}}</c>.</summary>
internal static class TopicsApi
{
    public static void MapTopics(this IEndpointRouteBuilder api)
    {
        api.MapGet("/me/topics", GetAsync).Needs(Scope.Read).WithName("getTopics").Produces<TopicsBody>();
        api.MapPut("/me/topics", PutAsync).Needs(Scope.Write).WithName("changeTopics")
            .Reads<TopicsBody>("""{"topics": {"JavaScript": ["js", "ecmascript"]}}""").Produces<TopicsBody>();
    }

    /// <summary>Your topic spellings.</summary>
    internal static async Task<IResult> GetAsync(HttpContext context, TopicFolding folding) =>
        Answer(await folding.GetAsync(Caller.Of(context).Person, context.RequestAborted));

    /// <summary>Replace your topic spellings.</summary>
    /// <remarks>All entries show and count topics in your spelling. Existing entries are updated after the response; until that is done, `/me` has `countingAnew`.
    /// The harvested spellings are kept, so an empty table restores them.</remarks>
    internal static async Task<IResult> PutAsync(HttpContext context, TopicFolding folding, IHostApplicationLifetime lifetime)
    {
        var (asked, refusal) = await JsonBody.ReadAsync(context, TopicsJson.Default.TopicsBody);
        if (asked is null)
            return refusal!;
        if (asked.Topics is null)
            return Problems.Invalid("topics", "It is missing; an object is expected, such as {\"JavaScript\": [\"js\", \"ecmascript\"]}, or {} for none.");
        var (aliases, fault) = Aliases(asked.Topics);
        if (aliases is null)
            return Problems.Invalid("topics", fault!);
        await folding.SetAsync(Caller.Of(context).Person, aliases, lifetime.ApplicationStopping);
        return Answer(aliases);
    }

    private static (TopicAliases? Aliases, string? Fault) Aliases(IReadOnlyDictionary<string, IReadOnlyList<string>?> asked)
    {
        var topics = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (sent, spellings) in asked)
        {
            if (Normalised(sent) is not { } topic)
                return (null, $"A topic has 1 to {Normaliser.TopicLength} characters; '{Normaliser.Text(sent, Normaliser.TopicLength)}' does not.");
            var normalised = (spellings ?? []).Select(Normalised).ToList();
            if (normalised.Contains(null))
                return (null, $"A spelling of '{topic}' must have 1 to {Normaliser.TopicLength} characters.");
            if (!topics.TryAdd(topic, [.. normalised.OfType<string>().Where(s => s != topic).Distinct(StringComparer.Ordinal)]))
                return (null, $"'{topic}' occurs twice.");
        }

        if (topics.Sum(t => t.Value.Count + 1) > TopicAliases.MaxSpellings)
            return (null, $"There are more than {TopicAliases.MaxSpellings} spellings.");
        try
        {
            var aliases = new TopicAliases(topics);
            return aliases.ToText().Length <= TopicAliases.MaxCharacters ? (aliases, null) : (null, $"The whole table has more than {TopicAliases.MaxCharacters} characters.");
        }
        catch (ArgumentException e)
        {
            return (null, e.Message.Split(" (Parameter")[0]);
        }
    }

    private static string? Normalised(string? sent) =>
        sent is not null && Normaliser.Text(sent, JsonBody.MaxBytes) is { } text && text.Length <= Normaliser.TopicLength ? text : null;

    private static IResult Answer(TopicAliases aliases) =>
        Results.Json(new TopicsBody(aliases.Topics.ToDictionary(t => t.Key, IReadOnlyList<string>? (t) => t.Value, StringComparer.Ordinal)), TopicsJson.Default.TopicsBody);
}

/// <param name="Topics">A topic as you spell it, and other spellings of it, ignoring case.</param>
internal sealed record TopicsBody([property: Required] IReadOnlyDictionary<string, IReadOnlyList<string>?>? Topics = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TopicsBody))]
internal sealed partial class TopicsJson : JsonSerializerContext;
