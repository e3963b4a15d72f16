using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// A public pull request as any of GitHub's wires tells it: one and the same makes the same draft, however it was read. What a wire does
/// not say is null.
/// </summary>
internal sealed record PullRequest
{
    /// <summary>Labels and topics each; GraphQL is asked for as many, and a repository has no more topics.</summary>
    public const int MostLabels = 20;

    /// <summary>Numeric id of its repository, which stays when that is renamed or transferred.</summary>
    public required long Repository { get; init; }

    /// <summary>Unique within the repository.</summary>
    public required long Number { get; init; }

    /// <summary>The repository, as <c>owner/name</c>.</summary>
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

    /// <summary>Whether its repository is its author's own.</summary>
    public bool IsOwn => AuthorLogin is { } author && RepositoryName.StartsWith(author + "/", StringComparison.OrdinalIgnoreCase);

    public static Status StatusOf(string? state, bool isMerged) => state?.ToUpperInvariant() switch
    {
        _ when isMerged => Status.Merged,
        "MERGED" => Status.Merged,
        "CLOSED" => Status.Closed,
        _ => Status.Open,
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

        // Times are whole seconds, and what was merged stays so: of two tellings of one second the merged one is the later.
        Version = Status == Status.Merged ? Updated?.AddTicks(1) : Updated,
        Author = AuthorLogin,
        Container = new Container(RepositoryName, RepositoryUrl),
        Topics = [.. new[] { Language }.OfType<string>(), .. Topics.Take(MostLabels).Order(StringComparer.Ordinal), .. Labels.Take(MostLabels).Order(StringComparer.Ordinal)],
        Metrics = Metrics(),
    };

    private SortedDictionary<string, double> Metrics()
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal);
        Add("additions", Additions);
        Add("deletions", Deletions);
        Add("changedFiles", ChangedFiles);
        Add("stars", Stars);
        return metrics;

        void Add(string name, long? value)
        {
            if (value >= 0)
                metrics[name] = value.Value;
        }
    }
}

/// <param name="Id">Repository and number.</param>
/// <param name="Public">Null where the repository is not public: such a row is counted and goes no further.</param>
internal sealed record PullRequestRow(string Id, DateTimeOffset? Updated, PullRequest? Public);

/// <summary>A page of a list of pull requests as GraphQL answers it.</summary>
internal sealed record PullRequestPage
{
    public required Account Account { get; init; }

    public required IReadOnlyList<PullRequestRow> Rows { get; init; }

    /// <summary>Rows the answer leaves out or that make no sense.</summary>
    public int Missing { get; init; }

    public string? End { get; init; }

    /// <summary>Null where the answer does not say.</summary>
    public bool? HasNext { get; init; }

    /// <summary>How many there are in all; null where the answer does not say.</summary>
    public int? Total { get; init; }

    public required Fetched Answer { get; init; }

    /// <summary>Null where the answer has no page: another account than asked for, or none.</summary>
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

    private static PullRequestRow? Row(JsonElement node, string login)
    {
        var home = node.At("repository");
        if (home.Integer("databaseId") is not > 0 || node.Integer("number") is not > 0 || home.Text("nameWithOwner") is not { } name)
            return null;
        var (repository, number) = (home.Integer("databaseId")!.Value, node.Integer("number")!.Value);
        var updated = node.Time("updatedAt");
        var row = new PullRequestRow(string.Create(CultureInfo.InvariantCulture, $"{repository}/{number}"), updated, null);
        if (home.Flag("isPrivate") != false)
            return row;
        return row with
        {
            Public = new PullRequest
            {
                Repository = repository,
                Number = number,
                RepositoryName = name,
                RepositoryUrl = home.Text("url"),
                AuthorLogin = login,
                Title = node.Text("title"),
                Url = node.Text("url"),
                Status = PullRequest.StatusOf(node.Text("state"), isMerged: false),
                Created = node.Time("createdAt"),
                Updated = updated,
                Language = home.Text("primaryLanguage", "name"),
                Topics = [.. home.List("repositoryTopics", "nodes").Select(topic => topic.Text("topic", "name")).OfType<string>()],
                Labels = [.. node.List("labels", "nodes").Select(label => label.Text("name")).OfType<string>()],
                Additions = node.Integer("additions"),
                Deletions = node.Integer("deletions"),
                ChangedFiles = node.Integer("changedFiles"),
                Stars = home.Integer("stargazerCount"),
            },
        };
    }
}
