using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Push;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>
/// Takes a restored person's work up again. Queues are in no archive; what stood in them follows from the rows:
/// <list type="bullet">
/// <item><c>harvest</c>: planned harvests and removals of connections come from the due index, which the archive has. A delivery that waited is lost with its
/// message, in which alone it says what it is; so each connection that something is delivered to is read at once, which finds the same.</item>
/// <item><c>digest</c>: from the due index.</item>
/// <item><c>mail</c>: a digest whose mail waits is queued again. One that was claimed is not: it may have been sent. Links to sign in with are asked for again.</item>
/// <item><c>recount</c>: an unfinished one is noted in the ledger, and is queued again.</item>
/// <item><c>maintenance</c>: every night begins anew; deletions of people that have begun are queued by the caller at the end.</item>
/// </list>
/// Everything may be repeated: each message finds its work done if it was.
/// </summary>
public sealed class RestoredWork(
    PeopleStore people, RollupRebuilder rebuilder, DigestStore digests, MailQueue mail, ConnectionStore connections, WebhookStore hooks, HarvestQueue harvests, DueIndex dueIndex,
    TimeProvider clock)
{
    private const int Weeks = 100;

    /// <param name="isAlone">Without what is about nobody, to which the times belong at which subscriptions are renewed.</param>
    public async Task ResumeAsync(string id, bool isAlone, CancellationToken cancel)
    {
        if (await people.GetAsync(id, cancel) is not { } person)
            return;
        await rebuilder.SetZoneAsync(id, person.Zone, cancel);
        foreach (var record in (await digests.NewestAsync(id, Weeks, cancel)).Where(record => record.Mail == MailState.Waiting))
        {
            if (Week.Parse(record.Week) is { } week)
                await mail.QueueAsync(id, week, cancel);
        }

        var now = clock.GetUtcNow();
        foreach (var connected in await connections.ListAsync(id, cancel))
        {
            var connection = connected.Connection.Id;
            if (isAlone && connected.State.Followed is { } followed)
                await dueIndex.MoveAsync(new Due(DueIndex.Push, SubscriptionStore.Key(followed), string.Empty), null, now, cancel);
            if (connected.Connection is { Paused: false, Ending: null } && (connected.State.Followed is not null || connected.State.DeliveredAt is not null || await hooks.OfAsync(connection, cancel) is not null))
                await harvests.PutAsync(new HarvestMessage(id, connection) { AskedAt = now }, cancel);
        }
    }
}
