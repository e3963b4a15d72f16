using System.Globalization;
using ContributionIngest.Core.Model;

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
