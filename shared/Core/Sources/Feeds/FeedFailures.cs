using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Responses without a feed → what to tell the person, and whether to try again.</summary>
internal static class FeedFailures
{
    public static SourceException Of(Fetched answer) => answer is { Outcome: FetchOutcome.Denied, Code: "botProtection" }
        ? SourceException.Terminal("botProtection", $"{answer.Problem} Ask the site's owner to let feed readers in, or connect another feed of it.")
        : SourceException.Of(
            answer,
            gone: "If the blog lives on elsewhere, connect its new address.",
            missing: "Check the address, or try the blog's front page.",
            denied: "Only public feeds can be read: check whether the address needs a sign-in.",
            tooLarge: "Connect a feed with fewer entries: that of a section or an author, one in pages, or one with summaries alone.");

    /// <summary>A 2xx response without the expected feed, such as a maintenance page, a soft 404 or an empty body. It may be temporary.</summary>
    public static SourceException NoFeed(Fetched answer)
    {
        var host = answer.Address.Host;
        return Kind(answer) switch
        {
            "empty" => SourceException.Transient("empty", $"{host} answered with an empty page where the feed should be."),
            "json" => SourceException.Transient("notAFeed", $"{host} answered with JSON that is not a JSON Feed."),
            "html" => SourceException.Transient("notAFeed", $"{host} answered with a web page{TitleSuffix(answer)} where the feed should be."),
            _ => SourceException.Transient("notAFeed", $"{host} answered with something that is neither RSS, Atom nor JSON Feed."),
        };
    }

    /// <summary>The kind of a body that is not a feed: <c>empty json html other</c>.</summary>
    public static string Kind(Fetched answer)
    {
        var start = answer.Body.AsSpan().TrimStart(" \t\r\n\uFEFF"u8);
        if (start.IsEmpty)
            return "empty";
        if (start[0] is (byte)'{' or (byte)'[')
            return "json";
        var isPage = FeedRequests.Read(answer).Error?.Code == "html"
            || ContentType.MediaType(answer.Header("Content-Type")).Contains("html", StringComparison.Ordinal);
        return isPage ? "html" : "other";
    }

    private static string TitleSuffix(Fetched answer) => FeedPage.Read(answer).Title is { } title ? $" titled “{title}”" : "";
}

/// <summary>How feeds are requested and parsed.</summary>
internal static class FeedRequests
{
    public const string AcceptFeed =
        "application/atom+xml, application/rss+xml, application/feed+json;q=0.9, application/xml;q=0.8, */*;q=0.1";

    public const string AcceptPage = "text/html, application/atom+xml;q=0.9, application/rss+xml;q=0.9, application/feed+json;q=0.9, */*;q=0.5";

    /// <summary>Anything else than an address is left to the <see cref="Fetcher"/> to refuse.</summary>
    public static Uri Address(string text) => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address)
        ? address
        : throw SourceException.Terminal("refusedAddress", "This is not a web address. Type it as https://example.com/blog.");

    /// <summary>Drops the last entry of a truncated document, which cannot be identified reliably.</summary>
    public static FeedResult Read(Fetched answer)
    {
        var result = FeedReader.Read(answer.Body, ContentType.Charset(answer.Header("Content-Type")), answer.Address);
        return result.Feed is { Entries: [.., { IsTruncated: true }] } feed
            ? result with { Feed = feed with { Entries = [.. feed.Entries.SkipLast(1)] } }
            : result;
    }
}
