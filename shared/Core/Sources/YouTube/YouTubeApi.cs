using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>YouTube Data API v3 (https://developers.google.com/youtube/v3/docs), the part that reading a channel needs. One unit per request.</summary>
/// <param name="token">Of the channel's owner, whose requests count against the same project; null to use the key.</param>
internal sealed class YouTubeApi(Fetcher fetcher, YouTubeOptions options, YouTubeSite site, Quota quota, TimeProvider time, string? token = null)
{
    /// <summary>Videos per request.</summary>
    public const int Batch = 50;

    private readonly string root = options.Api.AbsoluteUri.TrimEnd('/');

    /// <summary>Little of the day's quota is left.</summary>
    public bool IsLow => quota.IsLow;

    /// <summary>Answers may show what only the channel's owner sees.</summary>
    public bool IsOwners => token is not null;

    public string UploadsAddress(string channel) => $"{root}/playlistItems?playlistId={UploadsPage.Playlist(channel)}";

    /// <param name="pageToken">Empty for the first page.</param>
    /// <returns>A page, or why there is none: <c>playlistNotFound</c>, <c>invalidPageToken</c>.</returns>
    public async Task<(UploadsPage? Page, string? Why)> UploadsAsync(string channel, string pageToken, CancellationToken cancel)
    {
        var next = pageToken.Length == 0 ? "" : "&pageToken=" + Uri.EscapeDataString(pageToken);
        var playlist = UploadsPage.Playlist(channel);
        var (answer, why, body) = await GetAsync(
            $"playlistItems?part=snippet,contentDetails,status&playlistId={playlist}&maxResults={UploadsPage.PageSize}{next}",
            reason => reason is "playlistNotFound" or "invalidPageToken" or "channelNotFound",
            cancel);
        return answer is { } page ? (UploadsPage.Of(page, body), null) : (null, why == "channelNotFound" ? "playlistNotFound" : why);
    }

    /// <param name="ids">At most <see cref="Batch"/>. Private and deleted ones are absent from the result.</param>
    public async Task<VideosAnswer> VideosAsync(IEnumerable<string> ids, Role role, CancellationToken cancel)
    {
        var (answer, _, body) = await GetAsync($"videos?part={Video.Parts}&id={string.Join(',', ids)}", static _ => false, cancel);
        var now = time.GetUtcNow();
        var items = answer!.Value.List("items").ToList();
        return new(
            [.. items.Select(item => Video.Of(item, role, site, now)).OfType<Video>()],
            [.. items.Where(Video.IsWithheld).Select(item => item.Text("id")).OfType<string>()],
            body);
    }

    /// <param name="by"><c>id forHandle forUsername</c>.</param>
    /// <returns>Id and name; null if there is no such channel.</returns>
    public async Task<(string Id, string? Title)?> ChannelAsync(string by, string value, CancellationToken cancel)
    {
        var (answer, _, _) = await GetAsync($"channels?part=snippet&{by}={Uri.EscapeDataString(value)}", static reason => reason is "channelNotFound", cancel);
        var found = answer?.List("items").FirstOrDefault(item => YouTubeReference.IsChannel(item.Text("id")));
        return found?.Text("id") is { } id ? (id, found?.Text("snippet", "title")) : null;
    }

    /// <summary>Id and name of the channel that the token belongs to; null if the account has none.</summary>
    public async Task<(string Id, string? Title)?> OwnChannelAsync(CancellationToken cancel)
    {
        var (answer, _, _) = await GetAsync("channels?part=snippet&mine=true", static reason => reason is "channelNotFound" or "youtubeSignupRequired", cancel);
        var found = answer?.List("items").FirstOrDefault(item => YouTubeReference.IsChannel(item.Text("id")));
        return found?.Text("id") is { } id ? (id, found?.Text("snippet", "title")) : null;
    }

    /// <param name="isAnswer">Error reasons that count as an answer.</param>
    private async Task<(JsonElement? Answer, string? Why, byte[] Body)> GetAsync(string what, Func<string, bool> isAnswer, CancellationToken cancel)
    {
        if (await quota.TakeAsync(cancel) is { } until)
            throw YouTubeFailures.QuotaSpent(until);
        Telemetry.QuotaLeft("youtube", quota.Left);
        var request = new FetchRequest(new Uri($"{root}/{what}"))
        {
            Accept = "application/json",
            FollowRedirects = false,
            Authorization = token is null ? null : "Bearer " + token,
            Headers = token is null ? new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["X-Goog-Api-Key"] = options.Key! } : [],
        };
        var answer = await fetcher.SendAsync(request, cancel);
        if (answer.Outcome == FetchOutcome.Content)
            return (LenientJson.Parse(answer.Body) is { ValueKind: JsonValueKind.Object } json ? json : throw YouTubeFailures.Of(answer, null, time.GetUtcNow()), null, answer.Body);

        var reason = YouTubeFailures.Reason(answer.Body);
        if (reason is "quotaExceeded" or "dailyLimitExceeded")
            throw YouTubeFailures.QuotaSpent(quota.Spent());
        if (reason is not null && isAnswer(reason))
            return (null, reason, answer.Body);
        var failure = YouTubeFailures.Of(answer, reason, time.GetUtcNow());
        if (failure is { Code: "throttled", RetryAt: { } at })
            fetcher.Pauses.Pause(answer.Address.Host, at);
        throw failure;
    }
}

