using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>A public pull request, the same whether it came by GraphQL, search, REST or a webhook. What a response does not contain is null.</summary>
internal sealed record PullRequest
{
    /// <summary>Labels and topics each; GraphQL is asked for as many, and a repository has no more topics.</summary>
    public const int MaxLabels = 20;

    /// <summary>Numeric id of the repository; survives renames and transfers.</summary>
    public required long Repository { get; init; }

    /// <summary>Unique within the repository.</summary>
    public required long Number { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public required string RepositoryName { get; init; }

    public string? RepositoryUrl { get; init; }
    public string? AuthorLogin { get; init; }
    public string? Title { get; init; }
    public string? Url { get; init; }
    public required Status Status { get; init; }
    public DateTimeOffset? Created { get; init; }
    public DateTimeOffset? Updated { get; init; }
    public string? Language { get; init; }
    public IReadOnlyList<string> Topics { get; init; } = [];
    public IReadOnlyList<string> Labels { get; init; } = [];
    public long? Additions { get; init; }
    public long? Deletions { get; init; }
    public long? ChangedFiles { get; init; }
    public long? Stars { get; init; }

    /// <summary>The repository is the author's own.</summary>
    public bool IsOwn => AuthorLogin is { } author && RepositoryName.StartsWith(author + "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Closed is not always turned down: bots such as bors land the change themselves and mark the title, and a commit on the branch can close it.
    /// </summary>
    /// <param name="isMerged">Merged on GitHub, or closed by a commit.</param>
    public static Status StatusOf(string? state, string? title, bool isMerged) => state?.ToUpperInvariant() switch
    {
        "MERGED" => Status.Merged,
        "CLOSED" => isMerged || title?.StartsWith("[Merged by ", StringComparison.OrdinalIgnoreCase) == true ? Status.Merged : Status.Closed,
        _ => isMerged ? Status.Merged : Status.Open,
    };

    public Draft ToDraft() => new()
    {
        NativeId = string.Create(CultureInfo.InvariantCulture, $"{Repository}/{Number}"),
        Kind = Kind.PullRequest,
        Role = Role.Contributor,
        Status = Status,
        Title = Title,
        Url = Url,
        When = Created,

        // Times are whole seconds, and a merge is final: of two versions in the same second the merged one is the later.
        Version = Status == Status.Merged ? Updated?.AddTicks(1) : Updated,
        Author = AuthorLogin,
        Container = new Container(RepositoryName, RepositoryUrl),
        Topics = [.. new[] { Language }.OfType<string>(), .. Topics.Take(MaxLabels).Order(StringComparer.Ordinal), .. Labels.Take(MaxLabels).Order(StringComparer.Ordinal)],
        Metrics = DraftMetrics.Of(
            ("additions", NotNegative(Additions)), ("changedFiles", NotNegative(ChangedFiles)), ("deletions", NotNegative(Deletions)), ("stars", NotNegative(Stars))),
    };

    private static double? NotNegative(long? value) => value >= 0 ? value : null;
}

/// <param name="Id">Repository and number.</param>
/// <param name="Public">Null if the repository is not public: the row counts but goes no further.</param>
internal sealed record PullRequestRow(string Id, DateTimeOffset? Updated, PullRequest? Public);

/// <summary>A page of pull requests from GraphQL.</summary>
internal sealed record PullRequestPage
{
    public required Account Account { get; init; }
    public required IReadOnlyList<PullRequestRow> Rows { get; init; }

    /// <summary>Rows that are null or unusable.</summary>
    public int Missing { get; init; }

    public string? End { get; init; }
    public bool? HasNext { get; init; }

    /// <summary>Length of the whole list.</summary>
    public int? Total { get; init; }

    public required Fetched Answer { get; init; }

    /// <summary>Null if there is no page: another account than asked for, or none.</summary>
    public static PullRequestPage? Read(JsonElement data, Fetched answer)
    {
        var user = data.At("user");
        var list = user.At("pullRequests");
        if (user.Integer("databaseId") is not { } id || user.Text("login") is not { } login || list.At("nodes").ValueKind != JsonValueKind.Array)
            return null;
        var rows = list.List("nodes").Select(node => Row(node, login)).ToList();
        return new PullRequestPage
        {
            Account = new Account(id, login, user.Text("name"), user.Text("url")),
            Rows = [.. rows.OfType<PullRequestRow>()],
            Missing = rows.Count(row => row is null),
            End = list.Text("pageInfo", "endCursor"),
            HasNext = list.Flag("pageInfo", "hasNextPage"),
            Total = list.Count("totalCount"),
            Answer = answer,
        };
    }

    /// <summary>https://docs.github.com/en/graphql/reference/objects#closedevent</summary>
    private static bool IsClosedByCommit(JsonElement node) => node.Text("state") == "CLOSED"
        && node.List("timelineItems", "nodes").LastOrDefault().Text("closer", "__typename") == "Commit";

    private static PullRequestRow? Row(JsonElement node, string login)
    {
        var home = node.At("repository");
        if (home.Integer("databaseId") is not (> 0 and var repository) || node.Integer("number") is not (> 0 and var number) || home.Text("nameWithOwner") is not { } name)
            return null;
        var updated = node.Time("updatedAt");
        var isPublic = home.Flag("isPrivate") == false;
        return new PullRequestRow(string.Create(CultureInfo.InvariantCulture, $"{repository}/{number}"), updated, !isPublic ? null : new PullRequest
        {
            Repository = repository,
            Number = number,
            RepositoryName = name,
            RepositoryUrl = home.Text("url"),
            AuthorLogin = login,
            Title = node.Text("title"),
            Url = node.Text("url"),
            Status = PullRequest.StatusOf(node.Text("state"), node.Text("title"), IsClosedByCommit(node)),
            Created = node.Time("createdAt"),
            Updated = updated,
            Language = home.Text("primaryLanguage", "name"),
            Topics = [.. home.List("repositoryTopics", "nodes").Select(topic => topic.Text("topic", "name")).OfType<string>()],
            Labels = [.. node.List("labels", "nodes").Select(label => label.Text("name")).OfType<string>()],
            Additions = node.Integer("additions"),
            Deletions = node.Integer("deletions"),
            ChangedFiles = node.Integer("changedFiles"),
            Stars = home.Integer("stargazerCount"),
        });
    }
}
