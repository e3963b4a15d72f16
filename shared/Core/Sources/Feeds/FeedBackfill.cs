using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// The walks back through a feed's older pages, one page and one cursor at a time, so that they resume where they stopped: one to the feed's
/// beginning, and one through what came while the feed was not read. A walk ends where pages end. What is no whole page is no end: it is tried
/// again at the next readings, later once a week, for ever.
/// </summary>
internal sealed class FeedBackfill(Fetcher fetcher, TimeProvider time)
{
    /// <summary>So many readings after the one in which a page failed try it again; those after them wait a week each.</summary>
    public const int Retries = 3;

    private const int MostPages = 200;

    /// <summary>In so many readings in a row there must be nothing at the next page's address before that is the end.</summary>
    private const int EndsToConfirm = 2;

    private const int LongestProblem = 300;

    /// <summary>Of a place that ignores page numbers, or whose last page names itself as the next one.</summary>
    private const string RepeatedPage = "The site shows the same posts again instead of older ones.";

    private static readonly TimeSpan RequestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>Whether the first page is needed as it stands, changed or not, since a walk begins anew with it.</summary>
    public bool NeedsFirstPage(FeedCursor cursor, SourceRequest reading) => cursor.Backfill is { Next: null, RetryAt: { } at } && IsDue(at, reading);

    /// <summary>The feed has another address for good than when its walk was begun; its older pages are there, too.</summary>
    public static bool HasMoved(FeedCursor cursor, Fetched answer, SourceRequest reading) =>
        cursor.Backfill is { Next: not null, First: { } first }
        && (answer.MovedTo is not null || IsSamePlace(answer.Address, FeedRequests.Address(reading.Address)))
        && !IsSamePlace(answer.Address, FeedRequests.Address(first));

    /// <summary>Whether there is a page to read in this reading.</summary>
    public bool HasPageDue(FeedCursor cursor, SourceRequest reading) => IsDue(cursor.Gap, reading) || IsDue(cursor.Backfill, reading);

    /// <summary>What a first page means for the walks.</summary>
    public FeedCursor ApplyFirstPage(FeedCursor cursor, FeedDocument feed, Fetched answer, FeedDrafts drafts, SourceRequest reading)
    {
        // Behind the break there may be entries and a way to older ones. A feed that is never closed is taken as it is in the end.
        var now = time.GetUtcNow();
        cursor = cursor with { TruncatedSince = feed.IsTruncated ? cursor.TruncatedSince ?? now : null };
        if (cursor.TruncatedSince is { } since && (now - since).Duration() < Week)
            return cursor;

        if (feed.Entries.Count > 0 && MustRestart(cursor, feed, answer, reading))
            cursor = cursor with { Backfill = Start(feed, answer.Address, drafts) with { IsRepeated = cursor.Backfill is { Next: null } }, Gap = null };
        else if (feed.Entries.Count > 0)
            cursor = KeepHistory(cursor, cursor.Backfill!, feed, answer.Address, drafts);
        return cursor with { Newest = drafts.Newest > cursor.Newest ? drafts.Newest : cursor.Newest ?? drafts.Newest };
    }

