using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Push;

/// <param name="Source">The one source with webhooks that people set up.</param>
/// <param name="Read">Checks a delivery against the accepted secrets, and finds whose it is.</param>
/// <param name="AppSecret">Secret of the operator's app; null without one.</param>
public sealed record WebhookOptions(string Source, Func<WebhookDelivery, IReadOnlyList<string>, WebhookResult> Read, string? AppSecret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => AppSecret is null ? "no app" : "app";
}

/// <summary>
/// Accepts webhook deliveries: the source checks the signature, and the body is queued for the connections it concerns. A person's webhook serves that
/// person's connection and own contributions only; the app's webhook serves everyone connected as the author. Repeated and late deliveries are
/// harmless, because writes are idempotent.
/// </summary>
public sealed class WebhookReceiver(
    WebhookStore store, PersonalWebhooks hooks, WebhookOptions options, PushBodyStore bodies, DiscardedDeliveries discarded, OriginIndex origins, HarvestQueue queue, TimeProvider clock)
{
    /// <summary>Bytes of a body, as many as senders allow; larger ones are refused.</summary>
    public const int MaxBytes = 25 * 1024 * 1024;

    private const int LongestEvent = 60;

    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);

    /// <summary>Null if there is no such webhook.</summary>
    public async Task<WebhookEndpoint?> FindAsync(string id, CancellationToken cancel) => id == WebhookStore.App
        ? options.AppSecret is null ? null : new WebhookEndpoint(id, null, null)
        : await store.FindAsync(id, cancel);

    /// <summary>Counts a delivery that was rejected unread.</summary>
    public void Refuse() => discarded.Count();

    public async Task<WebhookOutcome> TakeAsync(WebhookEndpoint endpoint, WebhookDelivery delivery, CancellationToken cancel)
    {
        var secrets = endpoint.Hook is { } hook ? await hooks.SecretsAsync(hook, cancel) : [options.AppSecret!];
        var reading = options.Read(delivery, secrets);
        if (reading.Outcome is WebhookOutcome.Unsigned or WebhookOutcome.SignedFormerly)
            discarded.Count();
        if (reading.Outcome == WebhookOutcome.SignedFormerly)
            await NoteRefusalAsync(endpoint, cancel);
        if (reading.Outcome is WebhookOutcome.Unsigned or WebhookOutcome.SignedFormerly or WebhookOutcome.Unreadable)
            return reading.Outcome;
        var outcome = reading is { Origin: { } origin, Json: { } json } ? await RouteAsync(endpoint, origin, json, delivery.Event, cancel) : reading.Outcome;
        await NoteAsync(endpoint, delivery.Event, cancel);
        return outcome;
    }

    private async Task<WebhookOutcome> RouteAsync(WebhookEndpoint endpoint, string origin, byte[] json, string @event, CancellationToken cancel)
    {
        var connections = endpoint.Hook is { } hook
            ? hook.Origin == origin ? [new ConnectionRef(hook.Person, hook.Connection)] : []
            : await origins.FindAsync(options.Source, origin, cancel);
        if (connections.Count == 0)
            return WebhookOutcome.NoConnection;
        var payload = await bodies.PutAsync(connections.Select(connection => connection.Person), json, cancel) with { ContentType = "application/json", Event = @event };
        foreach (var connection in connections)
            await queue.PutAsync(new HarvestMessage(connection.Person, connection.Connection, Pushed: payload), cancel);
        return WebhookOutcome.Queued;
    }

    /// <summary>At most once a minute while the same event repeats.</summary>
    private async Task NoteAsync(WebhookEndpoint endpoint, string @event, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var name = Normaliser.Text(@event, LongestEvent) ?? "";
        var last = endpoint.Hook is null ? await store.LastOfAsync(endpoint.Id, cancel) : endpoint.Last;
        if (last is null || last.Event != name || now - last.At > NotedEvery || endpoint.RefusedAt >= last.At)
            await store.DeliverAsync(endpoint.Id, new LastDelivery(now, name), cancel);
    }

    private async Task NoteRefusalAsync(WebhookEndpoint endpoint, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (endpoint.Hook is not null && (endpoint.RefusedAt is not { } before || now - before > NotedEvery))
            await store.RefuseAsync(endpoint.Id, now, cancel);
    }
}

/// <summary>Requests redelivery of what the app's webhook missed, and stores the result for the operator.</summary>
/// <param name="ask">Null without an app, or without its key.</param>
public sealed class WebhookRedelivery(WebhookStore store, Func<CancellationToken, Task<RedeliveryRun>>? ask = null)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        if (ask is not null)
            await store.KeepAsync(await ask(cancel), cancel);
    }
}
