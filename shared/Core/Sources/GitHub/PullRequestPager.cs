using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Text;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <param name="Page">Null if the account was renamed, or the list has to be started over.</param>
internal sealed record PullRequestPageResult(PullRequestPage? Page, int Size, Remedy Remedy = Remedy.Ignore, IReadOnlyList<Repair>? Repairs = null)
{
    /// <summary>The smallest size that a gateway gave up on; null if none did.</summary>
    public int? TooLarge { get; init; }
}

/// <summary>Gets a page of a person's pull requests, in smaller pieces if GitHub finds it too large.</summary>
internal sealed class PullRequestPager(GitHubApi github)
{
    /// <summary>
    /// Gateway errors for one page. After each of them a quarter is asked for, down to a single row: each costs ten seconds, and points of the next hour.
    /// </summary>
    private const int MaxTimeouts = 3;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <param name="newestChange">Newest change first; otherwise oldest first, by creation.</param>
    public async Task<PullRequestPageResult> GetAsync(string login, string? after, bool newestChange, int size, string token, CancellationToken cancel)
    {
        var (field, direction) = newestChange ? ("UPDATED_AT", "DESC") : ("CREATED_AT", "ASC");
        int? tooLarge = null;
        for (var timeouts = 0; ;)
        {
            try
            {
                var response = await github.QueryAsync(GitHubQueries.PullRequests, new { login, first = size, after, field, direction }, token, cancel);
                var (answer, json) = (response.Answer, response.Json ?? throw GitHubFailures.Unreadable(response.Answer));
                var errors = GraphQlError.Read(json);
                var page = PullRequestPage.Read(json.At("data"), answer);
                if (!IsTooMuch(errors, page, json.Has("data", "user"), size))
                    return ToResult(answer, errors, page, size, after) with { TooLarge = tooLarge };
                size = size > 1 ? size / 2 : throw TooMuch(answer, errors);
            }
            catch (ApiException refusal) when (timeouts < MaxTimeouts && GitHubFailures.IsTransient(refusal))
            {
                timeouts++;
                (tooLarge, size) = (size, Math.Max(1, size / 4));
                await github.WaitAsync(RetryDelay, cancel);
            }
            catch (ApiException refusal)
            {
                throw GitHubFailures.Of(refusal, github.Now);
            }
        }
    }

    private static bool IsTooMuch(IReadOnlyList<GraphQlError> errors, PullRequestPage? page, bool isFound, int size)
    {
        if (errors.Any(error => error.Remedy == Remedy.Wait))
            return false;
        return errors.Any(error => error.Remedy == Remedy.ShrinkPage || (error.Remedy == Remedy.IsolateRow && (size > 1 || page is null)))
            || (errors.Count == 0 && page is null && isFound);
    }

    private PullRequestPageResult ToResult(Fetched answer, IReadOnlyList<GraphQlError> errors, PullRequestPage? page, int size, string? after)
    {
        if (errors.Any(error => error.Remedy == Remedy.Wait))
            throw GitHubFailures.Limited(answer, github.Now);
        if (errors.FirstOrDefault(error => error.Remedy == Remedy.Fail) is { } refusal)
            throw SourceException.Terminal("refusedQuery", $"{answer.Address.Host} refuses the query for pull requests: {Shorten(refusal.Message)}");
        if (errors.Any(error => error.Remedy == Remedy.Restart))
            return new PullRequestPageResult(null, size, Remedy.Restart);
        if (page is null)
            return new PullRequestPageResult(null, size, Remedy.FollowRename);
        if (page.HasNext is null || (page.HasNext == true && (page.End is null || page.End == after)))
            throw GitHubFailures.Unreadable(answer);
        return new PullRequestPageResult(page, size, Remedy.Ignore, Repairs(page, errors));
    }

    private static IReadOnlyList<Repair> Repairs(PullRequestPage page, IReadOnlyList<GraphQlError> errors)
    {
        if (page.Missing == 0)
            return [];
        return errors.Count > 0 ? [new Repair("rowsWithheld", page.Missing, Shorten(errors[0].Message))] : [new Repair("itemSkipped", page.Missing)];
    }

    private static SourceException TooMuch(Fetched answer, IReadOnlyList<GraphQlError> errors) => SourceException.Transient(
        "incomplete", string.Create(CultureInfo.InvariantCulture, $"{answer.Address.Host} could not return even a single pull request{(errors.Count > 0 ? $": {Shorten(errors[0].Message)}" : ".")}"));

    private static string Shorten(string message) => message.Length <= 200 ? message : message[..199] + "…";
}

/// <summary>Pull requests and repositories as REST, search and webhooks describe them.</summary>
internal static class RestReader
{
    /// <summary>Null if the repository is not known to be public, or the payload is incomplete.</summary>
    /// <param name="repository">The payload's repository; without one, the pull request's own base is used.</param>
    public static PullRequest? PullRequest(JsonElement json, JsonElement repository) =>
        Repository(repository.Has("id") ? repository : json.At("base", "repo")) is { } home ? PullRequest(json, home) : null;

    /// <summary>Null if it has no number. A row of a search has neither lines nor files.</summary>
    public static PullRequest? PullRequest(JsonElement json, GitHubRepository home) => json.Integer("number") is > 0 and var number
        ? new PullRequest
        {
            Repository = home.Id,
            Number = number,
            RepositoryName = home.Name,
            RepositoryUrl = home.Url,
            AuthorLogin = json.Text("user", "login"),
            Title = json.Text("title"),
            Url = json.Text("html_url"),
            Status = GitHub.PullRequest.StatusOf(
                json.Text("state"), json.Text("title"), json.Has("merged_at") || json.Has("pull_request", "merged_at") || json.Flag("merged") == true),
            Created = json.Time("created_at"),
            Updated = json.Time("updated_at"),
            Language = home.Language,
            Topics = home.Topics,
            Labels = [.. json.List("labels").Select(label => label.Text("name")).OfType<string>()],
            Additions = json.Integer("additions"),
            Deletions = json.Integer("deletions"),
            ChangedFiles = json.Integer("changed_files"),
            Stars = home.Stars,
        }
        : null;

    /// <summary>Null if it is not known to be public.</summary>
    public static GitHubRepository? Repository(JsonElement json)
    {
        var isPublic = json.Flag("private") == false && json.Text("visibility") is null or "public";
        return isPublic && json.Integer("id") is > 0 and var id && json.Text("full_name") is { } name
            ? new GitHubRepository(id, name, json.Text("html_url"), json.Text("language"), json.Strings("topics"), json.Integer("stargazers_count"))
            : null;
    }
}

/// <summary>A public repository.</summary>
/// <param name="Name"><c>owner/name</c>.</param>
internal sealed record GitHubRepository(long Id, string Name, string? Url, string? Language, IReadOnlyList<string> Topics, long? Stars);
