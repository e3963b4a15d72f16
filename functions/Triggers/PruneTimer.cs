using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>Every night: raw answers, deliveries and reports that have been kept long enough; and who waits for a digest is seen to.</summary>
public sealed class PruneTimer(
    Settings settings, PeopleStore people, Recount recount, HarvestStore store, RawAnswers raw, PushedBodies pushed, PoisonedMessages poisoned, DigestUpkeep digests)
{
    [Function("Prune")]
    public async Task RunAsync([TimerTrigger("0 20 3 * * *")] TimerInfo timer, CancellationToken cancel)
    {
        await raw.Prune(settings.RawDays, cancel);
        await pushed.Prune(cancel);
        await poisoned.Prune(settings.RawDays, cancel);
        foreach (var person in await people.All(cancel))
        {
            if (await people.Get(person, cancel) is { } known)
            {
                // A zone whose change nobody carried on is begun again.
                await recount.SetZone(known.Id, known.Zone, cancel);
                await digests.Run(known, cancel);
            }

            foreach (var connected in await store.Connections.List(person, cancel))
                await store.Reports.Prune(person, connected.Connection.Id, Reports.Kept, cancel);
        }
    }
}
