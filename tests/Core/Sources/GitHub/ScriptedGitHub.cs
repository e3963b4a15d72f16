using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

internal sealed class ScriptedRepository
{
    public required long Id { get; init; }

    public required string Name { get; set; }

    public bool IsPrivate { get; set; }

    public int Stars { get; set; } = 10;

    public string? Language { get; init; } = "C#";

    public IReadOnlyList<string> Topics { get; init; } = ["offline"];
}

internal sealed class ScriptedPull
{
    public required ScriptedRepository Repository { get; init; }

    public required int Number { get; init; }

    public required string Title { get; set; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; set; }

    /// <summary><c>OPEN MERGED CLOSED</c></summary>
    public string State { get; set; } = "OPEN";

    public string Url => $"https://github.com/{Repository.Name}/pull/{Number}";
}

/// <summary>
/// GitHub as it answers the questions of one account: GraphQL with cursors and points, REST, search with its cap, and the limits of each.
/// What is not scripted is an error.
/// </summary>
internal sealed class ScriptedGitHub
{
    public const long Person = 4711;
    public const string Token = "token-of-a-test";

    private readonly TestClock clock;
    private readonly Dictionary<string, (DateTimeOffset Reset, int Used)> windows = new(StringComparer.Ordinal);

    public ScriptedGitHub(TestClock clock)
    {
        this.clock = clock;
        Web = new ScriptedWeb(Answer);
    }

    public ScriptedWeb Web { get; }

    public string Login { get; set; } = "juna";

    /// <summary>Whose login it was, when somebody else has it now.</summary>
    public string? Squatter { get; set; }

    public bool IsGone { get; set; }

    public List<ScriptedPull> Pulls { get; } = [];

    private static ScriptedPull Strange => new()
    {
        Repository = new ScriptedRepository { Id = 6, Name = "strange/land" }, Number = 1, Title = "Another person's", Created = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.MaxValue,
    };

    /// <summary>GraphQL points spent.</summary>
    public int Points { get; private set; }

    /// <summary>Rows asked for by each GraphQL request.</summary>
    public List<int> Sizes { get; } = [];

    /// <summary>Sees every request first; an answer of its own is sent instead of GitHub's.</summary>
    public Func<int, HttpRequestMessage, HttpResponseMessage?> Before { get; set; } = (_, _) => null;

    /// <summary>Sees every answer; what it makes of it is sent.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage, HttpResponseMessage> Then { get; set; } = (_, answer) => answer;

    public IEnumerable<ScriptedPull> Public => Pulls.Where(pull => !pull.Repository.IsPrivate);

    public static IReadOnlyDictionary<string, string?> WithToken { get; } = new Dictionary<string, string?>(StringComparer.Ordinal) { ["GitHubToken"] = Token };

    /// <summary>So many pull requests over years, a few hours apart, in so many repositories of others.</summary>
    public static ScriptedGitHub Of(TestClock clock, int count, int repositories = 40)
    {
        var hub = new ScriptedGitHub(clock);
        var homes = Enumerable.Range(1, repositories).Select(n => new ScriptedRepository { Id = 1000 + n, Name = $"org{n % 7}/project{n}" }).ToList();
        var first = new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero);
        for (var n = 1; n <= count; n++)
        {
            var created = first.AddHours(3 * n);
            hub.Pulls.Add(new ScriptedPull
            {
                Repository = homes[n % repositories],
                Number = n,
                Title = $"Change {n}",
                Created = created,
                Updated = created.AddHours(1),
                State = (n % 3) switch { 0 => "OPEN", 1 => "MERGED", _ => "CLOSED" },
            });
        }

