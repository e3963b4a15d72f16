namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Bytes of a document → what the feed says. Never throws on input; a document that is no feed is a value.</summary>
public static class FeedReader
{
    /// <param name="charset">The HTTP charset parameter, if there was one.</param>
    /// <param name="baseAddress">Where the document came from; relative links are resolved against it.</param>
    public static FeedResult Read(ReadOnlySpan<byte> bytes, string? charset = null, Uri? baseAddress = null) =>
        new(null, new FeedError("notImplemented", "The reader is being written."));
}

/// <summary>Either a feed or the reason why it is none.</summary>
public sealed record FeedResult(FeedDocument? Feed, FeedError? Error);

/// <param name="Code">Stable word: <c>empty</c>, <c>html</c>, <c>notAFeed</c>, …</param>
public sealed record FeedError(string Code, string Message);
