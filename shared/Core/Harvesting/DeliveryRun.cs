using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// Handles one message of queue <c>harvest</c> that carries a delivery. Its drafts are written like harvested ones. It moves no cursor, so it needs no
/// lease and may run beside a harvest of the same connection.
/// </summary>
public sealed class DeliveryRun(HarvestStore store, PushBodyStore bodies, RawAnswers raw, SourceCatalog catalog, Fetcher fetcher, TimeProvider clock)
{
    public async Task RunAsync(HarvestMessage message, PushPayload pushPayload, CancellationToken cancel)
    {
        using var activity = Telemetry.Continue("delivery", message.Trace);
        if (await store.Connections.GetAsync(message.Person, message.Connection, cancel) is not { Connection: { Paused: false, Ending: null } } found)
            return;
        try
        {
            await RunAsync(message, pushPayload, found, cancel);
        }
        catch (ConnectionEndedException)
        {
            // The connection was removed.
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            await CountFaultAsync(message, cancel);
            throw;
        }
    }

    private async Task RunAsync(HarvestMessage message, PushPayload pushPayload, ConnectionSnapshot found, CancellationToken cancel)
    {
        var started = clock.GetUtcNow();
        using var work = DocumentWork.Begin();
        if (pushPayload.Blob is not null)
            await fetcher.EnterAsync(work, cancel);
        if (await bodies.GetAsync(pushPayload, cancel) is not { } body || await DraftsAsync(found.Connection, body, pushPayload, cancel) is not { } drafts)
        {
            // Something changed, but the delivery does not say what.
            await store.Queue.PutAsync(new HarvestMessage(message.Person, message.Connection) { AskedAt = started }, cancel);
            return;
        }

        if (drafts.Count == 0)
            return;
        var kept = await raw.PutAsync(message.Person, new RawResponse(body, pushPayload.ContentType), cancel);
        var context = HarvestRun.ContextOf(found.Connection, found.State, null) with { AsOf = pushPayload.ReceivedAt, IsDelivered = true };
        var result = UpsertResult.Nothing;
        try
        {
            await store.Ledger.UpsertAsync(
                message.Person, context, drafts, drafts, cancel, done => result = result.And(done), HarvestRun.Since(found));
        }
        finally
        {
            // Whatever stopped it, the report covers what was written.
            if (result.IsChange)
            {
                var report = new HarvestReport { At = started, Until = clock.GetUtcNow(), Pages = 1, Raw = [kept] };
                await store.Reports.AddAsync(message.Person, message.Connection, Identity.Random(), report.With(result), CancellationToken.None);
            }
        }

        await store.Connections.ChangeStateAsync(message.Person, message.Connection, s => After(s, result, pushPayload.TrustedUntil, clock.GetUtcNow()), cancel, result.IsChange);
    }

    /// <summary>Counts a failure of ours, so that poison handling can tell it from a shutdown.</summary>
    private async Task CountFaultAsync(HarvestMessage message, CancellationToken cancel)
    {
        try
        {
            await store.Connections.ChangeStateAsync(message.Person, message.Connection, s => s with { Faults = s.Faults + 1 }, cancel);
        }
        catch (StoreUnavailableException)
        {
            // The message is then retried more often.
        }
    }

    private async Task<IReadOnlyList<Draft>?> DraftsAsync(Connection connection, byte[] body, PushPayload pushPayload, CancellationToken cancel)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (pushPayload.ContentType is { } type)
            headers["Content-Type"] = type;
        try
        {
            var push = new PushDelivery(connection.Origin, pushPayload.Event ?? "push", body, headers, connection.Options);
            return await catalog.Get(connection.Source).AcceptAsync(push, cancel);
        }
        catch (SourceException)
        {
            return null;
        }
    }

    private static ConnectionState After(ConnectionState state, UpsertResult result, DateTimeOffset? trusted, DateTimeOffset now)
    {
        if (!result.IsChange && (trusted is null || trusted == state.PushedUntil))
            return state;
        return state with
        {
            PushedUntil = trusted ?? state.PushedUntil,
            LastChange = result.IsChange ? now : state.LastChange,
            DeliveredAt = result.IsChange ? now : state.DeliveredAt,
            Faults = 0,
        };
    }
}
