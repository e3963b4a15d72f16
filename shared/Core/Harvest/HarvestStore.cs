using System.Text.Json;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Core.Harvest;

/// <param name="Epoch">Of the store: leases of another epoch are void. Constant where several processes share a store.</param>
/// <param name="Budget">How long one slice of a harvest may take before it queues its own continuation.</param>
public sealed record HarvestOptions(string Epoch, TimeSpan Budget)
{
    /// <summary>A lease outlives its slice, and is over before the planner asks again.</summary>
    public TimeSpan Lease => Budget + TimeSpan.FromMinutes(2);

    /// <summary>How far the planner moves a row that it has just asked for.</summary>
    public TimeSpan Claim => Budget + TimeSpan.FromMinutes(11);
}

/// <summary>Everything a harvest writes to.</summary>
public sealed class HarvestStore(ITable table, IBlobs blobs, IQueue queue, TimeProvider clock)
{
    public ConnectionStore Connections { get; } = new(table);

    public OriginIndex Origins { get; } = new(table);

    public DueIndex DueIndex { get; } = new(table);

    public PausedHosts PausedHosts { get; } = new(table);

    public Reports Reports { get; } = new(table);

    public LedgerWriter Ledger { get; } = new(table, clock);

    public IBlobs Blobs { get; } = blobs;

    public async Task Enqueue(HarvestMessage message, CancellationToken cancel) => await queue.Put(
        HarvestMessage.Queue, JsonSerializer.Serialize(message, HarvestJson.Default.HarvestMessage), TimeSpan.Zero, cancel);

    /// <summary>The connection's row of the due index.</summary>
    public static Due DueOf(string person, string connection, string address) =>
        new(DueIndex.Harvest, person, connection, Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Host : null);
}
