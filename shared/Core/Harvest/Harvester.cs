using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Core.Harvest;

/// <summary>
/// Works off one message of queue <c>harvest</c>: reads the place since the cursor, writes page by page, moves the cursor, leaves a report
/// and the next due time. What a place does wrong ends as the connection's health; whatever else breaks is thrown, and the message comes again.
/// </summary>
public sealed class Harvester(
    HarvestStore store, RawAnswers raw, SourceCatalog catalog, Subscriptions subscriptions, HarvestOptions options, TimeProvider clock)
{
    public async Task Run(HarvestMessage message, CancellationToken cancel)
    {
        if (await Begin(message, cancel) is not { } run)
            return;
        var isEnded = false;
        try
        {
            await Read(run.Run, run.Connection, message, cancel);
            isEnded = true;
        }
        catch (ConnectionLostException)
        {
            isEnded = true;
        }
        finally
        {
            if (!isEnded)
                await run.Run.Release(CancellationToken.None);
        }
    }

    private async Task Read(HarvestRun run, Connection connection, HarvestMessage message, CancellationToken cancel)
    {
        try
        {
            await foreach (var page in catalog.Get(connection.Source).Read(run.Reading(Credentials.None), cancel).WithCancellation(cancel))
            {
                await run.Keep(page, raw, cancel);
                if (!page.More || !run.IsOverBudget)
                    continue;
                await run.Continue(message, cancel);
                return;
            }
        }
        catch (SourceException failure)
        {
            await run.Fail(failure, message.DueKey, cancel);
            return;
        }

        await run.Succeed(message.DueKey, cancel);
    }

    /// <summary>Takes the lease; null when there is nothing to do now.</summary>
    private async Task<(HarvestRun Run, Connection Connection)?> Begin(HarvestMessage message, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 8; attempt++)
        {
            if (await store.Connections.Get(message.Person, message.Connection, cancel) is not { } found)
            {
                await Forget(message, cancel);
                return null;
            }

            var now = clock.GetUtcNow();
            if (await IsLeftOver(message, found, now, cancel))
                return null;
            var isTaken = found.State.Lease is { } lease && lease.Until > now
                && string.Equals(lease.Epoch, options.Epoch, StringComparison.Ordinal);
            var run = Identity.Random();
            var state = isTaken
                ? found.State with { Again = true }
                : found.State with { Lease = new Lease(run, now + options.Lease, options.Epoch), Again = false };
            var tag = await store.Connections.SaveState(message.Person, message.Connection, state, found.Hashes, found.StateTag, cancel);
            if (tag is null)
                continue;
            if (isTaken)
                return null;
            var held = found with { State = state, StateTag = tag };
            return (new HarvestRun(store, subscriptions, options, clock, message.Person, held, run), found.Connection);
        }

        throw new LedgerBusyException();
    }

    /// <summary>A row of the due index may outlive its time (a run was asked for by hand, a planner stopped half-way): put it right.</summary>
    private async Task<bool> IsLeftOver(HarvestMessage message, Connected found, DateTimeOffset now, CancellationToken cancel)
    {
        if (found.Connection.Paused || (message.DueKey is not null && found.State.Health == Health.Gone))
        {
            await Forget(message, cancel);
            return true;
        }

        if (message.DueKey is null || found.State.NextRun is not { } next || next <= now)
            return false;
        await store.DueIndex.Move(HarvestStore.DueOf(message.Person, message.Connection, found.State.Address), message.DueKey, next, cancel);
        return true;
    }

    private async Task Forget(HarvestMessage message, CancellationToken cancel)
    {
        if (message.DueKey is not null)
            await store.DueIndex.Remove(HarvestStore.DueOf(message.Person, message.Connection, string.Empty), message.DueKey, cancel);
    }
}
