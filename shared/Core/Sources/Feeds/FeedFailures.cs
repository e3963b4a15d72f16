using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Answers that are no feed → what to tell the person, and whether it may pass.</summary>
internal static class FeedFailures
{
    public static SourceException Of(Fetched answer) => answer.Outcome switch
    {
        FetchOutcome.Throttled => SourceException.Transient("throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Gone => new(Failure.Gone, "gone", $"{answer.Problem} If the blog lives on elsewhere, connect its new address."),

        // Places come back from 404 often enough to keep asking, ever more rarely.
        FetchOutcome.Missing => SourceException.Transient("missing", $"{answer.Problem} Check the address, or try the blog's front page."),
        FetchOutcome.Denied when answer.Code == "botProtection" => SourceException.Terminal(
            "botProtection", $"{answer.Problem} Ask the site's owner to let feed readers in, or connect another feed of it."),
        FetchOutcome.Denied => SourceException.Terminal("denied", $"{answer.Problem} Only public feeds can be read: check whether the address needs a sign-in."),
        FetchOutcome.Transient => SourceException.Transient(answer.Code ?? "transient", answer.Problem!),
        _ => SourceException.Terminal(answer.Code ?? "status", answer.Problem ?? "The answer cannot be used."),
    };

    /// <summary>
    /// A 2xx answer without a feed in it where one was before, or where one was named: a maintenance page, a soft 404, an empty body.
    /// Nothing is lost by asking again.
    /// </summary>
    public static SourceException NoFeed(Fetched answer)
    {
        var host = answer.Address.Host;
        return Kind(answer) switch
        {
            "empty" => SourceException.Transient("empty", $"{host} answered with nothing at all where the feed should be."),
            "json" => SourceException.Transient("notAFeed", $"{host} answered with JSON that is not a JSON Feed."),
            "html" => SourceException.Transient("notAFeed", $"{host} answered with a web page{TitleSuffix(answer)} where the feed should be."),
            _ => SourceException.Transient("notAFeed", $"{host} answered with something that is neither RSS, Atom nor JSON Feed."),
        };
    }

    /// <summary>What a body is that is no feed: <c>empty json html other</c>.</summary>
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

/// <summary>How feeds are asked for and their answers read.</summary>
internal static class FeedRequests
{
    public const string AcceptFeed =
        "application/atom+xml, application/rss+xml, application/feed+json;q=0.9, application/xml;q=0.8, */*;q=0.1";

    public const string AcceptPage = "text/html, application/atom+xml;q=0.9, application/rss+xml;q=0.9, application/feed+json;q=0.9, */*;q=0.5";

    /// <summary>Text that is no address stays as it is, for the gate to refuse with a sentence.</summary>
    public static Uri Address(string text) => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var address)
        ? address
        : throw SourceException.Terminal("refusedAddress", "This is not a web address. Type it as https://example.com/blog.");

    /// <summary>Without the entry that the document breaks off in, which would be taken for another one than it is.</summary>
    public static FeedResult Read(Fetched answer)
    {
        var result = FeedReader.Read(answer.Body, ContentType.Charset(answer.Header("Content-Type")), answer.Address);
        return result.Feed is { Entries: [.., { IsTruncated: true }] } feed
            ? result with { Feed = feed with { Entries = [.. feed.Entries.SkipLast(1)] } }
            : result;
    }
}
