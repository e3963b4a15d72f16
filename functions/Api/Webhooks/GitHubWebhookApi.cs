using System.Text.Json.Serialization;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;

namespace ContributionIngest.Functions.Api.Webhooks;

/// <summary>
/// Where GitHub delivers. No key: the address of a person's hook cannot be guessed, and every delivery is signed. Whatever can be refused without
/// it is refused before the body is read.
/// </summary>
internal static class GitHubWebhookApi
{
    private const string Signature = "X-Hub-Signature-256";

    public static void MapGitHubWebhooks(this IEndpointRouteBuilder api) => api.MapPost("/webhooks/github/{hook}", TakeAsync).WithName("takeGitHubDelivery")
        .WithMetadata(
            new DescribedValue("X-GitHub-Event", typeof(string), "`ping` and `pull_request` mean something; everything else is ignored.", IsHeader: true),
            new DescribedValue(
                Signature, typeof(string), "`sha256=` and the HMAC of the body with the hook's secret in hexadecimal digits. `X-Hub-Signature` (SHA-1) counts for nothing.",
                IsHeader: true, IsRequired: true))
        .Reads<Dictionary<string, object>>(null, "application/json", "application/x-www-form-urlencoded")
        .Produces<HookResult>().Produces<HookResult>(202).Refuses(400, 401, 404, 413);

    /// <summary>GitHub delivers.</summary>
    /// <remarks>At most 3 MiB, as JSON or as a form with the JSON in `payload`. It is answered as soon as the work is queued; the same delivery again, or an older
    /// one after a newer one, does no harm.</remarks>
    /// <param name="hook">Of a person's hook, or `app` for the operator's GitHub App.</param>
    /// <response code="200">A ping was heard.</response>
    /// <response code="202">It is queued, or ignored for the reason given.</response>
    /// <response code="401">It is not rightly signed.</response>
    /// <response code="413">It has more than 3 MiB.</response>
    internal static async Task<IResult> TakeAsync(string hook, HttpContext context, WebhookReceiver deliveries)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (await deliveries.FindAsync(hook, cancel) is not { } endpoint)
            return Problems.NotFound("hook");
        if (RawBody.IsOver(request, WebhookReceiver.MostBytes))
            return Problems.TooLarge(WebhookReceiver.MostBytes);
        var signature = request.Headers[Signature].ToString();
        if (!GitHubSignature.IsWellFormed(signature))
        {
            deliveries.Refuse();
            return Problems.Unsigned(Signature);
        }

        if (await RawBody.ReadAsync(context, WebhookReceiver.MostBytes) is not { } body)
            return Problems.TooLarge(WebhookReceiver.MostBytes);
        var delivery = new WebhookDelivery(body, request.ContentType, request.Headers["X-GitHub-Event"].ToString(), signature);
        return await deliveries.TakeAsync(endpoint, delivery, cancel) switch
        {
            WebhookOutcome.Unsigned => Problems.Unsigned(Signature),
            WebhookOutcome.Unreadable => Problems.Invalid(
                "body", "It is no JSON object; send application/json, or application/x-www-form-urlencoded with the JSON in the field payload."),
            WebhookOutcome.Pong => Answer("pong", null, StatusCodes.Status200OK),
            WebhookOutcome.Ignored => Answer("ignored", "Only public pull requests that people open are read."),
            WebhookOutcome.NoConnection => Answer("ignored", "The pull request is not by anybody this hook speaks to."),
            _ => Answer("queued", null),
        };
    }

    private static IResult Answer(string result, string? reason, int status = StatusCodes.Status202Accepted) =>
        Results.Json(new HookResult(result, reason), WebhooksJson.Default.HookResult, statusCode: status);
}

/// <param name="Result"><c>pong</c>, <c>queued</c> or <c>ignored</c>.</param>
internal sealed record HookResult(string Result, string? Reason);

/// <summary>Bodies that go in and out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HookResult))]
internal sealed partial class WebhooksJson : JsonSerializerContext;
