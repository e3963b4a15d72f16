using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Harvest;

/// <summary>A message of queue <c>harvest</c>.</summary>
/// <param name="DueKey">The row of the due index it was planned from; null when somebody asked for it.</param>
public sealed record HarvestMessage(string Person, string Connection, string? DueKey = null)
{
    public const string Queue = "harvest";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HarvestMessage))]
[JsonSerializable(typeof(Report))]
public sealed partial class HarvestJson : JsonSerializerContext;
