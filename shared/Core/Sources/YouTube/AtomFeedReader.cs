using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// Reads a channel without a key: the newest videos, from its feed. The feeds answer 404 and 500 for existing channels, for days at a time, so no
/// answer ends a connection.
/// </summary>
internal sealed class AtomFeedReader(Fetcher fetcher, YouTubeSite site, TimeProvider time)
{
    /// <summary>Videos in a feed, at most.</summary>
    private const int FeedLength = 15;

    /// <summary>View counts change constantly and are read once a day.</summary>
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
        var changed = videos.Where(video => isDaily || reading.DeliveredAt is not null || cursor.FeedHashes?.GetValueOrDefault(video.Id) != Hash(video)).ToArray();
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
        if (changed.Length == 0 && movedTo is null && after.ToText() == reading.Cursor)
            yield break;
        yield return new SourcePage
        {
            Drafts = [.. changed.Select(video => drafts.Of(video, channel, feed.Title, role))],
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

    /// <exception cref="SourceException">The feed cannot be read now.</exception>
    public async Task<(ChannelFeed Feed, byte[] Body)> FetchAsync(string channel, CancellationToken cancel)
    {
        var answer = await fetcher.SendAsync(new FetchRequest(new Uri(site.Feed(channel))) { Accept = "application/atom+xml, */*;q=0.1" }, cancel);
        if (answer.Outcome != FetchOutcome.Content)
        {
            throw SourceException.Transient(
                answer.Code ?? "transient",
                $"YouTube does not provide the channel's feed at the moment ({answer.Problem ?? "without a reason"}), which happens to existing channels too. It is tried again automatically; with a key in setting YouTubeKey the feed is not needed.",
                answer.RetryAt);
        }

        return ChannelFeed.Read(answer.Body) is { } feed
            ? (feed, answer.Body)
            : throw SourceException.Transient("notAFeed", "YouTube answered with something that is not the channel's feed. It is tried again automatically.");
    }

    /// <summary>A history read with a key stays read. What fits into the feed is everything, as long as it never overflowed.</summary>
    private static Coverage? Coverage(YouTubeCursor before, YouTubeCursor after, int skipped) => after switch
    {
        { FullyScannedAt: not null } => null,
        { IsFeedFull: true } => new(after.FeedOldest, false, "Without a key YouTube shows only a channel's latest 15 videos. Once the operator sets YouTubeKey, all of them are read."),
        { EmptyReads: > 0 } => ChannelCoverage.WithoutUploads(before, after.EmptyReads, isSaid: true),
        _ when skipped > 0 => new(after.FeedOldest, false, "Part of the channel's feed could not be read; it is read again automatically."),
        _ => new(null, true, null),
    };

    /// <summary>Covers what does not change by itself.</summary>
    private static string Hash(AtomFeedVideo video)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{video.Title}\0{video.Description}\0{video.Published:O}\0{video.Author}");
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
    }
}

/// <summary>Videos of a feed or a delivery → drafts. Links to <c>/shorts/</c> and the like are replaced: one video has one address.</summary>
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
        Metrics = DraftMetrics.Of(("views", video.Views), ("likes", video.Likes)),
    };

    /// <summary>A delivery has only a name and a date; other known values stay.</summary>
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
}
