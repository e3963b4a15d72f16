using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// A webhook delivery. Hooks report everyone's pull requests in their repositories, so the author has to be read first.
/// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
/// </summary>
public static class GitHubWebhook
{
    internal const string PullRequestEvent = "pull_request";
    private const string Ping = "ping";

    private static readonly HashSet<string> Actions = new(StringComparer.Ordinal)
    {
        "assigned", "auto_merge_disabled", "auto_merge_enabled", "closed", "converted_to_draft", "demilestoned", "dequeued", "edited", "enqueued",
        "labeled", "locked", "milestoned", "opened", "ready_for_review", "reopened", "review_request_removed", "review_requested", "synchronize",
        "unassigned", "unlabeled", "unlocked",
    };

    /// <summary>
    /// The numeric id of the pull request's author. Null if no ledger is concerned: another event, an unknown action, a repository that is not
    /// public, an author who is not a person (a bot, a deleted account), JSON that cannot be read.
    /// </summary>
    /// <param name="event">The header <c>X-GitHub-Event</c>.</param>
    /// <param name="json">The payload; of a form, the value of the field <c>payload</c>.</param>
    public static long? AuthorOf(string @event, ReadOnlySpan<byte> json) => PullRequestOf(@event, json)?.Author;

    internal static (long Author, PullRequest PullRequest)? PullRequestOf(string @event, ReadOnlySpan<byte> json)
    {
        if (@event != PullRequestEvent || LenientJson.Parse(json) is not { } payload || !Actions.Contains(payload.Text("action") ?? string.Empty))
            return null;
        var author = Person(payload.At("pull_request", "user"));
        return author is { } id && RestReader.PullRequest(payload.At("pull_request"), payload.At("repository")) is { } pullRequest ? (id, pullRequest) : null;
    }

    /// <param name="secrets">Any of them may have signed it.</param>
    public static WebhookResult Read(WebhookDelivery delivery, IReadOnlyList<string> secrets)
    {
        if (!secrets.Any(secret => GitHubSignature.IsBy(secret, delivery.Body, delivery.Signature)))
            return new(secrets.Any(secret => GitHubSignature.IsFormerlyBy(secret, delivery.Body, delivery.FormerSignature)) ? WebhookOutcome.SignedFormerly : WebhookOutcome.Unsigned);
        if (GitHubPayload.Json(delivery.Body, delivery.ContentType) is not { } json)
            return new(WebhookOutcome.Unreadable);
        if (delivery.Event == Ping)
            return new(WebhookOutcome.Pong);
        return AuthorOf(delivery.Event, json) is { } author
            ? new(WebhookOutcome.Queued, author.ToString(CultureInfo.InvariantCulture), json)
            : new(WebhookOutcome.Ignored);
    }

    private static long? Person(JsonElement user) => user.Text("type") is null or "User" && user.Integer("id") is > 0 and var id ? id : null;
}

/// <summary>
/// <c>X-Hub-Signature-256: sha256=(hex of HMAC-SHA256)</c> over the bytes of the body
/// (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries). The older <c>X-Hub-Signature</c> (SHA-1) is not accepted.
/// </summary>
public static class GitHubSignature
{
    private const string Method = "sha256=";
    private const string FormerMethod = "sha1=";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Whether it has the form of a signature; checked before a body is read.</summary>
    public static bool IsWellFormed(string? signature) => IsDigest(signature, Method, SHA256.HashSizeInBytes);

    /// <summary>Whether it has the form of a signature by SHA-1.</summary>
    public static bool IsFormer(string? signature) => IsDigest(signature, FormerMethod, SHA1.HashSizeInBytes);

    public static bool IsBy(string secret, DeliveredBody body, string? signature) =>
        IsWellFormed(signature) && body.IsSigned(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), signature.AsSpan(Method.Length));

    public static bool IsFormerlyBy(string secret, DeliveredBody body, string? signature) =>
        IsFormer(signature) && body.IsSigned(HashAlgorithmName.SHA1, Encoding.UTF8.GetBytes(secret), signature.AsSpan(FormerMethod.Length));

    private static bool IsDigest(string? signature, string method, int bytes) =>
        signature is not null && signature.StartsWith(method, StringComparison.Ordinal) && signature.Length == method.Length + (bytes * 2)
        && signature.AsSpan(method.Length).IndexOfAnyExcept(HexDigits) < 0;
}
