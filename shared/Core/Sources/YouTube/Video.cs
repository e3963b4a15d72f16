using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A video as <c>videos.list</c> tells it (https://developers.google.com/youtube/v3/docs/videos) → a draft.</summary>
/// <param name="Channel">Whose it is.</param>
internal sealed record Video(Draft Draft, string? Channel)
{
    public const string Parts = "snippet,contentDetails,statistics,status,liveStreamingDetails";

    private const int MostTags = 15;

    /// <summary>Null for what is not public, or has no id.</summary>
    public static Video? Of(JsonElement video, Role role, YouTubeSite site, DateTimeOffset now)
    {
        var id = video.Text("id");
        if (!YouTubeName.IsVideo(id) || video.Text("status", "privacyStatus") != "public" || IsWithheld(video))
            return null;
        var channel = video.Text("snippet", "channelId");
        var channelTitle = video.Text("snippet", "channelTitle");
        var status = StatusOf(video, now);
        var draft = new Draft
        {
            NativeId = id!,
            Kind = Kind.Video,
            Role = role,
            Status = status,
            Title = video.Text("snippet", "title"),
            Url = site.Video(id!),
            Summary = video.Text("snippet", "description"),
            When = When(video, status),
            EndsAt = video.Time("liveStreamingDetails", "actualEndTime"),
            Author = channelTitle,
            Container = channelTitle is null ? null : new Container(channelTitle, YouTubeName.IsChannel(channel) ? site.Channel(channel!) : null),
            Topics = Topics(video),
            Metrics = Metrics(video),
        };
        return new Video(draft, channel);
    }

    /// <summary>It is said why there is nothing to see: it is not public, or never came to be.</summary>
    public static bool IsWithheld(JsonElement video) =>
        video.Text("status", "privacyStatus") is not (null or "public") || video.Text("status", "uploadStatus") is "deleted" or "failed" or "rejected";

    /// <summary>What YouTube says it is now; where it does not say, what its times say.</summary>
    private static Status StatusOf(JsonElement video, DateTimeOffset now) => video.Text("snippet", "liveBroadcastContent") switch
    {
        "live" => Status.Live,
        "upcoming" => Status.Scheduled,
        "none" => Status.Published,
        _ when video.Time("liveStreamingDetails", "actualEndTime") is not null => Status.Published,
        _ when video.Time("liveStreamingDetails", "actualStartTime") is not null => Status.Live,
        _ when video.Time("liveStreamingDetails", "scheduledStartTime") > now => Status.Scheduled,
        _ => Status.Published,
    };

    /// <summary>A premiere counts as published when it was announced; it happens when it starts.</summary>
    private static DateTimeOffset? When(JsonElement video, Status status) =>
        video.Time("liveStreamingDetails", "actualStartTime")
        ?? (status == Status.Scheduled ? video.Time("liveStreamingDetails", "scheduledStartTime") : null)
        ?? video.Time("snippet", "publishedAt");

    private static string[] Topics(JsonElement video)
    {
        var tags = video.List("snippet", "tags").Select(tag => tag.Text()).OfType<string>().Take(MostTags);
        return Categories.Name(video.Text("snippet", "categoryId")) is { } category ? [.. tags, category] : [.. tags];
    }

    /// <summary>Likes and comments are absent where the owner hides them, which is not none.</summary>
    private static Dictionary<string, double> Metrics(JsonElement video)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        Add("views", Number("viewCount"));
        Add("likes", Number("likeCount"));
        Add("comments", Number("commentCount"));
        Add("minutes", Instant.Minutes(video.Text("contentDetails", "duration")));
        return metrics;

        // A count, which the interface writes as a string.
        double? Number(string name) =>
            double.TryParse(video.Text("statistics", name), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && double.IsFinite(count) ? count : null;

        void Add(string name, double? value)
        {
            if (value is { } known)
                metrics[name] = known;
        }
    }
}
