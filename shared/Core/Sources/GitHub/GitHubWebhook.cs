using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// A webhook delivery. Hooks tell of everybody's pull requests in their repositories, so that whose it is has to be read first.
/// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request. A body has up to 25 MB there, but a pull request with the longest texts
/// it takes, twice over as after an edit and percent-encoded in a form, stays below 2 MB.
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
    /// The numeric id of the pull request's author. Null where there is nothing for anybody's ledger: another event, an unknown action, a
    /// repository that is not public, an author that is no person (a bot, an account that is gone), JSON that cannot be read.
    /// </summary>
    /// <param name="event">The header <c>X-GitHub-Event</c>.</param>
    /// <param name="json">The payload; of a form, the value of its field <c>payload</c>.</param>
    public static long? AuthorOf(string @event, ReadOnlySpan<byte> json) => PullRequestOf(@event, json)?.Author;

    internal static (long Author, PullRequest PullRequest)? PullRequestOf(string @event, ReadOnlySpan<byte> json)
    {
        if (@event != PullRequestEvent || LenientJson.Parse(json) is not { } told || !Actions.Contains(told.Text("action") ?? string.Empty))
            return null;
        var author = Person(told.At("pull_request", "user"));
        return author is { } id && RestReader.PullRequest(told.At("pull_request"), told.At("repository")) is { } found ? (id, found) : null;
    }

    /// <param name="secrets">Those it may be signed with.</param>
    public static WebhookResult Read(WebhookDelivery delivery, IReadOnlyList<string> secrets)
    {
        if (!secrets.Any(secret => GitHubSignature.IsBy(secret, delivery.Body, delivery.Signature)))
            return new(WebhookOutcome.Unsigned);
        if (GitHubPayload.Json(delivery.Body, delivery.ContentType) is not { } json)
            return new(WebhookOutcome.Unreadable);
        if (delivery.Event == Ping)
            return new(WebhookOutcome.Pong);
        return AuthorOf(delivery.Event, json) is { } author
            ? new(WebhookOutcome.Queued, author.ToString(CultureInfo.InvariantCulture), json)
            : new(WebhookOutcome.Ignored);
    }

    private static long? Person(JsonElement user) =>
        user.Text("type") is null or "User" && user.Integer("id") is > 0 and var id ? id : null;
}

/// <summary>What GitHub puts into a body: the JSON itself, or a form whose field <c>payload</c> is the JSON.</summary>
internal static class GitHubPayload
{
    private static readonly byte[] Field = "payload="u8.ToArray();

    /// <summary>Null when there is no JSON object in it.</summary>
    public static byte[]? Json(byte[] body, string? contentType)
    {
        var json = IsForm(contentType) ? Payload(body) : body;
        return json is not null && IsObject(json) ? json : null;
    }

    private static bool IsForm(string? contentType) =>
        contentType?.Split(';')[0].Trim().Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    private static byte[]? Payload(byte[] form)
    {
        foreach (var range in form.AsSpan().Split((byte)'&'))
        {
            var (at, length) = range.GetOffsetAndLength(form.Length);
            if (form.AsSpan(range).StartsWith(Field))
                return WebUtility.UrlDecodeToBytes(form, at + Field.Length, length - Field.Length);
        }

        return null;
    }

    private static bool IsObject(byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>
/// <c>X-Hub-Signature-256: sha256=(hex of HMAC-SHA256)</c> over the bytes of the body as they came
/// (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries). The older <c>X-Hub-Signature</c>, SHA-1, counts for nothing.
/// </summary>
public static class GitHubSignature
{
    private const string Method = "sha256=";

    /// <summary>Whether it can be a signature at all; asked before a body is read.</summary>
    public static bool IsWellFormed(string? signature) => Digest(signature, stackalloc byte[SHA256.HashSizeInBytes]);

    public static bool IsBy(string secret, ReadOnlySpan<byte> body, string? signature)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, expected);
        return Digest(signature, given) && CryptographicOperations.FixedTimeEquals(expected, given);
    }

    private static bool Digest(string? signature, Span<byte> digest) =>
        signature is not null
        && signature.StartsWith(Method, StringComparison.Ordinal)
        && signature.Length == Method.Length + (digest.Length * 2)
        && Convert.FromHexString(signature.AsSpan(Method.Length), digest, out _, out _) == OperationStatus.Done;
}
