using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Events;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>
/// Chapters of communities on Bevy: Google Developer Groups, Salesforce, Atlassian and others. Their pages and sitemaps are read: robots.txt closes the API.
/// </summary>
/// <param name="sites">Those known to be made with Bevy; a chapter on any other is connected by naming the source.</param>
public sealed class BevySource(Fetcher fetcher, TimeProvider time, IReadOnlyList<Uri> sites) : ISource
{
    private readonly ChapterFinder finder = new(fetcher, time, sites);
    private readonly ChapterReader reader = new(fetcher, time, sites);

    /// <summary>Sites on Bevy in October 2026.</summary>
    public static IReadOnlyList<string> KnownHosts { get; } =
    [
        "gdg.community.dev", "trailblazercommunitygroups.com", "ace.atlassian.com", "www.startupgrind.com", "usergroups.tableau.com", "friends.figma.com", "community.uipath.com",
        "usergroups.snowflake.com", "community2.cncf.io", "events.duolingo.com",
    ];

    public SourceInfo Info { get; } = new("bevy", [Kind.Organising, Kind.Talk, Kind.Event, Kind.Mentoring])
    {
        Options = ChapterDrafts.Options,

        // A site below a path shares its host with others (tests, the demo).
        Hosts = [.. sites.Where(site => site.AbsolutePath == "/").Select(site => site.Authority)],
        HasNames = false,
    };

    public Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel) => finder.FindAsync(typed, cancel);

    /// <summary>Options: <c>role</c>, <c>names</c> (see <see cref="ChapterDrafts"/>).</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => reader.ReadAsync(reading, cancel);

    /// <summary>There are no pushes of events.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Draft>?>([]);

    /// <summary>What the page of an event says of itself is read as of any page.</summary>
    public Task<Draft?> LookupAsync(Uri address, CancellationToken cancel) => Task.FromResult<Draft?>(null);
}
