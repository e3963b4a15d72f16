using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// Reads a feed's older pages, one page and one cursor at a time, so that it can resume: down to the feed's beginning, and through what was
/// published while the feed was not read. An incomplete page is not an end: it is retried with the next reads, later once a week.
/// </summary>
internal sealed class FeedBackfill(Fetcher fetcher, TimeProvider time)
{
    /// <summary>A failed page is retried with this many reads, then once a week.</summary>
    public const int Retries = 3;

    private const int MaxPages = 200;

    /// <summary>Entries of a full page of Ghost. Some of its versions have no second one, whatever the blog has.</summary>
    private const int FullGhostPage = 15;

    /// <summary>Consecutive reads that have to find nothing at the next page's address.</summary>
    private const int EndsToConfirm = 2;

    private const int LongestProblem = 300;

    /// <summary>For a site that ignores page numbers, or whose last page links to itself.</summary>
    private const string RepeatedPage = "The site shows the same posts again instead of older ones.";

    private static readonly TimeSpan RequestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>Whether the first page is needed even if unchanged, because the backfill restarts with it.</summary>
    public bool NeedsFirstPage(FeedCursor cursor, SourceRequest reading) => cursor.Backfill is { Next: null, RetryAt: { } at } && IsDue(at, reading);

    /// <summary>The feed has moved for good since the backfill started, and its older pages with it.</summary>
    public static bool HasMoved(FeedCursor cursor, Fetched answer, SourceRequest reading) =>
        cursor.Backfill is { Next: not null, First: { } first }
        && (answer.MovedTo is not null || IsSamePlace(answer.Address, FeedRequests.Address(reading.Address)))
        && !IsSamePlace(answer.Address, FeedRequests.Address(first));

    /// <summary>Whether a page is due in this read.</summary>
    public bool HasPageDue(FeedCursor cursor, SourceRequest reading) => IsDue(cursor.Gap, reading) || IsDue(cursor.Backfill, reading);

