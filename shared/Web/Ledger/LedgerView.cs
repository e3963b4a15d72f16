using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.Model;
using NodaTime;

namespace ContributionIngest.Web.Ledger;

/// <summary>A page of the ledger.</summary>
public sealed record LedgerView
{
    public required LedgerAddress Address { get; init; }

    /// <summary>What is wrong with the address; then there are no entries.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    public IReadOnlyList<Contribution> Entries { get; init; } = [];

    /// <summary>The zone in which days are counted.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>On all pages.</summary>
    public required MatchCount Matches { get; init; }

    /// <summary>All that counts, without filters.</summary>
    public required int Total { get; init; }

    /// <summary>There is nothing at all, not even entries that are somebody else's.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>The next page in the order of the list; null on the last.</summary>
    public LedgerAddress? Next { get; init; }

    /// <summary>The page before; null on the first.</summary>
    public LedgerAddress? Previous { get; init; }

    /// <summary>How far entries were looked at, if the page is shorter for that reason.</summary>
    public DateOnly? SearchedTo { get; init; }

    /// <summary>Without this filter the most entries match; null if some match, or without any other filter none would.</summary>
    public (LedgerFilter Filter, MatchCount Matches)? Loosest { get; init; }

    public bool HasSeveralFilters => LedgerFilter.All.Count(filter => filter.IsIn(Address)) > 1;

    public required IReadOnlyList<Connection> Connections { get; init; }

    /// <summary>The most frequent first.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>With the number of entries, the last first.</summary>
    public required IReadOnlyList<(int Year, int Entries)> Years { get; init; }

    public required DateOnly Today { get; init; }
}
