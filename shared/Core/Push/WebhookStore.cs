using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

/// <summary>A person's webhook; its deliveries reach one connection of that person and nothing else.</summary>
public sealed record Webhook
{
    /// <summary>Last segment of its address; it cannot be guessed.</summary>
    public required string Id { get; init; }

    public required string Person { get; init; }

    public required string Connection { get; init; }

    /// <summary>Of the connection; never changes.</summary>
    public required string Origin { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Accepted secrets, newest first.</summary>
    public required IReadOnlyList<WebhookSecret> Secrets { get; init; }

    public override string ToString() => $"hook of connection {Connection}";
}

/// <param name="Sealed">Encrypted for purpose <c>hook|(id)</c>.</param>
/// <param name="Until">Null: until there is a newer one.</param>
public sealed record WebhookSecret(string Sealed, DateTimeOffset? Until = null);

/// <summary>The last delivery with a valid signature.</summary>
public sealed record LastDelivery(DateTimeOffset At, string Event);

/// <summary>The webhook that a delivery came through.</summary>
/// <param name="Hook">Null for that of the operator's app.</param>
/// <param name="RefusedAt">When a delivery was last refused because it was signed by a method that is no longer accepted.</param>
public sealed record WebhookEndpoint(string Id, Webhook? Hook, LastDelivery? Last, DateTimeOffset? RefusedAt = null);

/// <summary>
/// Hooks in table <c>lookups</c>: partition <c>h|(hook)</c> holds the hook (<c>h</c>), its last delivery (<c>d</c>) and its last refusal (<c>f</c>),
/// <c>hc|(connection)</c> points to the hook. The operator's app has no row of its own, only its last delivery and last redelivery (<c>r</c>) under <c>h|app</c>.
/// </summary>
public sealed class WebhookStore(ITable table, TimeProvider clock)
{
    /// <summary>Stands for the id of the operator's app's hook.</summary>
    public const string App = "app";

    private const string Self = "h";
    private const string Last = "d";
    private const string Refused = "f";
    private const string At = "at";
    private const string Redelivered = "r";
    private const string Owner = "o";

    /// <summary>Null if there is no such hook of a person. One read, and none for a malformed id.</summary>
    public async Task<WebhookEndpoint?> FindAsync(string id, CancellationToken cancel)
    {
        if (!Identity.IsWellFormed(id))
            return null;
        var rows = await table.RangeAsync(TableNames.Lookups, Partition(id), Last, "i", 3, cancel).ToListAsync(cancel);
        return rows.Find(row => row.Key == Self) is { } self
            ? new WebhookEndpoint(
                id, Read(self), rows.Find(row => row.Key == Last) is { } last ? ReadLast(last) : null, rows.Find(row => row.Key == Refused)?.Values[At] as DateTimeOffset?)
            : null;
    }

    public async Task<WebhookEndpoint?> OfAsync(string connection, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Lookup(connection), Owner, cancel) is { } row ? await FindAsync((string)row.Values["hook"]!, cancel) : null;

    /// <summary>The rows of a connection's hook as they are stored, for a backup.</summary>
    public async IAsyncEnumerable<Row> RowsAsync(string connection, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, Lookup(connection), Owner, cancel) is not { } lookup)
            yield break;
        await foreach (var row in table.RangeAsync(TableNames.Lookups, Partition((string)lookup.Values["hook"]!), "!", "~", null, cancel))
            yield return row;
        yield return lookup;
    }

    /// <summary>False if the connection has one already, or another request was faster.</summary>
    public async Task<bool> CreateAsync(Webhook hook, CancellationToken cancel)
    {
        // A process that died while deleting a hook leaves a dangling pointer.
        var former = await table.GetAsync(TableNames.Lookups, Lookup(hook.Connection), Owner, cancel);
        if (former is not null && await FindAsync((string)former.Values["hook"]!, cancel) is not null)
            return false;

        // The hook comes first, so that the pointer never leads to a missing one; its address is not known yet.
        await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(Write(hook)), cancel);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["hook"] = hook.Id };
        var way = new Row(Lookup(hook.Connection), Owner, values, former?.ETag);
        var claim = await table.WriteAsync(TableNames.Lookups, former is null ? TableWrite.Insert(way) : TableWrite.Replace(way), cancel);
        if (claim.Outcome == WriteOutcome.Done)
            return true;
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(Write(hook)), cancel);
        return false;
    }

    /// <summary>The hook after the change; null if there is none.</summary>
    /// <exception cref="ConcurrencyException">Others kept changing it.</exception>
    public Task<Webhook?> ChangeAsync(string id, Func<Webhook, Task<Webhook>> change, CancellationToken cancel) => OptimisticRetry.RunAsync<Webhook?>(
        async () =>
        {
            if (await table.GetAsync(TableNames.Lookups, Partition(id), Self, cancel) is not { } row)
                return new(null);
            var after = await change(Read(row));
            return await table.ReplaceAsync(TableNames.Lookups, Write(after, row.ETag), cancel) ? new(after) : null;
        },
        clock,
        cancel);

    /// <summary>False if the connection had none.</summary>
    public async Task<bool> EndAsync(string connection, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, Lookup(connection), Owner, cancel) is not { } lookup)
            return false;
        var id = (string)lookup.Values["hook"]!;

        // The pointer is deleted last, so that an interrupted deletion can be repeated; it stays if it points to another hook by now.
        foreach (var key in (string[])[Self, Last, Refused])
            await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(new Row(Partition(id), key, lookup.Values)), cancel);
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(lookup), cancel);
        return true;
    }

    public async Task<LastDelivery?> LastOfAsync(string id, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Partition(id), Last, cancel) is { } row ? ReadLast(row) : null;

    public async Task DeliverAsync(string id, LastDelivery last, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Put(RowDocument.Write(Partition(id), Last, last, PushJson.Default.LastDelivery)), cancel);

    public async Task RefuseAsync(string id, DateTimeOffset at, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Put(new Row(Partition(id), Refused, new Dictionary<string, object?>(StringComparer.Ordinal) { [At] = at })), cancel);

    public async Task<RedeliveryRun?> LastRedeliveryAsync(CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Partition(App), Redelivered, cancel) is { } row
            ? RowDocument.Read(row, PushJson.Default.RedeliveryRun)
            : null;

    public async Task KeepAsync(RedeliveryRun run, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Put(RowDocument.Write(Partition(App), Redelivered, run, PushJson.Default.RedeliveryRun)), cancel);

    private static string Partition(string id) => $"h|{id}";

    private static string Lookup(string connection) => $"hc|{connection}";

    private static Webhook Read(Row row) => RowDocument.Read(row, PushJson.Default.Webhook);

    private static LastDelivery ReadLast(Row row) => RowDocument.Read(row, PushJson.Default.LastDelivery);

    private static Row Write(Webhook hook, string? etag = null) => RowDocument.Write(Partition(hook.Id), Self, hook, PushJson.Default.Webhook, etag);
}
