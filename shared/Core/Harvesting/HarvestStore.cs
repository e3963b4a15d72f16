using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

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

/// <summary>Everything a harvest writes to.</summary>
public sealed class HarvestStore(ITable table, IBlobs blobs, IQueue queue, LedgerWriter ledger)
{
    public ConnectionStore Connections { get; } = new(table);

    public OriginIndex Origins { get; } = new(table);

    public DueIndex DueIndex { get; } = new(table);

    public PausedHosts PausedHosts { get; } = new(table);

    public HarvestReports Reports { get; } = new(table);

    public LedgerWriter Ledger { get; } = ledger;

    public IBlobs Blobs { get; } = blobs;

    public Task EnqueueAsync(HarvestMessage message, CancellationToken cancel) => EnqueueAsync(message, TimeSpan.Zero, cancel);

    /// <param name="delay">How long nobody sees it.</param>
    public async Task EnqueueAsync(HarvestMessage message, TimeSpan delay, CancellationToken cancel) => await queue.PutAsync(
        HarvestMessage.Queue, JsonSerializer.Serialize(message with { Trace = message.Trace ?? Telemetry.Trace }, HarvestJson.Default.HarvestMessage), delay, cancel);

    /// <summary>The connection's row of the due index.</summary>
    public static Due DueOf(string person, string connection, string address) =>
        new(DueIndex.Harvest, person, connection, Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Host : null);
}
