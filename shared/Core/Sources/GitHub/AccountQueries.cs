using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Text;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>A page of a list of an account.</summary>
/// <param name="User">The account.</param>
/// <param name="Connection">The list: <c>nodes</c>, <c>pageInfo</c>, <c>totalCount</c>.</param>
/// <param name="Size">Rows asked for.</param>
internal sealed record AccountList(JsonElement User, JsonElement Connection, Fetched Answer, int Size)
{
    public string? End => Connection.Text("pageInfo", "endCursor");

    public bool HasNext => Connection.Flag("pageInfo", "hasNextPage") == true;

    public IEnumerable<JsonElement> Rows => Connection.List("nodes");

    public int Total => Connection.Count("totalCount") ?? 0;
}

/// <summary>Asks GraphQL for lists of one account, in smaller pages if GitHub finds them too large, and under its new login once it has one.</summary>
internal sealed class AccountQueries(GitHubApi github, AccountLogin account, string origin, string token)
{
    /// <summary>Gateway errors for one page; after each of them a quarter is asked for.</summary>
    private const int MaxTimeouts = 3;

    private const int MaxRenames = 3;

    /// <summary>Characters of a cursor, which is stored.</summary>
    private const int MaxEnd = 1_000;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    public DateTimeOffset Now => github.Now;

    public string Login => account.Login;

    public string Origin => origin;

    /// <param name="query">With the variables <c>login</c>, <c>first</c> and <c>after</c>.</param>
    /// <param name="others">Its other variables.</param>
    /// <param name="path">Of the list below the account.</param>
    /// <param name="after">Where the list goes on; if GitHub does not know that any more, its first page is read.</param>
    public async Task<AccountList> AskAsync(string query, IReadOnlyDictionary<string, object?> others, string[] path, string? after, int size, CancellationToken cancel)
    {
        var renames = 0;
        for (var timeouts = 0; ;)
        {
            try
            {
                var variables = new Dictionary<string, object?>(others, StringComparer.Ordinal) { ["login"] = account.Login, ["first"] = size, ["after"] = after };
                var response = await github.QueryAsync(query, variables, token, cancel);
                var (answer, json) = (response.Answer, response.Json ?? throw GitHubFailures.Unreadable(response.Answer));
                var errors = GraphQlError.Read(json);
                ThrowIfRefused(errors, answer);
                var user = json.At("data", "user");
                var isTheirs = user.Integer("databaseId")?.ToString(CultureInfo.InvariantCulture) == origin;
                if (errors.Any(error => error.Remedy == Remedy.Restart) && after is not null)
                    after = null;
                else if (isTheirs && new AccountList(user, user.At(path), answer, size) is var list && !IsTooMuch(errors, list))
                    return Checked(list, after);
                else if (isTheirs || errors.Any(error => error.Remedy is Remedy.ShrinkPage or Remedy.IsolateRow))
                    size = size > 1 ? size / 2 : throw TooMuch(answer, errors);
                else if (renames++ < MaxRenames)
                    await account.FollowRenameAsync(answer.Address.Host, cancel);
                else
                    throw GitHubFailures.Hidden(answer.Address.Host, account.Login);
            }
            catch (ApiException refusal) when (timeouts < MaxTimeouts && GitHubFailures.IsTransient(refusal))
            {
                timeouts++;
                size = Math.Max(1, size / 4);
                await github.WaitAsync(RetryDelay, cancel);
            }
            catch (ApiException refusal)
            {
                throw GitHubFailures.Of(refusal, github.Now);
            }
        }
    }

    private void ThrowIfRefused(IReadOnlyList<GraphQlError> errors, Fetched answer)
    {
        if (errors.Any(error => error.Remedy == Remedy.Wait))
            throw GitHubFailures.Limited(answer, github.Now);
        if (errors.FirstOrDefault(error => error.Remedy == Remedy.Fail) is { } refusal)
            throw SourceException.Terminal("refusedQuery", $"{answer.Address.Host} refuses the query: {Shorten(refusal.Message)}");
    }

    /// <summary>A failing row is isolated, so that it costs no other.</summary>
    private static bool IsTooMuch(IReadOnlyList<GraphQlError> errors, AccountList list) => list.Connection.At("nodes").ValueKind != JsonValueKind.Array
        || errors.Any(error => error.Remedy == Remedy.ShrinkPage || (error.Remedy == Remedy.IsolateRow && list.Size > 1));

    private static AccountList Checked(AccountList list, string? after) =>
        list.Connection.Flag("pageInfo", "hasNextPage") is null || (list.HasNext && (list.End is not { Length: <= MaxEnd } end || end == after))
            ? throw GitHubFailures.Unreadable(list.Answer)
            : list;

    private static SourceException TooMuch(Fetched answer, IReadOnlyList<GraphQlError> errors) => SourceException.Transient(
        "incomplete", $"{answer.Address.Host} could not return even a single row{(errors.Count > 0 ? $": {Shorten(errors[0].Message)}" : ".")}");

    private static string Shorten(string message) => message.Length <= 200 ? message : message[..199] + "…";
}
