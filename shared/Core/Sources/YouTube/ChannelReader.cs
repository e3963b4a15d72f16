using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// Reads a channel with a key. Every look costs the unit of the first page, and one more where a duty is due: what is new, what is going
/// live, the numbers of the last month (daily), of the last year (weekly), of everything (each quarter), uploads published late (daily).
/// </summary>
internal sealed class ChannelReader(YouTubeApi api, YouTubeSite site, TimeProvider time)
{
    /// <summary>Looks at a page that shows nothing before it is taken as it is.</summary>
    private const int MostEmpty = 3;

    private static readonly TimeSpan Daily = TimeSpan.FromHours(20);
    private static readonly TimeSpan Weekly = TimeSpan.FromDays(7);
    private static readonly TimeSpan Quarterly = TimeSpan.FromDays(90);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>How long a video may lie uploaded before it is published, to be found by looking back.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(60);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        var channel = reading.Origin;
        var cursor = reading.IsFromStart ? new YouTubeCursor() : YouTubeCursor.Parse(reading.Cursor);
        var movedTo = reading.Address == api.UploadsAddress(channel) ? null : api.UploadsAddress(channel);
        var (first, _) = await api.UploadsAsync(channel, "", cancel);
        if (first is null or { ItemCount: 0 })
        {
            yield return await WithoutUploadsAsync(channel, cursor, first, cancel) with { MovedTo = movedTo };
            yield break;
        }

        var now = time.GetUtcNow();
        cursor = ResumeStalled(cursor, first, reading.IsManual, now);
        var begun = StartScan(cursor, first, reading.IsManual, now);
        var isRefresh = cursor is not { FullyScannedAt: null, StalledScan: null } && !api.IsLow && IsDue(cursor.RefreshedAt, Daily, now);
        List<string> listed = [.. first.Ids.Except(cursor.First ?? [], StringComparer.Ordinal).Union(begun?.IdsToFetch(first) ?? [], StringComparer.Ordinal)];
        List<string> asked = [.. listed.Union(VideosToRefresh(cursor, isRefresh, reading.IsManual, now), StringComparer.Ordinal)];
        var found = await VideosAsync(channel, asked, role, cancel);
        if (begun is not null)
            cursor = cursor.WithScan(begun.After(first, "") with { Oldest = found.Drafts.Min(draft => draft.When) });
        cursor = cursor.Seen(asked, found.Drafts, found.Unknown, listed, now);
        cursor = (cursor with
        {
            First = first.Items.Count == 0 ? null : first.Ids,
            Newest = first.Newest,
            RefreshedAt = isRefresh || begun?.Kind is UploadScan.History or UploadScan.Full or UploadScan.Year ? now : cursor.RefreshedAt,
            EmptyReads = 0,
            LastFullScan = first.Skipped == 0 || begun is not null ? cursor.LastFullScan : ScanSummary.WithGap(cursor.LastFullScan, now),
        }).FinishScan(now);

        // A page that brings nothing is not worth a write while the walk goes on.
        if (asked.Count > 0 || movedTo is not null || (cursor.Scan is null && cursor.ToText() != reading.Cursor))
            yield return Page(channel, cursor, found.Drafts, found.Body ?? first.Body, first.Skipped) with { MovedTo = movedTo, Push = site.Push(channel) };

