using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>How feeds are asked for and their answers read.</summary>
internal static class FeedRequests
{
    public const string AcceptFeed =
        "application/atom+xml, application/rss+xml, application/feed+json;q=0.9, application/xml;q=0.8, */*;q=0.1";

    public const string AcceptPage = "text/html, application/atom+xml;q=0.9, application/rss+xml;q=0.9, application/feed+json;q=0.9, */*;q=0.5";

    /// <summary>Text that is no address stays as it is, for the gate to refuse with a sentence.</summary>
    public static Uri Address(string text) => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address)
        ? address
        : throw new SourceException(Failure.Terminal, "refusedAddress", "This is not a web address. Type it as https://example.com/blog.");

    /// <summary>Without the entry that the document breaks off in, which would be taken for another one than it is.</summary>
    public static FeedResult Read(Fetched answer)
    {
        var result = FeedReader.Read(answer.Body, ContentType.Charset(answer.Header("Content-Type")), answer.Address);
        return result.Feed is { Entries: [.., { IsTruncated: true }] } feed
            ? result with { Feed = feed with { Entries = [.. feed.Entries.SkipLast(1)] } }
            : result;
    }
}
