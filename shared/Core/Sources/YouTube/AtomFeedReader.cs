using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// Reads a channel without a key: the newest videos from its feed. That host answers 404 and 500 for living channels, in bursts of days,
/// so nothing it says ends a connection.
/// </summary>
internal sealed class AtomFeedReader(Fetcher fetcher, YouTubeSite site, TimeProvider time)
{
    /// <summary>What a feed shows at most.</summary>
    private const int FeedLength = 15;

    /// <summary>Views count up all the time; they are taken over once a day.</summary>
    private static readonly TimeSpan Daily = TimeSpan.FromHours(20);

    private readonly AtomFeedDrafts drafts = new(site);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        var channel = reading.Origin;
        var (feed, body) = await FetchAsync(channel, cancel);
        var now = time.GetUtcNow();
        var cursor = YouTubeCursor.Parse(reading.Cursor);
        if (reading.IsFromStart)
            cursor = new YouTubeCursor { FeedOldest = cursor.FeedOldest, IsFeedFull = cursor.IsFeedFull || cursor.FeedHashes?.Count >= FeedLength };
        var isDaily = cursor.RefreshedAt is null || cursor.RefreshedAt + Daily <= now;
        var videos = feed.Videos.Where(video => (video.Channel ?? feed.Channel ?? channel) == channel).DistinctBy(video => video.Id, StringComparer.Ordinal).ToArray();
        var news = videos.Where(video => isDaily || cursor.FeedHashes?.GetValueOrDefault(video.Id) != Hash(video)).ToArray();
        var listed = feed.Videos.Count + feed.Skipped;
        var after = cursor with
        {
            EmptyReads = listed == 0 ? Math.Min(cursor.EmptyReads + 1, 2) : 0,
            IsFeedFull = cursor.IsFeedFull || Math.Max(listed, cursor.FeedHashes?.Count ?? 0) >= FeedLength,
            FeedHashes = videos.ToDictionary(video => video.Id, Hash, StringComparer.Ordinal),
            FeedOldest = videos.Select(video => video.Published).Append(cursor.FeedOldest).Min(),
            RefreshedAt = isDaily ? now : cursor.RefreshedAt,
        };
        var movedTo = reading.Address == site.Feed(channel) ? null : site.Feed(channel);
        if (news.Length == 0 && movedTo is null && after.ToText() == reading.Cursor)
            yield break;
        yield return new SourcePage
        {
            Drafts = [.. news.Select(video => drafts.Of(video, channel, feed.Title, role))],
            Cursor = after.ToText(),
            Coverage = Coverage(cursor, after, feed.Skipped),
            Repairs = feed.Skipped == 0 ? [] : [new Repair("itemSkipped", feed.Skipped)],
            Raw = new RawResponse(body, "application/atom+xml"),
            Title = feed.Title,
            Url = site.Channel(channel),
            Push = site.Push(channel),
            MovedTo = movedTo,
        };
    }

    /// <exception cref="SourceException">It cannot be read now.</exception>
    public async Task<(ChannelFeed Feed, byte[] Body)> FetchAsync(string channel, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(new Uri(site.Feed(channel))) { Accept = "application/atom+xml, */*;q=0.1" }, cancel);
        if (answer.Outcome != FetchOutcome.Content)
        {
            throw SourceException.Transient(
                answer.Code ?? "transient", $"YouTube does not give out the channel's feed now ({answer.Problem ?? "it says nothing"}), which happens to living channels too. It is tried again by itself; with a key in setting YouTubeKey the feed is not needed.", answer.RetryAt);
        }

        return ChannelFeed.Read(answer.Body) is { } feed
            ? (feed, answer.Body)
            : throw SourceException.Transient(
                "notAFeed", "YouTube answered with something that is no feed where the channel's feed should be. It is tried again by itself.");
    }

    /// <summary>A history that was read with a key stays read. What fits into the feed is all there is, as long as nothing was ever pushed out of it.</summary>
    private static Coverage? Coverage(YouTubeCursor before, YouTubeCursor after, int skipped) => after switch
    {
        { FullyScannedAt: not null } => null,
        { IsFeedFull: true } => new(after.FeedOldest, false, "Without a key YouTube shows only a channel's latest 15 videos. Once the operator sets YouTubeKey, all of them are read."),
        { EmptyReads: > 0 } => ChannelCoverage.WithoutUploads(before, after.EmptyReads, isSaid: true),
        _ when skipped > 0 => new(after.FeedOldest, false, "Something in the channel's feed could not be read; it is read again by itself."),
        _ => new(null, true, null),
    };

    /// <summary>Of what does not count up by itself.</summary>
    private static string Hash(AtomFeedVideo video)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{video.Title}\0{video.Description}\0{video.Published:O}\0{video.Author}");
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }
}

/// <summary>What a feed or a delivery says of a video → a draft. Links to <c>/shorts/</c> and the like are not taken over: one video, one address.</summary>
internal sealed class AtomFeedDrafts(YouTubeSite site)
{
    public Draft Of(AtomFeedVideo video, string channel, string? feedTitle, Role role) => new()
    {
        NativeId = video.Id,
        Kind = Kind.Video,
        Role = role,
        Title = video.Title,
        Url = site.Video(video.Id),
        Summary = video.Description,
        When = video.Published ?? video.Updated,
        DatePrecision = video.Published is null ? DatePrecision.Derived : DatePrecision.Exact,
        Version = video.Updated,
        Author = video.Author,
        Container = (video.Author ?? feedTitle) is { } name ? new Container(name, site.Channel(channel)) : null,
        Metrics = Metrics(video),
    };

    /// <summary>A delivery knows a name and a date; what else is known stays.</summary>
    public Draft Pushed(AtomFeedVideo video, string channel, Role role) => Of(video, channel, null, role) with { IsPartial = true };

    public Draft Removed(Tombstone tombstone, Role role) => new()
    {
        NativeId = tombstone.Id,
        Kind = Kind.Video,
        Role = role,
        Status = Status.Removed,
        Url = site.Video(tombstone.Id),
        Version = tombstone.When,
    };

    private static Dictionary<string, double> Metrics(AtomFeedVideo video)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        if (video.Views is { } views)
            metrics["views"] = views;
        if (video.Likes is { } likes)
            metrics["likes"] = likes;
        return metrics;
    }
}
