using System.Text.Json.Serialization;

namespace ContributionIngest.Functions.Api;

/// <summary>
/// What went wrong, as problem details (RFC 9457, <c>application/problem+json</c>). <see cref="Type"/> is stable; the other texts are for people.
/// </summary>
public sealed record Problem
{
    public required string Type { get; init; }

    public required string Title { get; init; }

    public required int Status { get; init; }

    public string? Detail { get; init; }

    /// <summary>What is wrong with which field or parameter: what came and what is allowed.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }
}
