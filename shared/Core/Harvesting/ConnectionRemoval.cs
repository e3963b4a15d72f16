using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Grants;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// Removes connections in steps, each of which may be repeated. The first step marks the connection as ending. Its due row makes another process continue
/// after a crash, and its own rows are deleted last.
/// </summary>
public sealed class ConnectionRemoval(HarvestStore store, Subscriptions subscriptions, WebhookStore hooks, GrantStore grants, LedgerEditor ledger, TimeProvider clock)
{
    /// <summary>How soon the planner resumes a removal that was interrupted.</summary>
    private static readonly TimeSpan ResumeAfter = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Marks the connection as ending, which voids the lease of a run on it: no more entries are written for it. False if there is no such connection.
    /// </summary>
    /// <param name="audit">A new row of the person's, inserted together with the mark; repeating the step inserts none. Null for none.</param>
    public async Task<bool> BeginAsync(string person, string id, bool contributions, Func<Connection, Row>? audit, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(person, id, cancel) is not { } found)
            return false;
        var due = Due.OfConnection(person, id, found.State.Address);
        var next = clock.GetUtcNow() + ResumeAfter;
        await store.DueIndex.MoveAsync(due, found.State.DueKey, next, cancel);
        var marked = await store.Connections.ChangeAsync(
            person,
            id,
            c => c with { Ending = new ConnectionEnd(contributions || c.Ending?.Contributions == true) },
            cancel,
            (before, _) => before.Ending is null ? audit?.Invoke(before) : null);
        if (marked is null)
            return false;
        await store.Connections.ChangeStateAsync(person, id, s => s with { Lease = null, NextRun = next, DueKey = DueIndex.KeyAt(due, next) }, cancel);
        await ledger.EndAsync(person, id, cancel);
        return true;
    }

    /// <summary>Completes the removal of a connection that is ending. False if there is none.</summary>
    public async Task<bool> FinishAsync(string person, string id, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(person, id, cancel) is not { Connection.Ending: { } ending } found)
            return false;
        await ledger.EndAsync(person, id, cancel);
        var living = (await store.Connections.ListAsync(person, cancel)).Where(c => c.Connection.Ending is null).Select(c => c.Connection.Id).ToHashSet(StringComparer.Ordinal);
        await ledger.DisconnectAsync(person, id, ending.Contributions, living, cancel);
        return await DetachAsync(person, found, cancel);
    }

    /// <summary>Removes a connection of somebody whose ledger is deleted as a whole. Returns the topic that it followed, null if none. Safe to repeat.</summary>
    public async Task<PushOffer?> AbandonAsync(string person, string id, CancellationToken cancel)
    {
        await BeginAsync(person, id, contributions: true, null, cancel);
        if (await store.Connections.GetAsync(person, id, cancel) is not { } found)
            return null;
        await DetachAsync(person, found, cancel);
        return found.State.Followed;
    }

    /// <summary>Removes the connection with everything that is not in the ledger.</summary>
    private async Task<bool> DetachAsync(string person, ConnectionSnapshot found, CancellationToken cancel)
    {
        var id = found.Connection.Id;
        await store.Reports.PruneAsync(person, id, 0, cancel);
        await hooks.EndAsync(id, cancel);
        if (found.State.Followed is { } followed)
            await subscriptions.UnfollowAsync(person, id, followed, cancel);
        await store.Origins.RemoveAsync(found.Connection.Source, found.Connection.Origin, new ConnectionRef(person, id), cancel);
        if (found.Connection.Grant is { } grant)
            await grants.RemoveUnusedAsync(person, grant, cancel);
        var isGone = await store.Connections.DeleteAsync(person, id, cancel);
        if (found.State.DueKey is { } key)
            await store.DueIndex.RemoveAsync(Due.OfConnection(person, id, found.State.Address), key, cancel);
        return isGone;
    }
}