/// <param name="Withheld">Ids that YouTube says cannot be shown. What is in neither list is unknown.</param>
internal sealed record VideosAnswer(IReadOnlyList<Video> Videos, IReadOnlyList<string> Withheld, byte[] Body);

/// <summary>An entry of a channel's list of uploads.</summary>
/// <param name="Added">Upload time, by which the list is ordered.</param>
/// <param name="Published">When it became public, possibly weeks later.</param>
internal sealed record Upload(string Id, DateTimeOffset? Added, DateTimeOffset? Published);

/// <summary>A page of <c>playlistItems.list</c> (https://developers.google.com/youtube/v3/docs/playlistItems), newest upload first.</summary>
/// <param name="Next">Token of the next page; null at the end.</param>
/// <param name="Total">Estimated length of the list; may include private and deleted videos.</param>
/// <param name="ItemCount">List positions on the page, including those that are not public.</param>
/// <param name="Skipped">Items without a usable id.</param>
internal sealed record UploadsPage(IReadOnlyList<Upload> Items, string? Next, int? Total, int ItemCount, int Skipped, byte[] Body)
{
    public const int PageSize = 50;

    private const int LongestToken = 1000;

    public IReadOnlyList<string> Ids => [.. Items.Select(item => item.Id)];

    public DateTimeOffset? Oldest => Items.Min(item => item.Added);

    public DateTimeOffset? Newest => Items.Max(item => item.Added);

    /// <summary>The page is empty although the list has more than was seen, or does not say otherwise.</summary>
    public bool IsEmptyBefore(int seen) => ItemCount == 0 && (Next is not null || Total is null || Total > seen);

    /// <summary>The id of the uploads playlist differs from the channel's in one letter.</summary>
    public static string Playlist(string channel) => "UU" + channel[2..];

    public static UploadsPage Of(JsonElement page, byte[] body)
    {
        var items = new List<Upload>();
        var (seen, listed, skipped) = (new HashSet<string>(StringComparer.Ordinal), 0, 0);
        foreach (var item in page.List("items"))
        {
            listed++;

            // Playlists other than uploads have placeholders for private and deleted videos.
            if (item.Text("status", "privacyStatus") is { } privacy && privacy != "public")
                continue;
            var id = item.Text("contentDetails", "videoId") ?? item.Text("snippet", "resourceId", "videoId");
            if (!YouTubeReference.IsVideo(id))
                skipped++;
            else if (seen.Add(id!))
                items.Add(new(id!, item.Time("snippet", "publishedAt"), item.Time("contentDetails", "videoPublishedAt")));
        }

        var next = page.Text("nextPageToken");
        return new(items, next?.Length <= LongestToken ? next : null, page.Count("pageInfo", "totalResults"), listed, skipped, body);
    }
}

/// <summary>Which YouTube, and the key for it.</summary>
/// <param name="Api">Data API v3.</param>
/// <param name="Site">The site people use; feeds are its <c>feeds/videos.xml</c>.</param>
/// <param name="Hub">WebSub hub of the feeds.</param>
/// <param name="Key">API key for everyone; null: only feeds are read.</param>
/// <param name="DailyUnits">Quota units that may be used per day (midnight Pacific time).</param>
public sealed record YouTubeOptions(Uri Api, Uri Site, Uri Hub, string? Key, int DailyUnits)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => Api.AbsoluteUri;
}
