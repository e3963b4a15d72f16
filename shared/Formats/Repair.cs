using System.Text.Json.Serialization;

namespace ContributionIngest.Formats;

/// <summary>What had to be put right, or left out, while a document was read.</summary>
/// <param name="What">Stable word, e.g. <c>encoding</c>, <c>bareAmpersand</c>, <c>itemSkipped</c>.</param>
public sealed record Repair(string What, int Count, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null);
