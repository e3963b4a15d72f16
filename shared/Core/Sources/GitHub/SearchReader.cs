using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Text;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reading without a token, by search. A search shows its first thousand results at most, so that each page is a search of its own for what
/// is no older than the last row of the page before: whatever is added or changed meanwhile comes later, and nothing is passed over. Where
/// pages showed less than they counted, the history is walked through again beside that.
/// https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests
/// </summary>
internal sealed class SearchReader(GitHubApi github, AccountResolver accounts, GitHubOptions options)
{
    private const int FullPage = 100;

    /// <summary>Pages of one search that are shown.</summary>
    private const int MostPages = 10;

    /// <summary>Search may be asked ten times a minute; what the rest of that minute costs is waited for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(65);

    private static readonly DateTimeOffset Beginning = new(2008, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        SourceRequest reading, string login, GitHubCursor cursor, [EnumeratorCancellation] CancellationToken cancel)
    {
        var account = new AccountLogin(accounts, reading.Origin, login, null);
        var repositories = new RepositoryResolver(github, cursor.Repositories);
        var isAgainDue = cursor is { Backfilled: true, Shortfall: { } lacking } && lacking.Tries.IsDue(github.Now, reading.IsManual);
        var isEnd = false;
        while (!isEnd)
        {
            var found = await GetAsync(reading.Origin, account, cursor, cancel);
            var news = found.Rows.Where(row => !cursor.Knows(RowId(row), row.Time("updated_at"))).ToList();
            isEnd = found.IsLast;
            if (cursor is { Backfilled: true, From: null } && isEnd && news.Count == 0 && !account.HasChanged && (found.Missing == 0 || cursor.Shortfall is not null))
                break;

            var (rows, limit) = await repositories.ResolveAsync(news, cancel);
            if (limit is null)
                cursor = Advance(cursor, found, repositories.Unreadable).WithRecent(found.Rows.Select(row => (RowId(row), row.Time("updated_at"))));
            cursor = cursor with { Repositories = repositories.CursorEntries };
            if (limit is null || repositories.HasNewEntries)
                yield return Page(rows, account, found, cursor, limit is not null || cursor.From is not null, repositories.Repairs);
            if (limit is not null)
                throw limit;
            if (!isEnd || isAgainDue)
                await PauseAsync(found.Answer, cancel);
        }

        if (isAgainDue)
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
        while (cursor.Rescan is { } walk)
        {
            var found = await GitHubFailures.NullIfTransientAsync(GetAsync(origin, account, walk, cancel));
            var (rows, limit) = await repositories.ResolveAsync(found?.Rows ?? [], cancel);
            if (found is not null && limit is null)
                cursor = cursor.AfterRescan(Advance(walk, found, repositories.Unreadable), github.Now);
            var isStuck = found is null || limit is { RetryAt: null };
            cursor = (isStuck ? cursor.RescanFailed(github.Now) : cursor) with { Repositories = repositories.CursorEntries };
            if (found is null)
                yield return new SourcePage { Cursor = cursor.ToText(), Coverage = GitHubCoverage.Of(cursor) };
            else
                yield return Page(rows, account, found, cursor, !isStuck && cursor.Rescan is not null, repositories.Repairs);
            if (isStuck)
                yield break;
            if (limit is not null)
                throw limit;
            if (cursor.Rescan is not null)
                await PauseAsync(found!.Answer, cancel);
        }
    }

    private static DateTimeOffset From(GitHubCursor walk) => walk.From ?? (walk.Watermark is { } watermark ? watermark - GitHubCursor.Overlap : Beginning);

    /// <summary>It is searched from the last row of the page before, and not from the second after more than can be shown.</summary>
    private static bool IsContinuation(GitHubCursor walk) => walk.Backfilled ? walk.From <= walk.NewestSeen : walk.From is { } from && from != walk.Crowded?.AddSeconds(1);

    private static SearchIssuesRequest Search(string login, GitHubCursor walk) => new()
    {
        Author = login,
        Type = IssueTypeQualifier.PullRequest,
        Is = [IssueIsQualifier.Public],
        Created = walk.Backfilled ? null : DateRange.GreaterThanOrEquals(From(walk)),
        Updated = walk.Backfilled ? DateRange.GreaterThanOrEquals(From(walk)) : null,
        SortField = walk.Backfilled ? IssueSearchSort.Updated : IssueSearchSort.Created,
        Order = SortDirection.Ascending,
        PerPage = FullPage,
        Page = walk.Page,
    };

