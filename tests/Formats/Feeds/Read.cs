using System.Text;
using ContributionIngest.Formats.Feeds;
using Xunit;

namespace ContributionIngest.Tests.Formats.Feeds;

/// <summary>Documents as strings, for the tests of this folder.</summary>
internal static class Read
{
    public static FeedDocument Feed(string document, string? address = null)
    {
        var result = Result(document, address);
        Assert.Null(result.Error);
        return result.Feed!;
    }

    public static FeedEntry Entry(string document, string? address = null) => Assert.Single(Feed(document, address).Entries);

    public static FeedResult Result(string document, string? address = null) =>
        FeedReader.Read(Encoding.UTF8.GetBytes(document), null, address is null ? null : new Uri(address));

    /// <summary>An item of RSS 2.0 with these elements.</summary>
    public static FeedEntry Item(string elements, string? address = null) =>
        Entry($"<rss version=\"2.0\"><channel><title>T</title><item>{elements}</item></channel></rss>", address);

    public static int Repairs(this FeedDocument feed, string what) => feed.Repairs.Where(repair => repair.What == what).Sum(repair => repair.Count);
}
