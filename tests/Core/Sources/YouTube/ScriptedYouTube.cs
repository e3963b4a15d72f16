using System.Globalization;
using System.Net;
using System.Security;
using System.Text.Json.Nodes;
using System.Web;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Sources.YouTube;

/// <summary>A video as its owner sees it.</summary>
/// <param name="Uploaded">The list of uploads is ordered by it.</param>
internal sealed record Film(string Id, string Title, DateTimeOffset Uploaded)
{
    public DateTimeOffset Published { get; init; } = Uploaded;

    public string Privacy { get; init; } = "public";

    public int Views { get; init; } = 100;

    public JsonObject? Live { get; init; }

    /// <summary>Null: the answer does not say.</summary>
    public string? Broadcast { get; init; } = "none";
}

/// <summary>
/// One channel behind the Data API, the site's feeds and pages, with page tokens that count places from the top as the real ones do. What
/// was asked is counted; a test may answer in its place.
/// </summary>
internal sealed class ScriptedYouTube
{
    public const string Channel = "UCjunaokvist0123456789ab";
    public const string Topic = "https://www.youtube.com/feeds/videos.xml?channel_id=" + Channel;
    public const string Hub = "https://pubsubhubbub.appspot.com/subscribe";

    private readonly Lock gate = new();
    private readonly List<string> calls = [];

    public ScriptedYouTube(int films = 0, TimeSpan? apart = null)
    {
        var step = apart ?? TimeSpan.FromDays(3);
        for (var number = 1; number <= films; number++)
            Films.Add(Film(number, Start - (step * number)));
        Web = new ScriptedWeb(Answer);
    }

    public static DateTimeOffset Start { get; } = new(2026, 5, 31, 9, 0, 0, TimeSpan.Zero);

    public ScriptedWeb Web { get; }

    /// <summary>In any order.</summary>
    public List<Film> Films { get; } = [];

    /// <summary>Asked before anything is answered; its answer counts, where there is one.</summary>
    public Func<string, HttpResponseMessage?> Instead { get; set; } = _ => null;

    /// <summary>Sees every answer of the interface; what it makes of it is sent.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage, HttpResponseMessage> Then { get; set; } = (_, answer) => answer;

