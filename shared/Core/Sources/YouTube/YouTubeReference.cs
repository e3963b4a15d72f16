using System.Net;
using System.Text.RegularExpressions;

namespace ContributionIngest.Core.Sources.YouTube;

internal enum ReferenceKind
{
    /// <summary><c>UC</c> and 22 characters.</summary>
    Channel,

    /// <summary>Without the <c>@</c>.</summary>
    Handle,

    /// <summary>Old user names (<c>/user/name</c>).</summary>
    User,

    /// <summary>Old custom addresses (<c>/c/name</c>, <c>/name</c>): the path of the page that has the channel's id.</summary>
    Custom,

    Video,

    /// <summary>A bare word that can be a video id or a handle.</summary>
    VideoOrHandle,
}

/// <summary>A channel or a video, in any form YouTube gives its addresses.</summary>
internal sealed partial record YouTubeReference(ReferenceKind Kind, string Value)
{
    private static readonly string[] VideoPaths = ["live", "shorts", "embed", "v", "e", "video", "vi"];

    /// <summary>Pages of the site that are not a channel's.</summary>
    private static readonly string[] Pages =
        ["results", "feed", "gaming", "hashtag", "clip", "post", "about", "account", "premium", "t", "signin", "redirect", "oembed", "watch", "feeds"];

    /// <summary>Null if it is neither.</summary>
    public static YouTubeReference? Parse(string typed, YouTubeSite site)
    {
        var text = typed.Trim();
        if (text.StartsWith('@'))
            return Named(ReferenceKind.Handle, text[1..]);
        if (!text.Contains('/', StringComparison.Ordinal) && !text.Contains('.', StringComparison.Ordinal))
            return Bare(text);
        if (!text.Contains("://", StringComparison.Ordinal))
            text = "https://" + text.TrimStart('/');
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && site.RelativeAddress(address) is { } below)
            return FromPath(below);

        // A handle may contain dots, and then looks like a host.
        return typed.Contains('/', StringComparison.Ordinal) || typed.Trim().Contains("youtube", StringComparison.OrdinalIgnoreCase) ? null : Named(ReferenceKind.Handle, typed.Trim());
    }

    /// <summary>The video id in an address of the site, if it names a video.</summary>
    public static string? Video(Uri address, YouTubeSite site) =>
        site.RelativeAddress(address) is { } below && FromPath(below) is { Kind: ReferenceKind.Video } name ? name.Value : null;

    public static bool IsChannel(string? text) => text is not null && ChannelId().IsMatch(text);

    public static bool IsVideo(string? text) => text is not null && VideoId().IsMatch(text);

    private static YouTubeReference? FromPath(string below)
    {
        var end = below.AsSpan().IndexOfAny('?', '#');
        var (path, query) = end < 0 ? (below, "") : (below[..end], below[end..]);
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var first = parts.Length == 0 ? "" : WebUtility.UrlDecode(parts[0]);
        var second = parts.Length < 2 ? "" : WebUtility.UrlDecode(parts[1]);
        return first switch
        {
            "" => null,
            "channel" or "user" or "c" when second.StartsWith('@') => Named(ReferenceKind.Handle, second[1..]),
            "watch" => OfVideo(Parameter(query, "v") ?? second) ?? OfUploads(Parameter(query, "list")),
            "playlist" => OfUploads(Parameter(query, "list")),
            "channel" => OfChannel(second),
            "user" => Named(ReferenceKind.User, second),
            "c" => Named(ReferenceKind.Custom, "c/" + parts.ElementAtOrDefault(1), second),
            "feeds" or "xml" => FromFeed(query),
            _ when first[0] == '@' => Named(ReferenceKind.Handle, first[1..]),
            _ when VideoPaths.Contains(first, StringComparer.OrdinalIgnoreCase) => OfVideo(second),
            _ when Pages.Contains(first, StringComparer.OrdinalIgnoreCase) => null,
            _ => Named(ReferenceKind.Custom, parts[0], first),
        };
    }

    /// <summary>Without an address; a video id can also be a handle.</summary>
    private static YouTubeReference? Bare(string word) => IsChannel(word) ? new(ReferenceKind.Channel, word)
        : OfUploads(word) is { } channel ? channel
        : IsVideo(word) ? new(ReferenceKind.VideoOrHandle, word)
        : Named(ReferenceKind.Handle, word);

    private static YouTubeReference? OfVideo(string? id) => IsVideo(id) ? new(ReferenceKind.Video, id!) : null;

    private static YouTubeReference? OfChannel(string? id) => IsChannel(id) ? new(ReferenceKind.Channel, id!) : null;

    /// <summary>A channel's lists of uploads, of long videos, shorts and streams have its id with other letters in front.</summary>
    private static YouTubeReference? OfUploads(string? list) =>
        list is not null && UploadsId().Match(list) is { Success: true } match ? new(ReferenceKind.Channel, "UC" + match.Groups["id"].Value) : null;

    private static YouTubeReference? FromFeed(string query) => OfChannel(Parameter(query, "channel_id"))
        ?? OfUploads(Parameter(query, "playlist_id"))
        ?? (Parameter(query, "user") is { } user ? Named(ReferenceKind.User, user) : null);

    private static YouTubeReference? Named(ReferenceKind kind, string value) => Named(kind, value, value);

    private static YouTubeReference? Named(ReferenceKind kind, string value, string name) => Name().IsMatch(name) ? new(kind, value) : null;

    private static string? Parameter(string query, string name) => query.TrimStart('?').Split('#')[0].Split('&')
        .Select(pair => pair.Split('=', 2))
        .Where(pair => pair.Length == 2 && pair[0] == name)
        .Select(pair => WebUtility.UrlDecode(pair[1]))
        .FirstOrDefault();

    [GeneratedRegex("^UC[A-Za-z0-9_-]{22}$", RegexOptions.NonBacktracking, 1000)]
    private static partial Regex ChannelId();

    [GeneratedRegex("^UU(LF|SH|LV)?(?<id>[A-Za-z0-9_-]{22})$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking, 1000)]
    private static partial Regex UploadsId();

    [GeneratedRegex("^[A-Za-z0-9_-]{11}$", RegexOptions.NonBacktracking, 1000)]
    private static partial Regex VideoId();

    /// <summary>Letters of any script (https://support.google.com/youtube/answer/11585688).</summary>
    [GeneratedRegex(@"^[\p{L}\p{M}\p{N}_.·-]{1,100}$", RegexOptions.NonBacktracking, 1000)]
    private static partial Regex Name();
}
