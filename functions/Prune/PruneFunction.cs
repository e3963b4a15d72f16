using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Harvest.Pushes;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Hosts;

namespace ContributionIngest.Functions;

/// <summary>Every night: raw answers, deliveries and reports that have been kept long enough.</summary>
public sealed class PruneFunction(
    Settings settings, PeopleStore people, HarvestStore store, RawAnswers raw, PushedBodies pushed, PoisonedMessages poisoned)
{
    public async Task Run(FunctionCall call, CancellationToken cancel)
    {
        await raw.Prune(settings.RawDays, cancel);
        await pushed.Prune(cancel);
        await poisoned.Prune(settings.RawDays, cancel);
        foreach (var person in await people.All(cancel))
        {
            foreach (var connected in await store.Connections.List(person, cancel))
                await store.Reports.Prune(person, connected.Connection.Id, Reports.Kept, cancel);
        }
    }
}
