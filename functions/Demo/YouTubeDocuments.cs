using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace ContributionIngest.Functions.Demo;

/// <summary>What the channel's provider answers, in its own shapes (https://developers.google.com/youtube/v3/docs).</summary>
internal sealed class YouTubeDocuments(YouTubeChannel channel, World world, Uri root)
{
    private const int FedVideos = 15;
    private const string Category = "28";

    public string Uploads => "UU" + channel.Id[2..];

    /// <summary>Newest upload first.</summary>
    private IEnumerable<(YouTubeVideo Video, DateTimeOffset Uploaded)> Newest =>
        channel.Videos.Select(video => (video, Uploaded(video))).OrderByDescending(found => found.Item2);

    public static bool IsToken(string token) => Offset(token) is not null;

    public JsonObject Channels(string[] part, string? id, string? handle)
    {
        var isHere = id == channel.Id || string.Equals(handle?.TrimStart('@'), channel.Handle, StringComparison.OrdinalIgnoreCase);
        var list = List("channelListResponse", isHere ? 1 : 0, 5);
        if (isHere)
        {
            list["items"] = new JsonArray(Resource("channel", channel.Id, part, new()
            {
                ["snippet"] = () => new() { ["title"] = channel.Title, ["description"] = channel.About, ["customUrl"] = "@" + channel.Handle },
                ["contentDetails"] = () => new() { ["relatedPlaylists"] = new JsonObject { ["likes"] = "", ["uploads"] = Uploads } },
                ["statistics"] = () => new() { ["videoCount"] = Text(channel.Videos.Count) },
            }));
        }

        return list;
    }

    public JsonObject PlaylistItems(string[] part, int size, string token)
    {
        var from = Offset(token) ?? 0;
        var list = List("playlistItemListResponse", channel.Videos.Count, size);
        if (from + size < channel.Videos.Count)
            list["nextPageToken"] = Token(from + size);
        if (from > 0)
            list["prevPageToken"] = Token(Math.Max(0, from - size));
        list["items"] = new JsonArray([.. Newest.Skip(from).Take(size).Select((found, index) => Resource("playlistItem", "UU" + found.Video.Id, part, new()
        {
            ["snippet"] = () => new()
            {
                ["publishedAt"] = Time(found.Uploaded),
                ["channelId"] = channel.Id,
                ["title"] = found.Video.Title,
                ["description"] = found.Video.Text,
                ["channelTitle"] = channel.Title,
                ["playlistId"] = Uploads,
                ["position"] = from + index,
                ["resourceId"] = new JsonObject { ["kind"] = "youtube#video", ["videoId"] = found.Video.Id },
                ["videoOwnerChannelTitle"] = channel.Title,
                ["videoOwnerChannelId"] = channel.Id,
            },
            ["contentDetails"] = () => new() { ["videoId"] = found.Video.Id, ["videoPublishedAt"] = Time(found.Uploaded) },
            ["status"] = () => new() { ["privacyStatus"] = "public" },
        }))]);
        return list;
    }

    public JsonObject Videos(string[] part, string[] ids)
    {
        var found = Newest.Where(found => ids.Contains(found.Video.Id, StringComparer.Ordinal)).ToList();
        var list = List("videoListResponse", found.Count, found.Count);
        list["items"] = new JsonArray([.. found.Select(one => Resource("video", one.Video.Id, part, Parts(one.Video, one.Uploaded)))]);
        return list;
    }