    public async IAsyncEnumerable<SourcePage> ReadOlderPagesAsync(FeedCursor cursor, SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var isGap in (bool[])[true, false])
        {
            var goesOn = true;
            while (goesOn && (isGap ? cursor.Gap : cursor.Backfill) is { Next: { } next } walk && IsDue(walk, reading))
            {
                await Task.Delay(RequestDelay, time, cancel);
                var answer = await fetcher.SendAsync(new FetchRequest(FeedRequests.Address(next)) { Accept = FeedRequests.AcceptFeed }, cancel);
                var feed = answer.Outcome == FetchOutcome.Content ? FeedRequests.Read(answer).Feed : null;
                var drafts = feed is null ? null : FeedDrafts.Of(feed, answer.Address, reading.Options, time.GetUtcNow());
                (walk, var lands) = Advance(walk, feed, drafts, answer, reading);
                goesOn = walk is { Next: not null, RetryAt: null } && answer.Outcome != FetchOutcome.Throttled;
                cursor = isGap ? WithGap(cursor, walk) : cursor with { Backfill = walk };
                var page = lands ? FeedSource.Page(feed!, answer, drafts!, cursor) : new SourcePage { Cursor = cursor.ToText() };
                yield return page with
                {
                    Coverage = FeedCoverage.Of(cursor),
                    More = goesOn || (isGap && IsDue(cursor.Backfill, reading)),
                    Repairs = walk is { Failures: > 0, EndsSeen: 0 } ? [.. page.Repairs, new Repair("pageUnreadable", 1, walk.Problem)] : page.Repairs,
                };

                // The harvest goes on when the pause is over, unless that has led nowhere so far.
                if (answer.Outcome == FetchOutcome.Throttled && walk.Failures <= Retries)
                    throw FeedFailures.Of(answer);
            }
        }
    }

    /// <summary>The walk after an answer, and whether the answer's entries land.</summary>
    private (Backfill Walk, bool Lands) Advance(Backfill walk, FeedDocument? feed, FeedDrafts? drafts, Fetched answer, SourceRequest reading)
    {
        // The host paused for somebody else's request: nothing was asked.
        if (answer is { Outcome: FetchOutcome.Throttled, Code: "paused" })
            return (walk, false);
        var isNumbered = walk.Paging != "links";
        if (feed is null || drafts is null)
            return (isNumbered && (answer.Outcome == FetchOutcome.Missing || answer.Status == 400) ? CountEmptyPage(walk) : Failed(walk, Problem(answer)), false);

        var first = FeedRequests.Address(walk.First ?? reading.Address);
        var (pages, entries) = (walk.PagesRead + 1, walk.EntriesRead + feed.Entries.Count);
        var following = FeedCursor.Short(FeedPaging.Next(walk.Paging, first, answer.Address, feed, pages, entries));
        if (feed.IsTruncated && (following is null || feed.Entries.Count == 0 || !MaySkip(walk)))
            return (Failed(WithOldest(walk, drafts), $"{answer.Address.Host} sent a page that breaks off before its end."), true);
        if (feed.Entries.Count == 0 && (isNumbered || feed.Next is null))
            return (CountEmptyPage(walk), false);
        var ids = Ids(feed);
        if (feed.Entries.Count > 0 && (ids == walk.FirstIds || ids == walk.LastIds))
            return (Failed(walk, RepeatedPage), false);

        var isKnown = drafts.Newest <= walk.Until;
        var read = WithOldest(walk, drafts) with
        {
            Next = following,
            PagesRead = pages,
            EntriesRead = entries,
            LastIds = ids,
            Failures = 0,
            Problem = null,
            EndsSeen = 0,
            RetryAt = null,
            Skipped = walk.Skipped + drafts.Skipped,
            Truncated = walk.Truncated + (feed.IsTruncated ? 1 : 0),
            Overfull = walk.Overfull + (IsOverfull(feed) ? 1 : 0),
        };
        var after = isKnown || (!isNumbered && feed.Next is null) ? Finish(read, BackfillEnd.Reached)
            : pages >= MostPages ? Finish(read, BackfillEnd.MostPages)
            : following is null ? Finish(read, BackfillEnd.NotFollowed)
            : following == walk.Next ? Failed(read, RepeatedPage)
            : read;
        return (after, true);
    }

    /// <summary>A first page beside a history that is known or being read: whether new posts left a gap, or others moved up.</summary>
    private FeedCursor KeepHistory(FeedCursor cursor, Backfill history, FeedDocument feed, Uri address, FeedDrafts drafts)
    {
        var isOver = history.Next is null;
        history = history with
        {
            Head = isOver || history.Head is null ? null : FirstPageFingerprint.Of(feed),
            HasMoved = history.HasMoved || HasRemovals(history, feed),
            Skipped = Math.Max(history.Skipped, drafts.Skipped),
            Truncated = Math.Max(history.Truncated, feed.IsTruncated ? 1 : 0),
            Overfull = Math.Max(history.Overfull, IsOverfull(feed) ? 1 : 0),
        };
        if (isOver && history is { HasLeftOut: true, Paging: not null, RetryAt: null })
            history = history with { RetryAt = time.GetUtcNow() + Week };
        cursor = cursor with { Backfill = history };
        return LeavesGap(cursor, feed, drafts)
            ? WithGap(cursor, Start(feed, address, drafts) with { Until = cursor.Gap?.Until ?? cursor.Newest })
            : cursor;
    }

    /// <summary>Also where an earlier version of the program ended the walk, which took much for an end that is none.</summary>
    private bool MustRestart(FeedCursor cursor, FeedDocument feed, Fetched answer, SourceRequest reading) =>
        cursor.Backfill is not { } history
        || history is { Next: null, End: null }
        || NeedsFirstPage(cursor, reading)
        || HasMoved(cursor, answer, reading)
        || (IsComplete(feed) && !history.IsComplete)
        || (history.End == BackfillEnd.NoPages && FeedPaging.Of(feed, answer.Address) is not null)
        || (history is { Next: null, IsRepeated: false } && HasRemovals(history, feed));

    private static bool HasRemovals(Backfill history, FeedDocument feed) => history.Head is { } head && FirstPageFingerprint.HasRemovals(head, feed);

    /// <summary>More was written since the last read than the first page holds: it ends with something newer than anything known.</summary>
    private static bool LeavesGap(FeedCursor cursor, FeedDocument feed, FeedDrafts drafts) =>
        cursor.Newest < drafts.Last && !IsComplete(feed) && cursor.Backfill?.End != BackfillEnd.NoPages;

    /// <summary>What a walk through a gap leaves out, the history lacks.</summary>
    private static FeedCursor WithGap(FeedCursor cursor, Backfill gap)
    {
        if (gap.Next is not null)
            return cursor with { Gap = gap };
        var history = cursor.Backfill!;
        if (!gap.IsComplete)
        {
            history = history.Next is not null ? history with { HasMoved = true }
                : gap.End != BackfillEnd.Reached ? gap with { Until = null }
                : history with
                {
                    Skipped = history.Skipped + gap.Skipped,
                    Truncated = history.Truncated + gap.Truncated,
                    Overfull = history.Overfull + gap.Overfull,
                    RetryAt = gap.RetryAt ?? history.RetryAt,
                };
        }

        return cursor with { Backfill = history, Gap = null };
    }

    private static Backfill Start(FeedDocument feed, Uri address, FeedDrafts drafts)
    {
        var paging = IsComplete(feed) ? null : FeedPaging.Of(feed, address);
        var next = FeedCursor.Short(FeedPaging.Next(paging, address, address, feed, 1, feed.Entries.Count));
        var ids = Ids(feed);
        return new Backfill
        {
            Paging = paging,
            Next = next,
            First = FeedCursor.Short(address.AbsoluteUri),
            PagesRead = 1,
            EntriesRead = feed.Entries.Count,
            FirstIds = ids,
            LastIds = ids,
            Head = next is null ? null : FirstPageFingerprint.Of(feed),
            Oldest = drafts.Oldest,
            End = next is not null ? null : IsComplete(feed) ? BackfillEnd.Reached : paging is null ? BackfillEnd.NoPages : BackfillEnd.NotFollowed,
            Skipped = drafts.Skipped,
            Truncated = feed.IsTruncated ? 1 : 0,
            Overfull = IsOverfull(feed) ? 1 : 0,
        };
    }

    private Backfill Failed(Backfill walk, string problem)
    {
        var (failures, now) = (walk.Failures + 1, time.GetUtcNow());
        return walk with
        {
            Failures = failures,
            Problem = problem.Length <= LongestProblem ? problem : problem[..LongestProblem],
            EndsSeen = 0,
            RetryAt = failures <= Retries ? now : now + Week,
        };
    }

    /// <summary>Nothing at the next page's address: how numbered pages end, and what a site in trouble may answer once.</summary>
    private Backfill CountEmptyPage(Backfill walk) => walk.EndsSeen + 1 < EndsToConfirm
        ? walk with { EndsSeen = walk.EndsSeen + 1, RetryAt = time.GetUtcNow() }
        : Finish(walk, BackfillEnd.Reached);

    /// <summary>A walk that left something out is repeated: because of what moved once with the next reading, else after a week.</summary>
    private Backfill Finish(Backfill walk, string end)
    {
        var now = time.GetUtcNow();
        return walk with
        {
            Next = null,
            End = end,
            Failures = 0,
            Problem = null,
            EndsSeen = 0,
            RetryAt = walk is { HasMoved: true, IsRepeated: false } ? now : walk.HasLeftOut ? now + Week : null,
        };
    }

    private static Backfill WithOldest(Backfill walk, FeedDrafts drafts) =>
        walk.Oldest is null || drafts.Oldest < walk.Oldest ? walk with { Oldest = drafts.Oldest ?? walk.Oldest } : walk;

    /// <summary>A page that still breaks off after a week, and those behind it.</summary>
    private bool MaySkip(Backfill walk) => walk.Truncated > 0 || (walk.Failures > Retries && walk.RetryAt <= time.GetUtcNow());

    private bool IsDue(Backfill? walk, SourceRequest reading) => walk is { Next: not null } && (walk.RetryAt is not { } at || IsDue(at, reading));

    /// <summary>A time that is further ahead than anything waits was written while the clock was wrong.</summary>
    private bool IsDue(DateTimeOffset at, SourceRequest reading) => reading.IsManual || at <= time.GetUtcNow() || at > time.GetUtcNow() + Week;

    /// <summary>The document says that it holds everything there is (RFC 5005), and names no older page all the same.</summary>
    private static bool IsComplete(FeedDocument feed) => feed is { Complete: true, Next: null };

    private static bool IsOverfull(FeedDocument feed) => feed.Repairs.Any(repair => repair.What == RepairLog.TooManyEntries);

    private static bool IsSamePlace(Uri one, Uri other) =>
        one.IsAbsoluteUri && other.IsAbsoluteUri && one.GetLeftPart(UriPartial.Path).Equals(other.GetLeftPart(UriPartial.Path), StringComparison.OrdinalIgnoreCase);

    private static string Problem(Fetched answer) =>
        answer.Problem ?? $"{answer.Address.Host} answered with something that is no feed.";

    private static string Ids(FeedDocument feed)
    {
        var ids = string.Join('\n', feed.Entries.Select(FirstPageFingerprint.IdOf).Order(StringComparer.Ordinal));
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ids)).AsSpan(0, 12));
    }
}

/// <summary>
/// The newest entries of a first page as a short text, four characters each. Where pages are counted from the newest entry, a new one moves others
/// down, and they are read twice; one that is removed moves others up, to a page that was read already, and they are missed.
/// </summary>
internal static class FirstPageFingerprint
{
    private const int Most = 16;
    private const int Length = 4;

    public static string Of(FeedDocument feed) => string.Concat(feed.Entries.Take(Most).Select(Short));

    /// <summary>More entries have gone than new ones have pushed off the page.</summary>
    public static bool HasRemovals(string head, FeedDocument feed)
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
