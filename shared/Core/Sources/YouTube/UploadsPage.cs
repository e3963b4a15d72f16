using System.Text.Json;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A video in the list of a channel's uploads.</summary>
/// <param name="Added">When it was uploaded, which is what the list is ordered by.</param>
/// <param name="Published">When it became public, which may be weeks later.</param>
internal sealed record Upload(string Id, DateTimeOffset? Added, DateTimeOffset? Published);

/// <summary>A page of <c>playlistItems.list</c> (https://developers.google.com/youtube/v3/docs/playlistItems), newest upload first.</summary>
/// <param name="Next">Token of the page after it; null at the end.</param>
/// <param name="Total">How many there are in all. It is an estimate, and may count what is private or deleted.</param>
/// <param name="Listed">Places of the list that it shows, also those of what is not public.</param>
/// <param name="Skipped">Items without a usable id.</param>
internal sealed record UploadsPage(IReadOnlyList<Upload> Items, string? Next, int? Total, int Listed, int Skipped, byte[] Body)
{
    public const int PageSize = 50;

    private const int LongestToken = 1000;

    public IReadOnlyList<string> Ids => [.. Items.Select(item => item.Id)];

    public DateTimeOffset? Oldest => Items.Min(item => item.Added);

    public DateTimeOffset? Newest => Items.Max(item => item.Added);

    /// <summary>It shows nothing although there is more than the pages before it showed, or does not say that there is not.</summary>
    public bool IsEmptyBefore(int seen) => Listed == 0 && (Next is not null || Total is null || Total > seen);

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
            if (!YouTubeName.IsVideo(id))
                skipped++;
            else if (seen.Add(id!))
                items.Add(new(id!, item.Time("snippet", "publishedAt"), item.Time("contentDetails", "videoPublishedAt")));
        }

        var next = page.Text("nextPageToken");
        return new(items, next?.Length <= LongestToken ? next : null, page.Count("pageInfo", "totalResults"), listed, skipped, body);
    }
}
