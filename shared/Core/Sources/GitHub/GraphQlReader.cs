using System.Runtime.CompilerServices;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reading with a token: the whole list once in the order of creation, which nothing that happens meanwhile can disturb, and then whatever
/// changed since, the newest change first. Where GitHub counts more than it showed, the whole list is walked through again beside that.
/// </summary>
internal sealed class GraphQlReader(GitHubApi github, AccountResolver accounts)
{
    private readonly PullRequestPager list = new(github);

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        SourceRequest reading, string login, GitHubCursor cursor, string token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var account = new AccountLogin(accounts, reading.Origin, login, token);
        var isAgainDue = cursor is { Backfilled: true, Shortfall: { } lacking } && lacking.Tries.IsDue(github.Now, reading.IsManual);
        var (isRestarted, isEnd) = (false, false);
        while (!isEnd)
        {
            var isFirst = cursor.After is null;
            var size = cursor.Size ?? (cursor.Backfilled && isFirst ? GitHubQueries.OnePointPage : GitHubQueries.FullPage);
            var listed = await GetAsync(account, cursor, cursor.Backfilled, size, token, cancel);
            if (listed.Page is not { } page)
            {
                cursor = isFirst || isRestarted ? throw CannotRestart() : cursor.Restarted();
                isRestarted = true;
                continue;
            }

            var news = page.Rows.Where(row => !cursor.Knows(row.Id, row.Updated)).ToList();
            isEnd = page.HasNext == false || (cursor.Backfilled && page.Rows.Any(row => row.Updated < cursor.Watermark - GitHubCursor.Overlap));
            if (cursor.Backfilled)
                news.RemoveAll(row => row.Updated < cursor.Watermark - GitHubCursor.Overlap);
            var after = Advance(cursor, page, listed, isEnd);
            var isWhole = cursor.Shortfall is not null || after is { Withheld: 0, Shortfall: null };
            if (cursor.Backfilled && isFirst && news.Count == 0 && !account.HasChanged && isWhole)
                break;

            cursor = after.WithRecent(page.Rows.Select(row => (row.Id, row.Updated))) with { Size = NextSize(listed.Size, size) };
            yield return Page(page, news, cursor, listed, account, isMore: cursor.After is not null);
            ThrowIfExhausted(page, isEnd && !isAgainDue);
        }

        if (isAgainDue)
        {
            await foreach (var page in RescanAsync(account, cursor.WithRescan(github.Now), token, cancel))
                yield return page;
        }
    }

    private async IAsyncEnumerable<SourcePage> RescanAsync(AccountLogin account, GitHubCursor cursor, string token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var isRestarted = false;
        while (cursor.Rescan is { } walk)
        {
            var size = cursor.Size ?? GitHubQueries.FullPage;
            var listed = await GitHubFailures.NullIfTransientAsync(GetAsync(account, walk, newestChange: false, size, token, cancel));
            if (listed is null || (listed.Page is null && isRestarted))
            {
                cursor = cursor.RescanFailed(github.Now);
                yield return new SourcePage { Cursor = cursor.ToText(), Coverage = GitHubCoverage.Of(cursor) };
                yield break;
            }

            if (listed.Page is not { } page)
            {
                cursor = cursor with { Rescan = walk.Restarted() };
                isRestarted = true;
                continue;
            }

            cursor = cursor.AfterRescan(Advance(walk, page, listed, page.HasNext == false), github.Now) with { Size = NextSize(listed.Size, size) };
            yield return Page(page, page.Rows, cursor, listed, account, isMore: cursor.Rescan is not null);
            ThrowIfExhausted(page, cursor.Rescan is null);
        }
    }

    /// <summary>The page under whatever login the account has; none where the list has to be begun anew.</summary>
    private async Task<PullRequestPageResult> GetAsync(AccountLogin account, GitHubCursor walk, bool newestChange, int size, string token, CancellationToken cancel)
    {
        while (true)
        {
            var listed = await list.GetAsync(account.Login, walk.After, newestChange, size, token, cancel);
            if (listed.Remedy == Remedy.Restart || account.Owns(listed.Page))
                return listed;
            await account.FollowRenameAsync(github.Address(string.Empty).Host, cancel);
        }
    }

    /// <summary>The walk with this page behind it.</summary>
    private GitHubCursor Advance(GitHubCursor walk, PullRequestPage page, PullRequestPageResult listed, bool isEnd)
    {
        var newest = page.Rows.Select(row => row.Updated).Append(walk.NewestSeen).Max();

        // A page that others follow has as many rows as were asked for.
        var absent = page.HasNext == true ? Math.Max(0, listed.Size - page.Rows.Count - page.Missing) : 0;
        walk = walk with
        {
            Seen = walk.Seen + page.Rows.Count,
            Withheld = walk.Withheld + page.Missing + absent,
            Why = listed.Repairs?.Select(repair => repair.Detail).FirstOrDefault() ?? walk.Why,
        };
        if (!isEnd)
            return walk with { After = page.End, NewestSeen = newest };
        var until = !walk.Backfilled ? walk.Started!.Value : newest > walk.Watermark ? newest.Value : walk.Watermark!.Value;

        // Where the list was read to its very end, its rows are as many as GitHub counts.
        var missing = page.HasNext == false ? Math.Max(walk.Withheld, page.Total!.Value - walk.Seen) : walk.Withheld;
        return walk.Completed(until, missing, github.Now);
    }

    private SourcePage Page(PullRequestPage page, IReadOnlyList<PullRequestRow> news, GitHubCursor cursor, PullRequestPageResult listed, AccountLogin account, bool isMore)
    {
        var isPublic = page.Rows.All(row => row.Public is not null);
        return new SourcePage
        {
            Drafts = [.. news.Select(row => row.Public).OfType<PullRequest>().Where(found => cursor.Own || !found.IsOwn).Select(found => found.ToDraft())],
            Cursor = cursor.ToText(),
            More = isMore,
            Coverage = GitHubCoverage.Of(cursor),
            Raw = isPublic ? new RawResponse(page.Answer.Body, page.Answer.Header("Content-Type")) : null,
            Repairs = listed.Repairs ?? [],
            Title = page.Account.Name ?? page.Account.Login,
            Url = page.Account.Url,
            MovedTo = account.TakeChange() is { } login ? github.Address("users/" + login).AbsoluteUri : null,
        };
    }

    private void ThrowIfExhausted(PullRequestPage page, bool isOver)
    {
        if (!isOver && GitHubFailures.Remaining(page.Answer) == 0)
            throw GitHubFailures.Limited(page.Answer, github.Now);
    }

    private SourceException CannotRestart() =>
        new(Failure.Transient, "unreadable", $"{github.Address(string.Empty).Host} refuses to go on with the list of pull requests.");

    /// <summary>A page that had to be made smaller grows again, step by step.</summary>
    private static int? NextSize(int worked, int asked) => worked < asked
        ? worked
        : worked * 2 >= GitHubQueries.FullPage || asked == GitHubQueries.OnePointPage ? null : worked * 2;
}
