using System.Globalization;
using System.Text.Json;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Query texts; tests validate them against GitHub's schema.</summary>
internal static class GitHubQueries
{
    /// <summary>
    /// A page of a person's pull requests. It costs one point per hundred nested lists, rounded, and each row has three: a page of
    /// <see cref="OnePointPage"/> rows costs one point, a full one three. The repository's own fields are free.
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
                timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) { nodes { ... on ClosedEvent { closer { __typename } } } }
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

/// <summary>What to do about a GraphQL error.</summary>
internal enum Remedy
{
    /// <summary>Ask later: rate limited.</summary>
    Wait,

    /// <summary>Ask for a smaller page.</summary>
    ShrinkPage,

    /// <summary>Ask for smaller pages until the failing row is alone and can be skipped.</summary>
    IsolateRow,

    /// <summary>Nothing: only rows we may not see are affected.</summary>
    Ignore,

    /// <summary>The account has been renamed.</summary>
    FollowRename,

    /// <summary>Start the list over.</summary>
    Restart,

    /// <summary>Needs another token, or a newer program.</summary>
    Fail,
}

/// <summary>One of the <c>errors</c> of a response, which has status 200 and often data as well.</summary>
internal sealed record GraphQlError(Remedy Remedy, string Message)
{
    /// <summary>Of <c>user, pullRequests, nodes</c>: a deeper path concerns a single row.</summary>
    private const int RowDepth = 3;

    public static IReadOnlyList<GraphQlError> Read(JsonElement json) =>
        [.. json.List("errors").Select(error => new GraphQlError(RemedyOf(error), error.Text("message") ?? "no reason given"))];

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

/// <summary>Timestamps as GitHub writes them.</summary>
internal static class GitHubTime
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static DateTimeOffset? Time(this JsonElement of, string name) =>
        DateTimeOffset.TryParseExact(of.Text(name), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : null;
}
