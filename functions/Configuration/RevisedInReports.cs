using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;

namespace ContributionIngest.Functions.Configuration;

/// <summary>Finds the entries that harvests revised, for digests, in the harvest reports.</summary>
internal static class RevisedInReports
{
    public static RevisedEntries EntriesOf(IServiceProvider services)
    {
        var (connections, reports) = (services.GetRequiredService<ConnectionStore>(), services.GetRequiredService<HarvestReports>());
        return async (person, from, to, cancel) =>
        {
            var ids = new List<string>();
            foreach (var connected in await connections.ListAsync(person, cancel))
            {
                if (connected.State.LastChange >= from)
                    ids.AddRange((await reports.NewestAsync(person, connected.Connection.Id, HarvestReports.Kept, cancel)).Where(r => r.At >= from && r.At < to).SelectMany(r => r.Revised));
            }

            return ids;
        };
    }
}
