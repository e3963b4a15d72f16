using System.Text.Json.Serialization;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Push;

namespace ContributionIngest.Core.Scheduling;

/// <summary>A message of queue <c>harvest</c>.</summary>
/// <param name="DueKey">The row of the due index it was planned from; null when somebody asked for it.</param>
/// <param name="Pushed">What a hub delivered; null when the place is to be read.</param>
public sealed record HarvestMessage(string Person, string Connection, string? DueKey = null, PushPayload? Pushed = null)
{
    public const string Queue = "harvest";

    /// <summary>When a reading was asked for; one that begins later answers it. Null for what was planned.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>A person asked, and not a place that has news.</summary>
    public bool IsByHand { get; init; }

    /// <summary>The trace it was put in; null where nobody listens.</summary>
    public string? Trace { get; init; }

    /// <summary>How often it came back from the poisoned ones, because it was not its own failures that had brought it there.</summary>
    public int Returns { get; init; }
}

/// <summary>A delivery. A message of a queue holds 48 KiB, so that a larger body waits in container <c>pushes</c>.</summary>
/// <param name="Blob">Name of the body there; null where <paramref name="Body"/> is.</param>
/// <param name="TrustedUntil">How long the hub goes on to deliver; null when it has not verified that.</param>
/// <param name="Event">What the sender calls it; null where it does not say.</param>
public sealed record PushPayload(
    string? Blob = null, byte[]? Body = null, string? ContentType = null, DateTimeOffset? TrustedUntil = null, string? Event = null)
{
    /// <summary>When it came in; a queue may hand out an earlier delivery after a later one. Null in messages of earlier programs.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HarvestMessage))]
[JsonSerializable(typeof(HarvestReport))]
[JsonSerializable(typeof(Subscription))]
[JsonSerializable(typeof(Webhook))]
[JsonSerializable(typeof(LastDelivery))]
[JsonSerializable(typeof(RedeliveryRun))]
public sealed partial class HarvestJson : JsonSerializerContext;
