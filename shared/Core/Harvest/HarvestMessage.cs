using System.Text.Json.Serialization;
using ContributionIngest.Core.Harvest.Pushes;

namespace ContributionIngest.Core.Harvest;

/// <summary>A message of queue <c>harvest</c>.</summary>
/// <param name="DueKey">The row of the due index it was planned from; null when somebody asked for it.</param>
/// <param name="Pushed">What a hub delivered; null when the place is to be read.</param>
public sealed record HarvestMessage(string Person, string Connection, string? DueKey = null, Pushed? Pushed = null)
{
    public const string Queue = "harvest";
}

/// <param name="Blob">Name of the body in container <c>pushes</c>.</param>
/// <param name="TrustedUntil">How long the hub goes on to deliver; null when it has not verified that.</param>
public sealed record Pushed(string Blob, string? ContentType = null, DateTimeOffset? TrustedUntil = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HarvestMessage))]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(Subscription))]
public sealed partial class HarvestJson : JsonSerializerContext;
