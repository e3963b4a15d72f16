namespace ContributionIngest.Core.Model;

/// <summary>
/// A contribution as a place tells it, before the ledger has seen it. Text may still be long and untidy; the normaliser makes it fit.
/// Null is "the place does not say".
/// </summary>
public sealed record Draft
{
    /// <summary>The place's own id of the thing, unique within the connection's origin and never empty.</summary>
    public required string NativeId { get; init; }

    /// <summary>
    /// False where the place's ids are known to change for the same thing (feed guids): within one connection the same
    /// canonical URL then means the same thing whatever the id says.
    /// </summary>
    public bool IdIsReliable { get; init; } = true;

    public required Kind Kind { get; init; }

    public Role Role { get; init; }

    public Status Status { get; init; }

    /// <summary>Plain text, no markup.</summary>
    public string? Title { get; init; }

    /// <summary>Absolute http(s) address, or null.</summary>
    public string? Url { get; init; }

    /// <summary>Plain text, no markup.</summary>
    public string? Summary { get; init; }

    /// <summary>When it happened or will happen. Null when the place gives no usable date: never a guess.</summary>
    public DateTimeOffset? When { get; init; }

    public DatePrecision DatePrecision { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>
    /// True for a message that tells only that something is new or has another name (a push without details): of an entry that is known
    /// already, it changes title, address, summary and numbers, and leaves what it cannot know.
    /// </summary>
    public bool IsPartial { get; init; }

    /// <summary>The place's own last-change time where it is dependable: an older version never overwrites a newer one.</summary>
    public DateTimeOffset? Version { get; init; }

    /// <summary>Who the place says made it; used by author filters.</summary>
    public string? Author { get; init; }

    public Container? Container { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Numbers measured by the place at the time of reading, by name (views, likes, comments, additions, deletions, …).</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);
}

/// <summary>What the contribution is part of: a blog, a repository, a channel, a group.</summary>
public sealed record Container(string Name, string? Url = null);
