using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Discourse;

/// <summary>How far somebody's posts were read. Stored: members may be added, never renamed. Its lists are bounded.</summary>
internal sealed record DiscourseCursor
{
    /// <summary>The lists together stay below what a cursor may hold.</summary>
    public const int MaxSolved = 800;

    /// <inheritdoc cref="MaxSolved"/>
    public const int MaxTopics = 600;

    /// <summary>The forum's name.</summary>
    public string? Forum { get; init; }

    /// <summary>Options of which this is the cursor.</summary>
    public string? What { get; init; }

    public string? SolutionsETag { get; init; }

    public string? ActionsETag { get; init; }

    /// <summary>Posts that are known as solutions, the last accepted first.</summary>
    public IReadOnlyList<string>? Solved { get; init; }

    /// <summary>Topics that are the person's own.</summary>
    public IReadOnlyList<long>? Topics { get; init; }

    /// <summary>Posts on the first page of replies.</summary>
    public IReadOnlyList<string>? Recent { get; init; }

    /// <summary>When the newest post was written.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>The list that is being read on, and where.</summary>
    public ForumWalk? Walk { get; init; }

    /// <summary>The whole past was read.</summary>
    public bool IsRead { get; init; }

    public static DiscourseCursor Parse(string? text) => DiscourseCursorJson.Default.DiscourseCursor.ReadOrNull(text) ?? new DiscourseCursor();

    public string ToText() => JsonSerializer.Serialize(this, DiscourseCursorJson.Default.DiscourseCursor);
}

/// <param name="IsSolutions">The list of solutions; otherwise that of replies.</param>
/// <param name="Until">Posts before this are known; null to read to the end.</param>
internal sealed record ForumWalk(bool IsSolutions, int Offset, DateTimeOffset? Until = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(DiscourseCursor))]
internal sealed partial class DiscourseCursorJson : JsonSerializerContext;
