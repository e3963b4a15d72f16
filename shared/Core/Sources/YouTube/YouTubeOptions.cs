namespace ContributionIngest.Core.Sources.YouTube;

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