    public string Feed() =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
         <link rel="self" href="{root}feeds/videos.xml?channel_id={channel.Id}"/>
         <id>yt:channel:{channel.Id[2..]}</id>
         <yt:channelId>{channel.Id[2..]}</yt:channelId>
         <title>{channel.Title}</title>
         <link rel="alternate" href="{root}channel/{channel.Id}"/>
         <author><name>{channel.Title}</name><uri>{root}channel/{channel.Id}</uri></author>
        {string.Join('\n', Newest.Take(FedVideos).Select(found => Entry(found.Video, found.Uploaded)))}
        </feed>
        """;

    public string Page() => Html(
        channel.Title,
        $"""<link rel="canonical" href="{root}channel/{channel.Id}"><meta property="og:title" content="{channel.Title}"><link rel="alternate" type="application/rss+xml" href="{root}feeds/videos.xml?channel_id={channel.Id}">""",
        "<ul>" + string.Concat(Newest.Select(found => $"""<li><a href="{root}watch?v={found.Video.Id}">{WebUtility.HtmlEncode(found.Video.Title)}</a></li>""")) + "</ul>");

    /// <summary>Null where there is no such video.</summary>
    public string? Watch(string id) => Newest.Where(found => found.Video.Id == id).Select(found => Html(
        found.Video.Title,
        $"""<link rel="canonical" href="{root}watch?v={id}"><meta property="og:title" content="{WebUtility.HtmlEncode(found.Video.Title)}"><meta itemprop="identifier" content="{id}"><meta itemprop="duration" content="{Duration(found.Video)}"><link itemprop="url" href="{root}@{channel.Handle}"><link itemprop="name" content="{channel.Title}"><meta itemprop="datePublished" content="{Time(found.Uploaded)}">""",
        $"<p>{WebUtility.HtmlEncode(found.Video.Text)}</p><p>{channel.Title}</p>")).FirstOrDefault();

    private Dictionary<string, Func<JsonObject>> Parts(YouTubeVideo video, DateTimeOffset uploaded)
    {
        var isToCome = video.Ago < 0;
        var parts = new Dictionary<string, Func<JsonObject>>(StringComparer.Ordinal)
        {
            ["snippet"] = () => new()
            {
                ["publishedAt"] = Time(uploaded),
                ["channelId"] = channel.Id,
                ["title"] = video.Title,
                ["description"] = video.Text,
                ["channelTitle"] = channel.Title,
                ["tags"] = new JsonArray([.. video.Tags.Select(tag => (JsonNode)tag)]),
                ["categoryId"] = Category,
                ["liveBroadcastContent"] = isToCome ? "upcoming" : "none",
            },
            ["contentDetails"] = () => new() { ["duration"] = isToCome ? "P0D" : Duration(video), ["dimension"] = "2d", ["definition"] = "hd", ["caption"] = "false" },
            ["status"] = () => new() { ["uploadStatus"] = "processed", ["privacyStatus"] = "public", ["license"] = "youtube", ["embeddable"] = true, ["publicStatsViewable"] = true, ["madeForKids"] = false },
            ["statistics"] = () => Statistics(video),
        };
        var start = world.When(video.Ago, video.At);
        if (isToCome)
            parts["liveStreamingDetails"] = () => new() { ["scheduledStartTime"] = Time(start) };
        else if (video.Live is { } minutes)
            parts["liveStreamingDetails"] = () => new() { ["scheduledStartTime"] = Time(start), ["actualStartTime"] = Time(start), ["actualEndTime"] = Time(start.AddMinutes(minutes)) };
        return parts;
    }

    private static JsonObject Statistics(YouTubeVideo video)
    {
        var statistics = new JsonObject { ["viewCount"] = Text(video.Views), ["favoriteCount"] = "0" };
        if (video.Likes is { } likes)
            statistics["likeCount"] = Text(likes);
        if (video.Comments is { } comments)
            statistics["commentCount"] = Text(comments);
        return statistics;
    }

    private string Entry(YouTubeVideo video, DateTimeOffset uploaded) =>
        $"""
         <entry>
          <id>yt:video:{video.Id}</id>
          <yt:videoId>{video.Id}</yt:videoId>
          <yt:channelId>{channel.Id}</yt:channelId>
          <title>{WebUtility.HtmlEncode(video.Title)}</title>
          <link rel="alternate" href="{root}watch?v={video.Id}"/>
          <author><name>{channel.Title}</name><uri>{root}channel/{channel.Id}</uri></author>
          <published>{Time(uploaded)}</published>
          <updated>{Time(uploaded)}</updated>
          <media:group><media:title>{WebUtility.HtmlEncode(video.Title)}</media:title><media:description>{WebUtility.HtmlEncode(video.Text)}</media:description><media:community>{(video.Likes is { } likes ? $"<media:starRating count=\"{likes}\" average=\"5.00\" min=\"1\" max=\"5\"/>" : "")}<media:statistics views="{video.Views}"/></media:community></media:group>
         </entry>
        """;

    private DateTimeOffset Uploaded(YouTubeVideo video) => world.When(video.Ago < 0 ? video.Announced : video.Ago, video.At);

    private static JsonNode Resource(string kind, string id, string[] part, Dictionary<string, Func<JsonObject>> parts)
    {
        var resource = new JsonObject { ["kind"] = $"youtube#{kind}", ["etag"] = id, ["id"] = id };
        foreach (var (name, make) in parts.Where(one => part.Contains(one.Key, StringComparer.Ordinal)))
            resource[name] = make();
        return resource;
    }

    private static JsonObject List(string kind, int total, int size) =>
        new() { ["kind"] = $"youtube#{kind}", ["etag"] = kind, ["pageInfo"] = new JsonObject { ["totalResults"] = total, ["resultsPerPage"] = size } };

    private static string Html(string title, string head, string body) =>
        $"<!doctype html><html><head><meta charset=\"utf-8\"><title>{WebUtility.HtmlEncode(title)}</title>{head}</head><body><h1>{WebUtility.HtmlEncode(title)}</h1>{body}</body></html>";

    private static string Duration(YouTubeVideo video) => System.Xml.XmlConvert.ToString(TimeSpan.FromSeconds(video.Seconds));

    private static string Token(int offset) => string.Create(CultureInfo.InvariantCulture, $"CDEQA{offset}");

    private static int? Offset(string token) =>
        token.StartsWith("CDEQA", StringComparison.Ordinal) && int.TryParse(token.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
