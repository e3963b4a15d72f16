using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ContributionIngest.Core.Fetch;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// Reading without a token, by search. A search shows its first thousand results at most, so that each page is a search of its own for what
/// is no older than the last row of the page before: whatever is added or changed meanwhile comes later, and nothing is passed over.
/// https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests
/// </summary>
internal sealed class SearchReading(GitHubClient client, Accounts accounts, GitHubOptions options)
{
    private const int FullPage = 100;

    /// <summary>Pages of one search that are shown.</summary>
    private const int MostPages = 10;

    private const string Missing = "Without a token GitHub does not tell the changed lines and files of pull requests nor the stars of repositories; a GitHubToken in the settings brings them.";

    /// <summary>Search may be asked ten times a minute; what the rest of that minute costs is waited for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(65);

    private static readonly DateTimeOffset Beginning = new(2008, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public async IAsyncEnumerable<SourcePage> Read(
        Reading reading, string login, GitHubCursor cursor, [EnumeratorCancellation] CancellationToken cancel)
    {
        var repositories = new Repositories(client, cursor.Repositories);
        var known = login;
        while (true)
        {
            var from = cursor.From ?? (cursor.Watermark is { } watermark ? watermark - GitHubCursor.Overlap : Beginning);
            var answer = await client.Get(Search(login, from, cursor), null, cancel);
            var found = Found(answer, cursor);
            if (found is null || found.Rows.Exists(row => row.Whole("user", "id") is { } id && id.ToString(CultureInfo.InvariantCulture) != reading.Origin))
            {
                var current = (await accounts.Current(reading.Origin, null, cancel)).Login;
                login = current != login ? current : throw GitHubFailures.NotTheirs(answer.Address.Host, login);
                continue;
            }

            var news = found.Rows.Where(row => !cursor.Knows(RowId(row), row.Time("updated_at"))).ToList();
            if (cursor is { Backfilled: true, From: null } && found.IsLast && news.Count == 0 && login == known)
                yield break;

            var (rows, limit) = await repositories.Resolve(news, cancel);
            var after = limit is null ? Onward(cursor, found, from) : cursor;
            after = after with { Repositories = repositories.Kept };
            if (limit is null || repositories.HasLearnt)
                yield return Page(rows, login, found, after, limit is not null, repositories.Repairs) with { MovedTo = login == known ? null : client.Address("users/" + login).AbsoluteUri };
            (known, cursor) = (login, after);
            if (limit is not null)
                throw limit;
            if (found.IsLast)
                yield break;
            await Pause(answer, cancel);
        }
    }

    private static string Search(string login, DateTimeOffset from, GitHubCursor cursor)
    {
        var field = cursor.Backfilled ? "updated" : "created";
        var query = string.Create(CultureInfo.InvariantCulture, $"author:{login} type:pr is:public {field}:>={from:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        return string.Create(
            CultureInfo.InvariantCulture, $"search/issues?q={Uri.EscapeDataString(query)}&sort={field}&order=asc&per_page={FullPage}&page={cursor.Page}");
    }

    /// <summary>Null where the login is nobody's any more.</summary>
    private SearchPage? Found(Fetched answer, GitHubCursor cursor)
    {
        if (answer.Status == 422)
            return null;
        if (answer.Outcome != FetchOutcome.Content || JsonParts.Parse(answer.Body) is not { } told || told.At("items").ValueKind != JsonValueKind.Array)
            throw GitHubFailures.Of(answer, client.Now);
        if (told.Flag("incomplete_results") == true)
            throw new SourceException(Failure.Transient, "incomplete", $"{answer.Address.Host} did not finish its search in time; it is asked again.");
        var rows = told.List("items").ToList();
        return new SearchPage(rows, told.Whole("total_count") ?? 0, (cursor.Page - 1) * FullPage, answer);
    }

    /// <summary>The cursor that covers this page as well.</summary>
    private static GitHubCursor Onward(GitHubCursor cursor, SearchPage found, DateTimeOffset from)
    {
        var newest = found.Rows.Select(row => row.Time("updated_at")).Append(cursor.Ahead).Max();
        var noted = found.Rows.Select(row => (RowId(row), row.Time("updated_at")));
        if (found.IsLast)
        {
            var until = !cursor.Backfilled ? cursor.Started!.Value : newest > cursor.Watermark ? newest.Value : cursor.Watermark!.Value;
            return cursor.Noting(noted, until) with { From = null, Page = 1, Ahead = null, Backfilled = true, Watermark = until };
        }

        var last = found.Rows[^1].Time(cursor.Backfilled ? "updated_at" : "created_at") ?? throw GitHubFailures.Unreadable(found.Answer);
        var isTie = last <= from;
        if (isTie && cursor.Page == MostPages)
            last = from.AddSeconds(1);
        return cursor.Noting(noted, cursor.Watermark ?? cursor.Started!.Value) with
        {
            From = isTie && cursor.Page < MostPages ? from : last,
            Page = isTie && cursor.Page < MostPages ? cursor.Page + 1 : 1,
            Ahead = newest,
        };
    }

    private SourcePage Page(IReadOnlyList<PullRequest> rows, string login, SearchPage found, GitHubCursor cursor, bool isPart, IReadOnlyList<Repair> repairs) => new()
    {
        Drafts = [.. rows.Where(row => cursor.Own || !row.IsOwn).Select(row => row.ToDraft())],
        Cursor = cursor.ToText(),
        More = isPart || cursor.From is not null,
        Coverage = new Coverage(null, cursor.Backfilled, cursor.Backfilled ? Missing : "The history is being read, the oldest pull requests first. " + Missing),
        Raw = new RawAnswer(found.Answer.Body, found.Answer.Header("Content-Type")),
        Repairs = repairs,
        Url = options.Site.AbsoluteUri.TrimEnd('/') + "/" + login,
    };

    private async Task Pause(Fetched answer, CancellationToken cancel)
    {
        if (GitHubFailures.Remaining(answer) != 0)
            return;
        var wait = GitHubFailures.RetryAt(answer, client.Now) - client.Now;
        if (wait > LongestWait)
            throw GitHubFailures.Limited(answer, client.Now);
        await client.Wait(wait, cancel);
    }

    /// <summary>The name search gives a row; identities are made of ids.</summary>
    private static string RowId(JsonElement row) =>
        string.Create(CultureInfo.InvariantCulture, $"{Repositories.NameOf(row)}/{row.Whole("number")}");

    /// <param name="Total">Of the search, and <paramref name="Before"/> of them on the pages before.</param>
    private sealed record SearchPage(List<JsonElement> Rows, long Total, int Before, Fetched Answer)
    {
        public bool IsLast => Rows.Count == 0 || Total <= Before + Rows.Count;
    }
}
