using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

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
