using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources.GitHub;

namespace ContributionIngest.Core.Push;

/// <param name="Event">GitHub's name for it (<c>X-GitHub-Event</c>).</param>
/// <param name="Signature"><c>X-Hub-Signature-256</c>.</param>
public sealed record WebhookDelivery(byte[] Body, string? ContentType, string Event, string? Signature);

public enum WebhookOutcome
{
    /// <summary>Nobody who knows the secret signed it.</summary>
    Unsigned,

    /// <summary>Rightly signed, and no JSON.</summary>
    Unreadable,
    Pong,

    /// <summary>An event or an action that brings nothing to any ledger.</summary>
    NotRead,

    /// <summary>A pull request of nobody this hook speaks to.</summary>
    NobodyHere,
    Queued,
}

/// <param name="AppSecret">What GitHub signs deliveries of the operator's app with; null where there is no app.</param>
public sealed record WebhookOptions(string? AppSecret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => AppSecret is null ? "no app" : "app";
}

/// <summary>
/// Takes what GitHub delivers: the signature is checked and the body goes to the queue of whoever it is for. A person's hook speaks to that
/// person's connection only, and of the person's own pull requests only; the app's to everybody who is connected as the author. Nothing is held
/// against a delivery that comes twice or late: what is written in the end is the same.
/// </summary>
public sealed class WebhookReceiver(
    WebhookStore store, PersonalWebhooks hooks, WebhookOptions options, PushedBodies bodies, DiscardedDeliveries discarded, HarvestStore harvests, TimeProvider clock)
{
    /// <summary>
    /// Bytes of a body. GitHub sends up to 25 MB, but a pull request with the longest texts it takes, twice over as after an edit and
    /// percent-encoded in a form, stays below 2 MB; what is larger is another event, which would not be read.
    /// </summary>
    public const int MostBytes = WebSubReceiver.MostBytes;

    internal const string PullRequest = "pull_request";
    private const string Ping = "ping";
    private const int LongestEvent = 60;

    private static readonly TimeSpan NotedEvery = TimeSpan.FromMinutes(1);

    /// <summary>Null when there is no such hook.</summary>
    public async Task<WebhookEndpoint?> FindAsync(string id, CancellationToken cancel) => id == WebhookStore.App
        ? options.AppSecret is null ? null : new WebhookEndpoint(id, null, null)
        : await store.FindAsync(id, cancel);

    public void Refuse() => discarded.Count();

    public async Task<WebhookOutcome> TakeAsync(WebhookEndpoint endpoint, WebhookDelivery delivery, CancellationToken cancel)
    {
        var secrets = endpoint.Hook is { } hook ? await hooks.SecretsAsync(hook, cancel) : [options.AppSecret!];
        if (!secrets.Any(secret => GitHubSignature.IsBy(secret, delivery.Body, delivery.Signature)))
        {
            discarded.Count();
            return WebhookOutcome.Unsigned;
        }

        if (GitHubPayload.Json(delivery.Body, delivery.ContentType) is not { } json)
            return WebhookOutcome.Unreadable;
        var outcome = delivery.Event switch
        {
            Ping => WebhookOutcome.Pong,
            PullRequest => await RouteAsync(endpoint, json, cancel),
            _ => WebhookOutcome.NotRead,
        };
        await NoteAsync(endpoint, delivery.Event, cancel);
        return outcome;
    }

    private async Task<WebhookOutcome> RouteAsync(WebhookEndpoint endpoint, byte[] json, CancellationToken cancel)
    {
        if (GitHubPush.AuthorOf(PullRequest, json) is not { } author)
            return WebhookOutcome.NotRead;
        var origin = author.ToString(CultureInfo.InvariantCulture);
        var connections = endpoint.Hook is { } hook
            ? hook.Origin == origin ? [new ConnectionRef(hook.Person, hook.Connection)] : []
            : await harvests.Origins.FindAsync(PersonalWebhooks.Source, origin, cancel);
        if (connections.Count == 0)
            return WebhookOutcome.NobodyHere;
        var pushPayload = await bodies.KeepAsync(json, cancel) with { ContentType = "application/json", Event = PullRequest };
        foreach (var connection in connections)
            await harvests.EnqueueAsync(new HarvestMessage(connection.Person, connection.Connection, Pushed: pushPayload), cancel);
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
