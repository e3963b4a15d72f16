using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>A video of <c>videos.list</c> (https://developers.google.com/youtube/v3/docs/videos) as a draft.</summary>
/// <param name="Channel">Id of its channel.</param>
internal sealed record Video(Draft Draft, string? Channel)
{
    public const string Parts = "snippet,contentDetails,statistics,status,liveStreamingDetails";

    private const int MaxTags = 15;

    /// <summary>A stream that has not begun so long after its scheduled start never will; YouTube goes on calling it upcoming.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(2);

    /// <summary>Null if it is not public, or has no id.</summary>
    public static Video? Of(JsonElement video, Role role, YouTubeSite site, DateTimeOffset now)
    {
        var id = video.Text("id");
        if (!YouTubeReference.IsVideo(id) || video.Text("status", "privacyStatus") != "public" || IsWithheld(video))
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
            Container = channelTitle is null ? null : new Container(channelTitle, YouTubeReference.IsChannel(channel) ? site.Channel(channel!) : null),
            Topics = Topics(video),
            Metrics = Metrics(video),
        };
        return new Video(draft, channel);
    }

    /// <summary>YouTube says why it cannot be shown: it is not public, or its upload failed.</summary>
    public static bool IsWithheld(JsonElement video) =>
        video.Text("status", "privacyStatus") is not (null or "public") || video.Text("status", "uploadStatus") is "deleted" or "failed" or "rejected";

    /// <summary>The status YouTube gives; without one, by its times.</summary>
    private static Status StatusOf(JsonElement video, DateTimeOffset now) => video.Text("snippet", "liveBroadcastContent") switch
    {
        "live" => Status.Live,
        "upcoming" => Announced(video, now),
        "none" => Status.Published,
        _ when video.Time("liveStreamingDetails", "actualEndTime") is not null => Status.Published,
        _ when video.Time("liveStreamingDetails", "actualStartTime") is not null => Status.Live,
        _ when video.Time("liveStreamingDetails", "scheduledStartTime") is not null => Announced(video, now),
        _ => Status.Published,
    };

    private static Status Announced(JsonElement video, DateTimeOffset now) =>
        video.Time("liveStreamingDetails", "scheduledStartTime") < now - LongestDelay ? Status.Cancelled : Status.Scheduled;

    /// <summary>A premiere is published when it is announced; its date is when it starts.</summary>
    private static DateTimeOffset? When(JsonElement video, Status status) =>
        video.Time("liveStreamingDetails", "actualStartTime")
        ?? (status is Status.Scheduled or Status.Cancelled ? video.Time("liveStreamingDetails", "scheduledStartTime") : null)
        ?? video.Time("snippet", "publishedAt");

    private static string[] Topics(JsonElement video)
    {
        var tags = video.List("snippet", "tags").Select(tag => tag.Text()).OfType<string>().Take(MaxTags);
        return VideoCategories.Name(video.Text("snippet", "categoryId")) is { } category ? [.. tags, category] : [.. tags];
    }

    /// <summary>Likes and comments are absent if the owner hides them, which does not mean zero.</summary>
    private static Dictionary<string, double> Metrics(JsonElement video) => DraftMetrics.Of(
        ("views", DraftMetrics.Count(video.Text("statistics", "viewCount"))),
        ("likes", DraftMetrics.Count(video.Text("statistics", "likeCount"))),
        ("comments", DraftMetrics.Count(video.Text("statistics", "commentCount"))),
        ("minutes", YouTubeTime.Minutes(video.Text("contentDetails", "duration"))));
}

/// <summary>YouTube's video categories by id (https://developers.google.com/youtube/v3/docs/videoCategories), those that can be assigned.</summary>
internal static class VideoCategories
{
    public static string? Name(string? id) => id switch
    {
        "1" => "Film & Animation",
        "2" => "Autos & Vehicles",
        "10" => "Music",
        "15" => "Pets & Animals",
        "17" => "Sports",
        "19" => "Travel & Events",
        "20" => "Gaming",
        "22" => "People & Blogs",
        "23" => "Comedy",
        "24" => "Entertainment",
        "25" => "News & Politics",
        "26" => "Howto & Style",
        "27" => "Education",
        "28" => "Science & Technology",
        "29" => "Nonprofits & Activism",
        _ => null,
    };
}

/// <summary>Times and durations as YouTube writes them.</summary>
internal static class YouTubeTime
{
    private const int Digits = 7;

    /// <summary>RFC 3339; feeds have up to nine fractional digits, of which seven are kept.</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        text = text?.Trim();
        if (text is not { Length: >= 10 and <= 60 })
            return null;
        if (text.IndexOf('.', StringComparison.Ordinal) is var point and >= 0)
        {
            var end = point + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            if (end - point - 1 > Digits)
                text = text[..(point + 1 + Digits)] + text[end..];
        }

        return char.IsAsciiDigit(text[0])
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.ToUniversalTime()
                : null;
    }

    public static DateTimeOffset? Time(this JsonElement of, params ReadOnlySpan<string> path) => Parse(of.Text(path));

    /// <summary>A duration in minutes; null for none, such as <c>P0D</c> of an upcoming stream.</summary>
    public static double? Minutes(string? duration) =>
        IsoDuration.Parse(duration) is { TotalSeconds: < 1e9 } length ? Math.Max(0.1, Math.Round(length.TotalMinutes, 1)) : null;
}
