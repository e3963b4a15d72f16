using System.Text.Json.Serialization;

namespace ContributionIngest.Core.Ledger;

/// <summary>
/// What the ledger knows of a connection: how many entries it sees, and whether it was ended. Every transaction that writes drafts of a connection
/// writes this row too, so that none succeeds after the connection was ended.
/// </summary>
public sealed record ConnectionCount
{
    /// <summary>Entries that have a sighting by the connection.</summary>
    public int Entries { get; init; }

    /// <summary>The connection is gone or going; its drafts are refused for good, and its sightings support nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsEnded { get; init; }

    /// <summary><see cref="CountSettings.Version"/> it was counted by.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long By { get; init; }
}

/// <summary>The connection whose drafts were to be written is ended.</summary>
public sealed class ConnectionEndedException() : Exception("The connection is ended.");
