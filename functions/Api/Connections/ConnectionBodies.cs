using System.Text.Json.Serialization;
using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Formats;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>What a person types to connect or preview. Where no source is given, the address's host decides; <c>feed</c> if it is no source's own.</summary>
/// <param name="Address">A page, a feed, a profile: what you would paste.</param>
/// <param name="Options">Settings of the source for this connection.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ConnectionRequest(string Address, string? Source = null, IReadOnlyDictionary<string, string>? Options = null)
{
    public IReadOnlyDictionary<string, string> Settings() => Options ?? new Dictionary<string, string>(StringComparer.Ordinal);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ConnectionChange(string? Title = null, bool? Paused = null, IReadOnlyDictionary<string, string>? Options = null)
{
    public Connection Over(Connection connection) => connection with
    {
        Title = Normaliser.Text(Title, Normaliser.TitleLength) ?? connection.Title,
        Paused = Paused ?? connection.Paused,
        Options = Options ?? connection.Options,
    };
}

/// <summary>A connection as it is shown.</summary>
/// <param name="contributions">Entries of the ledger that it sees.</param>
internal sealed class ConnectionItem(Connection connection, ConnectionState state, int contributions)
{
    public string Id => connection.Id;

    public string Source => connection.Source;

    /// <summary>What the place is known by; never changes.</summary>
    public string Origin => connection.Origin;

    /// <summary>Where it is read now.</summary>
    public string Address => state.Address;

    public string? Title => connection.Title;

    public string? Url => connection.Url;

    /// <summary>Settings of the source for this connection.</summary>
    public IReadOnlyDictionary<string, string> Options => connection.Options;

    public bool Paused => connection.Paused;

    public bool Verified => connection.Verified;

    public DateTimeOffset Since => connection.Since;

    public Health Health => state.Health;

    public Problem? Problem => state.Problem;

    public int Failures => state.Failures;

    public DateTimeOffset? FailingSince => state.FailingSince;

    public DateTimeOffset? LastRun => state.LastRun;

    public DateTimeOffset? LastSuccess => state.LastSuccess;

    public DateTimeOffset? LastChange => state.LastChange;

    public DateTimeOffset? NextRun => state.NextRun;

    /// <summary>Until when the place is known to tell us of news by itself; it is looked at once a day meanwhile.</summary>
    public DateTimeOffset? PushedUntil => state.PushedUntil;

    public bool Harvesting => state.Lease is not null;

    public bool Backfilling => state.Backfilling;

    public Coverage? Coverage => state.Coverage;

    public int Runs => state.Runs;

    /// <summary>Entries of the ledger that this connection sees.</summary>
    public int Contributions => contributions;

    /// <summary>It is being ended; absent otherwise.</summary>
    public bool? Ending => connection.Ending is null ? null : true;

    public int Repairs => state.Repairs;
}

/// <summary>What a connection would bring; the first page of it.</summary>
internal sealed record PreviewAnswer(
    string Source, Place Place, IReadOnlyList<PreviewItem> Items, bool More, Coverage? Coverage, IReadOnlyList<Repair> Repairs)
{
    public static PreviewAnswer Of(Preview preview) => new(
        preview.Source, preview.Place, [.. preview.Drafts.Select(PreviewItem.Of)], preview.More, preview.Coverage, preview.Repairs);
}

internal sealed record PreviewItem(
    Kind Kind, Role Role, Status Status, string? Title, string? Url, string? Summary, DateTimeOffset? When, DatePrecision DatePrecision,
    string? Author, IReadOnlyList<string> Topics)
{
    public static PreviewItem Of(Draft draft) => new(
        draft.Kind, draft.Role, draft.Status, draft.Title, draft.Url, draft.Summary, draft.When, draft.DatePrecision, draft.Author, draft.Topics);
}

/// <summary>Bodies that go in and out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ConnectionRequest))]
[JsonSerializable(typeof(ConnectionChange))]
[JsonSerializable(typeof(ConnectionItem))]
[JsonSerializable(typeof(ItemList<ConnectionItem>))]
[JsonSerializable(typeof(HookItem))]
[JsonSerializable(typeof(ItemList<HarvestReport>))]
[JsonSerializable(typeof(PreviewAnswer))]
internal sealed partial class ConnectionsJson : JsonSerializerContext;
