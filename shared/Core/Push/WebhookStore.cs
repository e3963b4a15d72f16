using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Push;

/// <summary>A person's own webhook: what comes through it reaches that person's one connection and nothing else.</summary>
public sealed record Webhook
{
    /// <summary>Last part of its address; nobody can guess it.</summary>
    public required string Id { get; init; }

    public required string Person { get; init; }

    public required string Connection { get; init; }

    /// <summary>Of the connection, which never changes.</summary>
    public required string Origin { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>What deliveries may be signed with, newest first.</summary>
    public required IReadOnlyList<WebhookSecret> Secrets { get; init; }

    public override string ToString() => $"hook of connection {Connection}";
}

/// <param name="Sealed">By the ring, for <c>hook|(id)</c>.</param>
/// <param name="Until">Null: until there is a newer one.</param>
public sealed record WebhookSecret(string Sealed, DateTimeOffset? Until = null);

/// <summary>The last delivery that was rightly signed.</summary>
public sealed record LastDelivery(DateTimeOffset At, string Event);

/// <summary>Where a delivery came in.</summary>
/// <param name="Hook">Null for the hook of the operator's app.</param>
public sealed record WebhookEndpoint(string Id, Webhook? Hook, LastDelivery? Last);

/// <summary>
/// Hooks in table <c>lookups</c>: partition <c>h|(hook)</c> holds the hook (<c>h</c>) and its last delivery (<c>d</c>), <c>hc|(connection)</c>
/// leads to the hook. The operator's app has no row of its own, only its last delivery and last redelivery (<c>r</c>) under <c>h|app</c>.
/// </summary>
public sealed class WebhookStore(ITable table)
{
    /// <summary>In the place of a hook's id: the hook of the operator's app.</summary>
    public const string App = "app";

    private const string Self = "h";
    private const string Last = "d";
    private const string Redelivered = "r";
    private const string Owner = "o";

    /// <summary>Null for everything that is no hook of a person's: one read, and none for what cannot be one.</summary>
    public async Task<WebhookEndpoint?> FindAsync(string id, CancellationToken cancel)
    {
        if (!Identity.IsWellFormed(id))
            return null;
        var rows = await table.RangeAsync(TableNames.Lookups, Partition(id), Last, "i", 2, cancel).ToListAsync(cancel);
        return rows.Find(row => row.Key == Self) is { } self
            ? new WebhookEndpoint(id, Read(self), rows.Find(row => row.Key == Last) is { } last ? ReadLast(last) : null)
            : null;
    }

    public async Task<WebhookEndpoint?> OfAsync(string connection, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Lookup(connection), Owner, cancel) is { } row ? await FindAsync((string)row.Values["hook"]!, cancel) : null;

    /// <summary>False when the connection has one already, or somebody else was faster.</summary>
    public async Task<bool> CreateAsync(Webhook hook, CancellationToken cancel)
    {
        // A way that leads nowhere is left by a process that died while it ended a hook.
        var former = await table.GetAsync(TableNames.Lookups, Lookup(hook.Connection), Owner, cancel);
        if (former is not null && await FindAsync((string)former.Values["hook"]!, cancel) is not null)
            return false;

        // The hook first: nobody knows its address yet, and the way to it never leads to what is only being made.
        await table.WriteAsync(TableNames.Lookups, TableWrite.Insert(Write(hook)), cancel);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["hook"] = hook.Id };
        var way = new Row(Lookup(hook.Connection), Owner, values, former?.ETag);
        var claim = await table.WriteAsync(TableNames.Lookups, former is null ? TableWrite.Insert(way) : TableWrite.Replace(way), cancel);
        if (claim.Outcome == WriteOutcome.Done)
            return true;
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(Write(hook)), cancel);
        return false;
    }

    /// <summary>What it is after the change; null when there is none.</summary>
    /// <exception cref="ConcurrencyException">Somebody else kept changing it.</exception>
    public Task<Webhook?> ChangeAsync(string id, Func<Webhook, Task<Webhook>> change, CancellationToken cancel) => OptimisticRetry.RunAsync<Webhook?>(async () =>
    {
        if (await table.GetAsync(TableNames.Lookups, Partition(id), Self, cancel) is not { } row)
            return new(null);
        var after = await change(Read(row));
        return await table.ReplaceAsync(TableNames.Lookups, Write(after, row.ETag), cancel) ? new(after) : null;
    });

    /// <summary>False when the connection had none.</summary>
    public async Task<bool> EndAsync(string connection, CancellationToken cancel)
    {
        if (await table.GetAsync(TableNames.Lookups, Lookup(connection), Owner, cancel) is not { } lookup)
            return false;
        var id = (string)lookup.Values["hook"]!;

        // The way to it goes last, so that a process that dies on the way can be asked again; it stays if it leads to another one by now.
        foreach (var key in (string[])[Self, Last])
            await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(new Row(Partition(id), key, lookup.Values)), cancel);
        await table.WriteAsync(TableNames.Lookups, TableWrite.Delete(lookup), cancel);
        return true;
    }

    public async Task<LastDelivery?> LastOfAsync(string id, CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, Partition(id), Last, cancel) is { } row ? ReadLast(row) : null;

    public async Task DeliverAsync(string id, LastDelivery last, CancellationToken cancel) => await table.WriteAsync(
        TableNames.Lookups, TableWrite.Put(RowDocument.Write(Partition(id), Last, last, PushJson.Default.LastDelivery)), cancel);

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
