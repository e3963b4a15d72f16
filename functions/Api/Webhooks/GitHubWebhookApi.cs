using System.Text.Json.Serialization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Webhooks;

/// <summary>
/// Receives deliveries from GitHub. There is no key: a person's hook has an unguessable address, and every delivery is signed. Checks that do not
/// need the body run before it is read.
/// </summary>
internal static class GitHubWebhookApi
{
    private const string Signature = "X-Hub-Signature-256";
    private const string FormerSignature = "X-Hub-Signature";

    public static void MapGitHubWebhooks(this IEndpointRouteBuilder api) => api.MapPost("/webhooks/github/{hook}", ReceiveAsync).IsOpen().WithName("takeGitHubDelivery")
        .WithMetadata(
            new DescribedValue("X-GitHub-Event", typeof(string), "`ping` and `pull_request` are handled; everything else is ignored.", IsHeader: true),
            new DescribedValue(
                Signature, typeof(string), "`sha256=` and the HMAC of the body with the hook's secret in hexadecimal digits. A delivery with `X-Hub-Signature` (SHA-1) alone is refused.",
                IsHeader: true, IsRequired: true))
        .Reads<Dictionary<string, object>>(null, "application/json", "application/x-www-form-urlencoded")
        .Produces<HookResult>().Produces<HookResult>(202).Refuses(400, 401, 404, 408, 413, 503);

    /// <summary>Receive a delivery from GitHub.</summary>
    /// <remarks>At most 25 MB, as JSON or as a form with the JSON in `payload`. The response is sent as soon as the work is queued. Repeated deliveries, and older
    /// ones that arrive late, are harmless.</remarks>
    /// <param name="hook">The id of a person's hook, or `app` for the operator's GitHub App.</param>
    /// <response code="200">A ping was received.</response>
    /// <response code="202">The delivery is queued, or ignored for the given reason.</response>
    /// <response code="401">The signature is missing or wrong, or made with SHA-1.</response>
    /// <response code="408">The body did not arrive within 30 seconds.</response>
    /// <response code="413">The delivery is larger than 25 MB.</response>
    /// <response code="503">The delivery is large, and too many others are being read.</response>
    internal static async Task<IResult> ReceiveAsync(string hook, HttpContext context, WebhookReceiver deliveries, DeliveryBodies bodies)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (await deliveries.FindAsync(hook, cancel) is not { } endpoint)
            return Problems.NotFound("hook").AsGuess();
        var (signature, former) = (request.Headers[Signature].ToString(), request.Headers[FormerSignature].ToString());
        var isFormer = signature.Length == 0 && GitHubSignature.IsFormer(former);
        if (!isFormer && !GitHubSignature.IsWellFormed(signature))
        {
            deliveries.Refuse();
            return Problems.Unsigned(Signature).AsGuess();
        }

        using var work = DocumentWork.Begin(DocumentWork.MaxDeliveryWait);
        var (read, refusal) = await bodies.ReadAsync(context, WebhookReceiver.MaxBytes, work);
        using var body = read;
        if (body is null)
            return refusal!;
        var delivery = new WebhookDelivery(body, request.ContentType, request.Headers["X-GitHub-Event"].ToString(), signature, isFormer ? former : null);
        return await deliveries.TakeAsync(endpoint, delivery, cancel) switch
        {
            WebhookOutcome.Unsigned or WebhookOutcome.SignedFormerly => Problems.Unsigned(Signature, isFormer).AsGuess(),
            WebhookOutcome.Unreadable => Problems.Invalid(
                "body", "It is not a JSON object; send application/json, or application/x-www-form-urlencoded with the JSON in the field payload."),
            WebhookOutcome.Pong => Answer("pong", null, StatusCodes.Status200OK),
            WebhookOutcome.Ignored => Answer("ignored", "Only public pull requests that people open are read."),
            WebhookOutcome.NoConnection => Answer("ignored", "The author of the pull request has no connection that uses this hook."),
            _ => Answer("queued", null),
        };
    }

    private static IResult Answer(string result, string? reason, int status = StatusCodes.Status202Accepted) =>
        Results.Json(new HookResult(result, reason), WebhooksJson.Default.HookResult, statusCode: status);
}

/// <param name="Result"><c>pong</c>, <c>queued</c> or <c>ignored</c>.</param>
internal sealed record HookResult(string Result, string? Reason);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HookResult))]
internal sealed partial class WebhooksJson : JsonSerializerContext;
