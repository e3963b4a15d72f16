using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Text;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reads without a token, by search. A search shows at most its first thousand results, so each page is a search of its own for what is no older
/// than the last row of the page before: whatever is added or changed meanwhile comes later, and nothing is skipped. Where pages showed less than
/// they counted, the history is scanned again alongside. https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests
/// </summary>
internal sealed class SearchReader(GitHubApi github, AccountResolver accounts, GitHubOptions options)
{
    private const int FullPage = 100;

    /// <summary>Pages that one search shows.</summary>
    private const int MaxPages = 10;

    /// <summary>Search allows ten requests a minute; the rest of that minute is waited for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(65);

    private static readonly DateTimeOffset Beginning = new(2008, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        SourceRequest reading, string login, GitHubCursor cursor, [EnumeratorCancellation] CancellationToken cancel)
    {
        var account = new AccountLogin(accounts, reading.Origin, login, null);
        var repositories = new RepositoryResolver(github, cursor.Repositories);
        var isRescanDue = cursor.IsRescanDue(github.Now, reading.IsManual);
        var isNews = cursor.Refusal != GitHubCursor.RefusalOf(reading.Cursor);
        var isEnd = false;
        while (!isEnd)
        {
            var page = await GetAsync(reading.Origin, account, cursor, cancel);
            var changed = page.Rows.Where(row => !cursor.Knows(RowId(row), row.Time("updated_at"))).ToList();
            isEnd = page.IsLast;
            if (cursor is { Backfilled: true, From: null } && isEnd && changed.Count == 0 && !account.HasChanged && (page.Missing == 0 || cursor.Shortfall is not null)
                && page.IsUnfinished == cursor.WasUnfinished && !isNews)
                break;
            isNews = false;

            var (rows, limit) = await repositories.ResolveAsync(changed, cancel);
            if (limit is null)
                cursor = Advance(cursor, page, repositories.Unreadable).WithRecent(page.Rows.Select(row => (RowId(row), row.Time("updated_at"))));
            cursor = cursor with { Repositories = repositories.CursorEntries };
            if (limit is null || repositories.HasNewEntries)
                yield return Page(rows, account, page, cursor, limit is not null || cursor.From is not null, repositories.Repairs);
            if (limit is not null)
                throw limit;
            if (!isEnd || isRescanDue)
                await PauseAsync(page.Answer, cancel);
        }

        if (isRescanDue)
        {
            await foreach (var page in RescanAsync(reading.Origin, account, cursor, repositories, cancel))
                yield return page;
        }
    }

    private async IAsyncEnumerable<SourcePage> RescanAsync(
        string origin, AccountLogin account, GitHubCursor cursor, RepositoryResolver repositories, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (cursor.Rescan is null)
            repositories.RemoveUnreadable();
        cursor = cursor.WithRescan(github.Now);
        while (cursor.Rescan is { } scan)
        {
            var page = await GitHubFailures.NullIfTransientAsync(GetAsync(origin, account, scan, cancel));
            var (rows, limit) = await repositories.ResolveAsync(page?.Rows ?? [], cancel);
            if (page is not null && limit is null)
                cursor = cursor.AfterRescan(Advance(scan, page, repositories.Unreadable), github.Now);
            var isStuck = page is null || limit is { RetryAt: null };
            cursor = (isStuck ? cursor.RescanFailed(github.Now) : cursor) with { Repositories = repositories.CursorEntries };
            yield return page is null ? cursor.ToPage() : Page(rows, account, page, cursor, !isStuck && cursor.Rescan is not null, repositories.Repairs);
            if (isStuck)
                yield break;
            if (limit is not null)
                throw limit;
            if (cursor.Rescan is not null)
                await PauseAsync(page!.Answer, cancel);
        }
    }

    private static DateTimeOffset From(GitHubCursor scan) => scan.From ?? (scan.Watermark is { } watermark ? watermark - GitHubCursor.Overlap : Beginning);

    /// <summary>The search starts at the last row of the page before, rather than at the second after an overcrowded one.</summary>
    private static bool IsContinuation(GitHubCursor scan) =>
        scan.Backfilled ? scan.From <= scan.NewestSeen : scan.From is { } from && from != scan.Crowded?.AddSeconds(1);

    private static SearchIssuesRequest Search(string login, GitHubCursor scan) => new()
    {
        Author = login,
        Type = IssueTypeQualifier.PullRequest,
        Is = [IssueIsQualifier.Public],
        Created = scan.Backfilled ? null : DateRange.GreaterThanOrEquals(From(scan)),
        Updated = scan.Backfilled ? DateRange.GreaterThanOrEquals(From(scan)) : null,
        SortField = scan.Backfilled ? IssueSearchSort.Updated : IssueSearchSort.Created,
        Order = SortDirection.Ascending,
        PerPage = FullPage,
        Page = scan.Page,
    };

