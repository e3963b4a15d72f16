using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A channel's videos: by the Data API where the operator has set a key, by the channel's feed where not.</summary>
public sealed class YouTubeSource : ISource
{
    /// <summary>
    /// Views are counted in another way since 31 March 2025 (Shorts) and 27 August 2026 (everything;
    /// https://developers.google.com/youtube/v3/revision_history).
    /// </summary>
    public static readonly IReadOnlyList<MetricRedefinition> Redefined =
    [
        new("youtube", "views", new(2025, 3, 31, 0, 0, 0, TimeSpan.Zero)),
        new("youtube", "views", new(2026, 8, 27, 0, 0, 0, TimeSpan.Zero)),
    ];

    /// <summary>Of one delivery; hubs send one.</summary>
    private const int MostPushed = 200;

    /// <summary>How long a delivery may take and still be the last word.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromHours(1);

    private readonly YouTubeSite site;
    private readonly YouTubeApi? api;
    private readonly YouTubeFinder finder;
    private readonly AtomFeedReader feedReader;
    private readonly AtomFeedDrafts drafts;
    private readonly TimeProvider time;

    /// <param name="quota">The key's units.</param>
    public YouTubeSource(Fetcher fetcher, TimeProvider time, YouTubeOptions options, Quota quota)
    {
        this.time = time;
        site = new YouTubeSite(options);
        api = options.Key is null ? null : new YouTubeApi(fetcher, options, site, quota, time);
        finder = new YouTubeFinder(fetcher, site, api);
        feedReader = new AtomFeedReader(fetcher, site, time);
        drafts = new AtomFeedDrafts(site);
        Info = new("youtube", [Kind.Video])
        {
            Options = [new("role", "what you were in them", EnumText<Role>.All)],
            Hosts = site.Hosts,
        };
    }

    public SourceInfo Info { get; }

    public Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel) => finder.FindAsync(typed, cancel);

    /// <summary>Options: <c>role</c>, what the person was in the channel's videos (default author).</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) => api is null
        ? feedReader.ReadAsync(reading, RoleOf(reading.Options), cancel)
        : new ChannelReader(api, site, time).ReadAsync(reading, RoleOf(reading.Options), cancel);

    /// <summary>
    /// WebSub: a feed with what is new or renamed, or with what was taken away. It says little and anything may have happened since, so the
    /// interface is asked; without it the delivery's own words have to do. The interface says of no video when it was changed, so that what came
    /// late cannot be told from what it said later: where it does not answer, a late delivery only makes the channel be read.
    /// </summary>
    public async Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel)
    {
        if (ChannelFeed.Read(push.Body) is not { } feed || feed.Videos.Count + feed.Deleted.Count is 0 or > MostPushed)
            return null;
        var (channel, role) = (push.Origin, RoleOf(push.Options));
        var videos = feed.Videos.Where(video => (video.Channel ?? feed.Channel) == channel).DistinctBy(video => video.Id, StringComparer.Ordinal).ToArray();
        var deleted = feed.Deleted.Where(tombstone => (tombstone.Channel ?? feed.Channel ?? channel) == channel).ToArray();
        string[] ids = [.. videos.Select(video => video.Id).Concat(deleted.Select(tombstone => tombstone.Id)).Distinct(StringComparer.Ordinal)];
        if (ids.Length == 0)
            return [];
        if (await FetchAsync(ids, role, cancel) is { } said)
        {
            var confirmed = said.Videos.Where(video => video.Channel == channel).Select(video => video.Draft).ToArray();
            var known = said.Videos.Select(video => video.Draft.NativeId).Concat(said.Withheld).ToHashSet(StringComparer.Ordinal);

            // Just published, and the interface does not know it yet.
            if (confirmed.Length == 0 && videos.Any(video => !known.Contains(video.Id)))
                return null;
            return [.. confirmed, .. deleted.Where(tombstone => !confirmed.Any(draft => draft.NativeId == tombstone.Id)).Select(tombstone => drafts.Removed(tombstone, role))];
        }

        if (api is not null && !videos.Select(video => video.Updated).Concat(deleted.Select(tombstone => tombstone.When)).All(IsPrompt))
            return null;
        return [.. videos.Select(video => drafts.Pushed(video, channel, role)), .. deleted.Select(tombstone => drafts.Removed(tombstone, role))];
    }

    public async Task<Draft?> LookupAsync(Uri address, CancellationToken cancel)
    {
        if (YouTubeReference.Video(address, site) is not { } id)
            return null;
        if (api is null)
            return await finder.FetchVideoAsync(id, cancel);
        var videos = (await api.VideosAsync([id], Role.Author, cancel)).Videos;
        return videos.Count > 0
            ? videos[0].Draft
            : throw SourceException.Terminal("noVideo", "There is no public video at this address. Check whether it opens without signing in.");
    }

    /// <summary>Hubs deliver within minutes of a change.</summary>
    private bool IsPrompt(DateTimeOffset? changed) => changed >= time.GetUtcNow() - Prompt;

    /// <summary>What is said of them now; null when the interface cannot be asked.</summary>
    private async Task<VideosAnswer?> FetchAsync(string[] ids, Role role, CancellationToken cancel)
    {
        if (api is null)
            return null;
        try
        {
            var answers = new List<VideosAnswer>();
            foreach (var batch in ids.Chunk(YouTubeApi.Batch))
                answers.Add(await api.VideosAsync(batch, role, cancel));
            return new([.. answers.SelectMany(answer => answer.Videos)], [.. answers.SelectMany(answer => answer.Withheld)], answers[^1].Body);
        }
        catch (SourceException)
        {
            return null;
        }
    }

    private static Role RoleOf(IReadOnlyDictionary<string, string> options) =>
        EnumText<Role>.TryParse(options.GetValueOrDefault("role"), out var role) ? role : Role.Author;
}

