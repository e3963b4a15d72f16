using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ContributionIngest.Functions.Demo;

/// <summary>The person's channel: the Data API, the feed and the pages people open.</summary>
internal sealed class YouTubeWorld
{
    private const string Api = "/youtube/v3";
    private const string Key = "demo-key";

    private readonly World world;
    private readonly YouTubeChannel channel;

    private YouTubeWorld(World world)
    {
        this.world = world;
        channel = World.Read("youtube", YouTubeWorldJson.Default.YouTubeChannel);
    }

    public static WorldProvider Of(World world)
    {
        var youtube = new YouTubeWorld(world);
        return new WorldProvider(
            youtube.channel.Site,
            "youtube",
            _ => "@" + youtube.channel.Handle,
            youtube.channel.About,
            new Dictionary<string, string>(StringComparer.Ordinal),
            root => new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["YouTubeSite"] = root.AbsoluteUri.TrimEnd('/'),
                ["YouTubeApi"] = new Uri(root, Api[1..]).AbsoluteUri,
                ["YouTubeHub"] = new Uri(root, "subscribe").AbsoluteUri,
                ["YouTubeKey"] = Key,
            },
            youtube.Answer);
    }

    private Task Answer(HttpContext context)
    {
        var (request, path) = (context.Request, context.Request.Path.Value ?? "");
        var documents = new YouTubeDocuments(channel, world, new Uri($"{request.Scheme}://{request.Host}{request.PathBase}/"));
        if (path.StartsWith(Api + "/", StringComparison.Ordinal))
            return Answer(context, documents, path[(Api.Length + 1)..]);
        if (path == "/feeds/videos.xml" && request.Query["channel_id"] == channel.Id)
            return Send(context, 200, "text/xml; charset=UTF-8", documents.Feed());
        var page = path == "/watch" ? documents.Watch(request.Query["v"].ToString())
            : path == "/@" + channel.Handle || path == "/channel/" + channel.Id ? documents.Page() : null;
        return page is null
            ? Send(context, 404, "text/html; charset=utf-8", "<!doctype html><title>404</title><p>This page isn't available.</p>")
            : Send(context, 200, "text/html; charset=utf-8", page);
    }

    private static Task Answer(HttpContext context, YouTubeDocuments documents, string resource)
    {
        var (request, query) = (context.Request, context.Request.Query);
        var key = request.Headers["X-Goog-Api-Key"].ToString() is { Length: > 0 } header ? header : query["key"].ToString();
        if (key != Key)
            return key.Length == 0 ? Refuse(context, 403, "global", "forbidden", "The request is missing a valid API key.") : Refuse(context, 400, "usageLimits", "keyInvalid", "API key not valid.");
        if (query["part"].ToString().Length == 0)
            return Refuse(context, 400, "youtube.parameter", "missingRequiredParameter", "No filter selected: part is required.");
        var part = query["part"].ToString().Split(',');
        switch (resource)
        {
            case "channels":
                return Send(context, documents.Channels(part, query["id"], query["forHandle"]));
            case "videos":
                return Send(context, documents.Videos(part, query["id"].ToString().Split(',')));
            case "playlistItems":
                if (query["playlistId"] != documents.Uploads)
                    return Refuse(context, 404, "youtube.playlistItem", "playlistNotFound", "The playlist identified with the request's playlistId parameter cannot be found.");
                var size = int.TryParse(query["maxResults"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked is >= 0 and <= 50 ? asked : 5;
                var token = query["pageToken"].ToString();
                if (token.Length > 0 && !YouTubeDocuments.IsToken(token))
                    return Refuse(context, 400, "youtube.parameter", "invalidPageToken", "The request specifies an invalid page token.");
                return Send(context, documents.PlaylistItems(part, size, token));
            default:
                return Refuse(context, 404, "global", "notFound", "Not Found");
        }
    }

    private static Task Refuse(HttpContext context, int status, string domain, string reason, string message) => Send(
        context,
        status,
        "application/json; charset=UTF-8",
        new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["code"] = status,
                ["message"] = message,
                ["errors"] = new JsonArray(new JsonObject { ["message"] = message, ["domain"] = domain, ["reason"] = reason }),
            },
        }.ToJsonString());

    private static Task Send(HttpContext context, JsonObject list) => Send(context, 200, "application/json; charset=UTF-8", list.ToJsonString());

    private static async Task Send(HttpContext context, int status, string type, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}

/// <summary>The channel (<c>World/youtube.json</c>).</summary>
/// <param name="Site">The invented host; on loopback it is the first part of the path.</param>
/// <param name="About">What is there, for people who watch.</param>
internal sealed record YouTubeChannel(string Site, string Handle, string Id, string Title, string About, IReadOnlyList<YouTubeVideo> Videos);

/// <param name="Ago">Days before today; negative: to come.</param>
/// <param name="Announced">Days before today on which what is to come was announced.</param>
/// <param name="Live">Minutes it was on the air; absent for what was only uploaded.</param>
/// <param name="Likes">Absent where they are hidden.</param>
/// <param name="Comments">Absent where they are switched off.</param>
internal sealed record YouTubeVideo(
    int Ago, string At, string Title, string Text, int Seconds, IReadOnlyList<string> Tags, int Views = 0, int? Likes = null, int? Comments = null, int? Live = null, int Announced = 0)
{
    [JsonIgnore]
    public string Id { get; } = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Title)))[..11].Replace('+', '-').Replace('/', '_');
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(YouTubeChannel))]
internal sealed partial class YouTubeWorldJson : JsonSerializerContext;
