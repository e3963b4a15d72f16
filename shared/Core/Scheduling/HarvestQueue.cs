using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Scheduling;

/// <summary>A message of <see cref="HarvestQueue"/>.</summary>
/// <param name="DueKey">The row of the due index it was planned from; null when somebody asked for it.</param>
/// <param name="Pushed">What a hub delivered; null when the place is to be read.</param>
public sealed record HarvestMessage(string Person, string Connection, string? DueKey = null, PushPayload? Pushed = null)
{
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

/// <summary>Connections that are to be harvested now, or whose place has delivered something.</summary>
public sealed class HarvestQueue(IQueue queue)
{
    public const string Name = "harvest";

    public Task PutAsync(HarvestMessage message, CancellationToken cancel) => PutAsync(message, TimeSpan.Zero, cancel);

    /// <param name="delay">How long nobody sees it.</param>
    public async Task PutAsync(HarvestMessage message, TimeSpan delay, CancellationToken cancel) => await queue.PutAsync(
        Name, JsonSerializer.Serialize(message with { Trace = message.Trace ?? Telemetry.Trace }, HarvestMessageJson.Default.HarvestMessage), delay, cancel);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HarvestMessage))]
public sealed partial class HarvestMessageJson : JsonSerializerContext;