/// <summary>Addresses at the configured YouTube, in the one spelling that is kept.</summary>
internal sealed class YouTubeSite(YouTubeOptions options)
{
    private readonly string root = options.Site.AbsoluteUri.TrimEnd('/');

    /// <summary>Hosts whose addresses are YouTube's. Where the site is only a part of a host, that host is others' as well.</summary>
    public IReadOnlyList<string> Hosts { get; } = options.Site.AbsolutePath == "/"
        ? [.. new[] { "youtube.com", "youtu.be", "youtube-nocookie.com", options.Site.Authority }.Distinct(StringComparer.OrdinalIgnoreCase)]
        : ["youtube.com", "youtu.be", "youtube-nocookie.com"];

    public string Video(string id) => $"{root}/watch?v={id}";

    public string Channel(string id) => $"{root}/channel/{id}";

    /// <summary>A page below the root.</summary>
    public Uri Page(string path) => new($"{root}/{path}");

    public string Feed(string channel) => $"{root}/feeds/videos.xml?channel_id={channel}";

    /// <summary>
    /// Documentation and the hub itself know two spellings of the topic (https://developers.google.com/youtube/v3/guides/push_notifications);
    /// we subscribe to the plain one.
    /// </summary>
    public PushOffer Push(string channel) =>
        new(options.Hub.AbsoluteUri, Feed(channel), $"{root}/xml/feeds/videos.xml?channel_id={channel}");

    /// <summary>Path and query below the root; null for an address elsewhere.</summary>
    public string? RelativeAddress(Uri address)
    {
        var text = address.AbsoluteUri;
        if (text.StartsWith(root + "/", StringComparison.OrdinalIgnoreCase))
            return text[(root.Length + 1)..];
        var host = address.IdnHost;
        if (IsAt(host, "youtu.be"))
            return "v/" + address.PathAndQuery[1..];
        return IsAt(host, "youtube.com") || IsAt(host, "youtube-nocookie.com") ? address.PathAndQuery[1..] : null;
    }

    private static bool IsAt(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
}
