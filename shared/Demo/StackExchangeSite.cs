using System.Globalization;
using System.Text.Json.Nodes;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>The demo's Stack Exchange: the part of its API that the person's answers are read by. Its site exists nowhere.</summary>
internal sealed class StackExchangeSite(World world) : IWorldSite
{
    private readonly WorldSiteAccount answers = World.Read<WorldSiteAccount>("stackexchange");

    public string Name => answers.Site;

    public string Source => "stackexchange";

    public string Typed => string.Create(CultureInfo.InvariantCulture, $"https://{Host}/users/{answers.Account}");

    public string About => answers.About;

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal) { ["StackExchangeApi"] = world.Address(answers.Site + "/2.3") };

    private string Host => $"{answers.Community.ToLowerInvariant()}.stackexchange.com";

    public void Map(RouteGroupBuilder site)
    {
        var api = site.MapGroup("/2.3");
        api.MapGet("/filters/create", () => Items(new JsonObject { ["filter"] = "!demo" }));
        api.MapGet("/users/{id:long}", (long id) => id == answers.Account
            ? Items(new JsonObject { ["account_id"] = answers.Network, ["user_id"] = id, ["display_name"] = world.Person.Name })
            : Items());
        api.MapGet("/users/{id:long}/associated", (long id) => id == answers.Network
            ? Items(new JsonObject { ["site_name"] = answers.Community, ["site_url"] = "https://" + Host, ["user_id"] = answers.Account, ["account_id"] = id, ["answer_count"] = answers.Answers.Count })
            : Items());
        api.MapGet("/users/{id:long}/answers", (long id) => id == answers.Account ? Items([.. answers.Answers.Select(Item)]) : Items());
    }

    private JsonObject Item(WorldSiteAnswer answer, int index)
    {
        var (id, question) = (8_100 - (7 * index), 5_200 - (9 * index));
        return new()
        {
            ["answer_id"] = id,
            ["question_id"] = question,
            ["creation_date"] = world.When(answer.Ago, answer.At).ToUnixTimeSeconds(),
            ["score"] = answer.Score,
            ["is_accepted"] = answer.Accepted,
            ["title"] = answer.Title,
            ["tags"] = new JsonArray([.. answer.Topics.Select(topic => (JsonNode)topic)]),
            ["link"] = string.Create(CultureInfo.InvariantCulture, $"https://{Host}/questions/{question}/-/{id}#{id}"),
            ["owner"] = new JsonObject { ["user_id"] = answers.Account, ["account_id"] = answers.Network, ["display_name"] = world.Person.Name },
        };
    }

    private static IResult Items(params JsonNode[] items) =>
        Tagged(new JsonObject { ["items"] = new JsonArray(items), ["has_more"] = false, ["quota_max"] = 300, ["quota_remaining"] = 290 }.ToJsonString(), "application/json");
}

/// <summary>The account (<c>World/stackexchange.json</c>).</summary>
/// <param name="Community">The name of the site in the network.</param>
/// <param name="Network">The id of the account in the network.</param>
internal sealed record WorldSiteAccount(string Site, string Community, long Account, long Network, string About, IReadOnlyList<WorldSiteAnswer> Answers);

internal sealed record WorldSiteAnswer(int Ago, string At, int Score, bool Accepted, IReadOnlyList<string> Topics, string Title);
