namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>Addresses at the configured YouTube, in the one spelling that is kept.</summary>
internal sealed class YouTubeSite(YouTubeOptions options)
{
    private readonly string root = options.Site.AbsoluteUri.TrimEnd('/');

    /// <summary>Hosts whose addresses are YouTube's. Where the site is only a part of a host, that host is others' as well.</summary>
    public IReadOnlyList<string> Hosts { get; } = options.Site.AbsolutePath == "/"
        ? [.. new[] { "youtube.com", "youtu.be", "youtube-nocookie.com", options.Site.Authority }.Distinct(StringComparer.OrdinalIgnoreCase)]
        : ["youtube.com", "youtu.be", "youtube-nocookie.com"];

    public string Video(string id) => $"{root}/watch?v={id}";

    public string Channel(string id) => $"{root}/channel/{id}";

    /// <summary>A page below the root.</summary>
    public Uri Page(string path) => new($"{root}/{path}");

    public string Feed(string channel) => $"{root}/feeds/videos.xml?channel_id={channel}";

    /// <summary>
    /// Documentation and the hub itself know two spellings of the topic (https://developers.google.com/youtube/v3/guides/push_notifications);
    /// we subscribe to the plain one.
    /// </summary>
    public PushOffer Push(string channel) =>
        new(options.Hub.AbsoluteUri, Feed(channel), $"{root}/xml/feeds/videos.xml?channel_id={channel}");

    /// <summary>Path and query below the root; null for an address elsewhere.</summary>
    public string? Below(Uri address)
    {
        var text = address.AbsoluteUri;
        if (text.StartsWith(root + "/", StringComparison.OrdinalIgnoreCase))
            return text[(root.Length + 1)..];
        var host = address.IdnHost;
        if (IsAt(host, "youtu.be"))
            return "v/" + address.PathAndQuery[1..];
        return IsAt(host, "youtube.com") || IsAt(host, "youtube-nocookie.com") ? address.PathAndQuery[1..] : null;
    }

    private static bool IsAt(string host, string domain) =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
}
