using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>
/// A webhook delivery. Hooks report everyone's pull requests in their repositories, so the author has to be read first.
/// https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request. GitHub allows bodies of 25 MB, but a pull request with the longest
/// texts it accepts, twice as after an edit and percent-encoded in a form, stays below 2 MB.
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
            return new(WebhookOutcome.Unsigned);
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

/// <summary>The JSON of a body, which is the body itself or the field <c>payload</c> of a form.</summary>
internal static class GitHubPayload
{
    private static readonly byte[] Field = "payload="u8.ToArray();

    /// <summary>Null if there is no JSON object.</summary>
    public static byte[]? Json(byte[] body, string? contentType)
    {
        var json = ContentType.MediaType(contentType) == "application/x-www-form-urlencoded" ? Payload(body) : body;
        return json is not null && IsObject(json) ? json : null;
    }

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
/// <c>X-Hub-Signature-256: sha256=(hex of HMAC-SHA256)</c> over the bytes of the body
/// (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries). The older <c>X-Hub-Signature</c> (SHA-1) is ignored.
/// </summary>
public static class GitHubSignature
{
    private const string Method = "sha256=";

    /// <summary>Whether it has the form of a signature; checked before a body is read.</summary>
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
