using System.Text.Json;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>REST and webhooks tell pull requests and repositories alike.</summary>
internal static class RestReader
{
    /// <summary>A pull request with all its details; null when its repository is not known to be public, or it is not told completely.</summary>
    /// <param name="repository">Told beside it; what the pull request itself says of its base counts where it is not.</param>
    public static PullRequest? PullRequest(JsonElement told, JsonElement repository)
    {
        if (Repository(repository.Has("id") ? repository : told.At("base", "repo")) is not { } home || told.Whole("number") is not { } number || number < 1)
            return null;
        return new PullRequest
        {
            Repository = home.Id,
            Number = number,
            RepositoryName = home.Name,
            RepositoryUrl = home.Url,
            AuthorLogin = told.Text("user", "login"),
            Title = told.Text("title"),
            Url = told.Text("html_url"),
            Status = GitHub.PullRequest.StatusOf(told.Text("state"), told.Has("merged_at") || told.Flag("merged") == true),
            Created = told.Time("created_at"),
            Updated = told.Time("updated_at"),
            Language = home.Language,
            Topics = home.Topics,
            Labels = Labels(told),
            Additions = told.Whole("additions"),
            Deletions = told.Whole("deletions"),
            ChangedFiles = told.Whole("changed_files"),
            Stars = home.Stars,
        };
    }

    /// <summary>Null for what is not known to be public.</summary>
    public static GitHubRepository? Repository(JsonElement told)
    {
        var isPublic = told.Flag("private") == false && told.Text("visibility") is null or "public";
        return isPublic && told.Whole("id") is > 0 and var id && told.Text("full_name") is { } name
            ? new GitHubRepository(id, name, told.Text("html_url"), told.Text("language"), told.Words("topics"), told.Whole("stargazers_count"))
            : null;
    }

    public static IReadOnlyList<string> Labels(JsonElement told) =>
        [.. told.List("labels").Select(label => label.Text("name")).OfType<string>()];
}

/// <summary>A public repository.</summary>
/// <param name="Name">As <c>owner/name</c>.</param>
internal sealed record GitHubRepository(long Id, string Name, string? Url, string? Language, IReadOnlyList<string> Topics, long? Stars);
