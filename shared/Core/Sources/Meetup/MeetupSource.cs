using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>Meetup groups, and any iCalendar of events: Luma, Google, a community's own site.</summary>
public sealed class MeetupSource(Fetcher fetcher, TimeProvider time, MeetupOptions options) : IAccountSource
{
    private const int MaxMemberPages = 20;
    private const int MaxGroups = 50;

    private readonly ListingFinder finder = new(fetcher, time, options);
    private readonly ListingReader reader = new(fetcher, time, options);
    private readonly EventPageReader events = new(fetcher, time, options);
    private readonly GroupApi api = new(fetcher, options, time);

    public SourceInfo Info { get; } = new("meetup", [Kind.Event])
    {
        Options =
        [
            new("role", "what you are in these events", [.. new[] { Role.Organiser, Role.Speaker, Role.Host, Role.Other }.Select(EnumText<Role>.Of)]),
            new("match", "only events whose title or description holds one of these words, comma-separated; your name, say, where you only speak"),
        ],

        // A site below a path shares its host with others (tests, the demo).
        Hosts = ["meetup.com", "lu.ma", "luma.com", .. options.Site.AbsolutePath == "/" ? [options.Site.Authority] : Array.Empty<string>()],
    };

    public Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel) => finder.FindAsync(typed, cancel);

    /// <summary>Options: <c>role</c>, <c>match</c> (see <see cref="EventDrafts"/>).</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => reader.ReadAsync(reading, cancel);

    /// <summary>The account's places are the groups it organises.</summary>
    public async Task<SourceAccount> AccountAsync(string token, CancellationToken cancel)
    {
        var groups = new List<(MeetupAddress Address, string? Name)>();
        var page = await api.MemberAsync(null, token, cancel);
        groups.AddRange(page.Groups);
        for (var pages = 1; page.Next is { } next && pages < MaxMemberPages; pages++)
        {
            page = await api.MemberAsync(next, token, cancel);
            groups.AddRange(page.Groups);
        }

        return new SourceAccount(page.Id, page.Name, [.. groups.DistinctBy(group => group.Address.Origin, StringComparer.Ordinal).Take(MaxGroups)
            .Select(group => new Place(group.Address.Origin, group.Address.Calendar(options.Site).AbsoluteUri, group.Name, group.Address.Page(options.Site)))]);
    }

    /// <summary>There are no pushes of events.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Draft>?>([]);

    /// <summary>Accepts the page of an event on Meetup or Luma.</summary>
    public Task<Draft?> LookupAsync(Uri address, CancellationToken cancel) => events.ReadAsync(address, cancel);
}

/// <summary>Which Meetup, and the token for it.</summary>
/// <param name="Api">GraphQL, <c>gql-ext</c>.</param>
/// <param name="Site">The site people use; public iCal is below it.</param>
/// <param name="Token">Reads past events, for everyone; null: only what is public.</param>
public sealed record MeetupOptions(Uri Api, Uri Site, string? Token)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => Api.AbsoluteUri;
}
