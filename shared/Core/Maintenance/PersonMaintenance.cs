using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;

namespace ContributionIngest.Core.Maintenance;

/// <summary>One person's part of the night's work: resumes a time zone change, publishes what has begun, repairs the digest's schedule, deletes old reports, sessions, links and audit entries.</summary>
public sealed class PersonMaintenance(PeopleStore people, RollupRebuilder rebuilder, LedgerEditor editor, DigestMaintenance digests, HarvestStore store, Sessions sessions, SignInLinks links, AuditTrail audit)
{
    /// <summary>Safe to repeat.</summary>
    public async Task RunAsync(string person, CancellationToken cancel)
    {
        if (await people.GetAsync(person, cancel) is { } known)
        {
            // Restarts a time zone change that was never completed.
            await rebuilder.SetZoneAsync(known.Id, known.Zone, cancel);
            await editor.PublishStartedAsync(known.Id, cancel);
            await digests.RunAsync(known, cancel);
        }

        await sessions.PruneAsync(person, cancel);
        await links.PruneAsync(person, cancel);
        await audit.PruneAsync(person, cancel);
        foreach (var connected in await store.Connections.ListAsync(person, cancel))
            await store.Reports.PruneAsync(person, connected.Connection.Id, HarvestReports.Kept, cancel);
    }
}
