using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>YouTube Data API v3 (https://developers.google.com/youtube/v3/docs), as far as reading a channel needs it: one unit a request.</summary>
internal sealed class YouTubeApi(Fetcher fetcher, YouTubeOptions options, YouTubeSite site, Quota quota, TimeProvider time)
{
    /// <summary>Videos of one request.</summary>
    public const int Batch = 50;

    private readonly string root = options.Api.AbsoluteUri.TrimEnd('/');

    /// <summary>Little is left of the day's units.</summary>
    public bool IsLow => quota.IsLow;

    public string UploadsAddress(string channel) => $"{root}/playlistItems?playlistId={UploadsPage.Playlist(channel)}";

    /// <param name="token">Empty for the first page.</param>
    /// <returns>A page; or why there is none: <c>playlistNotFound</c>, <c>invalidPageToken</c>.</returns>
    public async Task<(UploadsPage? Page, string? Why)> UploadsAsync(string channel, string token, CancellationToken cancel)
    {
        var next = token.Length == 0 ? "" : "&pageToken=" + Uri.EscapeDataString(token);
        var playlist = UploadsPage.Playlist(channel);
        var (answer, why, body) = await GetAsync(
            $"playlistItems?part=snippet,contentDetails,status&playlistId={playlist}&maxResults={UploadsPage.PageSize}{next}",
            reason => reason is "playlistNotFound" or "invalidPageToken" or "channelNotFound",
            cancel);
        return answer is { } page ? (UploadsPage.Of(page, body), null) : (null, why == "channelNotFound" ? "playlistNotFound" : why);
    }

    /// <param name="ids">At most <see cref="Batch"/>. What is private or deleted is not among the videos.</param>
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
    /// <returns>Id and name; null when there is none: an answer without items, or without the member even.</returns>
    public async Task<(string Id, string? Title)?> ChannelAsync(string by, string value, CancellationToken cancel)
    {
        var (answer, _, _) = await GetAsync($"channels?part=snippet&{by}={Uri.EscapeDataString(value)}", static reason => reason is "channelNotFound", cancel);
        var found = answer?.List("items").FirstOrDefault(item => YouTubeReference.IsChannel(item.Text("id")));
        return found?.Text("id") is { } id ? (id, found?.Text("snippet", "title")) : null;
    }

    /// <param name="isAnswer">Reasons that are an answer as well.</param>
    private async Task<(JsonElement? Answer, string? Why, byte[] Body)> GetAsync(string what, Func<string, bool> isAnswer, CancellationToken cancel)
    {
        if (await quota.TakeAsync(cancel) is { } until)
            throw YouTubeFailures.QuotaSpent(until);
        Telemetry.QuotaLeft("youtube", quota.Left);
        var request = new FetchRequest(new Uri($"{root}/{what}"))
        {
            Accept = "application/json",
            FollowRedirects = false,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["X-Goog-Api-Key"] = options.Key! },
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

/// <param name="Withheld">Ids of which it is said that there is nothing to see. What is neither here nor among the videos is not known.</param>
internal sealed record VideosAnswer(IReadOnlyList<Video> Videos, IReadOnlyList<string> Withheld, byte[] Body);

/// <summary>A video in the list of a channel's uploads.</summary>
/// <param name="Added">When it was uploaded, which is what the list is ordered by.</param>
/// <param name="Published">When it became public, which may be weeks later.</param>
internal sealed record Upload(string Id, DateTimeOffset? Added, DateTimeOffset? Published);

/// <summary>A page of <c>playlistItems.list</c> (https://developers.google.com/youtube/v3/docs/playlistItems), newest upload first.</summary>
/// <param name="Next">Token of the page after it; null at the end.</param>
/// <param name="Total">How many there are in all. It is an estimate, and may count what is private or deleted.</param>
/// <param name="ItemCount">Places of the list that it shows, also those of what is not public.</param>
/// <param name="Skipped">Items without a usable id.</param>
internal sealed record UploadsPage(IReadOnlyList<Upload> Items, string? Next, int? Total, int ItemCount, int Skipped, byte[] Body)
{
    public const int PageSize = 50;

    private const int LongestToken = 1000;

    public IReadOnlyList<string> Ids => [.. Items.Select(item => item.Id)];

    public DateTimeOffset? Oldest => Items.Min(item => item.Added);

    public DateTimeOffset? Newest => Items.Max(item => item.Added);

    /// <summary>It shows nothing although there is more than the pages before it showed, or does not say that there is not.</summary>
    public bool IsEmptyBefore(int seen) => ItemCount == 0 && (Next is not null || Total is null || Total > seen);

    /// <summary>The uploads of a channel are a list whose id differs in one letter.</summary>
    public static string Playlist(string channel) => "UU" + channel[2..];

    public static UploadsPage Of(JsonElement page, byte[] body)
    {
        var items = new List<Upload>();
        var (seen, listed, skipped) = (new HashSet<string>(StringComparer.Ordinal), 0, 0);
        foreach (var item in page.List("items"))
        {
            listed++;

            // Other lists than uploads show what is private or deleted by a placeholder.
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

/// <summary>Which YouTube, and with what rights.</summary>
/// <param name="Api">Data API v3.</param>
/// <param name="Site">What people type and open; the keyless feeds are its <c>feeds/videos.xml</c>.</param>
/// <param name="Hub">WebSub hub of the feeds.</param>
/// <param name="Key">API key, for everybody; null: only the feeds are read.</param>
/// <param name="DailyUnits">Units of the key's quota that may be spent a day (midnight Pacific time).</param>
public sealed record YouTubeOptions(Uri Api, Uri Site, Uri Hub, string? Key, int DailyUnits)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => Api.AbsoluteUri;
}
