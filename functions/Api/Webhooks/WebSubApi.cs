using ContributionIngest.Core.Push;

namespace ContributionIngest.Functions.Api.Webhooks;

/// <summary>Where hubs verify subscriptions and deliver (WebSub). No key: the address cannot be guessed, and deliveries are signed.</summary>
internal static class WebSubApi
{
    private const string What = "subscription";

    public static void MapWebSub(this IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks/websub/{id}", VerifyAsync);
        api.MapPost("/webhooks/websub/{id}", TakeAsync);
    }

    private static async Task<IResult> VerifyAsync(string id, HttpContext context, Subscriptions subscriptions)
    {
        var query = context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal);
        var verification = await subscriptions.VerifyAsync(id, query, context.RequestAborted);
        return verification.Answer switch
        {
            WebSubAnswer.Confirmed => Results.Text(verification.Challenge, "text/plain"),
            WebSubAnswer.Denied => Results.Ok(),
            _ => Problems.NotFound(What),
        };
    }

    private static async Task<IResult> TakeAsync(string id, HttpContext context, WebSubReceiver receiver)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (!await receiver.KnowsAsync(id, cancel))
            return Problems.Gone(What);
        if (await RawBody.ReadAsync(context, WebSubReceiver.MostBytes) is not { } body)
            return Problems.TooLarge(WebSubReceiver.MostBytes);
        await receiver.TakeAsync(id, body, request.ContentType, request.Headers["X-Hub-Signature"], cancel);
        return Results.Accepted();
    }
}
