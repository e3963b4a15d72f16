using ContributionIngest.Core.Http;
using ContributionIngest.Core.Push;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Api.Webhooks;

/// <summary>Receives WebSub verifications and deliveries. There is no key: the address cannot be guessed, and deliveries are signed.</summary>
internal static class WebSubApi
{
    private const string ResourceName = "subscription";

    public static void MapWebSub(this IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks/websub/{id}", VerifyAsync).IsOpen().WithName("verifySubscription").Produces<string>(200, "text/plain").Refuses(404).WithMetadata(
            new DescribedValue("hub.mode", typeof(string), IsRequired: true, Words: ["subscribe", "unsubscribe", "denied"]),
            new DescribedValue("hub.topic", typeof(Uri), IsRequired: true),
            new DescribedValue("hub.challenge", typeof(string)),
            new DescribedValue("hub.lease_seconds", typeof(int)),
            new DescribedValue("hub.reason", typeof(string)));
        api.MapPost("/webhooks/websub/{id}", TakeAsync).IsOpen().WithName("takeDelivery").Produces(202).Reads<object>(null, "*/*").Refuses(408, 410, 413, 503)
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
            _ => Problems.NotFound(ResourceName).AsGuess(),
        };
    }

    /// <summary>Receive a delivery from a WebSub hub.</summary>
    /// <remarks>At most 10 MB, as much as is read of a feed. A delivery not signed with the subscription's secret gets the same response, but is discarded.</remarks>
    /// <response code="408">The body did not arrive within 30 seconds.</response>
    /// <response code="410">The subscription no longer exists.</response>
    /// <response code="413">The delivery is larger than 10 MB.</response>
    /// <response code="503">The delivery is large, and too many others are being read.</response>
    internal static async Task<IResult> TakeAsync(string id, HttpContext context, WebSubReceiver receiver, DeliveryBodies bodies)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (!await receiver.KnowsAsync(id, cancel))
            return Problems.Gone(ResourceName).AsGuess();
        using var work = DocumentWork.Begin(DocumentWork.MaxDeliveryWait);
        var (read, refusal) = await bodies.ReadAsync(context, WebSubReceiver.MaxBytes, work);
        using var body = read;
        if (body is null)
            return refusal!;
        await receiver.TakeAsync(id, body, request.ContentType, request.Headers["X-Hub-Signature"], cancel);
        return Results.Accepted();
    }
}
