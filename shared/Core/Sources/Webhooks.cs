namespace ContributionIngest.Core.Sources;

/// <summary>A request to a webhook endpoint.</summary>
/// <param name="Event">The sender's name for it.</param>
/// <param name="Body">Reading it may change it.</param>
/// <param name="Signature">The sender's signature header, if there was one.</param>
/// <param name="FormerSignature">A signature by a method that is no longer accepted.</param>
public sealed record WebhookDelivery(DeliveredBody Body, string? ContentType, string Event, string? Signature, string? FormerSignature = null);

public enum WebhookOutcome
{
    /// <summary>No valid signature.</summary>
    Unsigned,

    /// <summary>Signed with the right secret, but by a method that is no longer accepted.</summary>
    SignedFormerly,

    /// <summary>Signed, but not JSON.</summary>
    Unreadable,
    Pong,

    /// <summary>An event or action that never concerns a ledger.</summary>
    Ignored,

    /// <summary>A contribution of someone this hook has no connection for.</summary>
    NoConnection,

    /// <summary>Queued for its connections.</summary>
    Queued,
}

/// <summary>How a source reads a delivery: the first problem, or whose it is.</summary>
/// <param name="Outcome"><see cref="WebhookOutcome.Queued"/> if <paramref name="Origin"/> and <paramref name="Json"/> are set.</param>
/// <param name="Origin">Origin of the connections it is for.</param>
/// <param name="Json">The payload that <see cref="ISource.AcceptAsync"/> takes.</param>
public sealed record WebhookResult(WebhookOutcome Outcome, string? Origin = null, byte[]? Json = null);

/// <summary>One search for failed deliveries.</summary>
/// <param name="Failed">Deliveries of the last three days that never arrived.</param>
/// <param name="Asked">How many of them were requested again.</param>
/// <param name="Problem">Why not all of them; null if nothing went wrong.</param>
public sealed record RedeliveryRun(DateTimeOffset At, int Failed, int Asked, string? Problem = null);
