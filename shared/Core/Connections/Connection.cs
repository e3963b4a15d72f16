using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Connections;

/// <summary>How a connection ends.</summary>
/// <param name="Contributions">Entries that nothing else supports go with it.</param>
public sealed record ConnectionEnd(bool Contributions);

/// <summary>One person's tie to one place in a source, as the person set it. What harvests learn stands in <see cref="ConnectionState"/>.</summary>
public sealed record Connection
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    /// <summary>Goes into identities; stays when the place moves.</summary>
    public required string Origin { get; init; }

    public string? Title { get; init; }

    /// <summary>The page a person would look at.</summary>
    public string? Url { get; init; }

    /// <summary>Settings of the source for this connection, by name (author, role, …).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool Paused { get; init; }

    /// <summary>Set once the connection is being ended: whoever comes next goes on with it.</summary>
    public ConnectionEnd? Ending { get; init; }

    public bool Verified { get; init; }

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
/// What harvests know about a connection, on a row of its own so that a person's edit cannot break a running harvest.
/// </summary>
public sealed record ConnectionState
{
    public const int CurrentFormat = 2;

    /// <summary>Where the place is read now.</summary>
    public required string Address { get; init; }

    /// <summary>The source's own; null before the first page.</summary>
    public string? Cursor { get; init; }

    public Health Health { get; init; }

    public Problem? Problem { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset? LastRun { get; init; }

    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When a run last brought something new.</summary>
    public DateTimeOffset? LastChange { get; init; }

    public DateTimeOffset? NextRun { get; init; }

    /// <summary>Key of the connection's row in the due index, as last written by a harvest.</summary>
    public string? DueKey { get; init; }

    public Coverage? Coverage { get; init; }

    /// <summary>True while the first reading of the place's history goes on.</summary>
    public bool Backfilling { get; init; }

    public int Runs { get; init; }

    /// <summary>When the last reading that came to an end began: whatever was asked for before is answered by it.</summary>
    public DateTimeOffset? Begun { get; init; }

    /// <summary>Attempts that broke off for a reason of ours since something was last written down.</summary>
    public int Faults { get; init; }

    /// <summary>Processes that ended in the middle of a reading since something was last written down.</summary>
    public int Deaths { get; init; }

    /// <summary>
    /// <see cref="CurrentFormat"/>, or less where a program wrote it that called drafts seen before they were written: what it calls read is read again, once.
    /// </summary>
    public int Format { get; init; }

    public int Repairs { get; init; }

    /// <summary>Typical time between two contributions of the place; null when it is not known.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>Date of the newest contribution the place showed.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>When something that was announced begins, soonest first: it is looked at then, however long the place may rest otherwise.</summary>
    public IReadOnlyList<DateTimeOffset>? Awaited { get; init; }

    /// <summary>The place's wish how long to wait between two looks.</summary>
    [JsonPropertyName("noSooner")]
    public TimeSpan? MinPollInterval { get; init; }

    public PushOffer? Push { get; init; }

    /// <summary>The offer that was taken: the connection stands among the followers of that topic.</summary>
    public PushOffer? Followed { get; init; }

    /// <summary>Until when a hub that has delivered before is relied upon; null before its first delivery.</summary>
    public DateTimeOffset? PushedUntil { get; init; }

    public Lease? Lease { get; init; }
}

/// <param name="Code">Stable word, e.g. <c>notAFeed</c>.</param>
/// <param name="Message">One sentence for the person: what was found and what to do.</param>
public sealed record Problem(string Code, string Message, DateTimeOffset At);

/// <param name="Epoch">Of the store: a store that one process owns starts a new epoch when it opens, and leases of older ones are void.</param>
public sealed record Lease(string Run, DateTimeOffset Until, string Epoch);
