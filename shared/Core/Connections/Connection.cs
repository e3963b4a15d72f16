using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Connections;

/// <summary>How a connection is removed.</summary>
/// <param name="Contributions">Entries that no other connection supports are removed with it.</param>
public sealed record ConnectionEnd(bool Contributions);

/// <summary>A person's connection to one place of a source, as the person set it. What harvests learn is in <see cref="ConnectionState"/>.</summary>
public sealed record Connection
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    /// <summary>Part of identities; stays when the place moves.</summary>
    public required string Origin { get; init; }

    public string? Title { get; init; }

    /// <summary>The place's web page.</summary>
    public string? Url { get; init; }

    /// <summary>Settings of the source for this connection, by name (author, role, …).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool Paused { get; init; }

    /// <summary>Set when removal begins; any process completes it.</summary>
    public ConnectionEnd? Ending { get; init; }

    public bool Verified { get; init; }

    public DateTimeOffset? VerifiedAt { get; init; }

    public OwnershipProof? VerifiedBy { get; init; }

    /// <summary>The id of the grant that the place is read with; null if it was connected by address.</summary>
    public string? Grant { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>Connections in table <c>people</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(ConnectionState))]
public sealed partial class ConnectionJson : JsonSerializerContext;

[JsonConverter(typeof(EnumTextConverter<Health>))]
public enum Health
{
    /// <summary>Not harvested yet.</summary>
    New,
    Ok,

    /// <summary>The last runs failed; it is tried again by itself.</summary>
    Failing,

    /// <summary>Failing for seven days; somebody has to look.</summary>
    Broken,

    /// <summary>The place said it is gone for good; not polled any more.</summary>
    Gone,
}

/// <summary>
/// What harvests know about a connection, on a row of its own, so that an edit does not conflict with a running harvest.
/// </summary>
public sealed record ConnectionState
{
    public const int CurrentFormat = 2;

    /// <summary>Where the place is read; it may move.</summary>
    public required string Address { get; init; }

    /// <summary>Owned by the source; null before the first page.</summary>
    public string? Cursor { get; init; }

    public Health Health { get; init; }

    public Problem? Problem { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset? LastRun { get; init; }

    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When a run last changed the ledger.</summary>
    public DateTimeOffset? LastChange { get; init; }

    public DateTimeOffset? NextRun { get; init; }

    /// <summary>Key of the connection's row in the due index, as last written by a harvest.</summary>
    public string? DueKey { get; init; }

    public Coverage? Coverage { get; init; }

    /// <summary>The place's history is being read.</summary>
    public bool Backfilling { get; init; }

    public int Runs { get; init; }

    /// <summary>When the last completed harvest began; it answers all earlier requests.</summary>
    public DateTimeOffset? Begun { get; init; }

    /// <summary>Attempts that failed through our fault since the last save.</summary>
    public int Faults { get; init; }

    /// <summary>Processes that died during a harvest since the last save.</summary>
    public int Deaths { get; init; }

    /// <summary>
    /// <see cref="CurrentFormat"/>; less if written by a version that marked drafts as seen before they were stored. Then everything is read again, once.
    /// </summary>
    public int Format { get; init; }

    public int Repairs { get; init; }

    /// <summary>Typical time between two contributions; null if unknown.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>Date of the newest contribution seen.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>When announced contributions begin, soonest first; the connection is harvested then, whatever its cadence.</summary>
    public IReadOnlyList<DateTimeOffset>? Awaited { get; init; }

    /// <summary>The shortest interval between polls that the place asks for.</summary>
    [JsonPropertyName("noSooner")]
    public TimeSpan? MinPollInterval { get; init; }

    public PushOffer? Push { get; init; }

    /// <summary>The topic that the connection follows.</summary>
    public PushOffer? Followed { get; init; }

    /// <summary>When a delivery last changed entries; null once the place has been read long enough after that.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Until when deliveries are expected; null before the hub's first delivery.</summary>
    public DateTimeOffset? PushedUntil { get; init; }

    public Lease? Lease { get; init; }
}

/// <param name="Code">Stable word, e.g. <c>notAFeed</c>.</param>
/// <param name="Message">One sentence for the person: what was found and what to do.</param>
public sealed record Problem(string Code, string Message, DateTimeOffset At);

/// <param name="Epoch">Of the store: one owned by a single process starts a new epoch when opened, which voids older leases.</param>
public sealed record Lease(string Run, DateTimeOffset Until, string Epoch);
