using System.Globalization;
using System.Text.Json;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Query texts; they are held against GitHub's own schema wherever the tests have it.</summary>
internal static class GitHubQueries
{
    /// <summary>
    /// A page of somebody's pull requests. It costs one point for every hundred lists in it, rounded: each row has two, so that a page of
    /// <see cref="OnePointPage"/> costs one point and a full one two, and what a repository says of itself comes along for nothing.
    /// </summary>
    public const string PullRequests = """
        query PullRequests($login: String!, $first: Int!, $after: String, $field: IssueOrderField!, $direction: OrderDirection!) {
          rateLimit { cost remaining resetAt }
          user(login: $login) {
            databaseId
            login
            name
            url
            pullRequests(first: $first, after: $after, orderBy: {field: $field, direction: $direction}) {
              totalCount
              pageInfo { hasNextPage endCursor }
              nodes {
                number
                title
                url
                state
                createdAt
                updatedAt
                additions
                deletions
                changedFiles
                labels(first: 20) { nodes { name } }
                repository {
                  databaseId
                  nameWithOwner
                  url
                  isPrivate
                  stargazerCount
                  primaryLanguage { name }
                  repositoryTopics(first: 20) { nodes { topic { name } } }
                }
              }
            }
          }
        }
        """;

    public const int FullPage = 100;

    public const int OnePointPage = 40;
}

/// <summary>What a GraphQL error asks for.</summary>
internal enum Remedy
{
    /// <summary>Later: a limit on how often one may ask.</summary>
    Wait,

    /// <summary>Less at once.</summary>
    ShrinkPage,

    /// <summary>Less at once, until the one row that fails stands alone and can be passed over.</summary>
    IsolateRow,

    /// <summary>Nothing: it concerns rows that are not ours to see, and the others are there.</summary>
    Ignore,

    /// <summary>The account has another login by now.</summary>
    FollowRename,

    /// <summary>The list from its beginning.</summary>
    Restart,

    /// <summary>Another token, or a newer program.</summary>
    Fail,
}

/// <summary>One of the <c>errors</c> of an answer, which comes with status 200 and often beside data.</summary>
internal sealed record GraphQlError(Remedy Remedy, string Message)
{
    /// <summary>Of <c>user, pullRequests, nodes</c>: what is deeper concerns one row.</summary>
    private const int RowDepth = 3;

    public static IReadOnlyList<GraphQlError> Read(JsonElement told) =>
        [.. told.List("errors").Select(error => new GraphQlError(RemedyOf(error), error.Text("message") ?? "no reason given"))];

    private static Remedy RemedyOf(JsonElement error)
    {
        var message = error.Text("message") ?? string.Empty;
        var depth = error.At("path") is { ValueKind: JsonValueKind.Array } path ? path.GetArrayLength() : 0;
        return (error.Text("type") ?? error.Text("extensions", "code")) switch
        {
            "RATE_LIMITED" or "RATE_LIMIT" => Remedy.Wait,
            _ when GitHubFailures.IsLimit(message) => Remedy.Wait,
            "NOT_FOUND" when depth <= 1 => Remedy.FollowRename,
            "FORBIDDEN" or "NOT_FOUND" or "INSUFFICIENT_SCOPES" when depth > 1 => Remedy.Ignore,
            "FORBIDDEN" or "INSUFFICIENT_SCOPES" or "undefinedField" or "argumentLiteralsIncompatible" or "missingRequiredArguments" => Remedy.Fail,
            "INVALID_CURSOR_ARGUMENTS" => Remedy.Restart,
            _ when message.Contains("valid cursor", StringComparison.OrdinalIgnoreCase) => Remedy.Restart,
            "RESOURCE_LIMITS_EXCEEDED" or "MAX_NODE_LIMIT_EXCEEDED" => Remedy.ShrinkPage,
            _ => depth > RowDepth ? Remedy.IsolateRow : Remedy.ShrinkPage,
        };
    }
}

/// <summary>Times as GitHub writes them.</summary>
internal static class GitHubTime
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static DateTimeOffset? Time(this JsonElement of, string name) =>
        DateTimeOffset.TryParseExact(of.Text(name), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : null;
}
