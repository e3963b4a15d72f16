using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Harvesting;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Digests;

namespace ContributionIngest.Functions.Configuration;

/// <summary>Puts the digest's part of the app together.</summary>
internal static class DigestServices
{
    public static void Register(IServiceCollection services, Settings settings, AppDependencies dependencies, SecretRing ring, PeopleStore people, RollupRebuilder rebuilder)
    {
        var (table, blobs, queue, clock) = (dependencies.Stores.Table, dependencies.Stores.Blobs, dependencies.Stores.Queue, dependencies.Clock);
        var (store, planner) = (new DigestStore(table, blobs), new DigestPlanner(table, queue, clock));
        var attempts = new SendAttempts(table, store);
        var mailQueue = new MailQueue(table, queue, new MailPace(settings.Mail.PerHour, dependencies.Mail is not null), clock);
        var signed = new SignedLinks(ring, clock);
        var addresses = new DigestAddresses(settings.Site, signed);
        services.AddSingleton(store).AddSingleton(attempts).AddSingleton(planner).AddSingleton(mailQueue).AddSingleton(signed).AddSingleton(addresses);
        services.AddSingleton(new DigestUpkeep(planner, store, mailQueue, clock));
        services.AddSingleton(s => new DigestRun(
            table, people, rebuilder, store, planner, mailQueue, new Revisions(s.GetRequiredService<ConnectionStore>(), s.GetRequiredService<HarvestReports>()).InAsync, clock));
        services.AddSingleton(new DigestMailer(people, store, attempts, mailQueue, dependencies.Mail, new MailIdentity(addresses.Host, addresses.OfAsync), clock));
        services.AddSingleton<EntryPages>().AddSingleton<DigestPages>();
        services.AddSingleton(s => new LogPages(signed, people, s.GetRequiredService<LedgerEditor>(), clock));
    }

    /// <summary>The reports of harvests say what they revised.</summary>
    private sealed class Revisions(ConnectionStore connections, HarvestReports reports)
    {
        public async Task<IReadOnlyList<string>> InAsync(string person, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
        {
            var ids = new List<string>();
            foreach (var connected in await connections.ListAsync(person, cancel))
            {
                if (connected.State.LastChange >= from)
                    ids.AddRange((await reports.NewestAsync(person, connected.Connection.Id, HarvestReports.Kept, cancel)).Where(r => r.At >= from && r.At < to).SelectMany(r => r.Revised));
            }

            return ids;
        }
    }
}
