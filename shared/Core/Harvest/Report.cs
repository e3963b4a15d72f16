using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Harvest;

/// <summary>What one harvest did. Kept for the last 50 that changed or failed something.</summary>
public sealed record Report
{
    public required DateTimeOffset At { get; init; }

    public required DateTimeOffset Until { get; init; }

    public int Pages { get; init; }

    /// <summary>Ids of new entries.</summary>
    public IReadOnlyList<string> New { get; init; } = [];

    /// <summary>Ids of entries that got a new revision.</summary>
    public IReadOnlyList<string> Revised { get; init; } = [];

    /// <summary>Entries whose other details changed.</summary>
    public int Changed { get; init; }

    public int Unchanged { get; init; }

    public IReadOnlyList<Repair> Repairs { get; init; } = [];

    public Problem? Problem { get; init; }

    /// <summary>Names of the blobs that hold what the place answered.</summary>
    public IReadOnlyList<string> Raw { get; init; } = [];

    public Report With(UpsertResult result) => this with
    {
        New = result.New,
        Revised = result.Revised,
        Changed = result.Changed,
        Unchanged = result.Unchanged,
    };
}
