using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Events;

namespace ContributionIngest.Core.Sources.OpenCommunityGroups;

/// <summary>
/// Groups at a site of Open Community Groups, such as those of the CNCF at ocgroups.dev. Their events are found by the search of the site's own pages, which is
/// not promised to stay.
/// </summary>
/// <param name="site">The site people use.</param>
public sealed class OpenCommunityGroupsSource(Fetcher fetcher, TimeProvider time, Uri site) : ISource
{
    private readonly GroupFinder finder = new(fetcher, time, site);
    private readonly GroupReader reader = new(fetcher, time, site);

    public SourceInfo Info { get; } = new("ocg", [Kind.Organising, Kind.Talk, Kind.Event, Kind.Mentoring])
    {
        Options = ChapterDrafts.Options,

        // The CNCF's chapters were at the second host before. A site below a path shares its host with others (tests, the demo).
        Hosts = ["ocgroups.dev", "community.cncf.io", .. site.AbsolutePath == "/" ? [site.Authority] : Array.Empty<string>()],
        HasNames = false,
    };

    public Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel) => finder.FindAsync(typed, cancel);

    /// <summary>Options: <c>role</c>, <c>names</c> (see <see cref="ChapterDrafts"/>).</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => reader.ReadAsync(reading, cancel);

    /// <summary>There are no pushes of events.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Draft>?>([]);

    /// <summary>The pages of events do not state their times for programs.</summary>
    public Task<Draft?> LookupAsync(Uri address, CancellationToken cancel) => Task.FromResult<Draft?>(null);
}
