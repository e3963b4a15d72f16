using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Scheduling;

namespace ContributionIngest.Core.Harvesting;

/// <param name="Epoch">Of the store: leases of another epoch are void. Constant where several processes share a store.</param>
/// <param name="Budget">How long one slice of a harvest may take before it queues its own continuation.</param>
public sealed record HarvestOptions(string Epoch, TimeSpan Budget)
{
    /// <summary>A lease is short, so that others go on soon after a process died, and renewed while the work goes on.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Most readings are over before their first renewal, which costs writes.</summary>
    public static readonly TimeSpan FirstRenewal = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    /// <summary>How soon a renewal is tried again while the store is away.</summary>
    public static readonly TimeSpan RenewalRetry = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How far the planner moves a row that it has just asked for: messages may wait long for their turn. A reading that has begun moves the row to the
    /// end of its lease.
    /// </summary>
    public TimeSpan Claim => Budget + TimeSpan.FromMinutes(11);
}

/// <param name="Days">How long raw answers and poisoned messages are kept.</param>
public sealed record RetentionOptions(int Days);

/// <summary>Everything a harvest writes to.</summary>
public sealed record HarvestStore(
    ConnectionStore Connections, OriginIndex Origins, DueIndex DueIndex, PausedHosts PausedHosts, HarvestReports Reports, LedgerWriter Ledger, HarvestQueue Queue);
