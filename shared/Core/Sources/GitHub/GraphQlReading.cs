using System.Runtime.CompilerServices;
using ContributionIngest.Core.Fetch;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reading with a token: the whole list once in the order of creation, which nothing that happens meanwhile can disturb, and then whatever
/// changed since, the newest change first.
/// </summary>
internal sealed class GraphQlReading(GitHubClient client, Accounts accounts)
{
    private static readonly Coverage Begun = new(null, false, "The history is being read, the oldest pull requests first.");
    private static readonly Coverage Whole = new(null, true, null);

    private readonly PullRequestList list = new(client);

    public async IAsyncEnumerable<SourcePage> Read(
        Reading reading, string login, GitHubCursor cursor, string token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (known, isRestarted) = (login, false);
        while (true)
        {
            var isFirst = cursor.After is null;
            var size = cursor.Size ?? (cursor.Backfilled && isFirst ? GitHubQueries.PointPage : GitHubQueries.FullPage);
            var listed = await list.Get(login, cursor.After, cursor.Backfilled, size, token, cancel);
            if (listed.Remedy == Remedy.Restart)
            {
                cursor = isFirst || isRestarted
                    ? throw new SourceException(Failure.Transient, "unreadable", $"{client.Address(string.Empty).Host} refuses to go on with the list of pull requests.")
                    : cursor with { After = null, Ahead = null };
                isRestarted = true;
                continue;
            }

            if (listed.Page is not { } page || page.Account.Origin != reading.Origin)
            {
                // The login is another's by now, or nobody's.
                var current = (await accounts.Current(reading.Origin, token, cancel)).Login;
                login = current != login ? current : throw GitHubFailures.NotTheirs(client.Address(string.Empty).Host, login);
                continue;
            }

            if (page.HasNext && page.End == cursor.After)
                throw GitHubFailures.Unreadable(page.Answer);
            var news = page.Rows.Where(row => !cursor.Knows(row.Id, row.Updated)).ToList();
            var isEnd = !page.HasNext || (cursor.Backfilled && page.Rows.Any(row => row.Updated < cursor.Watermark - GitHubCursor.Overlap));
            if (cursor.Backfilled)
                news.RemoveAll(row => row.Updated < cursor.Watermark - GitHubCursor.Overlap);
            if (cursor.Backfilled && isFirst && news.Count == 0 && login == known)
                yield break;

            cursor = Onward(cursor, page, isEnd) with { Size = Grown(listed.Size, size) };
            yield return Page(page, news, cursor, listed) with { MovedTo = login == known ? null : client.Address("users/" + login).AbsoluteUri };
            known = login;
            if (isEnd)
                yield break;
            if (GitHubFailures.Remaining(page.Answer) == 0)
                throw GitHubFailures.Limited(page.Answer, client.Now);
        }
    }

    /// <summary>The cursor that covers this page as well.</summary>
    private static GitHubCursor Onward(GitHubCursor cursor, PullRequestPage page, bool isEnd)
    {
        var newest = page.Rows.Select(row => row.Updated).Append(cursor.Ahead).Max();
        var rows = page.Rows.Select(row => (row.Id, row.Updated));
        if (!isEnd)
            return cursor.Noting(rows, cursor.Watermark ?? cursor.Started!.Value) with { After = page.End, Ahead = newest };
        var until = !cursor.Backfilled ? cursor.Started!.Value : newest > cursor.Watermark ? newest.Value : cursor.Watermark!.Value;
        return cursor.Noting(rows, until) with { After = null, Ahead = null, Backfilled = true, Watermark = until };
    }

    private static SourcePage Page(PullRequestPage page, IReadOnlyList<PullRequestRow> news, GitHubCursor cursor, Listed listed)
    {
        var isPublic = page.Rows.All(row => row.Public is not null);
        return new SourcePage
        {
            Drafts = [.. news.Select(row => row.Public).OfType<PullRequest>().Where(found => cursor.Own || !found.IsOwn).Select(found => found.ToDraft())],
            Cursor = cursor.ToText(),
            More = cursor.After is not null,
            Coverage = cursor.Backfilled ? Whole : Begun,
            Raw = isPublic ? new RawAnswer(page.Answer.Body, page.Answer.Header("Content-Type")) : null,
            Repairs = listed.Repairs ?? [],
            Title = page.Account.Name ?? page.Account.Login,
            Url = page.Account.Url,
        };
    }

    /// <summary>A page that had to be made smaller grows again, step by step.</summary>
    private static int? Grown(int worked, int asked) => worked < asked
        ? worked
        : worked * 2 >= GitHubQueries.FullPage || asked == GitHubQueries.PointPage ? null : worked * 2;
}
