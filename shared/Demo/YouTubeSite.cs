using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using static ContributionIngest.Demo.WorldServer;

namespace ContributionIngest.Demo;

/// <summary>The person's channel: the Data API (https://developers.google.com/youtube/v3/docs), the feed and HTML pages.</summary>
internal sealed class YouTubeSite(World world) : IWorldSite
{
    private const int FeedVideos = 15;

    /// <summary>Hidden or disabled values are omitted.</summary>
    private static readonly JsonSerializerOptions OmitNulls = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly YouTubeChannel channel = World.Read<YouTubeChannel>("youtube");

    public string Name => channel.Site;

    public string Source => "youtube";

    public string Typed => "@" + channel.Handle;

    public string About => channel.About;

    public Dictionary<string, string?> Settings => new(StringComparer.Ordinal)
    {
        ["YouTubeSite"] = world.Address(channel.Site),
        ["YouTubeApi"] = Root + "youtube/v3",
        ["YouTubeHub"] = Root + "subscribe",
        ["YouTubeKey"] = "demo-key",
    };

    private string Root => world.Address(channel.Site + "/");

    private string Uploads => "UU" + channel.Id[2..];

    /// <summary>Newest upload first.</summary>
    private IEnumerable<(YouTubeVideo Video, DateTime Uploaded)> Newest => channel.Videos
        .Select(video => (video, Uploaded: world.When(video.Ago < 0 ? video.Announced : video.Ago, video.At).UtcDateTime))
        .OrderByDescending(found => found.Uploaded);

    public void Map(RouteGroupBuilder site)
    {
        var api = site.MapGroup("/youtube/v3");
        api.MapGet("/channels", (string? id, string? forHandle) =>
            List("channel", id == channel.Id || channel.Handle.Equals(forHandle?.TrimStart('@'), StringComparison.OrdinalIgnoreCase) ? [Channel()] : []));
        api.MapGet("/videos", (string id) => List("video", [.. Newest.Where(found => id.Split(',').Contains(found.Video.Id)).Select(found => Video(found.Video, found.Uploaded))]));
        api.MapGet("/playlistItems", (string playlistId, int maxResults, int pageToken = 0) => playlistId == Uploads
            ? List("playlistItem", [.. Newest.Select(Item).Skip(pageToken).Take(maxResults)], pageToken + maxResults)
            : Results.Json(new { Error = new { Code = 404, Errors = new[] { new { Reason = "playlistNotFound" } } } }, statusCode: 404));

        site.MapGet("/feeds/videos.xml", (string channel_id) => channel_id == channel.Id ? Results.Content(Feed(), "text/xml; charset=utf-8") : Results.NotFound());
        site.MapGet("/@" + channel.Handle, () => Page());
        site.MapGet("/channel/" + channel.Id, () => Page());
        site.MapGet("/watch", (string v) => Newest.Where(found => found.Video.Id == v).Select(found => Watch(found.Video, found.Uploaded)).FirstOrDefault(Results.NotFound()));
    }

    private IResult List(string kind, object[] items, int end = int.MaxValue)
    {
        var total = kind == "playlistItem" ? channel.Videos.Count : items.Length;
        return Results.Json(
            new
            {
                Kind = $"youtube#{kind}ListResponse",
                NextPageToken = end < total ? end.ToString(CultureInfo.InvariantCulture) : null,
                PageInfo = new { TotalResults = total, ResultsPerPage = items.Length },
                Items = items,
            },
            OmitNulls);
    }

    private object Channel() => new
    {
        Kind = "youtube#channel",
        channel.Id,
        Snippet = new { channel.Title, Description = channel.About, CustomUrl = "@" + channel.Handle },
    };

    private object Item((YouTubeVideo Video, DateTime Uploaded) found, int index) => new
    {
        Kind = "youtube#playlistItem",
        Id = "UU" + found.Video.Id,
        Snippet = new
        {
            PublishedAt = found.Uploaded,
            ChannelId = channel.Id,
            found.Video.Title,
            Description = found.Video.Text,
            ChannelTitle = channel.Title,
            PlaylistId = Uploads,
            Position = index,
            ResourceId = new { Kind = "youtube#video", VideoId = found.Video.Id },
            VideoOwnerChannelTitle = channel.Title,
            VideoOwnerChannelId = channel.Id,
        },
        ContentDetails = new { VideoId = found.Video.Id, VideoPublishedAt = found.Uploaded },
        Status = new { PrivacyStatus = "public" },
    };

