using ContributionIngest.Core.Fetch;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A channel's videos: by the Data API where the operator has set a key, by the channel's feed where not.</summary>
public sealed class YouTubeSource : ISource
{
    /// <summary>Of one delivery; hubs send one.</summary>
    private const int MostPushed = 200;

    private readonly YouTubeSite site;
    private readonly YouTubeApi? api;
    private readonly YouTubeFinder finder;
    private readonly FedReading fed;
    private readonly FedDrafts drafts;
    private readonly TimeProvider time;

    /// <param name="quota">The key's units.</param>
    public YouTubeSource(Fetcher fetcher, TimeProvider time, YouTubeOptions options, Quota quota)
    {
        this.time = time;
        site = new YouTubeSite(options);
        api = options.Key is null ? null : new YouTubeApi(fetcher, options, site, quota, time);
        finder = new YouTubeFinder(fetcher, site, api);
        fed = new FedReading(fetcher, site, time);
        drafts = new FedDrafts(site);
        About = new("youtube", [Kind.Video])
        {
            Options = [new("role", "what you were in them", Word<Role>.All)],
            Hosts = site.Hosts,
        };
    }

    public SourceAbout About { get; }

    public Task<Place> Resolve(string typed, Credentials credentials, CancellationToken cancel) => finder.Find(typed, cancel);

    /// <summary>Options: <c>role</c>, what the person was in the channel's videos (default author).</summary>
    public IAsyncEnumerable<SourcePage> Read(Reading reading, CancellationToken cancel) => api is null
        ? fed.Read(reading.Origin, reading.Address, reading.Cursor, RoleOf(reading.Options), cancel)
        : new ChannelReading(api, site, time).Read(reading.Origin, reading.Address, reading.Cursor, RoleOf(reading.Options), cancel);

    /// <summary>
    /// WebSub: a feed with what is new or renamed, or with what was taken away. It says little and anything may have happened since, so the
    /// interface is asked; without it the delivery's own words have to do.
    /// </summary>
    public async Task<IReadOnlyList<Draft>?> Accept(Push push, CancellationToken cancel)
    {
        if (ChannelFeed.Read(push.Body) is not { } feed || feed.Videos.Count + feed.Deleted.Count is 0 or > MostPushed)
            return null;
        var (channel, role) = (push.Origin, RoleOf(push.Options));
        var videos = feed.Videos.Where(video => (video.Channel ?? feed.Channel) == channel).DistinctBy(video => video.Id, StringComparer.Ordinal).ToArray();
        var deleted = feed.Deleted.Where(tombstone => (tombstone.Channel ?? feed.Channel ?? channel) == channel).ToArray();
        string[] ids = [.. videos.Select(video => video.Id).Concat(deleted.Select(tombstone => tombstone.Id)).Distinct(StringComparer.Ordinal)];
        if (ids.Length == 0)
            return [];
        if (await Confirmed(channel, ids, role, cancel) is { } confirmed)
        {
            var present = confirmed.Select(draft => draft.NativeId).ToHashSet(StringComparer.Ordinal);
            return [.. confirmed, .. deleted.Where(tombstone => !present.Contains(tombstone.Id)).Select(tombstone => drafts.Removed(tombstone, role))];
        }

        return [.. videos.Select(video => drafts.Pushed(video, channel, role)), .. deleted.Select(tombstone => drafts.Removed(tombstone, role))];
    }

    public async Task<Draft?> Look(Uri address, CancellationToken cancel)
    {
        if (YouTubeName.Video(address, site) is not { } id)
            return null;
        if (api is null)
            return await finder.Look(id, cancel);
        var (videos, _) = await api.Videos([id], Role.Author, cancel);
        return videos.Count > 0
            ? videos[0].Draft
            : throw new SourceException(Failure.Terminal, "noVideo", "There is no public video at this address. Check whether it opens without signing in.");
    }

    /// <summary>What of it is public now; null when the interface cannot be asked.</summary>
    private async Task<IReadOnlyList<Draft>?> Confirmed(string channel, string[] ids, Role role, CancellationToken cancel)
    {
        if (api is null)
            return null;
        try
        {
            var confirmed = new List<Draft>();
            foreach (var batch in ids.Chunk(YouTubeApi.Batch))
                confirmed.AddRange((await api.Videos(batch, role, cancel)).Videos.Where(video => video.Channel == channel).Select(video => video.Draft));
            return confirmed;
        }
        catch (SourceException)
        {
            return null;
        }
    }

    private static Role RoleOf(IReadOnlyDictionary<string, string> options) =>
        Word<Role>.TryParse(options.GetValueOrDefault("role"), out var role) ? role : Role.Author;
}
