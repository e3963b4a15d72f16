namespace ContributionIngest.Core.Sources;

/// <summary>A request to a webhook, as it came.</summary>
/// <param name="Event">What the sender calls it.</param>
/// <param name="Signature">As the sender's header has it; null where there is none.</param>
public sealed record WebhookDelivery(byte[] Body, string? ContentType, string Event, string? Signature);

public enum WebhookOutcome
{
    /// <summary>Nobody who knows the secret signed it.</summary>
    Unsigned,

    /// <summary>Rightly signed, and no JSON.</summary>
    Unreadable,
    Pong,

    /// <summary>An event or an action that brings nothing to any ledger.</summary>
    Ignored,

    /// <summary>A contribution of nobody this hook speaks to.</summary>
    NoConnection,

    /// <summary>It is somebody's, and waits in the queue.</summary>
    Queued,
}

/// <summary>What a source makes of a delivery: the first that is wrong with it, or whose it is.</summary>
/// <param name="Outcome"><see cref="WebhookOutcome.Queued"/> where <paramref name="Origin"/> and <paramref name="Json"/> are there.</param>
/// <param name="Origin">Of the connections it is for.</param>
/// <param name="Json">What the source accepts as a push.</param>
public sealed record WebhookResult(WebhookOutcome Outcome, string? Origin = null, byte[]? Json = null);

/// <summary>What came of looking for failed deliveries.</summary>
/// <param name="Failed">Deliveries of the last three days that never arrived.</param>
/// <param name="Asked">How many of them the sender was asked to try again.</param>
/// <param name="Problem">Why not all; null when nothing stood in the way.</param>
public sealed record RedeliveryRun(DateTimeOffset At, int Failed, int Asked, string? Problem = null);
