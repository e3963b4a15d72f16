using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// The walk back through a feed's older pages on first reads, one page and one cursor at a time, so that it resumes where it stopped. It
/// ends where pages end, repeat, or become too many.
/// </summary>
internal sealed class FeedBackfill(Fetcher fetcher, TimeProvider time)
{
    private const int MostPages = 200;
    private const int MostFailures = 3;
    private const int LongestAddress = 4_000;

    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    /// <summary>More was written since the last read than the first page holds: it is newer throughout than anything known.</summary>
    public static bool LeavesGap(FeedCursor cursor, FeedDrafts drafts) =>
        cursor.Backfill is { Next: null, Paging: not null } && cursor.Newest < drafts.Oldest;

    /// <param name="until">Everything older was read before; null on a first read.</param>
    public static Backfill Begin(FeedDocument feed, Uri address, FeedDrafts drafts, DateTimeOffset? until)
    {
        var paging = feed.Complete || feed.Entries.Count == 0 ? null : FeedPaging.Of(feed, address);
        var ids = Ids(feed);
        return new Backfill
        {
            Paging = paging,
            Next = Short(FeedPaging.Next(paging, address, feed, 1, feed.Entries.Count)),
            PagesRead = 1,
            EntriesRead = feed.Entries.Count,
            FirstIds = ids,
            LastIds = ids,
            Oldest = Oldest(null, drafts),
            Until = until,
        };
    }

    /// <summary>How far the first page alone reaches.</summary>
    public static Coverage Coverage(FeedDocument feed, Backfill state)
    {
        if (state.Next is not null)
            return Going(state);
        return feed.Complete
            ? Everything
            : new(state.Oldest, false, $"The feed shows its newest {feed.Entries.Count} entries and offers no way to older ones; log those by hand.");
    }

    public async IAsyncEnumerable<SourcePage> Walk(FeedCursor cursor, Reading reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (cursor.Backfill is { Next: { } next } state)
        {
            await Task.Delay(Courtesy, time, cancel);
            var answer = await fetcher.Send(new FetchRequest(FeedRequests.Address(next)) { Accept = FeedRequests.AcceptFeed }, cancel);
            if (answer.Outcome == FetchOutcome.Throttled)
                throw FeedFailures.Of(answer);
            if (answer.Outcome == FetchOutcome.Transient)
            {
                yield return Unreadable(cursor, state, answer);
                yield break;
            }

            var page = FeedRequests.Read(answer).Feed is { } feed && answer.Outcome == FetchOutcome.Content
                ? Older(cursor, state, feed, answer, reading)
                : Ended(cursor, state, answer);
            cursor = page.Cursor;
            yield return page.Page;
        }
    }

    private (FeedCursor Cursor, SourcePage Page) Older(FeedCursor cursor, Backfill state, FeedDocument feed, Fetched answer, Reading reading)
    {
        var ids = Ids(feed);
        if (feed.Entries.Count == 0)
            return Finish(cursor, state, Everything);
        if (ids == state.FirstIds || ids == state.LastIds)
            return Finish(cursor, state, Repeating(state));

        var drafts = FeedDrafts.Of(feed, answer.Address, reading.Options, time.GetUtcNow());
        var (pages, entries) = (state.PagesRead + 1, state.EntriesRead + feed.Entries.Count);
        var following = Short(FeedPaging.Next(state.Paging, FeedRequests.Address(reading.Address), feed, pages, entries));
        var met = drafts.Oldest <= state.Until;
        state = state with
        {
            Next = pages < MostPages && following != state.Next && !met ? following : null,
            PagesRead = pages,
            EntriesRead = entries,
            LastIds = ids,
            Oldest = Oldest(state.Oldest, drafts),
            Failures = 0,
        };
        cursor = cursor with { Backfill = state };
        var coverage = met ? null
            : state.Next is not null ? Going(state)
            : following is null ? Everything
            : new Coverage(state.Oldest, false, $"The newest {pages} pages of the feed were read; there are more.");
        return (cursor, FeedSource.Page(feed, answer, drafts, cursor) with { Coverage = coverage });
    }

    /// <summary>An answer that is no page: for numbered pages that is how they end, for linked ones a broken chain.</summary>
    private static (FeedCursor Cursor, SourcePage Page) Ended(FeedCursor cursor, Backfill state, Fetched answer)
    {
        var isEnd = state.Paging != "links" && (answer.Outcome == FetchOutcome.Missing || answer.Status == 400);
        return Finish(cursor, state, isEnd ? Everything : new(state.Oldest, false, $"An older page of the feed cannot be read: {Why(answer)}"));
    }

    private static SourcePage Unreadable(FeedCursor cursor, Backfill state, Fetched answer)
    {
        var failures = state.Failures + 1;
        var reason = failures < MostFailures ? "it is tried again with the next reading." : "older ones were not read.";
        var coverage = new Coverage(state.Oldest, false, $"An older page of the feed cannot be read: {Why(answer)} After that page, {reason}");
        state = state with { Failures = failures, Next = failures < MostFailures ? state.Next : null };
        return new SourcePage
        {
            Cursor = (cursor with { Backfill = state }).ToText(),
            Coverage = coverage,
            Repairs = [new Repair("pageUnreadable", 1, answer.Problem)],
        };
    }

    private static (FeedCursor Cursor, SourcePage Page) Finish(FeedCursor cursor, Backfill state, Coverage coverage)
    {
        cursor = cursor with { Backfill = state with { Next = null } };
        return (cursor, new SourcePage { Cursor = cursor.ToText(), Coverage = coverage });
    }

    private static Coverage Everything => new(null, true, null);

    private static Coverage Going(Backfill state) => new(state.Oldest, false, "Older posts are still being read.");

    /// <summary>A place that ignores page numbers shows its first page again; one page back may also be all there is.</summary>
    private static Coverage Repeating(Backfill state) =>
        new(state.Oldest, false, "The site shows the same posts again instead of older ones; log those by hand.");

    private static string Why(Fetched answer) =>
        answer.Problem ?? $"{answer.Address.Host} answered with something that is no feed.";

    private static DateTimeOffset? Oldest(DateTimeOffset? known, FeedDrafts drafts) =>
        known is null || drafts.Oldest < known ? drafts.Oldest ?? known : known;

    private static string? Short(string? address) => address?.Length <= LongestAddress ? address : null;

    private static string Ids(FeedDocument feed)
    {
        var ids = string.Join('\n', feed.Entries.Select(entry => entry.Id ?? entry.Link ?? entry.Title).Order(StringComparer.Ordinal));
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ids)).AsSpan(0, 12));
    }
}
