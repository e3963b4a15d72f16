using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// Reads a channel with a key. Every look costs the unit of the first page, and one more where a duty is due: what is new, what is going
/// live, the numbers of the last month (daily), of the last year (weekly), of everything (each quarter), uploads published late (daily).
/// </summary>
internal sealed class ChannelReading(YouTubeApi api, YouTubeSite site, TimeProvider time)
{
    /// <summary>The list holds no more than that many (https://issuetracker.google.com/issues/35174570).</summary>
    private const int LongestList = 20_000;

    private static readonly TimeSpan Daily = TimeSpan.FromHours(20);
    private static readonly TimeSpan Weekly = TimeSpan.FromDays(7);
    private static readonly TimeSpan Quarterly = TimeSpan.FromDays(90);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>How long a video may lie uploaded before it is published, to be found by looking back.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromDays(60);

    public async IAsyncEnumerable<SourcePage> Read(string channel, string address, string? known, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        var cursor = YouTubeCursor.Parse(known);
        var movedTo = address == api.UploadsAddress(channel) ? null : api.UploadsAddress(channel);
        if ((await api.Uploads(channel, "", cancel)).Page is not { } first)
        {
            yield return await WithoutUploads(channel, cursor, cancel) with { MovedTo = movedTo };
            yield break;
        }

        var now = time.GetUtcNow();
        var begun = Begun(cursor, first, now);
        var isRefresh = cursor.Swept is not null && !api.IsLow && IsDue(cursor.Refreshed, Daily, now);
        List<string> asked = [.. Asked(cursor, begun, first, isRefresh, now).Distinct(StringComparer.Ordinal)];
        var (drafts, body) = await Videos(channel, asked, role, cancel);
        var walk = cursor.Walk ?? (begun is null ? null : begun.After(first, "") with { Oldest = drafts.Min(draft => draft.When) });
        cursor = cursor.Seen(asked, drafts, now) with
        {
            First = first.Items.Count == 0 ? null : first.Ids,
            Newest = first.Newest,
            Refreshed = isRefresh || begun?.Kind is Walk.History or Walk.All or Walk.Year ? now : cursor.Refreshed,
            Walk = walk,
        };
        cursor = Ended(cursor, now, out var coverage);

        // A page that brings nothing is not worth a write while the walk goes on.
        if (asked.Count > 0 || movedTo is not null || (cursor.Walk is null && cursor.ToText() != known))
        {
            yield return Page(channel, cursor, drafts, body ?? first.Body, first.Skipped) with
            {
                MovedTo = movedTo,
                Coverage = coverage,
                Push = site.Push(channel),
            };
        }

        await foreach (var page in Walked(channel, cursor, role, cancel))
            yield return page;
    }

    /// <summary>The walk that is due and starts with the page in hand; null where none is, or one is under way.</summary>
    private Walk? Begun(YouTubeCursor cursor, UploadsPage first, DateTimeOffset now)
    {
        if (cursor.Walk is not null)
            return null;
        if (cursor.Swept is null)
            return new Walk { Kind = Walk.History };
        if (first.Items.Count > 0 && cursor.First is { Count: > 0 } before && !before.Intersect(first.Ids, StringComparer.Ordinal).Any())
            return new Walk { Kind = Walk.Gap, Until = cursor.Newest - Late };
        if (api.IsLow)
            return null;
        if (IsDue(cursor.Swept, Quarterly, now))
            return new Walk { Kind = Walk.All };
        if (IsDue(cursor.Walked, Weekly, now))
            return new Walk { Kind = Walk.Year, Until = now - Year - Late, Since = now - Year };

        // Not in the look that asks for numbers. Who is looked at once a day only has a hub that tells of them, and the walk of the week.
        return !IsDue(cursor.Refreshed, Daily, now) && IsDue(cursor.LookedBack, Daily, now) && first.Next is not null && first.Oldest >= now - Late
            ? new Walk { Kind = Walk.LookBack, Until = now - Late, Since = cursor.LookedBack - Daily }
            : null;
    }

    private static IEnumerable<string> Asked(YouTubeCursor cursor, Walk? begun, UploadsPage first, bool isRefresh, DateTimeOffset now)
    {
        var recent = cursor.Recent ?? [];
        return first.Ids.Except(cursor.First ?? [], StringComparer.Ordinal)
            .Concat(recent.Where(video => isRefresh || video.IsDue(now)).Select(video => video.Id))
            .Concat(begun?.Wanted(first) ?? []);
    }

