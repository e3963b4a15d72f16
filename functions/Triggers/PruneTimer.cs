using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>Every night: raw answers, deliveries and reports that have been kept long enough; and who waits for a digest is seen to.</summary>
public sealed class PruneTimer(
    Settings settings, PeopleStore people, RollupRebuilder rebuilder, HarvestStore store, RawAnswers raw, PushedBodies pushed, PoisonedMessages poisoned, DigestUpkeep digests)
{
    [Function("Prune")]
    public async Task RunAsync([TimerTrigger("0 20 3 * * *")] TimerInfo timer, CancellationToken cancel)
    {
        await raw.PruneAsync(settings.RawDays, cancel);
        await pushed.PruneAsync(cancel);
        await poisoned.PruneAsync(settings.RawDays, cancel);
        foreach (var person in await people.AllAsync(cancel))
        {
            if (await people.GetAsync(person, cancel) is { } known)
            {
                // A zone whose change nobody carried on is begun again.
                await rebuilder.SetZoneAsync(known.Id, known.Zone, cancel);
                await digests.RunAsync(known, cancel);
            }

            foreach (var connected in await store.Connections.ListAsync(person, cancel))
                await store.Reports.PruneAsync(person, connected.Connection.Id, Reports.Kept, cancel);
        }
    }
}