    /// <summary>The next page under whatever login the account has.</summary>
    private async Task<SearchPage> GetAsync(string origin, AccountLogin account, GitHubCursor walk, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var found = ReadPage(await github.GetAsync(ApiUrls.SearchIssues(), Search(account.Login, walk).Parameters, null, cancel), walk);
                if (!found.Rows.Exists(row => row.Integer("user", "id") is { } id && id.ToString(CultureInfo.InvariantCulture) != origin))
                    return found;
            }
            catch (ApiException refusal) when (refusal is not ApiValidationException)
            {
                throw GitHubFailures.Of(refusal, github.Now);
            }
            catch (ApiValidationException)
            {
                // The login is nobody's any more.
            }

            await account.FollowRenameAsync(options.Api.Host, cancel);
        }
    }

    private static SearchPage ReadPage(FetchedResponse response, GitHubCursor walk)
    {
        var answer = response.Answer;
        if (response.Json is not { } told || told.At("items").ValueKind != JsonValueKind.Array || told.Integer("total_count") is not { } total)
            throw GitHubFailures.Unreadable(answer);
        if (told.Flag("incomplete_results") == true)
            throw new SourceException(Failure.Transient, "incomplete", $"{answer.Address.Host} did not finish its search in time; it is asked again.");
        var rows = told.List("items").ToList();
        var last = rows.Select(row => row.Time(walk.Backfilled ? "updated_at" : "created_at")).LastOrDefault(time => time is not null);
        var page = new SearchPage(rows, total, (walk.Page - 1) * FullPage, IsContinuation(walk), last, answer);
        return page.IsLast || last is not null ? page : throw GitHubFailures.Unreadable(answer);
    }

    /// <summary>The walk with this page behind it.</summary>
    /// <param name="unreadable">Rows of it that could not be read.</param>
    private GitHubCursor Advance(GitHubCursor walk, SearchPage found, int unreadable)
    {
        var newest = found.Rows.Select(row => row.Time("updated_at")).Append(walk.NewestSeen).Max();
        walk = walk with { Withheld = AddClamped(walk.Withheld, found.Missing + unreadable) };
        if (found.IsLast)
        {
            var until = !walk.Backfilled ? walk.Started!.Value : newest > walk.Watermark ? newest.Value : walk.Watermark!.Value;
            return walk.Completed(until, walk.Withheld, github.Now);
        }

        var from = From(walk);
        var isTie = found.Last <= from;
        if (isTie && walk.Page < MostPages)
            return walk with { From = from, Page = walk.Page + 1, NewestSeen = newest };

        if (!isTie)
            return walk with { From = found.Last, Page = 1, NewestSeen = newest };

        // What else is of this second is not to be had; where it is the second of a change, the history may show it.
        var over = from.AddSeconds(1);
        return walk.Backfilled
            ? walk with { From = over, Page = 1, NewestSeen = newest, Withheld = AddClamped(walk.Withheld, found.Total - found.Before - found.Rows.Count) }
            : walk with { From = over, Page = 1, NewestSeen = newest, Crowded = from };
    }

    private SourcePage Page(IReadOnlyList<PullRequest> rows, AccountLogin account, SearchPage found, GitHubCursor cursor, bool isMore, IReadOnlyList<Repair> repairs) => new()
    {
        Drafts = [.. rows.Where(row => cursor.Own || !row.IsOwn).Select(row => row.ToDraft())],
        Cursor = cursor.ToText(),
        More = isMore,
        Coverage = GitHubCoverage.Of(cursor),
        Raw = new RawResponse(found.Answer.Body, found.Answer.Header("Content-Type")),
        Repairs = found.Missing == 0 ? repairs : [.. repairs, new Repair("rowsWithheld", AddClamped(0, found.Missing))],
        Url = options.Site.AbsoluteUri.TrimEnd('/') + "/" + account.Login,
        MovedTo = account.TakeChange() is { } login ? github.Address("users/" + login).AbsoluteUri : null,
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

    /// <summary>The name search gives a row; identities are made of ids.</summary>
    private static string RowId(JsonElement row) =>
        string.Create(CultureInfo.InvariantCulture, $"{RepositoryResolver.NameOf(row)}/{row.Integer("number")}");

    /// <param name="Total">Of the search, and <paramref name="Before"/> of them on the pages before.</param>
    /// <param name="IsOnward">It begins with the last row of the page before, so that it shows something.</param>
    /// <param name="Last">What the rows are sorted by, of the last that has it.</param>
    private sealed record SearchPage(List<JsonElement> Rows, long Total, int Before, bool IsOnward, DateTimeOffset? Last, Fetched Answer)
    {
        public bool IsLast => Rows.Count == 0 || Total <= Before + Rows.Count;

        /// <summary>Rows it counts and leaves out: to a full page, or to the end where it shows nothing at all.</summary>
        public long Missing => Math.Max(Rows.Count == 0 && IsOnward ? 1 : 0, Rows.Count == 0 ? Total - Before : Math.Min(FullPage, Total - Before) - Rows.Count);
    }
}
