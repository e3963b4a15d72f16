using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources;

/// <summary>
/// One kind of place contributions come from. A source knows the formats and APIs of its places and nothing of storage, people or schedules:
/// identity, normalising, writing, retrying and scheduling are done once, elsewhere. What cannot be read is a <see cref="SourceException"/>.
/// </summary>
public interface ISource
{
    SourceInfo Info { get; }

    /// <summary>Finds the place a person means by what they typed.</summary>
    /// <exception cref="SourceException">None of this source's places; the message says what was found and what to try.</exception>
    Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel);

    /// <summary>
    /// Reads what is new since the cursor, page by page. A page's cursor covers everything up to and including that page, so it may be stored as
    /// soon as the page's drafts are durable; it never stands between items of the same time. No page at all: nothing changed. What was announced
    /// (<see cref="Status.Scheduled"/>) is returned again once it has begun, even if the place does not change.
    /// </summary>
    IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel);

    /// <summary>
    /// Drafts of a pushed payload (webhook, WebSub) whose signature was checked. Empty: nothing in it belongs to this connection. Null: something
    /// changed but the payload does not say what, so the place has to be read.
    /// </summary>
    Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel);

    /// <summary>The single item an address names (a pull request, a video, an event), whoever made it; null if it names none of this source.</summary>
    /// <exception cref="SourceException">It names one that cannot be read.</exception>
    Task<Draft?> LookupAsync(Uri address, CancellationToken cancel);
}

/// <summary>A source whose places belong to accounts that grant access by OAuth 2.0 (RFC 6749).</summary>
public interface IAccountSource : ISource
{
    /// <summary>The account that a token belongs to, and its own places.</summary>
    /// <exception cref="SourceException">The token is refused (<see cref="SourceException.BadToken"/>), or the account cannot be read now.</exception>
    Task<SourceAccount> AccountAsync(string token, CancellationToken cancel);
}

/// <param name="Id">The provider's id, which stays.</param>
/// <param name="Places">What the account itself publishes; empty if it publishes nothing that this source reads.</param>
public sealed record SourceAccount(string Id, string? Name, IReadOnlyList<Place> Places);

/// <param name="Name">As people and keys write it, such as <c>feed</c>.</param>
public sealed record SourceInfo(string Name, IReadOnlyList<Kind> Kinds)
{
    /// <summary>Settings of a connection, passed in <see cref="SourceRequest.Options"/>; other names and values are refused.</summary>
    public IReadOnlyList<SourceOption> Options { get; init; } = [];

    /// <summary>Hosts (with a non-default port) whose addresses, subdomains included, belong to this source if no source is named.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}

/// <param name="Description">A short phrase for people.</param>
/// <param name="Allowed">Allowed values; null for free text.</param>
public sealed record SourceOption(string Name, string Description, IReadOnlyList<string>? Allowed = null)
{
    public static SourceOption Flag(string name, string description) => new(name, description, ["true", "false"]);
}

/// <param name="Origin">Canonical address or id of the place; part of identities, so it never changes for a connection.</param>
/// <param name="Address">Where it is read now; may move while the origin stays.</param>
/// <param name="Title">The place's own name.</param>
/// <param name="Url">The page for people.</param>
public sealed record Place(string Origin, string Address, string? Title = null, string? Url = null)
{
    /// <summary>Other places the same text could mean, best first.</summary>
    public IReadOnlyList<PlaceAlternative> Alternatives { get; init; } = [];

    /// <summary>Hub and topic offered by the page that led here; what the place itself offers later takes precedence.</summary>
    public PushOffer? Push { get; init; }
}

public sealed record PlaceAlternative(string Address, string? Title);

/// <summary>Secrets for one read; never stored in a page, a cursor or a message.</summary>
/// <param name="Token">The access token of the connection's account; null if it was connected by address.</param>
public sealed record Credentials(string? Token = null)
{
    public static readonly Credentials None = new();

    /// <summary>Without the token.</summary>
    public override string ToString() => Token is null ? "none" : "a token";
}

/// <param name="Cursor">Of the last page; null at first.</param>
/// <param name="Options">The connection's settings for this source (author filter, role, …), by name.</param>
public sealed record SourceRequest(string Origin, string Address, string? Cursor, IReadOnlyDictionary<string, string> Options, Credentials Credentials)
{
    /// <summary>
    /// Read everything again: what the cursor holds to skip content (validators, hashes, watermarks, finished scans) is void. What keeps items on
    /// the ids they already have stays in force.
    /// </summary>
    public bool IsFromStart { get; init; }

    /// <summary>
    /// When a delivery last changed entries; null once the place was read long enough after that. What the place shows may then be news although it is as at
    /// the last read: content is returned again where it has a time of its own, and otherwise after <see cref="PushOffer.LongestLag"/>. Watermarks and
    /// finished scans stay.
    /// </summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>A person asked for this read: pending retries are tried now.</summary>
    public bool IsManual { get; init; }
}

public sealed record SourcePage
{
    public IReadOnlyList<Draft> Drafts { get; init; } = [];

    /// <summary>Opaque to everything but the source; at most 30,000 characters.</summary>
    public required string Cursor { get; init; }

    /// <summary>A backfill is under way: the harvest continues at once, or in its next slice.</summary>
    public bool More { get; init; }

    public Coverage? Coverage { get; init; }

    /// <summary>The response as received, kept for audit and replay; null when there was none.</summary>
    public RawResponse? Raw { get; init; }

    /// <summary>Repairs made while reading, and items left out, by cause.</summary>
    public IReadOnlyList<Repair> Repairs { get; init; } = [];

    /// <summary>The place asks not to be polled more often (ttl, sy:update, Cache-Control).</summary>
    public TimeSpan? MinPollInterval { get; init; }

    /// <summary>The address to use from now on, once the place has provably moved for good. The origin stays.</summary>
    public string? MovedTo { get; init; }

    /// <summary>The place's own name and page, if this response has them.</summary>
    public string? Title { get; init; }

    public string? Url { get; init; }

    /// <summary>Hub and topic of a place that offers pushes (WebSub).</summary>
    public PushOffer? Push { get; init; }
}

public sealed record RawResponse(byte[] Bytes, string? ContentType)
{
    internal static RawResponse Of(Http.Fetched answer) => new(answer.Body, answer.Header("Content-Type"));
}

/// <param name="Event">The sender's name for it; <c>push</c> if it gives none.</param>
/// <param name="Headers">As received, names in any case.</param>
public sealed record PushDelivery(string Origin, string Event, byte[] Body, IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, string> Options);
