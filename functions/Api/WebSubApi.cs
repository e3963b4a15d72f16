using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.Sources.Feeds;

namespace ContributionIngest.Functions.Api;

/// <summary>Where hubs verify subscriptions and deliver (WebSub). No key: the address cannot be guessed, and deliveries are signed.</summary>
internal static class WebSubApi
{
    private const string What = "subscription";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks/websub/{id}", Verify);
        api.MapPost("/webhooks/websub/{id}", Take);
    }

    private static async Task<IResult> Verify(string id, HttpContext context, Subscriptions subscriptions)
    {
        var query = context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal);
        var verification = await subscriptions.Verify(id, query, context.RequestAborted);
        return verification.Answer switch
        {
            WebSubAnswer.Confirmed => Results.Text(verification.Challenge, "text/plain"),
            WebSubAnswer.Denied => Results.Ok(),
            _ => Problems.NotFound(What),
        };
    }

    private static async Task<IResult> Take(string id, HttpContext context, Deliveries deliveries)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (!await deliveries.Knows(id, cancel))
            return Problems.Gone(What);
        if (await RawBody.Read(context, Deliveries.MostBytes) is not { } body)
            return Problems.TooLarge(Deliveries.MostBytes);
        await deliveries.Take(id, body, request.ContentType, request.Headers["X-Hub-Signature"], cancel);
        return Results.Accepted();
    }
}