        return hub;
    }

    public static HttpResponseMessage Json(HttpStatusCode status, JsonNode body, params (string, string)[] headers) =>
        ScriptedWeb.Answer(status, body.ToJsonString(), "application/json; charset=utf-8", headers);

    public static HttpResponseMessage Errors(string type, string message, params string[] path) => Json(HttpStatusCode.OK, new JsonObject
    {
        ["data"] = null,
        ["errors"] = new JsonArray(new JsonObject
        {
            ["type"] = type,
            ["message"] = message,
            ["path"] = new JsonArray([.. path.Select(part => (JsonNode)part)]),
        }),
    });

    public static JsonNode Variables(HttpRequestMessage request)
    {
        var body = request.Content!.ReadAsStream();
        body.Position = 0;
        return JsonNode.Parse(body)!["variables"]!;
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var address = request.RequestUri!;
        if (address.Host != "api.github.com")
            throw new InvalidOperationException($"Nobody scripted {address}.");
        if (Before(Web.Asked.Count, request) is { } instead)
            return instead;
        var token = request.Headers.Authorization?.Parameter;
        if (token is not null && token != Token)
            return Json(HttpStatusCode.Unauthorized, new JsonObject { ["message"] = "Bad credentials" });
        var parts = address.AbsolutePath.Trim('/').Split('/');
        return Then(request, parts switch
        {
            ["graphql"] when token is null => Json(HttpStatusCode.Forbidden, new JsonObject { ["message"] = "This endpoint requires you to be authenticated." }),
            ["graphql"] => GraphQl(request),
            ["search", "issues"] => Limited("search", token is null ? 10 : 30, TimeSpan.FromMinutes(1)) ?? Search(address),
            _ => Limited("core", token is null ? 60 : 5000, TimeSpan.FromHours(1)) ?? Rest(parts, address),
        });
    }

    private HttpResponseMessage? Limited(string resource, int limit, TimeSpan window)
    {
        var now = clock.GetUtcNow();
        if (!windows.TryGetValue(resource, out var used) || used.Reset <= now)
            used = (now + window, 0);
        windows[resource] = used with { Used = used.Used + 1 };
        return used.Used < limit ? null : Json(
            HttpStatusCode.Forbidden,
            new JsonObject { ["message"] = "API rate limit exceeded for 203.0.113.7." },
            [.. Window(resource, 0, used.Reset)]);
    }

    private (string, string)[] Window(string resource, int limit)
    {
        var used = windows[resource];
        return Window(resource, limit - used.Used, used.Reset);
    }

    private static (string, string)[] Window(string resource, int remaining, DateTimeOffset reset) =>
    [
        ("x-ratelimit-remaining", remaining.ToString(CultureInfo.InvariantCulture)),
        ("x-ratelimit-reset", reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        ("x-ratelimit-resource", resource),
    ];

    private HttpResponseMessage GraphQl(HttpRequestMessage request)
    {
        var variables = Variables(request);
        var (login, first, after) = ((string)variables["login"]!, (int)variables["first"]!, (string?)variables["after"]);
        Assert(first is >= 1 and <= 100, "first lies between 1 and 100");
        Sizes.Add(first);
        Points += Cost(first);
        if (!string.Equals(login, Login, StringComparison.OrdinalIgnoreCase) || IsGone)
        {
            if (string.Equals(login, Squatter, StringComparison.OrdinalIgnoreCase))
                return Json(HttpStatusCode.OK, Data(Squatter!, 99, [Strange], false, null));
            var missing = JsonNode.Parse($$"""{"data":{"user":null},"errors":[{"type":"NOT_FOUND","path":["user"],"message":"Could not resolve to a User with the login of '{{login}}'."}]}""")!;
            return Json(HttpStatusCode.OK, missing);
        }

        var byUpdate = (string?)variables["field"] == "UPDATED_AT";
        var isDescending = (string?)variables["direction"] == "DESC";
        DateTimeOffset Key(ScriptedPull pull) => byUpdate ? pull.Updated : pull.Created;
        (long, int) Place(ScriptedPull pull) => isDescending ? (-Key(pull).ToUnixTimeSeconds(), -pull.Number) : (Key(pull).ToUnixTimeSeconds(), pull.Number);
        var start = after is null ? (long.MinValue, 0) : Cursor(after);
        var rest = Pulls.Where(pull => Place(pull).CompareTo(start) > 0).OrderBy(Place).ToList();
        var page = rest.Take(first).ToList();
        var end = page.Count == 0 ? null : Convert.ToBase64String(Encoding.UTF8.GetBytes($"cursor:{Place(page[^1]).Item1}:{Place(page[^1]).Item2}"));
        return Json(HttpStatusCode.OK, Data(Login, Person, page, rest.Count > first, end, Pulls.Count));
    }

    /// <summary>Every list asked for counts by how often it is: once, and two in each row.</summary>
    public static int Cost(int first) => Math.Max(1, (int)Math.Round((1 + first + first) / 100.0, MidpointRounding.AwayFromZero));

    private static (long, int) Cursor(string after)
    {
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(after)).Split(':');
        return (long.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    public static JsonObject Data(string login, long id, IReadOnlyList<ScriptedPull> page, bool hasNext, string? end, int? total = null) => new()
    {
        ["data"] = new JsonObject
        {
            ["rateLimit"] = new JsonObject { ["cost"] = 1, ["remaining"] = 4000, ["resetAt"] = "2026-06-01T13:00:00Z" },
            ["user"] = new JsonObject
            {
                ["databaseId"] = id,
                ["login"] = login,
                ["name"] = "Juna Okvist",
                ["url"] = $"https://github.com/{login}",
                ["pullRequests"] = new JsonObject
                {
                    ["totalCount"] = total ?? page.Count,
                    ["pageInfo"] = new JsonObject { ["hasNextPage"] = hasNext, ["endCursor"] = end },
                    ["nodes"] = new JsonArray([.. page.Select(Node)]),
                },
            },
        },
    };

    private static JsonNode Node(ScriptedPull pull) => new JsonObject
    {
        ["number"] = pull.Number,
        ["title"] = pull.Title,
        ["url"] = pull.Url,
        ["state"] = pull.State,
        ["createdAt"] = Time(pull.Created),
        ["updatedAt"] = Time(pull.Updated),
        ["additions"] = 10 + pull.Number,
        ["deletions"] = 0,
        ["changedFiles"] = 2,
        ["labels"] = new JsonObject { ["nodes"] = new JsonArray(new JsonObject { ["name"] = "bug" }) },
        ["repository"] = new JsonObject
        {
            ["databaseId"] = pull.Repository.Id,
            ["nameWithOwner"] = pull.Repository.Name,
            ["url"] = "https://github.com/" + pull.Repository.Name,
            ["isPrivate"] = pull.Repository.IsPrivate,
            ["stargazerCount"] = pull.Repository.Stars,
            ["primaryLanguage"] = pull.Repository.Language is { } language ? new JsonObject { ["name"] = language } : null,
            ["repositoryTopics"] = new JsonObject
            {
                ["nodes"] = new JsonArray([.. pull.Repository.Topics.Select(topic => (JsonNode)new JsonObject { ["topic"] = new JsonObject { ["name"] = topic } })]),
            },
        },
    };

    private HttpResponseMessage Search(Uri address)
    {
        // Ten searches take up most of their minute.
        clock.Advance(TimeSpan.FromSeconds(5.5));
        var query = System.Web.HttpUtility.ParseQueryString(address.Query);
        var words = query["q"]!.Split(' ');
        var headers = Window("search", 10);
        if (!words.Contains("author:" + Login) || IsGone)
        {
            return Json(
                HttpStatusCode.UnprocessableEntity,
                new JsonObject { ["message"] = "Validation Failed", ["errors"] = new JsonArray(new JsonObject { ["message"] = "The listed users cannot be searched.", ["code"] = "invalid" }) },
                headers);
        }

        Assert(words.Contains("type:pr") && words.Contains("is:public"), "public pull requests alone are asked for");
        var bound = words.Single(word => word.Contains(":>=", StringComparison.Ordinal)).Split(":>=");
        var byUpdate = bound[0] == "updated";
        Assert(query["sort"] == bound[0] && query["order"] == "asc", "sorted by what bounds it");
        var from = DateTimeOffset.Parse(bound[1], CultureInfo.InvariantCulture);
        DateTimeOffset Key(ScriptedPull pull) => byUpdate ? pull.Updated : pull.Created;
        var all = Public.Where(pull => Key(pull) >= from).OrderBy(Key).ThenBy(pull => pull.Number).ToList();
        var (size, page) = (int.Parse(query["per_page"]!, CultureInfo.InvariantCulture), int.Parse(query["page"]!, CultureInfo.InvariantCulture));
        if (page * size > 1000)
            return Json(HttpStatusCode.UnprocessableEntity, new JsonObject { ["message"] = "Only the first 1000 search results are available" }, headers);
        return Json(
            HttpStatusCode.OK,
            new JsonObject
            {
                ["total_count"] = all.Count,
                ["incomplete_results"] = false,
                ["items"] = new JsonArray([.. all.Skip((page - 1) * size).Take(size).Select(Item)]),
            },
            headers);
    }

    private JsonNode Item(ScriptedPull pull) => new JsonObject
    {
        ["repository_url"] = "https://api.github.com/repos/" + pull.Repository.Name,
        ["html_url"] = pull.Url,
        ["number"] = pull.Number,
        ["title"] = pull.Title,
        ["state"] = pull.State == "OPEN" ? "open" : "closed",
        ["user"] = new JsonObject { ["login"] = Login, ["id"] = Person, ["type"] = "User" },
        ["labels"] = new JsonArray(new JsonObject { ["name"] = "bug" }),
        ["created_at"] = Time(pull.Created),
        ["updated_at"] = Time(pull.Updated),
        ["pull_request"] = new JsonObject { ["merged_at"] = pull.State == "MERGED" ? Time(pull.Updated) : null },
    };

    private HttpResponseMessage Rest(string[] parts, Uri address)
    {
        var isUser = parts is ["users", var login] && string.Equals(login, Login, StringComparison.OrdinalIgnoreCase)
            || parts is ["user", var id] && id == Person.ToString(CultureInfo.InvariantCulture);
        if (isUser && !IsGone)
            return Json(HttpStatusCode.OK, new JsonObject { ["login"] = Login, ["id"] = Person, ["type"] = "User", ["name"] = "Juna Okvist", ["html_url"] = "https://github.com/" + Login });
        if (parts is ["repos", var owner, var name] && Pulls.Find(pull => pull.Repository.Name == $"{owner}/{name}") is { Repository: { IsPrivate: false } home })
            return Json(HttpStatusCode.OK, Repository(home));
        return parts is ["users" or "user", _] or ["repos", _, _]
            ? Json(HttpStatusCode.NotFound, new JsonObject { ["message"] = "Not Found" })
            : throw new InvalidOperationException($"Nobody scripted {address}.");
    }

    public static JsonObject Repository(ScriptedRepository home) => new()
    {
        ["id"] = home.Id,
        ["full_name"] = home.Name,
        ["private"] = false,
        ["visibility"] = "public",
        ["html_url"] = "https://github.com/" + home.Name,
        ["language"] = home.Language,
        ["topics"] = new JsonArray([.. home.Topics.Select(topic => (JsonNode)topic)]),
        ["stargazers_count"] = home.Stars,
    };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void Assert(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException($"GitHub expects that {what}.");
    }
}
