using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace ContributionIngest.Tests.Core.Sources.GitHub;

/// <summary>A pull request that the person looked at.</summary>
internal sealed class ScriptedReviewed
{
    public required ScriptedRepository Repository { get; init; }

    public required int Number { get; init; }

    public string Title { get; set; } = "Somebody's change";

    /// <summary>Null: the account is gone.</summary>
    public string? Author { get; init; } = "somebody";

    public string AuthorType { get; init; } = "User";

    public bool IsRestricted { get; init; }

    /// <summary>Without a time it is still being written.</summary>
    public List<(string State, DateTimeOffset? At)> Reviews { get; } = [];

    public string Url => $"https://github.com/{Repository.Name}/pull/{Number}";

    public static ScriptedReviewed Of(ScriptedRepository home, int number, params (string State, DateTimeOffset? At)[] reviews)
    {
        var reviewed = new ScriptedReviewed { Repository = home, Number = number, Title = $"Theirs {number}" };
        reviewed.Reviews.AddRange(reviews);
        return reviewed;
    }
}

/// <summary>A comment of the person's in a discussion.</summary>
internal sealed class ScriptedAnswer
{
    public required ScriptedRepository Repository { get; init; }

    public required long Id { get; init; }

    public string Title { get; set; } = "How does one do this?";

    public string? Asker { get; init; } = "somebody";

    public required DateTimeOffset Published { get; init; }

    /// <summary>Null: it is not accepted.</summary>
    public DateTimeOffset? Accepted { get; set; }

    public DateTimeOffset? Deleted { get; set; }

    public string Url => $"https://github.com/{Repository.Name}/discussions/{Id}#discussioncomment-{Id}";
}

internal sealed class ScriptedProject
{
    public required ScriptedRepository Repository { get; init; }

    public string OwnerType { get; init; } = "User";

    public bool IsFork { get; init; }

    public bool IsArchived { get; set; }

    public bool IsEmpty { get; init; }

    public int Forks { get; set; } = 3;

    public required DateTimeOffset Pushed { get; set; }

    public List<ScriptedRelease> Releases { get; } = [];
}

/// <param name="Published">Null: it is a draft.</param>
internal sealed record ScriptedRelease(long Id, DateTimeOffset? Published, string? Author = null, bool IsPrerelease = false);

/// <summary>The lists of the account beside its pull requests.</summary>
internal sealed partial class ScriptedGitHub
{
    private static readonly char[] NameEnds = [' ', '('];

    public List<ScriptedReviewed> Reviewed { get; } = [];

    public List<ScriptedAnswer> Answers { get; } = [];

    public List<ScriptedProject> Projects { get; } = [];

    /// <summary>Names of the queries asked for, and the points of those for the other lists.</summary>
    public List<string> Queries { get; } = [];

    /// <inheritdoc cref="Queries"/>
    public int OtherPoints { get; private set; }

    public static string QueryOf(HttpRequestMessage request)
    {
        var body = request.Content!.ReadAsStream();
        body.Position = 0;
        return ((string)JsonNode.Parse(body)!["query"]!).Split(NameEnds)[1];
    }

    /// <summary>Null for pull requests.</summary>
    private HttpResponseMessage? OtherList(HttpRequestMessage request)
    {
        var (name, variables) = (QueryOf(request), Variables(request));
        Queries.Add(name);
        if (name == "PullRequests")
            return null;
        var (login, first, after) = ((string)variables["login"]!, (int)variables["first"]!, (string?)variables["after"]);
        Assert(first is >= 1 and <= 100, "first lies between 1 and 100");
        if (!string.Equals(login, Login, StringComparison.OrdinalIgnoreCase) || IsGone)
            return Errors("NOT_FOUND", "Could not resolve to a User.", "user");
        OtherPoints += Cost(first, name == "Answers" ? 1 : 2);
        var user = new JsonObject { ["databaseId"] = Person, ["login"] = Login, ["name"] = "Juna Okvist", ["url"] = $"https://github.com/{Login}" };
        switch (name)
        {
            case "Reviews":
                var (from, to) = (Instant(variables["from"]), Instant(variables["to"]));
                Assert(to - from <= TimeSpan.FromDays(366) && from <= to, "the time span is at most a year");
                var seen = Reviewed.Select(reviewed => (reviewed, At: reviewed.Reviews.Select(review => review.At ?? clock.GetUtcNow()).Where(at => at >= from && at <= to).DefaultIfEmpty().Max()))
                    .Where(found => found.At != default).OrderByDescending(found => found.At).Select(found => Node(found.reviewed, found.At)).ToList();
                user["contributionsCollection"] = new JsonObject
                {
                    ["contributionYears"] = new JsonArray([.. Reviewed.SelectMany(reviewed => reviewed.Reviews).Select(review => (review.At ?? clock.GetUtcNow()).Year).Distinct().OrderDescending().Select(year => (JsonNode)year)]),
                    ["pullRequestReviewContributions"] = Connection(seen, first, after),
                };
                break;
            case "Answers":
                user["repositoryDiscussionComments"] = Connection([.. Answers.Where(answer => answer.Accepted is not null).Select(Node)], first, after);
                break;
            case "Projects":
                user["repositories"] = Connection([.. Projects.OrderByDescending(project => project.Repository.Stars).Select(Node)], first, after);
                break;
            default:
                throw new InvalidOperationException($"Nobody scripted the query {name}.");
        }

        return Json(HttpStatusCode.OK, new JsonObject { ["data"] = new JsonObject { ["user"] = user } });
    }