        await foreach (var page in ContinueScanAsync(channel, cursor, role, cancel))
            yield return page;
    }

    /// <summary>With the walk that was put aside, once it is its turn; and with the gap noted, which the first page shows and a walk is in the way of.</summary>
    private static YouTubeCursor ResumeStalled(YouTubeCursor cursor, UploadsPage first, bool isAsked, DateTimeOffset now)
    {
        if (cursor.First is { Count: > 0 } before && !before.Intersect(first.Ids, StringComparer.Ordinal).Any())
            cursor = cursor with { GapSince = cursor.GapSince ?? cursor.Newest ?? DateTimeOffset.UnixEpoch };
        return cursor is { Scan: null, GapSince: null, StalledScan.Tries: { } tries } && tries.IsDue(now, isAsked) ? cursor with { Scan = cursor.StalledScan, StalledScan = null } : cursor;
    }

    /// <summary>The walk that is due and starts with the page in hand; null where none is, or one is under way.</summary>
    private UploadScan? StartScan(YouTubeCursor cursor, UploadsPage first, bool isAsked, DateTimeOffset now)
    {
        if (cursor.Scan is not null)
            return null;
        if (cursor is { FullyScannedAt: null, StalledScan: null })
            return new UploadScan { Kind = UploadScan.History };
        if (cursor.GapSince is not null)
            return new UploadScan { Kind = UploadScan.Gap, Until = cursor.GapSince - LongestDelay };
        if (api.IsLow)
            return null;
        if (cursor.StalledScan is null && (IsDue(cursor.FullyScannedAt, Quarterly, now) || cursor.LastFullScan?.Tries?.IsDue(now, isAsked) == true))
            return new UploadScan { Kind = UploadScan.Full };
        if (IsDue(cursor.YearScannedAt, Weekly, now))
            return new UploadScan { Kind = UploadScan.Year, Until = now - Year - LongestDelay, Since = now - Year };

        // Not in the look that asks for numbers. Who is looked at once a day only has a hub that tells of them, and the walk of the week.
        return !IsDue(cursor.RefreshedAt, Daily, now) && IsDue(cursor.LookedBackAt, Daily, now) && first.Next is not null && first.Oldest >= now - LongestDelay
            ? new UploadScan { Kind = UploadScan.LookBack, Until = now - LongestDelay, Since = cursor.LookedBackAt - Daily }
            : null;
    }

    /// <summary>What is known and has to be asked for all the same.</summary>
    private static IEnumerable<string> VideosToRefresh(YouTubeCursor cursor, bool isRefresh, bool isAsked, DateTimeOffset now) =>
        (cursor.Recent ?? []).Where(video => isRefresh || video.IsDue(now)).Select(video => video.Id)
            .Concat((cursor.Missing ?? []).Where(video => video.Tries.IsDue(now, isAsked)).Select(video => video.Id));

    private async IAsyncEnumerable<SourcePage> ContinueScanAsync(string channel, YouTubeCursor cursor, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        var isRestarted = false;
        while (cursor.Scan is { Next: { } token } walk && !(walk.CanDefer && api.IsLow))
        {
            var (page, found, why) = await NextPageAsync(channel, walk, role, cancel);
            if (page is not null && walk.HasShifted(page))
            {
                cursor = cursor with { Scan = walk.StepBack(page) };
                continue;
            }

            if (why == "invalidPageToken" && !isRestarted)
            {
                cursor = cursor with { Scan = walk.Restarted() };
                isRestarted = true;
                continue;
            }

            var now = time.GetUtcNow();
            if (page is null || why is not null)
            {
                cursor = cursor.PageFailed(walk, why ?? "noAnswer", now);
                yield return new SourcePage { Cursor = cursor.ToText(), Coverage = ChannelCoverage.Of(cursor) };
                yield break;
            }

            walk = walk.After(page, token);
            walk = walk with { Oldest = found.Drafts.Select(draft => draft.When).Append(walk.Oldest).Min() };
            cursor = (cursor with { Scan = walk }).Seen(found.Requested, found.Drafts, found.Unknown, found.Requested, now).FinishScan(now);
            if (found.Requested.Count > 0 || cursor.Scan is null)
                yield return Page(channel, cursor, found.Drafts, found.Body ?? page.Body, page.Skipped);
        }
    }

    /// <summary>The next page of a walk and its videos; or why it is not to be had now. What concerns more than this page is thrown.</summary>
    private async Task<(UploadsPage? Page, VideoBatch Found, string? Why)> NextPageAsync(string channel, UploadScan walk, Role role, CancellationToken cancel)
    {
        try
        {
            var (page, why) = await api.UploadsAsync(channel, walk.Next!, cancel);
            if (page is null || walk.HasShifted(page))
                return (page, VideoBatch.Empty, why);

            // Asked for often enough, a page that shows nothing is taken as it is; the count tells at the end what it hid.
            if (page.IsEmptyBefore(walk.Seen) && walk.Tries is null or { Count: < MostEmpty })
                return (page, VideoBatch.Empty, "emptyPage");

            // After a step back most of the page is known.
            var isStep = walk.Here is null && walk.Ids is not null;
            List<string> asked = [.. walk.IdsToFetch(page).Where(id => !isStep || !walk.Ids!.Contains(id, StringComparer.Ordinal))];
            return (page, await VideosAsync(channel, asked, role, cancel), null);
        }
        catch (SourceException failure) when (failure is { Failure: Failure.Transient, RetryAt: null })
        {
            return (null, VideoBatch.Empty, failure.Code);
        }
    }

    private async Task<VideoBatch> VideosAsync(string channel, List<string> ids, Role role, CancellationToken cancel)
    {
        var drafts = new List<Draft>(ids.Count);
        var unknown = ids.ToHashSet(StringComparer.Ordinal);
        byte[]? last = null;
        foreach (var batch in ids.Chunk(YouTubeApi.Batch))
        {
            var answer = await api.VideosAsync(batch, role, cancel);
            drafts.AddRange(answer.Videos.Where(video => video.Channel == channel).Select(video => video.Draft).DistinctBy(draft => draft.NativeId, StringComparer.Ordinal));
            unknown.ExceptWith(answer.Withheld);
            unknown.ExceptWith(answer.Videos.Where(video => video.Channel is not null).Select(video => video.Draft.NativeId));
            last = answer.Body;
        }

        return new(ids, drafts, unknown, last);
    }

    private SourcePage Page(string channel, YouTubeCursor cursor, IReadOnlyList<Draft> drafts, byte[] body, int skipped) => new()
    {
        Drafts = drafts,
        Cursor = cursor.ToText(),
        More = cursor.Scan is { } walk && !(walk.CanDefer && api.IsLow),
        Coverage = ChannelCoverage.Of(cursor),
        Raw = new RawResponse(body, "application/json"),
        Repairs = skipped == 0 ? [] : [new Repair("itemSkipped", skipped)],
        Title = drafts.Count == 0 ? null : drafts[0].Container?.Name,
        Url = site.Channel(channel),
    };

    /// <summary>
    /// A channel that never uploaded anything has no list of uploads, and neither has one that is gone. What comes once may pass: nothing that is
    /// known is dropped.
    /// </summary>
    /// <param name="empty">The list that shows nothing; null where there is none.</param>
    private async Task<SourcePage> WithoutUploadsAsync(string channel, YouTubeCursor cursor, UploadsPage? empty, CancellationToken cancel)
    {
        if (empty is null && await api.ChannelAsync("id", channel, cancel) is null)
        {
            throw new SourceException(
                Failure.Gone, "channelGone", "YouTube says that this channel is not there any more. If its videos live on elsewhere, connect that channel.");
        }

        var looks = Math.Min(cursor.EmptyReads + 1, 2);
        return new SourcePage
        {
            Cursor = (cursor with { EmptyReads = looks }).ToText(),
            Coverage = ChannelCoverage.WithoutUploads(cursor, looks, empty?.IsEmptyBefore(0) != true),
            Url = site.Channel(channel),
            Push = site.Push(channel),
        };
    }

    private static bool IsDue(DateTimeOffset? last, TimeSpan rhythm, DateTimeOffset now) => last is null || last + rhythm <= now;

    /// <param name="Requested">Ids whose videos were asked for.</param>
    /// <param name="Unknown">Those of them of which nothing was said.</param>
    private sealed record VideoBatch(IReadOnlyList<string> Requested, IReadOnlyList<Draft> Drafts, IReadOnlySet<string> Unknown, byte[]? Body)
    {
        public static readonly VideoBatch Empty = new([], [], new HashSet<string>(StringComparer.Ordinal), null);
    }
}