    /// <summary>The next page, following a renamed account.</summary>
    private async Task<SearchPage> GetAsync(string origin, AccountLogin account, GitHubCursor scan, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var page = ReadPage(await github.GetAsync(ApiUrls.SearchIssues(), Search(account.Login, scan).Parameters, null, cancel), scan);
                if (!page.Rows.Exists(row => row.Integer("user", "id") is { } id && id.ToString(CultureInfo.InvariantCulture) != origin))
                    return page;
            }
            catch (ApiException refusal) when (refusal is not ApiValidationException)
            {
                throw GitHubFailures.Of(refusal, github.Now);
            }
            catch (ApiValidationException)
            {
                // Nobody has the login any more.
            }

            await account.FollowRenameAsync(options.Api.Host, cancel);
        }
    }

    private static SearchPage ReadPage(FetchedResponse response, GitHubCursor scan)
    {
        var answer = response.Answer;
        if (response.Json is not { } json || json.At("items").ValueKind != JsonValueKind.Array || json.Integer("total_count") is not { } total)
            throw GitHubFailures.Unreadable(answer);
        var rows = json.List("items").ToList();
        var isUnfinished = json.Flag("incomplete_results") == true;
        if (isUnfinished && rows.Count == 0)
            throw SourceException.Transient("incomplete", $"{answer.Address.Host} did not finish its search in time; it is tried again.");
        var last = rows.Select(row => row.Time(scan.Backfilled ? "updated_at" : "created_at")).LastOrDefault(time => time is not null);
        var page = new SearchPage(rows, total, (scan.Page - 1) * FullPage, IsContinuation(scan), last, answer) { IsUnfinished = isUnfinished };
        return page.IsLast || last is not null ? page : throw GitHubFailures.Unreadable(answer);
    }

    /// <summary>The scan after this page.</summary>
    /// <param name="unreadable">Rows of it that could not be read.</param>
    private GitHubCursor Advance(GitHubCursor scan, SearchPage page, int unreadable)
    {
        var newest = page.Rows.Select(row => row.Time("updated_at")).Append(scan.NewestSeen).Max();
        scan = scan with { Withheld = AddClamped(scan.Withheld, page.Missing + unreadable), IsUnfinished = scan.IsUnfinished || page.IsUnfinished };
        if (page.IsLast)
            return scan.Completed(newest, scan.Withheld, github.Now);

        scan = scan with { NewestSeen = newest };
        var from = From(scan);
        var isTie = page.Last <= from;
        if (isTie && scan.Page < MaxPages)
            return scan with { From = from, Page = scan.Page + 1 };
        if (!isTie)
            return scan with { From = page.Last, Page = 1 };

        // The rest of this second cannot be reached; if it is the second of a change, the history may show it.
        scan = scan with { From = from.AddSeconds(1), Page = 1 };
        return scan.Backfilled
            ? scan with { Withheld = AddClamped(scan.Withheld, page.Total - page.Before - page.Rows.Count) }
            : scan with { Crowded = from };
    }

    private SourcePage Page(IReadOnlyList<PullRequest> rows, AccountLogin account, SearchPage page, GitHubCursor cursor, bool isMore, IReadOnlyList<Repair> repairs) =>
        cursor.ToPage() with
        {
            Drafts = [.. rows.Where(row => cursor.Own || !row.IsOwn).Select(row => row.ToDraft())],
            More = isMore,
            Raw = RawResponse.Of(page.Answer),
            Repairs = page.Missing == 0 ? repairs : [.. repairs, new Repair("rowsWithheld", AddClamped(0, page.Missing))],
            Url = options.Site.AbsoluteUri.TrimEnd('/') + "/" + account.Login,
            MovedTo = account.TakeChange() is { } login ? github.UserAddress(login) : null,
        };

    private async Task PauseAsync(Fetched answer, CancellationToken cancel)
    {
        if (GitHubFailures.Remaining(answer) != 0)
            return;
        var wait = GitHubFailures.RetryAt(answer, github.Now) - github.Now;
        if (wait > LongestWait)
            throw GitHubFailures.Limited(answer, github.Now);
        await github.WaitAsync(wait, cancel);
    }

    private static int AddClamped(int one, long other) => (int)Math.Min(int.MaxValue, one + other);

    /// <summary>By the name search gives the repository; identities are made of ids.</summary>
    private static string RowId(JsonElement row) => string.Create(CultureInfo.InvariantCulture, $"{RepositoryResolver.NameOf(row)}/{row.Integer("number")}");

    /// <param name="Total">Results of the search, <paramref name="Before"/> of them on earlier pages.</param>
    /// <param name="ContinuesSearch">It starts at the last row of the page before, so it cannot be empty.</param>
    /// <param name="Last">Sort key of the last row that has one.</param>
    private sealed record SearchPage(List<JsonElement> Rows, long Total, int Before, bool ContinuesSearch, DateTimeOffset? Last, Fetched Answer)
    {
        /// <summary>GitHub ran out of time: it shows some rows, and others may be missing between them.</summary>
        public bool IsUnfinished { get; init; }

        public bool IsLast => Rows.Count == 0 || Total <= Before + Rows.Count;

        /// <summary>Rows counted but not shown: up to a full page, or up to the end if it shows nothing at all.</summary>
        public long Missing => Math.Max(
            Rows.Count == 0 && ContinuesSearch ? 1 : 0, Rows.Count == 0 ? Total - Before : Math.Min(FullPage, Total - Before) - Rows.Count);
    }
}
