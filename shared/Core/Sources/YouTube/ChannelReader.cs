using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// Reads a channel with a key. Each read costs one unit for the first page of uploads, and more when something is due: new videos, live ones,
/// statistics of the last month (daily), of the last year (weekly) and of everything (quarterly), uploads published late (daily).
/// </summary>
internal sealed class ChannelReader(YouTubeApi api, YouTubeSite site, TimeProvider time)
{
    /// <summary>An empty page is accepted as it is after this many reads.</summary>
    private const int MaxEmpty = 3;

    /// <summary>How often one read begins anew because YouTube refuses its own token.</summary>
    private const int MaxRestarts = 2;

    private static readonly TimeSpan Daily = TimeSpan.FromHours(20);
    private static readonly TimeSpan Weekly = TimeSpan.FromDays(7);
    private static readonly TimeSpan Quarterly = TimeSpan.FromDays(90);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>The longest time from upload to publication that is looked back for.</summary>
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
        var started = StartScan(cursor, first, reading.IsManual, now);
        var isRefresh = cursor is not { FullyScannedAt: null, StalledScan: null } && !api.IsLow && (now - reading.DeliveredAt >= PushOffer.LongestLag || IsDue(cursor.RefreshedAt, Daily, now));
        List<string> listed = [.. first.Ids.Except(cursor.First ?? [], StringComparer.Ordinal).Union(started?.IdsToFetch(first) ?? [], StringComparer.Ordinal)];
        List<string> ids = [.. listed.Union(VideosToRefresh(cursor, isRefresh, reading.IsManual, now), StringComparer.Ordinal)];
        var batch = await VideosAsync(channel, ids, role, cancel);
        if (started is not null)
            cursor = cursor.WithScan(started.After(first, "") with { Oldest = batch.Drafts.Min(draft => draft.When) });
        List<Draft> drafts = [.. batch.Drafts, .. Deleted(cursor, first, batch.Unknown, role)];
        cursor = cursor.Seen(ids, batch.Drafts, batch.Unknown, listed, now);
        cursor = (cursor with
        {
            First = first.Items.Count == 0 ? null : first.Ids,
            Newest = first.Newest,
            RefreshedAt = isRefresh || started?.Kind is UploadScan.History or UploadScan.Full or UploadScan.Year ? now : cursor.RefreshedAt,
            EmptyReads = 0,
            LastFullScan = first.Skipped == 0 || started is not null ? cursor.LastFullScan : ScanSummary.WithGap(cursor.LastFullScan, now),
        }).FinishScan(now);

        // While a scan goes on, a page without content is not worth a write.
        if (ids.Count > 0 || movedTo is not null || (cursor.Scan is null && cursor.ToText() != reading.Cursor))
            yield return Page(channel, cursor, drafts, batch.Body ?? first.Body, first.Skipped) with { MovedTo = movedTo, Push = site.Push(channel) };

