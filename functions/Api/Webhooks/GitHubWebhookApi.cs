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

    public static void MapGitHubWebhooks(this IEndpointRouteBuilder api) => api.MapPost("/webhooks/github/{hook}", TakeAsync);

    private static async Task<IResult> TakeAsync(string hook, HttpContext context, WebhookReceiver deliveries)
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
