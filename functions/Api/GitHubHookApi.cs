using ContributionIngest.Core.Harvest.Hooks;

namespace ContributionIngest.Functions.Api;

/// <summary>
/// Where GitHub delivers. No key: the address of a person's hook cannot be guessed, and every delivery is signed. Whatever can be refused without
/// it is refused before the body is read.
/// </summary>
internal static class GitHubHookApi
{
    private const string Signature = "X-Hub-Signature-256";

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/webhooks/github/{hook}", TakeAsync);

    private static async Task<IResult> TakeAsync(string hook, HttpContext context, HookDeliveries deliveries)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (await deliveries.FindAsync(hook, cancel) is not { } endpoint)
            return Problems.NotFound("hook");
        if (RawBody.IsOver(request, HookDeliveries.MostBytes))
            return Problems.TooLarge(HookDeliveries.MostBytes);
        var signature = request.Headers[Signature].ToString();
        if (!HookSignature.IsWellFormed(signature))
        {
            deliveries.Refuse();
            return Problems.Unsigned(Signature);
        }

        if (await RawBody.ReadAsync(context, HookDeliveries.MostBytes) is not { } body)
            return Problems.TooLarge(HookDeliveries.MostBytes);
        var delivery = new HookDelivery(body, request.ContentType, request.Headers["X-GitHub-Event"].ToString(), signature);
        return await deliveries.TakeAsync(endpoint, delivery, cancel) switch
        {
            HookOutcome.Unsigned => Problems.Unsigned(Signature),
            HookOutcome.Unreadable => Problems.Invalid(
                "body", "It is no JSON object; send application/json, or application/x-www-form-urlencoded with the JSON in the field payload."),
            HookOutcome.Pong => Answer("pong", null, StatusCodes.Status200OK),
            HookOutcome.NotRead => Answer("ignored", "Only public pull requests that people open are read."),
            HookOutcome.NobodyHere => Answer("ignored", "The pull request is not by anybody this hook speaks to."),
            _ => Answer("queued", null),
        };
    }

    private static IResult Answer(string result, string? reason, int status = StatusCodes.Status202Accepted) =>
        Results.Json(new HookResult(result, reason), ApiJson.Default.HookResult, statusCode: status);
}

/// <param name="Result"><c>pong</c>, <c>queued</c> or <c>ignored</c>.</param>
internal sealed record HookResult(string Result, string? Reason);
