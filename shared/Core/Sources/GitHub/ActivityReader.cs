using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reads an account's other lists after its pull requests, each in a rhythm of its own, so that most polls ask for none of them. One that cannot be read
/// keeps no other from being read: it is tried again, and the coverage says why.
/// </summary>
internal sealed class ActivityReader(GitHubApi github)
{
    private readonly IReadOnlyList<(IActivityList List, Func<GitHubCursor, ActivityCursor?> Get, Func<GitHubCursor, ActivityCursor, GitHubCursor> Set)> lists =
    [
        (new ReviewList(), cursor => cursor.Reviews, (cursor, reviews) => cursor with { Reviews = reviews }),
        (new AnswerList(), cursor => cursor.Answers, (cursor, answers) => cursor with { Answers = answers }),
        (new ProjectList(), cursor => cursor.Projects, (cursor, projects) => cursor with { Projects = projects }),
    ];

    /// <param name="cursor">Without a list that is not wanted.</param>
    public async IAsyncEnumerable<SourcePage> ReadAsync(
        SourceRequest reading, AccountLogin account, GitHubCursor cursor, string token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var queries = new AccountQueries(github, account, reading.Origin, token);
        foreach (var (list, get, set) in lists)
        {
            for (var state = get(cursor); state?.IsDue(github.Now, reading.IsManual) == true;)
            {
                var (page, problem) = await GetAsync(list, queries, state, cancel);
                var isKnown = false;
                if (page is null)
                {
                    state = state.Failed(problem!, github.Now);
                }
                else
                {
                    var hash = HashOf(page.List);
                    isKnown = state.Knows(hash);
                    state = state.Advance(page.Cursor, hash);
                }

                cursor = set(cursor, state);
                var isMore = page is not null && state.IsUnderWay;
                yield return Page(cursor, isKnown ? page! with { Drafts = [] } : page, account) with { More = isMore };
                if (isMore && GitHubFailures.Remaining(page!.List.Answer) == 0)
                    throw GitHubFailures.Limited(page.List.Answer, github.Now);
                if (!isMore)
                    break;
            }
        }
    }

    /// <returns>The page, or why this list cannot be read. What concerns the account or the token is thrown.</returns>
    private static async Task<(ActivityPage? Page, string? Problem)> GetAsync(IActivityList list, AccountQueries queries, ActivityCursor state, CancellationToken cancel)
    {
        try
        {
            return (await list.GetAsync(queries, state, cancel), null);
        }
        catch (SourceException failure) when (failure is { RetryAt: null } and not { Failure: Failure.Gone } and not { Code: SourceException.BadToken or SingleSignOn.Code or "hiddenAccount" })
        {
            return (null, failure.Message);
        }
    }

    /// <summary>What a row means depends on the year, too.</summary>
    private string HashOf(AccountList list) => Identity.Hash($"{github.Now.Year} {list.Connection.At("nodes").GetRawText()}")[..16];

    private SourcePage Page(GitHubCursor cursor, ActivityPage? page, AccountLogin account)
    {
        var moved = account.TakeChange() is { } login ? github.UserAddress(login) : null;
        if (page is null)
            return cursor.ToPage() with { MovedTo = moved };
        var (title, url) = GitHubSource.TitleOf(page.List.User);
        return cursor.ToPage() with
        {
            Drafts = page.Drafts,
            Raw = page.IsPublic ? RawResponse.Of(page.List.Answer) : null,
            Repairs = page.Unreadable == 0 ? [] : [new Repair("itemSkipped", page.Unreadable)],
            Title = title,
            Url = url,
            MovedTo = moved,
        };
    }
}
