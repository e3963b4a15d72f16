using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Feeds;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Blogs and podcasts by their feeds: RSS, Atom and JSON Feed.</summary>
public sealed class FeedSource(Fetcher fetcher, TimeProvider time) : ISource
{
    public const string Name = "feed";

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private readonly FeedFinder finder = new(fetcher);
    private readonly FeedBackfill backfill = new(fetcher, time);
    private readonly CrossPosts crossPosts = new(fetcher, time);

    public SourceInfo Info { get; } = new(Name, [Kind.BlogPost, Kind.PodcastEpisode, Kind.Video])
    {
        Options =
        [
            new("author", "only entries by these names, comma-separated"),
            new("role", "what you were in them", EnumText<Role>.All),
        ],
    };

    public Task<Place> ResolveAsync(string typed, Credentials credentials, CancellationToken cancel) => finder.FindAsync(typed, cancel);

    /// <summary>
    /// Reads the first page before any older ones, so that an unreadable page never hides what is new. Options: <c>author</c>, <c>role</c> (see
    /// <see cref="FeedDrafts"/>).
    /// </summary>
    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var known = FeedCursor.Parse(reading.Cursor, reading.Address);
        var options = string.Join('\n', reading.Options.OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $"{option.Key}={option.Value}"));
        if (reading.IsFromStart || (known.Options is { } before && before != options))
            known = known.FromStart();
        known = known with { Options = options };

        // The page is needed even if it has not changed.
        var now = time.GetUtcNow();
        var isNeeded = now - reading.DeliveredAt >= PushOffer.LongestLag || known.Awaited <= now || known.ReadAt is not { } readAt || readAt + Week <= now || backfill.NeedsFirstPage(known, reading);
        var request = new FetchRequest(FeedRequests.Address(reading.Address)) { Accept = FeedRequests.AcceptFeed };
        var answer = await fetcher.SendAsync(isNeeded ? request : request with { ETag = known.ETag, LastModified = known.LastModified }, cancel);
        if (answer.Outcome is not (FetchOutcome.Content or FetchOutcome.NotModified))
            throw FeedFailures.Of(answer);

        var (cursor, movedTo) = known.WithRedirect(answer.MovedTo);
        var hash = answer.Outcome == FetchOutcome.Content ? Hash(answer.Body) : known.BodyHash;
        if (answer.Outcome == FetchOutcome.Content && (isNeeded || hash != known.BodyHash || FeedBackfill.HasMoved(known, answer, reading)))
        {
            var feed = FeedRequests.Read(answer) is { Feed: { } document } ? document : throw FeedFailures.NoFeed(answer);
            (feed, cursor) = await crossPosts.ResolveAsync(feed, answer.Address, cursor, cancel);
            var drafts = FeedDrafts.Of(feed, answer.Address, reading.Options, time.GetUtcNow());
            cursor = feed.IsTruncated ? cursor.WithoutBody() : cursor.WithBody(answer, hash!, now);
            var awaited = drafts.Drafts.Where(draft => draft.Status == Status.Scheduled).Min(draft => draft.When);
            cursor = backfill.ApplyFirstPage(cursor, feed, answer, drafts, reading) with { Awaited = awaited };
            yield return Page(feed, answer, drafts, cursor) with
            {
                More = backfill.HasPageDue(cursor, reading),
                MovedTo = movedTo,
                Coverage = FeedCoverage.Of(cursor, drafts.Oldest),
                MinPollInterval = feed.IsTruncated ? null : FeedSchedule.MinPollInterval(feed, answer, time.GetUtcNow()),
                Push = WebSubDiscovery.Offer(feed, answer),
            };
        }
        else if (cursor != known)
        {
            yield return new SourcePage { Cursor = cursor.ToText(), MovedTo = movedTo, More = backfill.HasPageDue(cursor, reading) };
        }

        await foreach (var page in backfill.ReadOlderPagesAsync(cursor, reading, cancel))
            yield return page;
    }

    /// <summary>WebSub: the body is a feed of new and changed entries, unless it is truncated.</summary>
    public Task<IReadOnlyList<Draft>?> AcceptAsync(PushDelivery push, CancellationToken cancel)
    {
        var type = push.Headers.FirstOrDefault(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value;
        var place = FeedRequests.Address(push.Origin);
        var feed = FeedReader.Read(push.Body, ContentType.Charset(type), place).Feed;
        return Task.FromResult(feed is not { Entries.Count: > 0, IsTruncated: false } ? null : FeedDrafts.Of(feed, place, push.Options, time.GetUtcNow()).Drafts);
    }

    /// <summary>Neither a feed nor a page names a single entry.</summary>
    public Task<Draft?> LookupAsync(Uri address, CancellationToken cancel) => Task.FromResult<Draft?>(null);

    internal static SourcePage Page(FeedDocument feed, Fetched answer, FeedDrafts drafts, FeedCursor cursor) => new()
    {
        Drafts = drafts.Drafts,
        Repairs = [.. feed.Repairs, .. drafts.Repairs],
        Cursor = cursor.ToText(),
        Raw = RawResponse.Of(answer),
        Title = feed.Title,
        Url = feed.Link,
    };

    private static string Hash(byte[] body) => Convert.ToBase64String(SHA256.HashData(body).AsSpan(0, 18));
}

/// <summary>How long a feed asks not to be polled: the longest of its own hints, at most a day.</summary>
internal static class FeedSchedule
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static TimeSpan? MinPollInterval(FeedDocument feed, Fetched answer, DateTimeOffset now)
    {
        TimeSpan?[] hints = [feed.UpdateInterval, MaxAge(answer.Header("Cache-Control")), Expires(answer.Header("Expires"), now)];
        var longest = hints.Max();
        return longest > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(longest.Value.Ticks, Longest.Ticks)) : null;
    }

    private static TimeSpan? MaxAge(string? cacheControl)
    {
        foreach (var directive in (cacheControl ?? "").Split(','))
        {
            var pair = directive.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length == 2 && pair[0].Equals("max-age", StringComparison.OrdinalIgnoreCase)
                && long.TryParse(pair[1].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return TimeSpan.FromSeconds(Math.Min(seconds, (long)Longest.TotalSeconds));
        }

        return null;
    }

    private static TimeSpan? Expires(string? header, DateTimeOffset now) =>
        DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > now ? date - now : null;
}
