using ContributionIngest.Core.Push;

namespace ContributionIngest.Functions.Api.Webhooks;

/// <summary>Receives WebSub verifications and deliveries. There is no key: the address cannot be guessed, and deliveries are signed.</summary>
internal static class WebSubApi
{
    private const string ResourceName = "subscription";

    public static void MapWebSub(this IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks/websub/{id}", VerifyAsync).WithName("verifySubscription").Produces<string>(200, "text/plain").Refuses(404).WithMetadata(
            new DescribedValue("hub.mode", typeof(string), IsRequired: true, Words: ["subscribe", "unsubscribe", "denied"]),
            new DescribedValue("hub.topic", typeof(Uri), IsRequired: true),
            new DescribedValue("hub.challenge", typeof(string)),
            new DescribedValue("hub.lease_seconds", typeof(int)),
            new DescribedValue("hub.reason", typeof(string)));
        api.MapPost("/webhooks/websub/{id}", TakeAsync).WithName("takeDelivery").Produces(202).Reads<object>(null, "*/*").Refuses(410, 413)
            .WithMetadata(new DescribedValue("X-Hub-Signature", typeof(string), "`method=hex`; sha1, sha256, sha384 or sha512.", IsHeader: true));
    }

    /// <summary>Verify a subscription for a WebSub hub.</summary>
    /// <response code="200">The subscription is wanted; the body is the challenge. For a denial, the body is empty.</response>
    internal static async Task<IResult> VerifyAsync(string id, HttpContext context, Subscriptions subscriptions)
    {
        var query = context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal);
        var verification = await subscriptions.VerifyAsync(id, query, context.RequestAborted);
        return verification.Answer switch
        {
            WebSubAnswer.Confirmed => Results.Text(verification.Challenge, "text/plain"),
            WebSubAnswer.Denied => Results.Ok(),
            _ => Problems.NotFound(ResourceName),
        };
    }

    /// <summary>Receive a delivery from a WebSub hub.</summary>
    /// <remarks>At most 3 MiB. A delivery not signed with the subscription's secret gets the same response, but is discarded.</remarks>
    /// <response code="410">The subscription no longer exists.</response>
    /// <response code="413">The delivery is larger than 3 MiB.</response>
    internal static async Task<IResult> TakeAsync(string id, HttpContext context, WebSubReceiver receiver)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (!await receiver.KnowsAsync(id, cancel))
            return Problems.Gone(ResourceName);
        if (await RawBody.ReadAsync(context, WebSubReceiver.MaxBytes) is not { } body)
            return Problems.TooLarge(WebSubReceiver.MaxBytes);
        await receiver.TakeAsync(id, body, request.ContentType, request.Headers["X-Hub-Signature"], cancel);
        return Results.Accepted();
    }
}