    private static JsonObject Connection(IReadOnlyList<JsonNode> all, int first, string? after)
    {
        var start = int.Parse(after ?? "0", CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["totalCount"] = all.Count,
            ["pageInfo"] = new JsonObject { ["hasNextPage"] = start + first < all.Count, ["endCursor"] = (start + first).ToString(CultureInfo.InvariantCulture) },
            ["nodes"] = new JsonArray([.. all.Skip(start).Take(first)]),
        };
    }

    private JsonNode Node(ScriptedReviewed reviewed, DateTimeOffset at) => new JsonObject
    {
        ["occurredAt"] = Time(at),
        ["isRestricted"] = reviewed.IsRestricted,
        ["pullRequest"] = new JsonObject
        {
            ["number"] = reviewed.Number,
            ["title"] = reviewed.Title,
            ["url"] = reviewed.Url,
            ["author"] = Actor(reviewed.Author, reviewed.AuthorType),
            ["reviews"] = new JsonObject
            {
                ["nodes"] = new JsonArray([.. reviewed.Reviews.Take(10).Select((review, index) => (JsonNode)new JsonObject
                {
                    ["state"] = review.State, ["submittedAt"] = review.At is { } given ? Time(given) : null, ["url"] = $"{reviewed.Url}#pullrequestreview-{index}",
                })]),
            },
            ["repository"] = Home(reviewed.Repository),
        },
    };

    private JsonNode Node(ScriptedAnswer answer) => new JsonObject
    {
        ["databaseId"] = answer.Id,
        ["url"] = answer.Url,
        ["isAnswer"] = true,
        ["createdAt"] = Time(answer.Published),
        ["publishedAt"] = Time(answer.Published),
        ["deletedAt"] = answer.Deleted is { } deleted ? Time(deleted) : null,
        ["upvoteCount"] = 4,
        ["discussion"] = new JsonObject
        {
            ["title"] = answer.Title,
            ["answerChosenAt"] = Time(answer.Accepted!.Value),
            ["author"] = Actor(answer.Asker, "User"),
            ["repository"] = Home(answer.Repository),
        },
    };

    private static JsonNode Node(ScriptedProject project)
    {
        var node = Home(project.Repository);
        node["description"] = "Does one thing well.";
        node["owner"] = new JsonObject { ["__typename"] = project.OwnerType, ["login"] = project.Repository.Name.Split('/')[0] };
        node["isFork"] = project.IsFork;
        node["isArchived"] = project.IsArchived;
        node["isEmpty"] = project.IsEmpty;
        node["pushedAt"] = Time(project.Pushed);
        node["forkCount"] = project.Forks;
        node["releases"] = new JsonObject
        {
            ["totalCount"] = project.Releases.Count,
            ["nodes"] = new JsonArray([.. project.Releases.OrderByDescending(release => release.Published ?? DateTimeOffset.MaxValue).Take(20).Select(release => (JsonNode)new JsonObject
            {
                ["databaseId"] = release.Id,
                ["url"] = $"https://github.com/{project.Repository.Name}/releases/tag/v{release.Id}",
                ["isDraft"] = release.Published is null,
                ["isPrerelease"] = release.IsPrerelease,
                ["createdAt"] = Time(release.Published ?? project.Pushed),
                ["publishedAt"] = release.Published is { } published ? Time(published) : null,
                ["author"] = release.Author is { } author ? new JsonObject { ["login"] = author } : null,
            })]),
        };
        return node;
    }

    private static JsonObject Home(ScriptedRepository home) => new()
    {
        ["databaseId"] = home.Id,
        ["nameWithOwner"] = home.Name,
        ["url"] = "https://github.com/" + home.Name,
        ["isPrivate"] = home.IsPrivate,
        ["stargazerCount"] = home.Stars,
        ["primaryLanguage"] = home.Language is { } language ? new JsonObject { ["name"] = language } : null,
        ["repositoryTopics"] = new JsonObject { ["nodes"] = new JsonArray([.. home.Topics.Select(topic => (JsonNode)new JsonObject { ["topic"] = new JsonObject { ["name"] = topic } })]) },
    };

    private JsonObject? Actor(string? login, string type)
    {
        if (login is null)
            return null;
        var actor = new JsonObject { ["__typename"] = type, ["login"] = login };
        if (type == "User")
            actor["databaseId"] = string.Equals(login, Login, StringComparison.OrdinalIgnoreCase) ? Person : 1;
        return actor;
    }

    private static DateTimeOffset Instant(JsonNode? time) => DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture);
}
