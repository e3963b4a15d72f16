using System.Runtime.CompilerServices;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reads with a token: first the whole list in order of creation, which changes made meanwhile cannot disturb, then whatever changed since, newest
/// first. Where GitHub counts more than it showed, the whole list is scanned again alongside.
/// </summary>
internal sealed class GraphQlReader(GitHubApi github, AccountResolver accounts)
{
    private readonly PullRequestPager pager = new(github);

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        SourceRequest reading, string login, GitHubCursor cursor, string token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var account = new AccountLogin(accounts, reading.Origin, login, token);
        var isRescanDue = cursor.IsRescanDue(github.Now, reading.IsManual);
        var (isRestarted, isEnd) = (false, false);
        while (!isEnd)
        {
            var isFirst = cursor.After is null;
            var full = cursor.Backfilled && isFirst ? GitHubQueries.OnePointPage : GitHubQueries.FullPage;
            var size = Math.Min(cursor.Size ?? full, full);
            var result = await GetAsync(account, cursor, cursor.Backfilled, size, token, cancel);
            if (result.Page is not { } page)
            {
                cursor = isFirst || isRestarted ? throw CannotRestart() : cursor.Restarted();
                isRestarted = true;
                continue;
            }

            var changed = page.Rows.Where(row => !cursor.Knows(row.Id, row.Updated)).ToList();
            isEnd = page.HasNext == false || (cursor.Backfilled && page.Rows.Any(row => row.Updated < cursor.Watermark - GitHubCursor.Overlap));
            if (cursor.Backfilled)
                changed.RemoveAll(row => row.Updated < cursor.Watermark - GitHubCursor.Overlap);
            var after = Advance(cursor, page, result, isEnd);
            var isComplete = cursor.Shortfall is not null || after is { Withheld: 0, Shortfall: null };
            if (cursor.Backfilled && isFirst && changed.Count == 0 && !account.HasChanged && isComplete && result.TooLarge is null)
                break;

            cursor = after.WithRecent(page.Rows.Select(row => (row.Id, row.Updated))).WithSize(result, size, full, github.Now);
            yield return Page(page, changed, cursor, result, account, isMore: cursor.After is not null);
            ThrowIfExhausted(page, isEnd && !isRescanDue);
        }

        if (isRescanDue)
        {
            await foreach (var page in RescanAsync(account, cursor.WithRescan(github.Now), token, cancel))
                yield return page;
        }
    }

    private async IAsyncEnumerable<SourcePage> RescanAsync(AccountLogin account, GitHubCursor cursor, string token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var isRestarted = false;
        while (cursor.Rescan is { } scan)
        {
            var size = cursor.Size ?? GitHubQueries.FullPage;
            var result = await GitHubFailures.NullIfTransientAsync(GetAsync(account, scan, newestChange: false, size, token, cancel));
            if (result is null || (result.Page is null && isRestarted))
            {
                yield return cursor.RescanFailed(github.Now).ToPage();
                yield break;
            }

            if (result.Page is not { } page)
            {
                cursor = cursor with { Rescan = scan.Restarted() };
                isRestarted = true;
                continue;
            }

            cursor = cursor.AfterRescan(Advance(scan, page, result, page.HasNext == false), github.Now).WithSize(result, size, GitHubQueries.FullPage, github.Now);
            yield return Page(page, page.Rows, cursor, result, account, isMore: cursor.Rescan is not null);
            ThrowIfExhausted(page, cursor.Rescan is null);
        }
    }

    /// <summary>The next page, following a renamed account; no page if the list has to be started over.</summary>
    private async Task<PullRequestPageResult> GetAsync(AccountLogin account, GitHubCursor scan, bool newestChange, int size, string token, CancellationToken cancel)
    {
        while (true)
        {
            var result = await pager.GetAsync(account.Login, scan.After, newestChange, size, token, cancel);
            if (result.Remedy == Remedy.Restart || account.Owns(result.Page))
                return result;
            await account.FollowRenameAsync(github.Address(string.Empty).Host, cancel);
        }
    }

    /// <summary>The scan after this page.</summary>
    private GitHubCursor Advance(GitHubCursor scan, PullRequestPage page, PullRequestPageResult result, bool isEnd)
    {
        var newest = page.Rows.Select(row => row.Updated).Append(scan.NewestSeen).Max();

        // Every page but the last has as many rows as were asked for.
        var absent = page.HasNext == true ? Math.Max(0, result.Size - page.Rows.Count - page.Missing) : 0;
        scan = scan with
        {
            Seen = scan.Seen + page.Rows.Count,
            Withheld = scan.Withheld + page.Missing + absent,
            Why = result.Repairs?.Select(repair => repair.Detail).FirstOrDefault() ?? scan.Why,
            Organisations = SingleSignOn.Join(scan.Organisations, SingleSignOn.Organisations(page.Answer)),
        };
        if (!isEnd)
            return scan with { After = page.End, NewestSeen = newest };

        // A list read to its very end has as many rows as GitHub counts.
        var missing = page.HasNext == false ? Math.Max(scan.Withheld, (page.Total ?? 0) - scan.Seen) : scan.Withheld;
        return scan.Completed(newest, missing, github.Now);
    }

    private SourcePage Page(
        PullRequestPage page, IReadOnlyList<PullRequestRow> rows, GitHubCursor cursor, PullRequestPageResult result, AccountLogin account, bool isMore) =>
        cursor.ToPage() with
        {
            Drafts = [.. rows.Select(row => row.Public).OfType<PullRequest>().Where(row => cursor.Own || !row.IsOwn).Select(row => row.ToDraft())],
            More = isMore,
            Raw = page.Rows.All(row => row.Public is not null) ? RawResponse.Of(page.Answer) : null,
            Repairs = result.Repairs ?? [],
            Title = page.Account.Name ?? page.Account.Login,
            Url = page.Account.Url,
            MovedTo = account.TakeChange() is { } login ? github.UserAddress(login) : null,
        };

    private void ThrowIfExhausted(PullRequestPage page, bool isOver)
    {
        if (!isOver && GitHubFailures.Remaining(page.Answer) == 0)
            throw GitHubFailures.Limited(page.Answer, github.Now);
    }

    private SourceException CannotRestart() =>
        SourceException.Transient("unreadable", $"{github.Address(string.Empty).Host} refuses to continue the list of pull requests.");
}
