using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources;

/// <summary>
/// One kind of place contributions come from. A source knows how its places speak and nothing of stores, people or schedules; identity,
/// tidying, writing, retrying and scheduling are done once, elsewhere. It throws <see cref="SourceException"/> for what it cannot read and
/// never swallows a failure.
/// </summary>
public interface ISource
{
    SourceInfo Info { get; }

    /// <summary>
    /// What a person typed → the place it means. Throws <see cref="SourceException"/> with a message that says what was found and what to
    /// try when it is none of this source's places.
    /// </summary>
    Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel);

    /// <summary>
    /// What is new at the place since the cursor, page by page. A page's cursor covers everything up to and including that page, so it may
    /// be kept as soon as the page's drafts are durable; it never stands on a tie. No page at all means: nothing changed. What was announced
    /// (<see cref="Status.Scheduled"/>) is told again once it has begun, even where the place says nothing new; a look at that time is seen to.
    /// </summary>
    IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel);

    /// <summary>
    /// A pushed payload (webhook, WebSub) whose signature was checked → drafts for the connection it came for. Empty: nothing in it is this
    /// connection's. Null: something happened at the place and what came does not say what, so the place is to be read.
    /// </summary>
    Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel);

    /// <summary>
    /// The one thing an address names (a pull request, a video, an event), whoever made it; null when the address names no single thing of
    /// this source. Throws <see cref="SourceException"/> when it does and cannot be read.
    /// </summary>
    Task<Draft?> LookupAsync(Uri address, CancellationToken cancel);
}

/// <param name="Name">The word people and keys use, such as <c>feed</c>.</param>
public sealed record SourceInfo(string Name, IReadOnlyList<Kind> Kinds)
{
    /// <summary>What a person may set for a connection, in <see cref="SourceRequest.Options"/>; another name, or a value not listed, is refused.</summary>
    public IReadOnlyList<SourceOption> Options { get; init; } = [];

    /// <summary>
    /// Hosts (with port where it is not the usual one) whose addresses, subdomains included, are this source's where nobody names one.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}

/// <param name="Description">One phrase for people.</param>
/// <param name="Allowed">The values it can have; null for free text.</param>
public sealed record SourceOption(string Name, string Description, IReadOnlyList<string>? Allowed = null)
{
    public static SourceOption Flag(string name, string what) => new(name, what, ["true", "false"]);
}

/// <param name="Origin">Canonical address or id of the place; goes into identities and never changes for a connection.</param>
/// <param name="Address">Where it is read now; may move while the origin stays.</param>
/// <param name="Title">The place's own name.</param>
/// <param name="Url">The page a person would look at.</param>
public sealed record Place(string Origin, string Address, string? Title = null, string? Url = null)
{
    /// <summary>Other places the same text could have meant, best first, for the person to choose instead.</summary>
    public IReadOnlyList<PlaceAlternative> Alternatives { get; init; } = [];

    /// <summary>Hub and topic that the page it was found by offers; what the place itself says later counts more.</summary>
    public PushOffer? Push { get; init; }
}

public sealed record PlaceAlternative(string Address, string? Title);

/// <summary>Secrets for one read; never stored in a page, a cursor or a message.</summary>
public sealed record Credentials(string? Token = null)
{
    public static readonly Credentials None = new();
}

/// <param name="Cursor">What the last page returned, or null at first.</param>
/// <param name="Options">The connection's own settings for this source (author filter, role, …), by name.</param>
public sealed record SourceRequest(
    string Origin,
    string Address,
    string? Cursor,
    IReadOnlyDictionary<string, string> Options,
    Credentials Credentials)
{
    /// <summary>
    /// The whole place is read again, as at first: what the cursor holds to pass over what was read (validators, hashes, watermarks, finished walks)
    /// is void. What it holds so that things keep the ids they have had stays in force.
    /// </summary>
    public bool IsFromStart { get; init; }

    /// <summary>A person asked for this reading: what waits for its next try is tried now.</summary>
    public bool IsManual { get; init; }
}

public sealed record SourcePage
{
    public IReadOnlyList<Draft> Drafts { get; init; } = [];

    /// <summary>Opaque to all but the source; at most 30,000 characters.</summary>
    public required string Cursor { get; init; }

    /// <summary>True while a backfill goes on: the harvest continues at once, or in its next slice.</summary>
    public bool More { get; init; }

    public Coverage? Coverage { get; init; }

    /// <summary>What the place answered, kept for audit and replay; null when nothing came.</summary>
    public RawResponse? Raw { get; init; }

    /// <summary>Repairs made while reading, and items left out, by what was wrong.</summary>
    public IReadOnlyList<Repair> Repairs { get; init; } = [];

    /// <summary>Not to be asked again before this long, as the place wishes (ttl, sy:update, Cache-Control); null: no wish.</summary>
    public TimeSpan? MinPollInterval { get; init; }

    /// <summary>Set once the place has proven that it moved for good: the address to use from now on. The origin stays.</summary>
    public string? MovedTo { get; init; }

    /// <summary>The place's own name and page, where this answer says them.</summary>
    public string? Title { get; init; }

    public string? Url { get; init; }

    /// <summary>Hub and topic of a place that offers pushes (WebSub); null where it does not.</summary>
    public PushOffer? Push { get; init; }
}

public sealed record RawResponse(byte[] Bytes, string? ContentType);

/// <param name="Event">What the sender calls it ; <c>push</c> where it does not say.</param>
/// <param name="Headers">As received, names in any case.</param>
public sealed record PushDelivery(string Origin, string Event, byte[] Body, IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, string> Options);
