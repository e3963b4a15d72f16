using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

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
        return VideoCategories.Name(video.Text("snippet", "categoryId")) is { } category ? [.. tags, category] : [.. tags];
    }

    /// <summary>Likes and comments are absent where the owner hides them, which is not none.</summary>
    private static Dictionary<string, double> Metrics(JsonElement video)
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        Add("views", Number("viewCount"));
        Add("likes", Number("likeCount"));
        Add("comments", Number("commentCount"));
        Add("minutes", YouTubeTime.Minutes(video.Text("contentDetails", "duration")));
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

/// <summary>YouTube's video categories by id (https://developers.google.com/youtube/v3/docs/videoCategories), those a video can be put into.</summary>
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

/// <summary>Times as YouTube writes them.</summary>
internal static class YouTubeTime
{
    private const int Digits = 7;

    /// <summary>RFC 3339; feeds have up to nine digits of a second, of which we keep seven.</summary>
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

    /// <summary>ISO 8601: <c>PT1H2M3S</c>, <c>P1DT2H3M4S</c>, <c>P1W</c>; null for none at all, as <c>P0D</c> of what has not happened yet.</summary>
    public static double? Minutes(string? duration)
    {
        if (duration is not { Length: > 2 and < 40 } || duration[0] != 'P')
            return null;
        var (seconds, number, isTime) = (0d, 0d, false);
        foreach (var c in duration.AsSpan(1))
        {
            if (char.IsAsciiDigit(c))
            {
                number = (number * 10) + (c - '0');
                continue;
            }

            if (c == 'T')
            {
                isTime = true;
                continue;
            }

            double? unit = (c, isTime) switch
            {
                ('W', false) => 7 * 86_400,
                ('D', false) => 86_400,
                ('H', true) => 3600,
                ('M', true) => 60,
                ('S', true) => 1,
                _ => null,
            };
            if (unit is null)
                return null;
            (seconds, number) = (seconds + (number * unit.Value), 0);
        }

        return seconds is > 0 and < 1e9 ? Math.Max(0.1, Math.Round(seconds / 60, 1)) : null;
    }
}
