using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Text;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <param name="Page">Null where the account has another login by now, or the list has to be begun anew.</param>
internal sealed record PullRequestPageResult(PullRequestPage? Page, int Size, Remedy Remedy = Remedy.Ignore, IReadOnlyList<Repair>? Repairs = null);

/// <summary>Gets a page of somebody's pull requests, in smaller pieces where GitHub finds it too much.</summary>
internal sealed class PullRequestPager(GitHubApi github)
{
    /// <summary>Gateway timeouts in a row that are answered by asking for half.</summary>
    private const int MostTimeouts = 2;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <param name="newestChange">By change, the newest first; else by creation, the oldest first.</param>
    public async Task<PullRequestPageResult> GetAsync(string login, string? after, bool newestChange, int size, string token, CancellationToken cancel)
    {
        var (field, direction) = newestChange ? ("UPDATED_AT", "DESC") : ("CREATED_AT", "ASC");
        for (var timeouts = 0; ;)
        {
            try
            {
                var response = await github.QueryAsync(GitHubQueries.PullRequests, new { login, first = size, after, field, direction }, token, cancel);
                var (answer, told) = (response.Answer, response.Json ?? throw GitHubFailures.Unreadable(response.Answer));
                var faults = GraphQlError.Read(told);
                var page = PullRequestPage.Read(told.At("data"), answer);
                if (!IsTooMuch(faults, page, told.Has("data", "user"), size))
                    return ToResult(answer, faults, page, size, after);
                size = size > 1 ? size / 2 : throw TooMuch(answer, faults);
            }
            catch (ApiException refusal) when (timeouts < MostTimeouts && GitHubFailures.IsTransient(refusal))
            {
                timeouts++;
                size = Math.Max(1, size / 2);
                await github.WaitAsync(RetryDelay, cancel);
            }
            catch (ApiException refusal)
            {
                throw GitHubFailures.Of(refusal, github.Now);
            }
        }
    }

    private static bool IsTooMuch(IReadOnlyList<GraphQlError> faults, PullRequestPage? page, bool isFound, int size)
    {
        if (faults.Any(fault => fault.Remedy == Remedy.Wait))
            return false;
        return faults.Any(fault => fault.Remedy == Remedy.ShrinkPage || (fault.Remedy == Remedy.IsolateRow && (size > 1 || page is null)))
            || (faults.Count == 0 && page is null && isFound);
    }

    private PullRequestPageResult ToResult(Fetched answer, IReadOnlyList<GraphQlError> faults, PullRequestPage? page, int size, string? after)
    {
        if (faults.Any(fault => fault.Remedy == Remedy.Wait))
            throw GitHubFailures.Limited(answer, github.Now);
        if (faults.FirstOrDefault(fault => fault.Remedy == Remedy.Fail) is { } refusal)
            throw SourceException.Terminal("refusedQuery", $"{answer.Address.Host} refuses the question for pull requests: {Shorten(refusal.Message)}");
        if (faults.Any(fault => fault.Remedy == Remedy.Restart))
            return new PullRequestPageResult(null, size, Remedy.Restart);
        if (page is null)
            return new PullRequestPageResult(null, size, Remedy.FollowRename);
        if (page.HasNext is null || page.Total is null || (page.HasNext == true && (page.End is null || page.End == after)))
            throw GitHubFailures.Unreadable(answer);
        return new PullRequestPageResult(page, size, Remedy.Ignore, Repairs(page, faults));
    }

    private static IReadOnlyList<Repair> Repairs(PullRequestPage page, IReadOnlyList<GraphQlError> faults)
    {
        if (page.Missing == 0)
            return [];
        return faults.Count > 0 ? [new Repair("rowsWithheld", page.Missing, Shorten(faults[0].Message))] : [new Repair("itemSkipped", page.Missing)];
    }

    private static SourceException TooMuch(Fetched answer, IReadOnlyList<GraphQlError> faults) => SourceException.Transient(
        "incomplete", string.Create(CultureInfo.InvariantCulture, $"{answer.Address.Host} could not put together even one pull request{(faults.Count > 0 ? $": {Shorten(faults[0].Message)}" : ".")}"));

    private static string Shorten(string message) => message.Length <= 200 ? message : message[..199] + "…";
}

/// <summary>REST and webhooks tell pull requests and repositories alike.</summary>
internal static class RestReader
{
    /// <summary>A pull request with all its details; null when its repository is not known to be public, or it is not told completely.</summary>
    /// <param name="repository">Told beside it; what the pull request itself says of its base counts where it is not.</param>
    public static PullRequest? PullRequest(JsonElement told, JsonElement repository)
    {
        if (Repository(repository.Has("id") ? repository : told.At("base", "repo")) is not { } home || told.Integer("number") is not { } number || number < 1)
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
            Additions = told.Integer("additions"),
            Deletions = told.Integer("deletions"),
            ChangedFiles = told.Integer("changed_files"),
            Stars = home.Stars,
        };
    }

    /// <summary>Null for what is not known to be public.</summary>
    public static GitHubRepository? Repository(JsonElement told)
    {
        var isPublic = told.Flag("private") == false && told.Text("visibility") is null or "public";
        return isPublic && told.Integer("id") is > 0 and var id && told.Text("full_name") is { } name
            ? new GitHubRepository(id, name, told.Text("html_url"), told.Text("language"), told.Strings("topics"), told.Integer("stargazers_count"))
            : null;
    }

    public static IReadOnlyList<string> Labels(JsonElement told) =>
        [.. told.List("labels").Select(label => label.Text("name")).OfType<string>()];
}

/// <summary>A public repository.</summary>
/// <param name="Name">As <c>owner/name</c>.</param>
internal sealed record GitHubRepository(long Id, string Name, string? Url, string? Language, IReadOnlyList<string> Topics, long? Stars);
