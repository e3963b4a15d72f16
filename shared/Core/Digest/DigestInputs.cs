using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Digest;

/// <summary>Everything a digest is made of, as it was read.</summary>
internal sealed record DigestInputs
{
    public required Person Person { get; init; }

    public required Week Week { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required bool IsFirst { get; init; }

    /// <summary>Entries of the week, newest first.</summary>
    public required IReadOnlyList<Contribution> Entries { get; init; }

    /// <summary>Entries of the next 14 days, newest first.</summary>
    public required IReadOnlyList<Contribution> Coming { get; init; }

    /// <summary>Entries that were revised in the week, with the status they had when it began.</summary>
    public required IReadOnlyList<(Contribution Entry, Status Before)> Revised { get; init; }

    /// <summary>Earlier numbers of entries of the last five weeks, the current ones last.</summary>
    public required IReadOnlyList<(Contribution Entry, IReadOnlyList<Snapshot> Numbers)> Measured { get; init; }

    /// <summary>Counts by day of the two years before the week's end, public and private together.</summary>
    public required IReadOnlyDictionary<DateOnly, Counts> Days { get; init; }

    public required IReadOnlyList<Connected> Connections { get; init; }
}
