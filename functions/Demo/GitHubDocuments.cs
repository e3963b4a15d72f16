using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace ContributionIngest.Functions.Demo;

/// <summary>What the GitHub of the world answers, with addresses below its own root.</summary>
/// <param name="root">Without a slash at the end.</param>
internal sealed class GitHubDocuments(WorldGitHub hub, World world, string root)
{
    /// <summary>A page of the person's pull requests, as the variables ask; what cannot be answered is an error of GitHub's shape.</summary>
    public JsonObject GraphQl(JsonNode? asked)
    {
        if (Text(asked, "query") is not { } query || !query.Contains("pullRequests(", StringComparison.Ordinal) || asked?["variables"] is not JsonObject variables)
            return Error(null, "A query attribute must be specified and must be a string.");
        if (Text(variables, "login") is not { } login || !string.Equals(login, hub.Login, StringComparison.OrdinalIgnoreCase))
            return Error("NOT_FOUND", $"Could not resolve to a User with the login of '{Text(variables, "login")}'.");
        if (variables["first"] is not JsonValue first || !first.TryGetValue(out int size) || size is < 1 or > 100)
            return Error("EXCESSIVE_PAGINATION", "`first` on the `pullRequests` connection has to lie between 1 and 100.");
        var byUpdate = Text(variables, "field") == "UPDATED_AT";
        var all = hub.PullRequests.OrderBy(pull => byUpdate ? Updated(pull) : Created(pull)).ThenBy(pull => pull.Number).ToList();
        if (Text(variables, "direction") == "DESC")
            all.Reverse();
        var start = 0;
        if (Text(variables, "after") is { } after && !TryPlace(after, out start))
            return Error("INVALID_CURSOR_ARGUMENTS", $"`{after}` does not appear to be a valid cursor.");
        var shown = all.Skip(start).Take(size).ToList();
        return new JsonObject
        {
            ["data"] = new JsonObject
            {
                ["rateLimit"] = new JsonObject { ["cost"] = Math.Max(1, (1 + size + size + 50) / 100), ["remaining"] = 4990, ["resetAt"] = Time(world.When(0, "23:59")) },
                ["user"] = new JsonObject
                {
                    ["databaseId"] = hub.Id,
                    ["login"] = hub.Login,
                    ["name"] = world.Person.Name,
                    ["url"] = $"{root}/{hub.Login}",
                    ["pullRequests"] = new JsonObject
                    {
                        ["totalCount"] = all.Count,
                        ["pageInfo"] = new JsonObject { ["hasNextPage"] = start + shown.Count < all.Count, ["endCursor"] = shown.Count == 0 ? null : Place(start + shown.Count) },
                        ["nodes"] = new JsonArray([.. shown.Select(Node)]),
                    },
                },
            },
        };
    }

    /// <summary>A REST resource below the API's address; null where there is none.</summary>
    public JsonObject? Resource(string path) => path.Split('/') switch
    {
        ["users", var login] when string.Equals(login, hub.Login, StringComparison.OrdinalIgnoreCase) => User(),
        ["user", var id] when id == hub.Id.ToString(CultureInfo.InvariantCulture) => User(),
        ["repos", var owner, var name, "pulls", var number] when Find($"{owner}/{name}", number) is { } pull => PullRequest(pull),
        ["repos", var owner, var name] when Home($"{owner}/{name}") is { } home => Repository(home),
        _ => null,
    };

    /// <summary>What people see who open a pull request or her profile; null where there is none.</summary>
    public string? Page(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [var login] when string.Equals(login, hub.Login, StringComparison.OrdinalIgnoreCase) => Html(world.Person.Name, hub.About),
        [var owner, var name] when Home($"{owner}/{name}") is { } home => Html(home.Name, home.Language ?? "text"),
        [var owner, var name, "pull", var number, ..] when Find($"{owner}/{name}", number) is { } pull => Html(pull.Title, $"{pull.State}, in {pull.In}"),
        _ => null,
    };