    /// <summary>What the hub was asked for last.</summary>
    public IReadOnlyDictionary<string, string> Asked { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool HasChannel { get; set; } = true;

    /// <summary>Requests to the interface, e.g. <c>videos</c>, <c>playlistItems CAUQAA</c>.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (gate)
                return [.. calls];
        }
    }

    public static IReadOnlyDictionary<string, string?> Settings { get; } = With();

    public static IReadOnlyDictionary<string, string?> With(string? key = "key-1", int units = 10_000) => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["YouTubeKey"] = key,
        ["YouTubeDailyUnits"] = units.ToString(CultureInfo.InvariantCulture),
        ["PublicUrl"] = "https://me.example",
    };

    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"vid{number:D8}");

    public static Film Film(int number, DateTimeOffset uploaded) => new(Id(number), $"Film {number}", uploaded) { Views = 1000 + number };

    /// <summary>Forgets what was asked and tells how much it was.</summary>
    public int Count()
    {
        lock (gate)
        {
            var count = calls.Count;
            calls.Clear();
            return count;
        }
    }

    public static HttpResponseMessage Error(int status, string reason, string domain = "youtube.quota") => ScriptedWeb.Answer(
        (HttpStatusCode)status,
        new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = "No.", ["errors"] = new JsonArray(new JsonObject { ["domain"] = domain, ["reason"] = reason, ["message"] = "No." }) } }.ToJsonString(),
        "application/json");

    public static HttpResponseMessage Json(JsonNode node) => ScriptedWeb.Answer(HttpStatusCode.OK, node.ToJsonString(), "application/json; charset=UTF-8");

    /// <summary>The channel's feed as it is now; a delivery of the hub has neither views nor descriptions.</summary>
    public string Feed(IEnumerable<Film>? films = null, DateTimeOffset? updated = null, string? extra = null)
    {
        var entries = (films ?? Films.Where(film => film.Privacy == "public").OrderByDescending(film => film.Published).Take(15)).Select(film =>
            $"<entry><id>yt:video:{film.Id}</id><yt:videoId>{film.Id}</yt:videoId><yt:channelId>{Channel}</yt:channelId><title>{SecurityElement.Escape(film.Title)}</title>"
            + $"<link rel=\"alternate\" href=\"https://www.youtube.com/watch?v={film.Id}\"/><author><name>Juna Okvist</name><uri>https://www.youtube.com/channel/{Channel}</uri></author>"
            + $"<published>{Time(film.Published)}</published><updated>{(updated ?? film.Published).UtcDateTime:yyyy-MM-ddTHH:mm:ss}.123456789+00:00</updated>"
            + (films is null ? $"<media:group><media:title>x</media:title><media:description>About {film.Id}</media:description><media:community><media:starRating count=\"7\" average=\"5.00\" min=\"1\" max=\"5\"/><media:statistics views=\"{film.Views}\"/></media:community></media:group>" : "")
            + "</entry>");
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed xmlns:yt=\"http://www.youtube.com/xml/schemas/2015\" xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:at=\"http://purl.org/atompub/tombstones/1.0\" xmlns=\"http://www.w3.org/2005/Atom\">"
            + $"<link rel=\"hub\" href=\"https://pubsubhubbub.appspot.com\"/><link rel=\"self\" href=\"https://www.youtube.com/xml/feeds/videos.xml?channel_id={Channel}\"/><title>Juna Okvist</title>"
            + string.Concat(entries) + extra + "</feed>";
    }

    public static string Tombstone(string id, DateTimeOffset when) =>
        $"<at:deleted-entry ref=\"yt:video:{id}\" when=\"{Time(when)}\"><link href=\"https://www.youtube.com/watch?v={id}\"/><at:by><name>Juna Okvist</name><uri>https://www.youtube.com/channel/{Channel}</uri></at:by></at:deleted-entry>";

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var address = request.RequestUri!;
        var query = HttpUtility.ParseQueryString(address.Query);
        if (address.Host == "www.googleapis.com")
        {
            var what = address.Segments[^1];
            var call = query["pageToken"] is { } token ? $"{what} {token}" : what;
            lock (gate)
                calls.Add(call);
            if (Instead(call) is { } answer)
                return answer;
            if (!request.Headers.TryGetValues("X-Goog-Api-Key", out var keys) || keys.Single() != "key-1")
                return Error(400, "keyInvalid", "global");
            return Then(request, what switch
            {
                "channels" => Channels(query["id"], query["forHandle"], query["forUsername"]),
                "playlistItems" => Uploads(query["playlistId"], query["pageToken"], int.Parse(query["maxResults"]!, CultureInfo.InvariantCulture)),
                "videos" => Videos(query["id"]!.Split(',')),
                _ => throw new InvalidOperationException($"Nobody scripted {address}."),
            });
        }

        if (Instead(address.PathAndQuery) is { } other)
            return other;
        return address.AbsoluteUri switch
        {
            Topic => ScriptedWeb.Answer(HttpStatusCode.OK, Feed(), "text/xml; charset=UTF-8"),
            Hub => Subscribe(request),
            "https://www.youtube.com/channel/" + Channel => ScriptedWeb.Answer(HttpStatusCode.OK, "<html><meta property=\"og:title\" content=\"Juna Okvist\"></html>", "text/html"),
            _ => throw new InvalidOperationException($"Nobody scripted {address}."),
        };
    }

    private HttpResponseMessage Subscribe(HttpRequestMessage request)
    {
        using var form = new StreamReader(request.Content!.ReadAsStream());
        Asked = form.ReadToEnd().Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => WebUtility.UrlDecode(p[1]), StringComparer.Ordinal);
        return ScriptedWeb.Answer(HttpStatusCode.Accepted);
    }

    private HttpResponseMessage Channels(string? id, string? handle, string? user)
    {
        var list = List("channel");
        if (HasChannel && (id == Channel || string.Equals(handle, "@junaokvist", StringComparison.OrdinalIgnoreCase) || user == "junaclassic"))
            list["items"] = new JsonArray(new JsonObject { ["kind"] = "youtube#channel", ["id"] = Channel, ["snippet"] = new JsonObject { ["title"] = "Juna Okvist" } });
        return Json(list);
    }

    private HttpResponseMessage Uploads(string? playlist, string? token, int size)
    {
        if (!HasChannel || playlist != "UU" + Channel[2..])
            return Error(404, "playlistNotFound", "youtube.playlistItem");
        if (token?.StartsWith('T') == false)
            return Error(400, "invalidPageToken", "youtube.parameter");
        var from = token is null ? 0 : int.Parse(token[1..], CultureInfo.InvariantCulture);
        var visible = Films.Where(film => film.Privacy == "public").OrderByDescending(film => film.Uploaded).ToList();
        var list = List("playlistItem");
        list["pageInfo"] = new JsonObject { ["totalResults"] = visible.Count, ["resultsPerPage"] = size };
        list["items"] = new JsonArray([.. visible.Skip(from).Take(size).Select(film => (JsonNode)new JsonObject
        {
            ["kind"] = "youtube#playlistItem",
            ["snippet"] = new JsonObject { ["publishedAt"] = Time(film.Uploaded), ["title"] = film.Title, ["channelId"] = Channel, ["channelTitle"] = "Juna Okvist" },
            ["contentDetails"] = new JsonObject { ["videoId"] = film.Id, ["videoPublishedAt"] = Time(film.Published) },
            ["status"] = new JsonObject { ["privacyStatus"] = "public" },
        })]);
        if (from + size < visible.Count)
            list["nextPageToken"] = string.Create(CultureInfo.InvariantCulture, $"T{from + size}");
        return Json(list);
    }

    private HttpResponseMessage Videos(string[] ids)
    {
        if (ids.Length > 50)
            return Error(400, "invalidFilters", "youtube.parameter");
        var list = List("video");
        list["items"] = new JsonArray([.. Films.Where(film => ids.Contains(film.Id) && film.Privacy != "private").Select(Video)]);
        return Json(list);
    }

    private static JsonNode Video(Film film)
    {
        var video = new JsonObject
        {
            ["kind"] = "youtube#video",
            ["id"] = film.Id,
            ["snippet"] = new JsonObject
            {
                ["publishedAt"] = Time(film.Published),
                ["channelId"] = Channel,
                ["title"] = film.Title,
                ["description"] = $"About {film.Id}",
                ["channelTitle"] = "Juna Okvist",
                ["tags"] = new JsonArray("sync", "dotnet"),
                ["categoryId"] = "28",
                ["liveBroadcastContent"] = film.Broadcast,
            },
            ["contentDetails"] = new JsonObject { ["duration"] = "PT12M30S" },
            ["statistics"] = new JsonObject { ["viewCount"] = film.Views.ToString(CultureInfo.InvariantCulture), ["likeCount"] = "7" },
            ["status"] = new JsonObject { ["privacyStatus"] = film.Privacy, ["uploadStatus"] = "processed" },
        };
        if (film.Live is { } live)
            video["liveStreamingDetails"] = live.DeepClone();
        return video;
    }

    private static JsonObject List(string kind) => new() { ["kind"] = $"youtube#{kind}ListResponse", ["etag"] = "e", ["pageInfo"] = new JsonObject { ["totalResults"] = 1, ["resultsPerPage"] = 5 } };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
