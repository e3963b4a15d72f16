using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A channel's videos: by the Data API if the operator has set a key, otherwise by the channel's feed.</summary>
public sealed class YouTubeSource : IAccountSource
{
    /// <summary>
    /// Views are counted differently since 31 March 2025 (Shorts) and 27 August 2026 (everything; https://developers.google.com/youtube/v3/revision_history).
    /// </summary>
    public static readonly IReadOnlyList<MetricRedefinition> Redefined =
    [
        new("youtube", "views", new(2025, 3, 31, 0, 0, 0, TimeSpan.Zero)),
        new("youtube", "views", new(2026, 8, 27, 0, 0, 0, TimeSpan.Zero)),
    ];

    /// <summary>Entries per delivery; hubs send one.</summary>
    private const int MaxPushed = 200;

    /// <summary>A delivery older than this may be outdated.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromHours(1);

    private readonly YouTubeSite site;
    private readonly Func<string, YouTubeApi> owners;
    private readonly YouTubeApi? api;
    private readonly YouTubeFinder finder;
    private readonly AtomFeedReader feedReader;
    private readonly AtomFeedDrafts drafts;
    private readonly TimeProvider time;

    /// <param name="quota">The key's quota.</param>
    public YouTubeSource(Fetcher fetcher, TimeProvider time, YouTubeOptions options, Quota quota)
    {
        this.time = time;
        site = new YouTubeSite(options);
        owners = token => new YouTubeApi(fetcher, options, site, quota, time, token);
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

    /// <summary>Options: <c>role</c>, the person's role in the videos (default author).</summary>
    public IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, CancellationToken cancel) =>
        (reading.Credentials.Token is { } token ? owners(token) : api) is { } reader
            ? new ChannelReader(reader, site, time).ReadAsync(reading, RoleOf(reading.Options), cancel)
            : feedReader.ReadAsync(reading, RoleOf(reading.Options), cancel);

    public async Task<SourceAccount> AccountAsync(string token, CancellationToken cancel)
    {
        var reader = owners(token);
        return await reader.OwnChannelAsync(cancel) is var (id, title)
            ? new SourceAccount(id, title, [new Place(id, reader.UploadsAddress(id), title, site.Channel(id)) { Push = site.Push(id) }])
            : throw SourceException.Terminal("noChannel", "This Google account has no YouTube channel. If the channel belongs to a brand account, choose that one when Google asks.");
    }

    /// <summary>
    /// WebSub: a feed of new or renamed videos, or of deletions. It has few details and may be outdated, so the API is asked; without one the
    /// delivery's own details are used. The API has no modification times, so a late delivery cannot be ordered against it: if the API does not
    /// answer, a late delivery only causes the channel to be read.
    /// </summary>
    public async Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel)
    {
        if (ChannelFeed.Read(push.Body) is not { } feed || feed.Videos.Count + feed.Deleted.Count is 0 or > MaxPushed)
            return null;
        var (channel, role) = (push.Origin, RoleOf(push.Options));
        var videos = feed.Videos.Where(video => (video.Channel ?? feed.Channel) == channel).DistinctBy(video => video.Id, StringComparer.Ordinal).ToArray();
        var deleted = feed.Deleted.Where(tombstone => (tombstone.Channel ?? feed.Channel ?? channel) == channel).ToArray();
        string[] ids = [.. videos.Select(video => video.Id).Concat(deleted.Select(tombstone => tombstone.Id)).Distinct(StringComparer.Ordinal)];
        if (ids.Length == 0)
            return [];
        if (await FetchAsync(ids, role, cancel) is { } current)
        {
            var confirmed = current.Videos.Where(video => video.Channel == channel).Select(video => video.Draft).ToArray();
            var known = current.Videos.Select(video => video.Draft.NativeId).Concat(current.Withheld).ToHashSet(StringComparer.Ordinal);

            // Just published, and not yet in the API.
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

    /// <summary>Their current details; null if the API cannot be asked.</summary>
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

/// <summary>Addresses at the configured YouTube, in their canonical form.</summary>
internal sealed class YouTubeSite(YouTubeOptions options)
{
    private readonly string root = options.Site.AbsoluteUri.TrimEnd('/');

    /// <summary>Hosts that belong to YouTube. A site below a path shares its host with others.</summary>
    public IReadOnlyList<string> Hosts { get; } = options.Site.AbsolutePath == "/"
        ? [.. new[] { "youtube.com", "youtu.be", "youtube-nocookie.com", options.Site.Authority }.Distinct(StringComparer.OrdinalIgnoreCase)]
        : ["youtube.com", "youtu.be", "youtube-nocookie.com"];

    public string Video(string id) => $"{root}/watch?v={id}";

    public string Channel(string id) => $"{root}/channel/{id}";

    /// <summary>A page below the root.</summary>
    public Uri Page(string path) => new($"{root}/{path}");

    public string Feed(string channel) => $"{root}/feeds/videos.xml?channel_id={channel}";

    /// <summary>
    /// Documentation and hub use two spellings of the topic (https://developers.google.com/youtube/v3/guides/push_notifications); we subscribe to
    /// the short one.
    /// </summary>
    public PushOffer Push(string channel) => new(options.Hub.AbsoluteUri, Feed(channel), $"{root}/xml/feeds/videos.xml?channel_id={channel}");

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
