using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Push;

/// <param name="Source">The one source whose places deliver through webhooks that somebody sets up there.</param>
/// <param name="Read">Checks a delivery against the secrets it may be signed with, and says whose it is.</param>
/// <param name="AppSecret">What deliveries of the operator's app are signed with; null where there is no app.</param>
public sealed record WebhookOptions(string Source, Func<WebhookDelivery, IReadOnlyList<string>, WebhookResult> Read, string? AppSecret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => AppSecret is null ? "no app" : "app";
}

/// <summary>
/// Takes what is delivered to a webhook: the source checks the signature, and the body goes to the queue of whoever it is for. A person's webhook
/// speaks to that person's connection only, and of the person's own contributions only; the app's to everybody who is connected as the author. Nothing
/// is held against a delivery that comes twice or late: what is written in the end is the same.
/// </summary>
public sealed class WebhookReceiver(
    WebhookStore store, PersonalWebhooks hooks, WebhookOptions options, PushBodyStore bodies, DiscardedDeliveries discarded, OriginIndex origins, HarvestQueue queue, TimeProvider clock)
{
    /// <summary>Bytes of a body; a sender's larger ones are other events, which would not be read.</summary>
    public const int MostBytes = WebSubReceiver.MostBytes;

    private const int LongestEvent = 60;

    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);

    /// <summary>Null when there is no such webhook.</summary>
    public async Task<WebhookEndpoint?> FindAsync(string id, CancellationToken cancel) => id == WebhookStore.App
        ? options.AppSecret is null ? null : new WebhookEndpoint(id, null, null)
        : await store.FindAsync(id, cancel);

    /// <summary>Counts a delivery that was refused unread.</summary>
    public void Refuse() => discarded.Count();

    public async Task<WebhookOutcome> TakeAsync(WebhookEndpoint endpoint, WebhookDelivery delivery, CancellationToken cancel)
    {
        var secrets = endpoint.Hook is { } hook ? await hooks.SecretsAsync(hook, cancel) : [options.AppSecret!];
        var reading = options.Read(delivery, secrets);
        if (reading.Outcome == WebhookOutcome.Unsigned)
            discarded.Count();
        if (reading.Outcome is WebhookOutcome.Unsigned or WebhookOutcome.Unreadable)
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
        var payload = await bodies.PutAsync(json, cancel) with { ContentType = "application/json", Event = @event };
        foreach (var connection in connections)
            await queue.PutAsync(new HarvestMessage(connection.Person, connection.Connection, Pushed: payload), cancel);
        return WebhookOutcome.Queued;
    }

    /// <summary>Once a minute at most while the same event comes again and again.</summary>
    private async Task NoteAsync(WebhookEndpoint endpoint, string @event, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var name = Normaliser.Text(@event, LongestEvent) ?? "";
        var last = endpoint.Hook is null ? await store.LastOfAsync(endpoint.Id, cancel) : endpoint.Last;
        if (last is null || last.Event != name || now - last.At > NotedEvery)
            await store.DeliverAsync(endpoint.Id, new LastDelivery(now, name), cancel);
    }
}

/// <summary>Has the sender repeat what the app's webhook did not take, and keeps what came of it for the operator.</summary>
/// <param name="ask">Null where no app is configured, or without a key to ask with.</param>
public sealed class WebhookRedelivery(WebhookStore store, Func<CancellationToken, Task<RedeliveryRun>>? ask = null)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        if (ask is not null)
            await store.KeepAsync(await ask(cancel), cancel);
    }
}