    private object Video(YouTubeVideo video, DateTime uploaded)
    {
        var isUpcoming = video.Ago < 0;
        var start = world.When(video.Ago, video.At).UtcDateTime;
        var live = new { ScheduledStartTime = start, ActualStartTime = isUpcoming ? (DateTime?)null : start, ActualEndTime = start.AddMinutes(video.Live ?? 0) as DateTime? };
        return new
        {
            Kind = "youtube#video",
            video.Id,
            Snippet = new
            {
                PublishedAt = uploaded,
                ChannelId = channel.Id,
                video.Title,
                Description = video.Text,
                ChannelTitle = channel.Title,
                video.Tags,
                CategoryId = "28",
                LiveBroadcastContent = isUpcoming ? "upcoming" : "none",
            },
            ContentDetails = new { Duration = isUpcoming ? "P0D" : Duration(video), Dimension = "2d", Definition = "hd", Caption = "false" },
            Status = new { UploadStatus = "processed", PrivacyStatus = "public", License = "youtube", Embeddable = true, PublicStatsViewable = true, MadeForKids = false },
            Statistics = new { ViewCount = Number(video.Views), FavoriteCount = "0", LikeCount = Number(video.Likes), CommentCount = Number(video.Comments) },
            LiveStreamingDetails = isUpcoming ? live with { ActualEndTime = null } : video.Live is null ? null : live,
        };
    }

    private string Feed() =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
         <link rel="self" href="{Root}feeds/videos.xml?channel_id={channel.Id}"/>
         <id>yt:channel:{channel.Id[2..]}</id>
         <yt:channelId>{channel.Id[2..]}</yt:channelId>
         <title>{channel.Title}</title>
         <link rel="alternate" href="{Root}channel/{channel.Id}"/>
         <author><name>{channel.Title}</name><uri>{Root}channel/{channel.Id}</uri></author>
        {string.Join('\n', Newest.Take(FeedVideos).Select(found => Entry(found.Video, XmlConvert.ToString(found.Uploaded, XmlDateTimeSerializationMode.Utc))))}
        </feed>
        """;

    private string Entry(YouTubeVideo video, string uploaded) =>
        $"""
         <entry>
          <id>yt:video:{video.Id}</id>
          <yt:videoId>{video.Id}</yt:videoId>
          <yt:channelId>{channel.Id}</yt:channelId>
          <title>{Text(video.Title)}</title>
          <link rel="alternate" href="{Root}watch?v={video.Id}"/>
          <author><name>{channel.Title}</name><uri>{Root}channel/{channel.Id}</uri></author>
          <published>{uploaded}</published>
          <updated>{uploaded}</updated>
          <media:group><media:title>{Text(video.Title)}</media:title><media:description>{Text(video.Text)}</media:description><media:community>{(video.Likes is { } likes ? $"<media:starRating count=\"{likes}\" average=\"5.00\" min=\"1\" max=\"5\"/>" : "")}<media:statistics views="{video.Views}"/></media:community></media:group>
         </entry>
        """;

    private IResult Page() => Page(
        channel.Title,
        $"""<link rel="canonical" href="{Root}channel/{channel.Id}"><meta property="og:title" content="{channel.Title}"><link rel="alternate" type="application/rss+xml" href="{Root}feeds/videos.xml?channel_id={channel.Id}">""",
        "<ul>" + string.Concat(Newest.Select(found => $"""<li><a href="{Root}watch?v={found.Video.Id}">{Text(found.Video.Title)}</a></li>""")) + "</ul>");

    private IResult Watch(YouTubeVideo video, DateTime uploaded) => Page(
        video.Title,
        $"""<link rel="canonical" href="{Root}watch?v={video.Id}"><meta property="og:title" content="{Text(video.Title)}"><meta itemprop="identifier" content="{video.Id}"><meta itemprop="duration" content="{Duration(video)}"><link itemprop="url" href="{Root}@{channel.Handle}"><link itemprop="name" content="{channel.Title}"><meta itemprop="datePublished" content="{XmlConvert.ToString(uploaded, XmlDateTimeSerializationMode.Utc)}">""",
        $"<p>{Text(video.Text)}</p><p>{channel.Title}</p>");

    private static IResult Page(string title, string head, string body) => Results.Content(WorldServer.Page(title, head, $"<h1>{Text(title)}</h1>{body}"), "text/html; charset=utf-8");

    private static string Duration(YouTubeVideo video) => XmlConvert.ToString(TimeSpan.FromSeconds(video.Seconds));

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The channel (<c>World/youtube.json</c>).</summary>
internal sealed record YouTubeChannel(string Site, string Handle, string Id, string Title, string About, IReadOnlyList<YouTubeVideo> Videos);

/// <param name="Ago">Days before today; negative if in the future.</param>
/// <param name="Announced">For a future stream, the days before today on which it was announced.</param>
/// <param name="Live">Length of the live stream in minutes; absent if the video was only uploaded.</param>
/// <param name="Likes">Absent if hidden.</param>
/// <param name="Comments">Absent if disabled.</param>
internal sealed record YouTubeVideo(
    int Ago, string At, string Title, string Text, int Seconds, IReadOnlyList<string> Tags, int Views = 0, int? Likes = null, int? Comments = null, int? Live = null, int Announced = 0)
{
    public string Id { get; } = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Title)))[..11].Replace('+', '-').Replace('/', '_');
}
