namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Query texts; they are held against GitHub's own schema wherever the tests have it.</summary>
internal static class GitHubQueries
{
    /// <summary>
    /// A page of somebody's pull requests. It costs one point for every hundred lists in it, rounded: each row has two, so that a page of
    /// <see cref="PointPage"/> costs one point and a full one two, and what a repository says of itself comes along for nothing.
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

    public const int PointPage = 40;
}
