using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Scheduling;

/// <summary>A message of <see cref="HarvestQueue"/>.</summary>
/// <param name="DueKey">The due row it was planned from; null if it was requested.</param>
/// <param name="Pushed">A delivery; null if the source is to be read.</param>
public sealed record HarvestMessage(string Person, string Connection, string? DueKey = null, PushPayload? Pushed = null)
{
    /// <summary>When the harvest was requested; one that begins later answers the request. Null if it was planned.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>Requested by a person.</summary>
    public bool IsByHand { get; init; }

    /// <summary>The trace that queued it; null without tracing.</summary>
    public string? Trace { get; init; }

    /// <summary>How often it returned from the poison queue, where shutdowns rather than failures had brought it.</summary>
    public int Returns { get; init; }
}

/// <summary>A delivery. A queue message holds 48 KiB, so a larger body is stored in container <c>pushes</c>.</summary>
/// <param name="Blob">Name of the stored body; null if <paramref name="Body"/> is set.</param>
/// <param name="TrustedUntil">End of the hub's lease; null if it is not verified.</param>
/// <param name="Event">The sender's name for the event; null without one.</param>
public sealed record PushPayload(
    string? Blob = null, byte[]? Body = null, string? ContentType = null, DateTimeOffset? TrustedUntil = null, string? Event = null)
{
    /// <summary>When it was received, because a queue may reorder deliveries. Null in messages of earlier versions.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }
}

/// <summary>Connections to harvest now, and deliveries.</summary>
public sealed class HarvestQueue(IQueue queue)
{
    public const string Name = "harvest";

    public Task PutAsync(HarvestMessage message, CancellationToken cancel) => PutAsync(message, TimeSpan.Zero, cancel);

    /// <param name="delay">How long it stays invisible.</param>
    public async Task PutAsync(HarvestMessage message, TimeSpan delay, CancellationToken cancel) => await queue.PutAsync(
        Name, JsonSerializer.Serialize(message with { Trace = message.Trace ?? Telemetry.Trace }, HarvestMessageJson.Default.HarvestMessage), delay, cancel);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HarvestMessage))]
public sealed partial class HarvestMessageJson : JsonSerializerContext;
