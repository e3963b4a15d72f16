namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// What a feed document says, whatever its format, with text already plain and links already absolute (as far
/// as there is an address to resolve them against). Null is "it does not say".
/// </summary>
public sealed record FeedDocument
{
    /// <summary>One of <c>rss0.90 rss0.91 rss0.92 rss0.93 rss0.94 rss1.0 rss2.0 rss atom0.3 atom1.0 json1.0 json1.1</c>.</summary>
    public required string Format { get; init; }

    public string? Id { get; init; }

    public string? Title { get; init; }

    public string? Link { get; init; }

    public string? Description { get; init; }

    public string? Language { get; init; }

    public string? Author { get; init; }

    public DateTimeOffset? Updated { get; init; }

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>WebSub hubs, in document order.</summary>
    public IReadOnlyList<string> Hubs { get; init; } = [];

    /// <summary>The feed's own address as it gives it (<c>rel=self</c>, <c>feed_url</c>).</summary>
    public string? Self { get; init; }

    /// <summary>
    /// The page after this one: <c>rel=next</c>, <c>rel=prev-archive</c> (RFC 5005) or <c>next_url</c>. What cannot be followed stays as it
    /// stands, so that nobody takes this page for the last one.
    /// </summary>
    public string? Next { get; init; }

    /// <summary><c>fh:complete</c>: the document holds all there is.</summary>
    public bool Complete { get; init; }

    /// <summary>RSS <c>ttl</c> or sy:updatePeriod ÷ sy:updateFrequency.</summary>
    public TimeSpan? UpdateInterval { get; init; }

    /// <summary>Name of the program that wrote it, as it says (<c>generator</c>).</summary>
    public string? Generator { get; init; }

    public IReadOnlyList<FeedEntry> Entries { get; init; } = [];

    public IReadOnlyList<Repair> Repairs { get; init; } = [];

    /// <summary>It broke off before its end, or could not be read to it: there may be more entries, and another <see cref="Next"/>.</summary>
    public bool IsTruncated => Repairs.Any(repair => repair.What is RepairLog.Truncated or RepairLog.InvalidJson);
}

public sealed record FeedEntry
{
    public string? Id { get; init; }

    public string? Title { get; init; }

    public string? Link { get; init; }

    /// <summary>
    /// Where <see cref="Link"/> leads in the end, when it goes through a click counter that says so (<c>feedburner:origLink</c>); the better
    /// address of the entry then.
    /// </summary>
    public string? OriginalLink { get; init; }

    public DateTimeOffset? Published { get; init; }

    public DateTimeOffset? Updated { get; init; }

    /// <summary>True when <see cref="Published"/> is a day without a time.</summary>
    public bool PublishedIsDay { get; init; }

    /// <summary>True when <see cref="Published"/> is the time of the last change, because the entry says nothing better.</summary>
    public bool PublishedIsUpdate { get; init; }

    public string? Author { get; init; }

    public string? Summary { get; init; }

    public IReadOnlyList<string> Categories { get; init; } = [];

    public IReadOnlyList<Enclosure> Enclosures { get; init; } = [];

    /// <summary>The document broke off in it: what it is known by may be missing.</summary>
    public bool IsTruncated { get; init; }
}

public sealed record Enclosure(string Url, string? Type, long? Length);
