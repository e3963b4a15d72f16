using ContributionIngest.Core.Evidence;
using NodaTime;

namespace ContributionIngest.Core.Programmes;

/// <summary>Looks at the links of what counts for a programme.</summary>
public sealed class ProgrammeLinks(ReadinessReader readiness, Memberships memberships, EvidenceReader evidence)
{
    /// <param name="name">The person's; null if there is none.</param>
    /// <param name="today">In the zone.</param>
    public async Task<EvidenceLooks> CheckAsync(string person, string? name, Programme programme, DateOnly today, DateTimeZone zone, CancellationToken cancel)
    {
        var membership = await memberships.GetAsync(person, programme.Id, cancel) ?? new Membership();
        var links = new List<EvidenceLink>();
        await foreach (var (entry, day) in readiness.CountedAsync(person, programme, membership, today, zone, cancel))
        {
            if (entry.Url is { } url)
                links.Add(new EvidenceLink(entry.Id, url, day));
        }

        return await evidence.CheckAsync(person, name, links, zone, cancel);
    }
}