    private JsonNode Node(WorldPullRequest pull)
    {
        var home = Home(pull.In)!;
        return new JsonObject
        {
            ["number"] = pull.Number,
            ["title"] = pull.Title,
            ["url"] = Address(pull),
            ["state"] = pull.State.ToUpperInvariant(),
            ["createdAt"] = Time(Created(pull)),
            ["updatedAt"] = Time(Updated(pull)),
            ["additions"] = pull.Additions,
            ["deletions"] = pull.Deletions,
            ["changedFiles"] = pull.Files,
            ["labels"] = new JsonObject { ["nodes"] = Names(pull.Labels, name => new JsonObject { ["name"] = name }) },
            ["repository"] = new JsonObject
            {
                ["databaseId"] = home.Id,
                ["nameWithOwner"] = home.Name,
                ["url"] = $"{root}/{home.Name}",
                ["isPrivate"] = false,
                ["stargazerCount"] = home.Stars,
                ["primaryLanguage"] = home.Language is { } language ? new JsonObject { ["name"] = language } : null,
                ["repositoryTopics"] = new JsonObject { ["nodes"] = Names(home.Topics, name => new JsonObject { ["topic"] = new JsonObject { ["name"] = name } }) },
            },
        };
    }

    private JsonObject PullRequest(WorldPullRequest pull) => new()
    {
        ["number"] = pull.Number,
        ["title"] = pull.Title,
        ["html_url"] = Address(pull),
        ["state"] = pull.State == "open" ? "open" : "closed",
        ["merged"] = pull.State == "merged",
        ["merged_at"] = pull.State == "merged" ? Time(Updated(pull)) : null,
        ["created_at"] = Time(Created(pull)),
        ["updated_at"] = Time(Updated(pull)),
        ["user"] = User(),
        ["labels"] = Names(pull.Labels, name => new JsonObject { ["name"] = name }),
        ["additions"] = pull.Additions,
        ["deletions"] = pull.Deletions,
        ["changed_files"] = pull.Files,
        ["base"] = new JsonObject { ["repo"] = Repository(Home(pull.In)!) },
    };

    private JsonObject User() => new()
    {
        ["login"] = hub.Login,
        ["id"] = hub.Id,
        ["type"] = "User",
        ["name"] = world.Person.Name,
        ["html_url"] = $"{root}/{hub.Login}",
        ["location"] = world.Person.City,
    };

    private JsonObject Repository(WorldRepository home) => new()
    {
        ["id"] = home.Id,
        ["full_name"] = home.Name,
        ["private"] = false,
        ["visibility"] = "public",
        ["html_url"] = $"{root}/{home.Name}",
        ["language"] = home.Language,
        ["topics"] = Names(home.Topics, name => JsonValue.Create(name)),
        ["stargazers_count"] = home.Stars,
    };

    private static JsonArray Names(IReadOnlyList<string>? names, Func<string, JsonNode> make) => new([.. (names ?? []).Select(make)]);

    private static JsonObject Error(string? type, string message)
    {
        var error = new JsonObject { ["message"] = message };
        if (type is null)
            return new JsonObject { ["errors"] = new JsonArray(error) };
        (error["type"], error["path"]) = (type, new JsonArray("user"));
        return new JsonObject { ["data"] = new JsonObject { ["user"] = null }, ["errors"] = new JsonArray(error) };
    }

    private WorldRepository? Home(string name) => hub.Repositories.FirstOrDefault(home => string.Equals(home.Name, name, StringComparison.OrdinalIgnoreCase));

    private WorldPullRequest? Find(string name, string number) => hub.PullRequests.FirstOrDefault(pull =>
        string.Equals(pull.In, name, StringComparison.OrdinalIgnoreCase) && pull.Number.ToString(CultureInfo.InvariantCulture) == number);

    private string Address(WorldPullRequest pull) => string.Create(CultureInfo.InvariantCulture, $"{root}/{pull.In}/pull/{pull.Number}");

    private DateTimeOffset Created(WorldPullRequest pull) => world.When(pull.Ago, pull.At);

    /// <summary>When it ended, some hours into that day of its own, or when it was opened.</summary>
    private DateTimeOffset Updated(WorldPullRequest pull) =>
        pull.State == "open" ? Created(pull) : Created(pull).AddDays(pull.Days).AddMinutes(35 + (pull.Number % 170));

    private static string Place(int start) => Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cursor:{start}")));

    private static bool TryPlace(string after, out int start)
    {
        start = 0;
        Span<byte> bytes = stackalloc byte[64];
        return after.Length <= 64 && Convert.TryFromBase64String(after, bytes, out var length) && bytes[..length].StartsWith("cursor:"u8)
            && int.TryParse(bytes["cursor:".Length..length], NumberStyles.None, CultureInfo.InvariantCulture, out start);
    }

    private static string? Text(JsonNode? of, string name) =>
        of is JsonObject found && found[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Html(string title, string text) =>
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{WebUtility.HtmlEncode(title)}</title><h1>{WebUtility.HtmlEncode(title)}</h1><p>{WebUtility.HtmlEncode(text)}</p></html>";
}
