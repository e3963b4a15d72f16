using System.Text.Json.Serialization;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;

namespace ContributionIngest.Functions.Api.Webhooks;

/// <summary>
/// Receives deliveries from GitHub. There is no key: a person's hook has an unguessable address, and every delivery is signed. Checks that do not
/// need the body run before it is read.
/// </summary>
internal static class GitHubWebhookApi
{
    private const string Signature = "X-Hub-Signature-256";

    public static void MapGitHubWebhooks(this IEndpointRouteBuilder api) => api.MapPost("/webhooks/github/{hook}", ReceiveAsync).WithName("takeGitHubDelivery")
        .WithMetadata(
            new DescribedValue("X-GitHub-Event", typeof(string), "`ping` and `pull_request` are handled; everything else is ignored.", IsHeader: true),
            new DescribedValue(
                Signature, typeof(string), "`sha256=` and the HMAC of the body with the hook's secret in hexadecimal digits. `X-Hub-Signature` (SHA-1) is ignored.",
                IsHeader: true, IsRequired: true))
        .Reads<Dictionary<string, object>>(null, "application/json", "application/x-www-form-urlencoded")
        .Produces<HookResult>().Produces<HookResult>(202).Refuses(400, 401, 404, 413);

    /// <summary>Receive a delivery from GitHub.</summary>
    /// <remarks>At most 3 MiB, as JSON or as a form with the JSON in `payload`. The response is sent as soon as the work is queued. Repeated deliveries, and older
    /// ones that arrive late, are harmless.</remarks>
    /// <param name="hook">The id of a person's hook, or `app` for the operator's GitHub App.</param>
    /// <response code="200">A ping was received.</response>
    /// <response code="202">The delivery is queued, or ignored for the given reason.</response>
    /// <response code="401">The signature is missing or wrong.</response>
    /// <response code="413">The delivery is larger than 3 MiB.</response>
    internal static async Task<IResult> ReceiveAsync(string hook, HttpContext context, WebhookReceiver deliveries)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (await deliveries.FindAsync(hook, cancel) is not { } endpoint)
            return Problems.NotFound("hook");
        if (RawBody.IsOver(request, WebhookReceiver.MaxBytes))
            return Problems.TooLarge(WebhookReceiver.MaxBytes);
        var signature = request.Headers[Signature].ToString();
        if (!GitHubSignature.IsWellFormed(signature))
        {
            deliveries.Refuse();
            return Problems.Unsigned(Signature);
        }

        if (await RawBody.ReadAsync(context, WebhookReceiver.MaxBytes) is not { } body)
            return Problems.TooLarge(WebhookReceiver.MaxBytes);
        var delivery = new WebhookDelivery(body, request.ContentType, request.Headers["X-GitHub-Event"].ToString(), signature);
        return await deliveries.TakeAsync(endpoint, delivery, cancel) switch
        {
            WebhookOutcome.Unsigned => Problems.Unsigned(Signature),
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