        await foreach (var page in ContinueScanAsync(channel, cursor, role, cancel))
            yield return page;
    }

    /// <summary>Resumes a stalled scan that is due, and records a gap that the first page shows while a scan is under way.</summary>
    private static YouTubeCursor ResumeStalled(YouTubeCursor cursor, UploadsPage first, bool isManual, DateTimeOffset now)
    {
        if (cursor.First is { Count: > 0 } before && !before.Intersect(first.Ids, StringComparer.Ordinal).Any())
            cursor = cursor with { GapSince = cursor.GapSince ?? cursor.Newest ?? DateTimeOffset.UnixEpoch };
        return cursor is { Scan: null, GapSince: null, StalledScan.Tries: { } tries } && tries.IsDue(now, isManual) ? cursor with { Scan = cursor.StalledScan, StalledScan = null } : cursor;
    }

    /// <summary>The scan that is due and starts with this first page; null if none is, or one is under way.</summary>
    private UploadScan? StartScan(YouTubeCursor cursor, UploadsPage first, bool isManual, DateTimeOffset now)
    {
        if (cursor.Scan is not null)
            return null;
        if (cursor is { FullyScannedAt: null, StalledScan: null })
            return new UploadScan { Kind = UploadScan.History };
        if (cursor.GapSince is not null)
            return new UploadScan { Kind = UploadScan.Gap, Until = cursor.GapSince - LongestDelay };
        if (api.IsLow)
            return null;
        if (cursor.StalledScan is null && (IsDue(cursor.FullyScannedAt, Quarterly, now) || cursor.LastFullScan?.Tries?.IsDue(now, isManual) == true))
            return new UploadScan { Kind = UploadScan.Full };
        if (IsDue(cursor.YearScannedAt, Weekly, now))
            return new UploadScan { Kind = UploadScan.Year, Until = now - Year - LongestDelay, Since = now - Year };

        // Not together with the daily statistics. Connections read only once a day rely on the hub and the weekly scan.
        return !IsDue(cursor.RefreshedAt, Daily, now) && IsDue(cursor.LookedBackAt, Daily, now) && first.Next is not null && first.Oldest >= now - LongestDelay
            ? new UploadScan { Kind = UploadScan.LookBack, Until = now - LongestDelay, Since = cursor.LookedBackAt - Daily }
            : null;
    }

    /// <summary>
    /// Videos that neither their details nor the list of uploads show, for the second time at least: deleted, or no longer public. One short response is
    /// no deletion.
    /// </summary>
    private static IEnumerable<Draft> Deleted(YouTubeCursor cursor, UploadsPage first, IReadOnlySet<string> unknown, Role role) =>
        (cursor.Recent ?? [])
            .Where(video => video.Missed >= 1 && unknown.Contains(video.Id) && !first.Ids.Contains(video.Id, StringComparer.Ordinal)
                && (first.Next is null || DateTimeOffset.FromUnixTimeSeconds(video.At) > first.Oldest))
            .Select(video => new Draft { NativeId = video.Id, Kind = Kind.Video, Role = role, Status = Status.Removed });

    /// <summary>Known videos whose details are due.</summary>
    private static IEnumerable<string> VideosToRefresh(YouTubeCursor cursor, bool isRefresh, bool isManual, DateTimeOffset now) =>
        (cursor.Recent ?? []).Where(video => isRefresh || video.IsDue(now)).Select(video => video.Id)
            .Concat((cursor.Missing ?? []).Where(video => video.Tries.IsDue(now, isManual)).Select(video => video.Id));

    private async IAsyncEnumerable<SourcePage> ContinueScanAsync(string channel, YouTubeCursor cursor, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        var restarts = 0;
        while (cursor.Scan is { Next: { } token } scan && !(scan.CanDefer && api.IsLow))
        {
            var (page, batch, reason) = await NextPageAsync(channel, scan, role, cancel);
            if (page is not null && scan.HasShifted(page))
            {
                cursor = cursor with { Scan = scan.StepBack(page) };
                continue;
            }

            if (reason == "invalidPageToken" && restarts < MaxRestarts)
            {
                cursor = cursor with { Scan = scan.Restarted() };
                restarts++;
                continue;
            }

            var now = time.GetUtcNow();
            if (page is null || reason is not null)
            {
                cursor = cursor.PageFailed(scan, reason ?? "noAnswer", now);
                yield return new SourcePage { Cursor = cursor.ToText(), Coverage = ChannelCoverage.Of(cursor) };
                yield break;
            }

            scan = scan.After(page, token);
            scan = scan with { Oldest = batch.Drafts.Select(draft => draft.When).Append(scan.Oldest).Min() };
            cursor = (cursor with { Scan = scan }).Seen(batch.Requested, batch.Drafts, batch.Unknown, batch.Requested, now).FinishScan(now);
            if (batch.Requested.Count > 0 || cursor.Scan is null)
                yield return Page(channel, cursor, batch.Drafts, batch.Body ?? page.Body, page.Skipped);
        }
    }

    /// <summary>The next page of a scan with its videos, or why it is not available now. Failures that concern more than this page are thrown.</summary>
    private async Task<(UploadsPage? Page, VideoBatch Batch, string? Reason)> NextPageAsync(string channel, UploadScan scan, Role role, CancellationToken cancel)
    {
        try
        {
            var (page, reason) = await api.UploadsAsync(channel, scan.Next!, cancel);
            if (page is null || scan.HasShifted(page))
                return (page, VideoBatch.Empty, reason);

            // After enough retries an empty page is accepted; the count shows at the end what is missing.
            if (page.IsEmptyBefore(scan.Seen) && scan.Tries is null or { Count: < MaxEmpty })
                return (page, VideoBatch.Empty, "emptyPage");

            // After a step back most of the page is already known.
            var isStep = scan.Here is null && scan.Ids is not null;
            List<string> ids = [.. scan.IdsToFetch(page).Where(id => !isStep || !scan.Ids!.Contains(id, StringComparer.Ordinal))];
            return (page, await VideosAsync(channel, ids, role, cancel), null);
        }
        catch (SourceException failure) when (failure.IsTransientWithoutPause)
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
        More = cursor.Scan is { } scan && !(scan.CanDefer && api.IsLow),
        Coverage = ChannelCoverage.Of(cursor),

        // What only the owner sees is not kept.
        Raw = api.IsOwners ? null : new RawResponse(body, "application/json"),
        Repairs = skipped == 0 ? [] : [new Repair("itemSkipped", skipped)],
        Title = drafts.Count == 0 ? null : drafts[0].Container?.Name,
        Url = site.Channel(channel),
    };

    /// <summary>A channel without uploads has no list, and neither has a deleted one. A single empty read may be wrong, so nothing known is dropped.</summary>
    /// <param name="empty">The empty list; null if there is none.</param>
    private async Task<SourcePage> WithoutUploadsAsync(string channel, YouTubeCursor cursor, UploadsPage? empty, CancellationToken cancel)
    {
        if (empty is null && await api.ChannelAsync("id", channel, cancel) is null)
        {
            throw new SourceException(
                Failure.Gone, "channelGone", "This channel no longer exists on YouTube. If its videos are available elsewhere, connect that channel.");
        }

        var reads = Math.Min(cursor.EmptyReads + 1, 2);
        return new SourcePage
        {
            Cursor = (cursor with { EmptyReads = reads }).ToText(),
            Coverage = ChannelCoverage.WithoutUploads(cursor, reads, empty?.IsEmptyBefore(0) != true),
            Url = site.Channel(channel),
            Push = site.Push(channel),
        };
    }

    private static bool IsDue(DateTimeOffset? last, TimeSpan interval, DateTimeOffset now) => last is null || last + interval <= now;

    /// <param name="Requested">Ids of the videos that were requested.</param>
    /// <param name="Unknown">Requested ids that are missing from the response.</param>
    private sealed record VideoBatch(IReadOnlyList<string> Requested, IReadOnlyList<Draft> Drafts, IReadOnlySet<string> Unknown, byte[]? Body)
    {
        public static readonly VideoBatch Empty = new([], [], new HashSet<string>(StringComparer.Ordinal), null);
    }
}
