using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Connections;

/// <summary>How a connection ends.</summary>
/// <param name="Contributions">Entries that nothing else supports go with it.</param>
public sealed record Ending(bool Contributions);

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
    public Ending? Ending { get; init; }

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
