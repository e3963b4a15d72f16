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

    public required IReadOnlyList<RevisedEntry> Revised { get; init; }

    /// <summary>Earlier numbers of entries of the last five weeks, the current ones last.</summary>
    public required IReadOnlyList<(Contribution Entry, IReadOnlyList<Snapshot> Numbers)> Measured { get; init; }

    /// <summary>Counts by day from 1 January of the year before the week's, public and private together.</summary>
    public required IReadOnlyDictionary<DateOnly, Counts> Days { get; init; }

    /// <summary>The same without what is private.</summary>
    public required IReadOnlyDictionary<DateOnly, Counts> PublicDays { get; init; }

    public required IReadOnlyList<ConnectionSnapshot> Connections { get; init; }
}

/// <summary>An entry that was revised in the week, and its status when the week began and when it was over.</summary>
internal sealed record RevisedEntry(Contribution Entry, Status Before, Status After);
