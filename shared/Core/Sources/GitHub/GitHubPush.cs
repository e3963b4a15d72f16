using System.Text.Json;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// A webhook delivery. Hooks tell of everybody's pull requests in their repositories, so that whose it is has to be read first.
/// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
/// </summary>
public static class GitHubPush
{
    private static readonly HashSet<string> Actions = new(StringComparer.Ordinal)
    {
        "assigned", "auto_merge_disabled", "auto_merge_enabled", "closed", "converted_to_draft", "demilestoned", "dequeued", "edited", "enqueued",
        "labeled", "locked", "milestoned", "opened", "ready_for_review", "reopened", "review_request_removed", "review_requested", "synchronize",
        "unassigned", "unlabeled", "unlocked",
    };

    /// <summary>
    /// The numeric id of the pull request's author. Null where there is nothing for anybody's ledger: another event, an unknown action, a
    /// repository that is not public, an author that is no person (a bot, an account that is gone), JSON that cannot be read.
    /// </summary>
    /// <param name="event">The header <c>X-GitHub-Event</c>.</param>
    /// <param name="json">The payload; of a form, the value of its field <c>payload</c>.</param>
    public static long? AuthorOf(string @event, ReadOnlySpan<byte> json) => Read(@event, json)?.Author;

    internal static (long Author, PullRequest PullRequest)? Read(string @event, ReadOnlySpan<byte> json)
    {
        if (@event != "pull_request" || JsonParts.Parse(json) is not { } told || !Actions.Contains(told.Text("action") ?? string.Empty))
            return null;
        var author = Person(told.At("pull_request", "user"));
        return author is { } id && RestReader.PullRequest(told.At("pull_request"), told.At("repository")) is { } found ? (id, found) : null;
    }

    private static long? Person(JsonElement user) =>
        user.Text("type") is null or "User" && user.Whole("id") is > 0 and var id ? id : null;
}