    /// <summary>Applies the first page.</summary>
    public FeedCursor ApplyFirstPage(FeedCursor cursor, FeedDocument feed, Fetched answer, FeedDrafts drafts, SourceRequest reading)
    {
        // The missing part may have entries and links to older ones. A feed that stays truncated is accepted after a week.
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
            while (goesOn && (isGap ? cursor.Gap : cursor.Backfill) is { Next: { } next } scan && IsDue(scan, reading))
            {
                await Task.Delay(RequestDelay, time, cancel);
                var answer = await fetcher.SendAsync(new FetchRequest(FeedRequests.Address(next)) { Accept = FeedRequests.AcceptFeed }, cancel);
                var feed = answer.Outcome == FetchOutcome.Content ? FeedRequests.Read(answer).Feed : null;
                var drafts = feed is null ? null : FeedDrafts.Of(feed, answer.Address, reading.Options, time.GetUtcNow());
                (scan, var isUsable) = Advance(scan, feed, drafts, answer, reading);
                goesOn = scan is { Next: not null, RetryAt: null } && answer.Outcome != FetchOutcome.Throttled;
                cursor = isGap ? WithGap(cursor, scan) : cursor with { Backfill = scan };
                var page = isUsable ? FeedSource.Page(feed!, answer, drafts!, cursor) : new SourcePage { Cursor = cursor.ToText() };
                yield return page with
                {
                    Coverage = FeedCoverage.Of(cursor),
                    More = goesOn || (isGap && IsDue(cursor.Backfill, reading)),
                    Repairs = scan is { Failures: > 0, EndsSeen: 0 } ? [.. page.Repairs, new Repair("pageUnreadable", 1, scan.Problem)] : page.Repairs,
                };

                // The harvest continues after the pause, unless that has not helped so far.
                if (answer.Outcome == FetchOutcome.Throttled && scan.Failures <= Retries)
                    throw FeedFailures.Of(answer);
            }
        }
    }

    /// <summary>The scan after a response, and whether the response's entries are to be used.</summary>
    private (Backfill Walk, bool IsUsable) Advance(Backfill scan, FeedDocument? feed, FeedDrafts? drafts, Fetched answer, SourceRequest reading)
    {
        // The host is pausing because of another request: nothing was sent.
        if (answer is { Outcome: FetchOutcome.Throttled, Code: "paused" })
            return (scan, false);
        var isNumbered = scan.Paging != "links";
        if (feed is null || drafts is null)
            return (isNumbered && (answer.Outcome == FetchOutcome.Missing || answer.Status == 400) ? CountEmptyPage(scan) : Failed(scan, Problem(answer)), false);

        var first = FeedRequests.Address(scan.First ?? reading.Address);
        var (pages, entries) = (scan.PagesRead + 1, scan.EntriesRead + feed.Entries.Count);
        var following = FeedCursor.Short(FeedPaging.Next(scan.Paging, first, answer.Address, feed, pages, entries));
        if (feed.IsTruncated && (following is null || feed.Entries.Count == 0 || !MaySkip(scan)))
            return (Failed(WithOldest(scan, drafts), $"{answer.Address.Host} sent an incomplete page."), true);
        if (feed.Entries.Count == 0 && (isNumbered || feed.Next is null))
            return (CountEmptyPage(scan), false);
        var ids = Ids(feed);
        if (feed.Entries.Count > 0 && (ids == scan.FirstIds || ids == scan.LastIds))
            return (Failed(scan, RepeatedPage), false);

        var isKnown = drafts.Newest <= scan.Until;
        var read = WithOldest(scan, drafts) with
        {
            Next = following,
            PagesRead = pages,
            EntriesRead = entries,
            LastIds = ids,
            Failures = 0,
            Problem = null,
            EndsSeen = 0,
            RetryAt = null,
            Skipped = scan.Skipped + drafts.Skipped,
            Truncated = scan.Truncated + (feed.IsTruncated ? 1 : 0),
            Overfull = scan.Overfull + (IsOverfull(feed) ? 1 : 0),
        };
        var after = isKnown || (!isNumbered && feed.Next is null) ? Finish(read, BackfillEnd.Reached)
            : pages >= MaxPages ? Finish(read, BackfillEnd.MaxPages)
            : following is null ? Finish(read, BackfillEnd.NotFollowed)
            : following == scan.Next ? Failed(read, RepeatedPage)
            : read;
        return (after, true);
    }

    /// <summary>Keeps the history: checks whether new posts leave a gap, or removed ones moved others up.</summary>
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

        // Without pages, what the feed shows now is all there is to say.
        if (history.End == BackfillEnd.NoPages)
            history = Start(feed, address, drafts) with { Oldest = drafts.Oldest < history.Oldest ? drafts.Oldest : history.Oldest ?? drafts.Oldest, IsRepeated = history.IsRepeated };
        if (isOver && history is { HasLeftOut: true, Paging: not null, RetryAt: null })
            history = history with { RetryAt = time.GetUtcNow() + Week };
        cursor = cursor with { Backfill = history };
        return LeavesGap(cursor, feed, drafts)
            ? WithGap(cursor, Start(feed, address, drafts) with { Until = cursor.Gap?.Until ?? cursor.Newest })
            : cursor;
    }

    /// <summary>Also if an earlier version of the program, which was wrong about ends, finished the backfill.</summary>
    private bool MustRestart(FeedCursor cursor, FeedDocument feed, Fetched answer, SourceRequest reading) =>
        cursor.Backfill is not { } history
        || history is { Next: null, End: null }
        || NeedsFirstPage(cursor, reading)
        || HasMoved(cursor, answer, reading)
        || (IsComplete(feed) && !history.IsComplete)
        || (history.End == BackfillEnd.NoPages && FeedPaging.Of(feed, answer.Address) is not null)
        || (history is { Next: null, IsRepeated: false } && HasRemovals(history, feed));

    private static bool HasRemovals(Backfill history, FeedDocument feed) => history.Head is { } head && FirstPageFingerprint.HasRemovals(head, feed);

    /// <summary>More was published since the last read than the first page holds: even its last entry is newer than everything known.</summary>
    private static bool LeavesGap(FeedCursor cursor, FeedDocument feed, FeedDrafts drafts) =>
        cursor.Newest < drafts.Last && !IsComplete(feed) && cursor.Backfill?.End != BackfillEnd.NoPages;

    /// <summary>What is missing from a gap is missing from the history.</summary>
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

    private Backfill Failed(Backfill scan, string problem)
    {
        var (failures, now) = (scan.Failures + 1, time.GetUtcNow());
        return scan with
        {
            Failures = failures,
            Problem = problem.Length <= LongestProblem ? problem : problem[..LongestProblem],
            EndsSeen = 0,
            RetryAt = failures <= Retries ? now : now + Week,
        };
    }

    /// <summary>Nothing at the next page's address: the end of numbered pages, or a temporary failure.</summary>
    private Backfill CountEmptyPage(Backfill scan) => scan.EndsSeen + 1 < EndsToConfirm
        ? scan with { EndsSeen = scan.EndsSeen + 1, RetryAt = time.GetUtcNow() }
        : Finish(scan, scan is { Paging: "ghost", PagesRead: 1, EntriesRead: >= FullGhostPage } ? BackfillEnd.NoPages : BackfillEnd.Reached);

    /// <summary>A backfill that missed something is repeated: with the next read if posts moved, otherwise after a week.</summary>
    private Backfill Finish(Backfill scan, string end)
    {
        var now = time.GetUtcNow();
        return scan with
        {
            Next = null,
            End = end,
            Failures = 0,
            Problem = null,
            EndsSeen = 0,
            RetryAt = scan is { HasMoved: true, IsRepeated: false } ? now : scan.HasLeftOut ? now + Week : null,
        };
    }

    private static Backfill WithOldest(Backfill scan, FeedDrafts drafts) =>
        scan.Oldest is null || drafts.Oldest < scan.Oldest ? scan with { Oldest = drafts.Oldest ?? scan.Oldest } : scan;

    /// <summary>A page that is still truncated after a week is skipped, and so are those after it.</summary>
    private bool MaySkip(Backfill scan) => scan.Truncated > 0 || (scan.Failures > Retries && scan.RetryAt <= time.GetUtcNow());

    private bool IsDue(Backfill? scan, SourceRequest reading) => scan is { Next: not null } && (scan.RetryAt is not { } at || IsDue(at, reading));

    /// <summary>A time further ahead than any wait was written while the clock was wrong.</summary>
    private bool IsDue(DateTimeOffset at, SourceRequest reading) => reading.IsManual || at <= time.GetUtcNow() || at > time.GetUtcNow() + Week;

    /// <summary>The document says that it is complete (RFC 5005), and has no link to older pages.</summary>
    private static bool IsComplete(FeedDocument feed) => feed is { Complete: true, Next: null };

    private static bool IsOverfull(FeedDocument feed) => feed.Repairs.Any(repair => repair.What == RepairLog.TooManyEntries);

    private static bool IsSamePlace(Uri one, Uri other) =>
        one.IsAbsoluteUri && other.IsAbsoluteUri && one.GetLeftPart(UriPartial.Path).Equals(other.GetLeftPart(UriPartial.Path), StringComparison.OrdinalIgnoreCase);

    private static string Problem(Fetched answer) => answer.Problem ?? $"{answer.Address.Host} answered with something that is not a feed.";

    private static string Ids(FeedDocument feed)
    {
        var ids = string.Join('\n', feed.Entries.Select(FirstPageFingerprint.IdOf).Order(StringComparer.Ordinal));
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ids)).AsSpan(0, 12));
    }
}

/// <summary>
/// The newest entries of a first page as a short text, four characters each. A new entry moves others down, and they are read twice; a removed one
/// moves others up to a page that was already read, and they are missed.
/// </summary>
internal static class FirstPageFingerprint
{
    private const int Most = 16;
    private const int Length = 4;

    public static string Of(FeedDocument feed) => string.Concat(feed.Entries.Take(Most).Select(Short));

    /// <summary>More entries are gone than new ones have pushed off the page.</summary>
    public static bool HasRemovals(string head, FeedDocument feed)
    {
        var before = head.Chunk(Length).Select(entry => new string(entry)).ToHashSet(StringComparer.Ordinal);
        var now = feed.Entries.Select(Short).ToList();
        var added = now.FindIndex(before.Contains);
        return added >= 0 && before.Except(now, StringComparer.Ordinal).Count() > added;
    }

    /// <summary>What identifies an entry across documents.</summary>
    public static string? IdOf(FeedEntry entry) => entry.Id ?? entry.Link ?? entry.Title;

    /// <summary>Three bytes are four characters of base64.</summary>
    private static string Short(FeedEntry entry) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(IdOf(entry) ?? "")).AsSpan(0, 3));
}
