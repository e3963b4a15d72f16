namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// A feed in any format. Text is plain (see <see cref="Text.PlainText"/>), links are absolute http(s) addresses where they could be resolved, times
/// are UTC. Null: the document does not have it.
/// </summary>
public sealed record FeedDocument
{
    /// <summary>One of <c>rss0.90 rss0.91 rss0.92 rss0.93 rss0.94 rss1.0 rss2.0 rss atom0.3 atom1.0 json1.0 json1.1</c>.</summary>
    public required string Format { get; init; }

    /// <summary><c>atom:id</c>, RSS <c>guid</c> or <c>rdf:about</c> of the channel, trimmed.</summary>
    public string? Id { get; init; }

    /// <summary>At most 1,000 characters.</summary>
    public string? Title { get; init; }

    /// <summary>The site the feed belongs to.</summary>
    public string? Link { get; init; }

    /// <summary>At most 1,500 characters.</summary>
    public string? Description { get; init; }

    /// <summary>As written, such as <c>en-GB</c>.</summary>
    public string? Language { get; init; }

    /// <summary>A name, without mail address; several names are joined by commas.</summary>
    public string? Author { get; init; }

    /// <summary>Last change of the feed; of RSS, <c>lastBuildDate</c> or the publication date.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Distinct, in document order, at most 100.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>WebSub hubs, in document order, at most 10.</summary>
    public IReadOnlyList<string> Hubs { get; init; } = [];

    /// <summary>The feed's own address (<c>rel=self</c>, <c>feed_url</c>).</summary>
    public string? Self { get; init; }

    /// <summary>
    /// The next page: <c>rel=next</c>, <c>rel=prev-archive</c> (RFC 5005) or <c>next_url</c>. An address that cannot be followed is left as written, so
    /// that this page is not taken for the last one.
    /// </summary>
    public string? Next { get; init; }

    /// <summary><c>fh:complete</c> (RFC 5005): the document has all entries.</summary>
    public bool Complete { get; init; }

    /// <summary>RSS <c>ttl</c>, or <c>sy:updatePeriod</c> ÷ <c>sy:updateFrequency</c>; at most 366 days.</summary>
    public TimeSpan? UpdateInterval { get; init; }

    /// <summary>The program that wrote it (<c>generator</c>).</summary>
    public string? Generator { get; init; }

    /// <summary>In document order, at most 50,000; see <see cref="Repairs"/> for what was left out.</summary>
    public IReadOnlyList<FeedEntry> Entries { get; init; } = [];

    /// <summary>Damage repaired while reading, by code.</summary>
    public IReadOnlyList<Repair> Repairs { get; init; } = [];

    /// <summary>The document is incomplete: there may be more entries, and another <see cref="Next"/>.</summary>
    public bool IsTruncated => Repairs.Any(repair => repair.What is RepairLog.Truncated or RepairLog.InvalidJson);
}

/// <summary>An entry of a feed: an RSS <c>item</c>, an Atom <c>entry</c> or a JSON Feed item.</summary>
public sealed record FeedEntry
{
    /// <summary><c>guid</c>, <c>atom:id</c>, <c>id</c> or <c>rdf:about</c>, trimmed. Unique in theory only.</summary>
    public string? Id { get; init; }

    /// <summary>At most 1,000 characters.</summary>
    public string? Title { get; init; }

    /// <summary>The entry's page; without one, an id that is a web address.</summary>
    public string? Link { get; init; }

    /// <summary>
    /// The final address behind a <see cref="Link"/> that goes through a click counter (<c>feedburner:origLink</c>); the better address if present.
    /// </summary>
    public string? OriginalLink { get; init; }

    /// <summary>Publication time, or the best the entry has instead (creation, last change).</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>Last change.</summary>
    public DateTimeOffset? Updated { get; init; }

    /// <summary><see cref="Published"/> is a day without a time, at midnight UTC.</summary>
    public bool PublishedIsDay { get; init; }

    /// <summary><see cref="Published"/> is the time of the last change, because the entry has nothing better.</summary>
    public bool PublishedIsUpdate { get; init; }

    /// <summary>A name, without mail address; falls back to the feed's author in Atom and JSON Feed.</summary>
    public string? Author { get; init; }

    /// <summary>All names, if the entry has several authors; empty otherwise.</summary>
    public IReadOnlyList<string> Authors { get; init; } = [];

    /// <summary>The summary, or else the beginning of the content; at most 1,500 characters.</summary>
    public string? Summary { get; init; }

    /// <summary>Distinct, in document order, at most 100.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Attached media, distinct by address, at most 100.</summary>
    public IReadOnlyList<Enclosure> Enclosures { get; init; } = [];

    /// <summary>The document ends inside this entry: its id may be missing.</summary>
    public bool IsTruncated { get; init; }
}

/// <summary>An attached media file.</summary>
/// <param name="Url">Absolute where it could be resolved.</param>
/// <param name="Type">Media type as written.</param>
/// <param name="Length">Size in bytes; null if absent or not positive.</param>
public sealed record Enclosure(string Url, string? Type, long? Length);
