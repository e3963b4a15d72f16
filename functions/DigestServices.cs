using ContributionIngest.Core.Digest;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api;

namespace ContributionIngest.Functions;

/// <summary>Puts the digest's part of the app together.</summary>
internal static class DigestServices
{
    public static void Register(IServiceCollection services, Settings settings, Edges edges, SecretRing ring, PeopleStore people, Recount recount)
    {
        var (table, blobs, queue, clock) = (edges.Stores.Table, edges.Stores.Blobs, edges.Stores.Queue, edges.Clock);
        var (store, planner) = (new DigestStore(table, blobs), new DigestPlanner(table, queue, clock));
        var claims = new Claims(table, store);
        var outgoing = new Outgoing(table, queue, new MailPace(settings.Mail.PerHour, edges.Mail is not null), clock);
        var signed = new SignedLinks(ring, clock);
        var addresses = new DigestAddresses(settings.Site, signed);
        services.AddSingleton(store).AddSingleton(claims).AddSingleton(planner).AddSingleton(outgoing).AddSingleton(signed).AddSingleton(addresses);
        services.AddSingleton(new DigestUpkeep(planner, store, outgoing, clock));
        services.AddSingleton(s => new DigestRun(
            table, people, recount, store, planner, outgoing, new Revisions(s.GetRequiredService<ConnectionStore>(), s.GetRequiredService<Reports>()).In, clock));
        services.AddSingleton(new Postman(people, store, claims, outgoing, edges.Mail, new Postmark(addresses.Host, addresses.Of), clock));
        services.AddSingleton<EntryPages>().AddSingleton<DigestPages>();
        services.AddSingleton(s => new LogPages(signed, people, s.GetRequiredService<LedgerEditor>(), clock));
    }

    /// <summary>The reports of harvests say what they revised.</summary>
    private sealed class Revisions(ConnectionStore connections, Reports reports)
    {
        public async Task<IReadOnlyList<string>> In(string person, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
        {
            var ids = new List<string>();
            foreach (var connected in await connections.List(person, cancel))
            {
                if (connected.State.LastChange >= from)
                    ids.AddRange((await reports.Newest(person, connected.Connection.Id, Reports.Kept, cancel)).Where(r => r.At >= from && r.At < to).SelectMany(r => r.Revised));
            }

            return ids;
        }
    }
}