    private async IAsyncEnumerable<SourcePage> Walked(string channel, YouTubeCursor cursor, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (cursor.Walk is { Next: { } token } walk && !(walk.CanWait && api.IsLow))
        {
            var (page, why) = await api.Uploads(channel, token, cancel);
            if (page is not null && walk.HasSlipped(page))
            {
                cursor = cursor with { Walk = walk.Back(page) };
                continue;
            }

            var now = time.GetUtcNow();
            if (page is null)
            {
                cursor = Ended(cursor with { Walk = why == "invalidPageToken" ? walk.Restarted() : walk with { Next = null } }, now, out var stopped);
                yield return new SourcePage { Cursor = cursor.ToText(), More = cursor.Walk is not null, Coverage = stopped };
                continue;
            }

            // After a step back most of the page is known.
            var isStep = walk.Here is null && walk.Ids is not null;
            List<string> asked = [.. walk.Wanted(page).Where(id => !isStep || !walk.Ids!.Contains(id, StringComparer.Ordinal))];
            var (drafts, body) = await Videos(channel, asked, role, cancel);
            walk = walk.After(page, token);
            cursor = cursor.Seen(asked, drafts, now) with { Walk = walk with { Oldest = drafts.Select(draft => draft.When).Append(walk.Oldest).Min() } };
            cursor = Ended(cursor, now, out var coverage);
            if (asked.Count > 0 || cursor.Walk is null)
                yield return Page(channel, cursor, drafts, body ?? page.Body, page.Skipped) with { Coverage = coverage };
        }
    }

    /// <summary>Marks a walk that is over; how far the history is known is said while it is read.</summary>
    private static YouTubeCursor Ended(YouTubeCursor cursor, DateTimeOffset now, out Coverage? coverage)
    {
        coverage = null;
        if (cursor.Walk is not { } walk)
            return cursor;
        var isHistory = walk.Kind == Walk.History;
        if (walk.Next is not null)
        {
            coverage = isHistory ? new(walk.Oldest, false, "Older videos are still being read.") : null;
            return cursor;
        }

        if (isHistory || (walk.Kind == Walk.All && !walk.IsBroken))
        {
            coverage = walk.IsBroken ? new(walk.Oldest, false, "YouTube broke off its list of older videos; they are looked for again within three months.")
                : walk.Total >= LongestList ? new(walk.Oldest, false, "YouTube lists only the newest 20,000 uploads of a channel; log older ones by hand.")
                : new(null, true, null);
        }

        return cursor with
        {
            Walk = null,
            LookedBack = now,
            Walked = walk.Kind is Walk.History or Walk.All or Walk.Year ? now : cursor.Walked,
            Swept = walk.Kind is Walk.History or Walk.All ? now : cursor.Swept,
        };
    }

    private async Task<(IReadOnlyList<Draft> Drafts, byte[]? Body)> Videos(string channel, List<string> ids, Role role, CancellationToken cancel)
    {
        var drafts = new List<Draft>(ids.Count);
        byte[]? last = null;
        foreach (var batch in ids.Chunk(YouTubeApi.Batch))
        {
            var (videos, body) = await api.Videos(batch, role, cancel);
            drafts.AddRange(videos.Where(video => video.Channel == channel).Select(video => video.Draft).DistinctBy(draft => draft.NativeId, StringComparer.Ordinal));
            last = body;
        }

        return (drafts, last);
    }

    private SourcePage Page(string channel, YouTubeCursor cursor, IReadOnlyList<Draft> drafts, byte[] body, int skipped) => new()
    {
        Drafts = drafts,
        Cursor = cursor.ToText(),
        More = cursor.Walk is not null,
        Raw = new RawAnswer(body, "application/json"),
        Repairs = skipped == 0 ? [] : [new Repair("itemSkipped", skipped)],
        Title = drafts.Count == 0 ? null : drafts[0].Container?.Name,
        Url = site.Channel(channel),
    };

    /// <summary>A channel that never uploaded anything has no list of uploads, and neither has one that is gone.</summary>
    private async Task<SourcePage> WithoutUploads(string channel, YouTubeCursor cursor, CancellationToken cancel) =>
        await api.Channel("id", channel, cancel) is null
            ? throw new SourceException(
                Failure.Gone, "channelGone", "YouTube says that this channel is not there any more. If its videos live on elsewhere, connect that channel.")
            : new SourcePage { Cursor = cursor.ToText(), Coverage = new(null, true, null), Url = site.Channel(channel), Push = site.Push(channel) };

    private static bool IsDue(DateTimeOffset? last, TimeSpan rhythm, DateTimeOffset now) => last is null || last + rhythm <= now;
}
