using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// The newest entries of a first page as a short text, four characters each. Where pages are counted from the newest entry, a new one moves others
/// down, and they are read twice; one that is removed moves others up, to a page that was read already, and they are missed.
/// </summary>
internal static class FeedHead
{
    private const int Most = 16;
    private const int Length = 4;

    public static string Of(FeedDocument feed) => string.Concat(feed.Entries.Take(Most).Select(Short));

    /// <summary>More entries have gone than new ones have pushed off the page.</summary>
    public static bool HasLost(string head, FeedDocument feed)
    {
        var before = head.Chunk(Length).Select(entry => new string(entry)).ToHashSet(StringComparer.Ordinal);
        var now = feed.Entries.Select(Short).ToList();
        var added = now.FindIndex(before.Contains);
        return added >= 0 && before.Except(now, StringComparer.Ordinal).Count() > added;
    }

    /// <summary>What an entry is known by, in whatever document it stands.</summary>
    public static string? IdOf(FeedEntry entry) => entry.Id ?? entry.Link ?? entry.Title;

    /// <summary>Three bytes are four characters of base64.</summary>
    private static string Short(FeedEntry entry) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(IdOf(entry) ?? "")).AsSpan(0, 3));
}
