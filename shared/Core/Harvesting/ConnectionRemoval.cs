using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;

namespace ContributionIngest.Core.Harvesting;

/// <summary>
/// Ends connections, in steps that may each be repeated. The connection says from the first step on that it is being ended; its row of the due index
/// sees to it that somebody goes on where a process was stopped, and its own rows go last.
/// </summary>
public sealed class ConnectionRemoval(HarvestStore store, Subscriptions subscriptions, WebhookStore hooks, LedgerEditor ledger, TimeProvider clock)
{
    /// <summary>How soon the planner asks for a connection that somebody did not end to its end.</summary>
    private static readonly TimeSpan InCaseOfDeath = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Says that the connection is being ended, which ends the lease of a run on it: no entry is written for it any more. False when there is no such
    /// connection.
    /// </summary>
    public async Task<bool> BeginAsync(string person, string id, bool contributions, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(person, id, cancel) is not { } found)
            return false;
        var due = Due.OfConnection(person, id, found.State.Address);
        var next = clock.GetUtcNow() + InCaseOfDeath;
        await store.DueIndex.MoveAsync(due, found.State.DueKey, next, cancel);
        if (await store.Connections.ChangeAsync(person, id, c => c with { Ending = new ConnectionEnd(contributions || c.Ending?.Contributions == true) }, cancel) is null)
            return false;
        await store.Connections.ChangeStateAsync(person, id, s => s with { Lease = null, NextRun = next, DueKey = DueIndex.KeyAt(due, next) }, cancel);
        await ledger.EndAsync(person, id, cancel);
        return true;
    }

    /// <summary>Goes on with a connection that is being ended until it is gone. False when there is none.</summary>
    public async Task<bool> FinishAsync(string person, string id, CancellationToken cancel)
    {
        if (await store.Connections.GetAsync(person, id, cancel) is not { Connection.Ending: { } ending } found)
            return false;
        await ledger.EndAsync(person, id, cancel);
        var living = (await store.Connections.ListAsync(person, cancel)).Where(c => c.Connection.Ending is null).Select(c => c.Connection.Id).ToHashSet(StringComparer.Ordinal);
        await ledger.DisconnectAsync(person, id, ending.Contributions, living, cancel);
        await store.Reports.PruneAsync(person, id, 0, cancel);
        await hooks.EndAsync(id, cancel);
        if (found.State.Followed is { } followed)
            await subscriptions.UnfollowAsync(person, id, followed, cancel);
        await store.Origins.RemoveAsync(found.Connection.Source, found.Connection.Origin, new ConnectionRef(person, id), cancel);
        var isGone = await store.Connections.DeleteAsync(person, id, cancel);
        if (found.State.DueKey is { } key)
            await store.DueIndex.RemoveAsync(Due.OfConnection(person, id, found.State.Address), key, cancel);
        return isGone;
    }
}
