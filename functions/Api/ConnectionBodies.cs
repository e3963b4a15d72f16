using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Functions.Api;

/// <summary>What a person types to connect or preview. Where <see cref="Source"/> is not given, the address's host decides; <c>feed</c> if it is no source's own.</summary>
internal sealed record ConnectionRequest(string Address, string? Source = null, IReadOnlyDictionary<string, string>? Options = null)
{
    public IReadOnlyDictionary<string, string> Settings() => Options ?? new Dictionary<string, string>(StringComparer.Ordinal);
}

internal sealed record ConnectionChange(string? Title = null, bool? Paused = null, IReadOnlyDictionary<string, string>? Options = null)
{
    public Connection Over(Connection connection) => connection with
    {
        Title = Normaliser.Text(Title, Normaliser.TitleLength) ?? connection.Title,
        Paused = Paused ?? connection.Paused,
        Options = Options ?? connection.Options,
    };
}

internal sealed record ConnectionList(IReadOnlyList<ConnectionItem> Items);

internal sealed record HarvestList(IReadOnlyList<Report> Items);

/// <summary>A connection as it is shown.</summary>
internal sealed record ConnectionItem
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Origin { get; init; }

    public required string Address { get; init; }

    public string? Title { get; init; }

    public string? Url { get; init; }

    public required IReadOnlyDictionary<string, string> Options { get; init; }

    public bool Paused { get; init; }

    public bool Verified { get; init; }

    public required DateTimeOffset Since { get; init; }

    public Health Health { get; init; }

    public Core.People.Problem? Problem { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset? LastRun { get; init; }

    public DateTimeOffset? LastSuccess { get; init; }

    public DateTimeOffset? LastChange { get; init; }

    public DateTimeOffset? NextRun { get; init; }

    /// <summary>Until when the place is known to tell us of news by itself; it is looked at once a day meanwhile.</summary>
    public DateTimeOffset? PushedUntil { get; init; }

    public bool Harvesting { get; init; }

    public bool Backfilling { get; init; }

    public Coverage? Coverage { get; init; }

    public int Runs { get; init; }

    /// <summary>Entries of the ledger that this connection sees.</summary>
    public int Contributions { get; init; }

    /// <summary>It is being ended; absent otherwise.</summary>
    public bool? Ending { get; init; }

    public int Repairs { get; init; }

    /// <param name="contributions">Entries that it sees.</param>
    public static ConnectionItem Of(Connected connected, int contributions)
    {
        var (connection, state) = (connected.Connection, connected.State);
        return new ConnectionItem
        {
            Id = connection.Id,
            Source = connection.Source,
            Origin = connection.Origin,
            Address = state.Address,
            Title = connection.Title,
            Url = connection.Url,
            Options = connection.Options,
            Paused = connection.Paused,
            Verified = connection.Verified,
            Since = connection.Since,
            Health = state.Health,
            Problem = state.Problem,
            Failures = state.Failures,
            FailingSince = state.FailingSince,
            LastRun = state.LastRun,
            LastSuccess = state.LastSuccess,
            LastChange = state.LastChange,
            NextRun = state.NextRun,
            PushedUntil = state.PushedUntil,
            Harvesting = state.Lease is not null,
            Backfilling = state.Backfilling,
            Coverage = state.Coverage,
            Runs = state.Runs,
            Contributions = contributions,
            Ending = connection.Ending is null ? null : true,
            Repairs = state.Repairs,
        };
    }
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
