using ContributionIngest.Core.Diagnostics;
using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Harvest;

/// <summary>
/// Works off one message of queue <c>harvest</c>: reads the place since the cursor, writes page by page, moves the cursor, leaves a report
/// and the next due time. What a place does wrong ends as the connection's health; whatever else breaks is thrown, and the message comes again.
/// </summary>
public sealed class Harvester(
    HarvestStore store,
    RawAnswers raw,
    SourceCatalog catalog,
    Subscriptions subscriptions,
    Disconnecting disconnecting,
    Recount recount,
    HarvestOptions options,
    TimeProvider clock)
{
    /// <summary>A place at which process after process dies before anything can be written down is left alone for a day.</summary>
    private const int MostDeaths = 10;

    public async Task Run(HarvestMessage message, CancellationToken cancel)
    {
        using var activity = Telemetry.Continue("harvest", message.Trace);
        if (await Begin(message, cancel) is not { } held)
            return;
        activity?.SetTag("source", held.Connection.Source);
        await using var run = new HarvestRun(store, subscriptions, options, clock, message, held);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, run.Lost);
        try
        {
            await Read(run, either.Token);
        }
        catch (Exception e) when (e is ConnectionLostException or ConnectionEndedException || (e is OperationCanceledException && run.Lost.IsCancellationRequested))
        {
            // Somebody else goes on with it, or nobody is to.
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await Release(run, null);
            throw;
        }
        catch (Exception e)
        {
            await Release(run, e);
            throw;
        }
    }

    private static async Task Release(HarvestRun run, Exception? fault)
    {
        try
        {
            await run.Release(fault);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException or ConnectionLostException)
        {
            // The lease runs out by itself soon.
        }
    }

    private async Task Read(HarvestRun run, CancellationToken cancel)
    {
        try
        {
            await foreach (var page in catalog.Get(run.Connection.Source).Read(run.Reading(Credentials.None), cancel).WithCancellation(cancel))
            {
                await run.Keep(page, raw, cancel);
                if (!page.More || !run.IsOverBudget)
                    continue;
                await run.Continue(cancel);
                return;
            }
        }
        catch (SourceException failure)
        {
            await run.Fail(failure, cancel);
            Telemetry.Harvested(run.Connection.Source, failure.Failure == Failure.Transient ? "transient" : "terminal");
            return;
        }

        await run.Succeed(cancel);
        Telemetry.Harvested(run.Connection.Source, "ok");
    }

    /// <summary>Takes the lease; null when there is nothing to do now.</summary>
    private async Task<Connected?> Begin(HarvestMessage message, CancellationToken cancel)
    {
        while (true)
        {
            if (await store.Connections.Get(message.Person, message.Connection, cancel) is not { } found)
            {
                await Forget(message, cancel);
                return null;
            }

            if (found.Connection.Ending is not null)
            {
                await disconnecting.Finish(message.Person, message.Connection, cancel);
                return null;
            }

            var now = clock.GetUtcNow();
            if (await IsLeftOver(message, found, now, cancel))
                return null;
            var isLeased = found.State.Lease is { } lease && string.Equals(lease.Epoch, options.Epoch, StringComparison.Ordinal);
            if (isLeased && found.State.Lease!.Until - now is var left && left > TimeSpan.Zero && left <= HarvestOptions.Lease)
            {
                // At the lease's end at the latest; it may be given back before, or be renewed.
                await store.Enqueue(message, left < HarvestOptions.Renewal ? left : HarvestOptions.Renewal, cancel);
                return null;
            }

            if (found.State.Format < ConnectionState.CurrentFormat)
                await recount.Upgrade(message.Person, cancel);
            var deaths = found.State.Deaths + (found.State.Lease is null ? 0 : 1);
            var isHopeless = deaths >= MostDeaths;
            var state = isHopeless ? Rested(found.State, message, now) : found.State with
            {
                Lease = new Lease(Identity.Random(), now + HarvestOptions.Lease, options.Epoch),
                Deaths = deaths,
            };
            var tag = await store.Connections.SaveState(message.Person, message.Connection, state, found.Hashes, found.StateTag, cancel);
            if (tag is null)
                continue;
            if (!isHopeless)
                return found with { State = state, StateTag = tag };
            await store.DueIndex.Move(
                HarvestStore.DueOf(message.Person, message.Connection, state.Address), message.DueKey ?? found.State.DueKey, state.NextRun!.Value, cancel);
            return null;
        }
    }

    private static ConnectionState Rested(ConnectionState state, HarvestMessage message, DateTimeOffset now)
    {
        var next = now + Cadence.Longest;
        return state with
        {
            Lease = null,
            Deaths = 0,
            Health = Health.Failing,
            Problem = new Problem("crashed", "The program ended again and again in the middle of reading it; it is tried again tomorrow.", now),
            Failures = state.Failures + 1,
            FailingSince = state.FailingSince ?? now,
            NextRun = next,
            DueKey = DueIndex.KeyAt(HarvestStore.DueOf(message.Person, message.Connection, state.Address), next),
        };
    }

    /// <summary>
    /// A row of the due index may outlive its time (a run was asked for by hand, a planner stopped half-way): put it right. What was asked for before
    /// the last reading began is answered by it.
    /// </summary>
    private async Task<bool> IsLeftOver(HarvestMessage message, Connected found, DateTimeOffset now, CancellationToken cancel)
    {
        if (found.Connection.Paused || (message.DueKey is not null && found.State.Health == Health.Gone))
        {
            await Forget(message, cancel);
            return true;
        }

        var isAnswered = message.AskedAt < found.State.Begun && !found.State.Backfilling;
        if (message.DueKey is null && !isAnswered)
            return false;
        var next = found.State.NextRun;
        if (message.DueKey is not null && (next is null || next <= now))
            return false;

        // Whoever finished the reading may have been stopped before the row moved.
        if (next is { } at)
            await store.DueIndex.Move(HarvestStore.DueOf(message.Person, message.Connection, found.State.Address), message.DueKey, at, cancel);
        return true;
    }

    private async Task Forget(HarvestMessage message, CancellationToken cancel)
    {
        if (message.DueKey is not null)
            await store.DueIndex.Remove(HarvestStore.DueOf(message.Person, message.Connection, string.Empty), message.DueKey, cancel);
    }
}
