using System.Text.Json.Serialization;
using ContributionIngest.Core.Connecting;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Feeds;
using ContributionIngest.Formats;

namespace ContributionIngest.Functions.Api.Connections;

/// <summary>An address to connect or preview. If no source is given, the address's host decides; the default is <c>feed</c>.</summary>
/// <param name="Address">The address of a page, feed or profile.</param>
/// <param name="Options">Source-specific options of this connection.</param>
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

/// <summary>A connection in responses.</summary>
/// <param name="contributions">Number of ledger entries that this connection sees.</param>
internal sealed class ConnectionItem(Connection connection, ConnectionState state, int contributions)
{
    public string Id => connection.Id;

    public string Source => connection.Source;

    /// <summary>The permanent identifier at the source; never changes.</summary>
    public string Origin => connection.Origin;

    /// <summary>The address it is currently read from.</summary>
    public string Address => state.Address;

    public string? Title => connection.Title;

    public string? Url => connection.Url;

    /// <summary>Source-specific options of this connection.</summary>
    public IReadOnlyDictionary<string, string> Options => connection.Options;

    public bool Paused => connection.Paused;

    public bool Verified => connection.Verified;

    public DateTimeOffset? VerifiedAt => connection.VerifiedAt;

    /// <summary>What showed that it is yours.</summary>
    public OwnershipProof? VerifiedBy => connection.VerifiedBy;

    /// <summary>Of a feed that is not verified: publish it as the description of `POST /connections/{id}/verify` says.</summary>
    public string? VerificationToken => connection.Verified || connection.Source != FeedSource.Name ? null : Core.Model.VerificationToken.Of(connection.Id);

    public DateTimeOffset Since => connection.Since;

    public Health Health => state.Health;

    public Problem? Problem => state.Problem;

    public int Failures => state.Failures;

    public DateTimeOffset? FailingSince => state.FailingSince;

    public DateTimeOffset? LastRun => state.LastRun;

    public DateTimeOffset? LastSuccess => state.LastSuccess;

    public DateTimeOffset? LastChange => state.LastChange;

    public DateTimeOffset? NextRun => state.NextRun;

    /// <summary>Until when the source pushes updates; meanwhile it is polled only once a day.</summary>
    public DateTimeOffset? PushedUntil => state.PushedUntil;

    public bool Harvesting => state.Lease is not null;

    public bool Backfilling => state.Backfilling;

    public Coverage? Coverage => state.Coverage;

    public int Runs => state.Runs;

    /// <summary>Number of ledger entries that this connection sees.</summary>
    public int Contributions => contributions;

    /// <summary>True while the connection is being removed; otherwise absent.</summary>
    public bool? Ending => connection.Ending is null ? null : true;

    public int Repairs => state.Repairs;
}

/// <summary>The first page of what a connection would harvest.</summary>
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
