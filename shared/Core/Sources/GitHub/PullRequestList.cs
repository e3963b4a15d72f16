using System.Globalization;
using ContributionIngest.Core.Fetch;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <param name="Page">Null where the account has another login by now, or the list has to be begun anew.</param>
internal sealed record Listed(PullRequestPage? Page, int Size, Remedy Remedy = Remedy.Accept, IReadOnlyList<Repair>? Repairs = null);

/// <summary>Gets a page of somebody's pull requests, in smaller pieces where GitHub finds it too much.</summary>
internal sealed class PullRequestList(GitHubApi github)
{
    /// <summary>Gateway timeouts in a row that are answered by asking for half.</summary>
    private const int MostTimeouts = 2;

    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(1);

    /// <param name="newestChange">By change, the newest first; else by creation, the oldest first.</param>
    public async Task<Listed> GetAsync(string login, string? after, bool newestChange, int size, string token, CancellationToken cancel)
    {
        var (field, direction) = newestChange ? ("UPDATED_AT", "DESC") : ("CREATED_AT", "ASC");
        for (var timeouts = 0; ;)
        {
            try
            {
                var response = await github.AskAsync(GitHubQueries.PullRequests, new { login, first = size, after, field, direction }, token, cancel);
                var (answer, told) = (response.Answer, response.Json ?? throw GitHubFailures.Unreadable(response.Answer));
                var faults = GraphQlFault.Read(told);
                var page = PullRequestPage.Read(told.At("data"), answer);
                if (!IsTooMuch(faults, page, told.Has("data", "user"), size))
                    return Judge(answer, faults, page, size, after);
                size = size > 1 ? size / 2 : throw TooMuch(answer, faults);
            }
            catch (ApiException refusal) when (timeouts < MostTimeouts && GitHubFailures.IsTransient(refusal))
            {
                timeouts++;
                size = Math.Max(1, size / 2);
                await github.WaitAsync(Breath, cancel);
            }
            catch (ApiException refusal)
            {
                throw GitHubFailures.Of(refusal, github.Now);
            }
        }
    }

    private static bool IsTooMuch(IReadOnlyList<GraphQlFault> faults, PullRequestPage? page, bool isFound, int size)
    {
        if (faults.Any(fault => fault.Remedy == Remedy.Wait))
            return false;
        return faults.Any(fault => fault.Remedy == Remedy.Smaller || (fault.Remedy == Remedy.Isolate && (size > 1 || page is null)))
            || (faults.Count == 0 && page is null && isFound);
    }

    private Listed Judge(Fetched answer, IReadOnlyList<GraphQlFault> faults, PullRequestPage? page, int size, string? after)
    {
        if (faults.Any(fault => fault.Remedy == Remedy.Wait))
            throw GitHubFailures.Limited(answer, github.Now);
        if (faults.FirstOrDefault(fault => fault.Remedy == Remedy.GiveUp) is { } refusal)
            throw new SourceException(Failure.Terminal, "refusedQuery", $"{answer.Address.Host} refuses the question for pull requests: {Short(refusal.Message)}");
        if (faults.Any(fault => fault.Remedy == Remedy.Restart))
            return new Listed(null, size, Remedy.Restart);
        if (page is null)
            return new Listed(null, size, Remedy.LookUp);
        if (page.HasNext is null || page.Total is null || (page.HasNext == true && (page.End is null || page.End == after)))
            throw GitHubFailures.Unreadable(answer);
        return new Listed(page, size, Remedy.Accept, Repairs(page, faults));
    }

    private static IReadOnlyList<Repair> Repairs(PullRequestPage page, IReadOnlyList<GraphQlFault> faults)
    {
        if (page.Missing == 0)
            return [];
        return faults.Count > 0 ? [new Repair("rowsWithheld", page.Missing, Short(faults[0].Message))] : [new Repair("itemSkipped", page.Missing)];
    }

    private static SourceException TooMuch(Fetched answer, IReadOnlyList<GraphQlFault> faults) => new(
        Failure.Transient,
        "incomplete",
        string.Create(CultureInfo.InvariantCulture, $"{answer.Address.Host} could not put together even one pull request{(faults.Count > 0 ? $": {Short(faults[0].Message)}" : ".")}"));

    private static string Short(string message) => message.Length <= 200 ? message : message[..199] + "…";
}
