using System.Runtime.CompilerServices;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>
/// Reads a channel with a key. Every look costs the unit of the first page, and one more where a duty is due: what is new, what is going
/// live, the numbers of the last month (daily), of the last year (weekly), of everything (each quarter), uploads published late (daily).
/// </summary>
internal sealed class ChannelReading(YouTubeApi api, YouTubeSite site, TimeProvider time)
{
    /// <summary>Looks at a page that shows nothing before it is taken as it is.</summary>
    private const int MostEmpty = 3;

    private static readonly TimeSpan Daily = TimeSpan.FromHours(20);
    private static readonly TimeSpan Weekly = TimeSpan.FromDays(7);
    private static readonly TimeSpan Quarterly = TimeSpan.FromDays(90);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>How long a video may lie uploaded before it is published, to be found by looking back.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromDays(60);

    public async IAsyncEnumerable<SourcePage> ReadAsync(Reading reading, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        var channel = reading.Origin;
        var cursor = reading.IsFromStart ? new YouTubeCursor() : YouTubeCursor.Parse(reading.Cursor);
        var movedTo = reading.Address == api.UploadsAddress(channel) ? null : api.UploadsAddress(channel);
        var (first, _) = await api.UploadsAsync(channel, "", cancel);
        if (first is null or { Listed: 0 })
        {
            yield return await WithoutUploadsAsync(channel, cursor, first, cancel) with { MovedTo = movedTo };
            yield break;
        }

        var now = time.GetUtcNow();
        cursor = Resumed(cursor, first, reading.IsAsked, now);
        var begun = Begun(cursor, first, reading.IsAsked, now);
        var isRefresh = cursor is not { Swept: null, Stuck: null } && !api.IsLow && IsDue(cursor.Refreshed, Daily, now);
        List<string> listed = [.. first.Ids.Except(cursor.First ?? [], StringComparer.Ordinal).Union(begun?.Wanted(first) ?? [], StringComparer.Ordinal)];
        List<string> asked = [.. listed.Union(Known(cursor, isRefresh, reading.IsAsked, now), StringComparer.Ordinal)];
        var found = await VideosAsync(channel, asked, role, cancel);
        if (begun is not null)
            cursor = cursor.Begin(begun.After(first, "") with { Oldest = found.Drafts.Min(draft => draft.When) });
        cursor = cursor.Seen(asked, found.Drafts, found.Unknown, listed, now);
        cursor = (cursor with
        {
            First = first.Items.Count == 0 ? null : first.Ids,
            Newest = first.Newest,
            Refreshed = isRefresh || begun?.Kind is Walk.History or Walk.All or Walk.Year ? now : cursor.Refreshed,
            Without = 0,
            Extent = first.Skipped == 0 || begun is not null ? cursor.Extent : Extent.Holed(cursor.Extent, now),
        }).Ended(now);

        // A page that brings nothing is not worth a write while the walk goes on.
        if (asked.Count > 0 || movedTo is not null || (cursor.Walk is null && cursor.ToText() != reading.Cursor))
            yield return Page(channel, cursor, found.Drafts, found.Body ?? first.Body, first.Skipped) with { MovedTo = movedTo, Push = site.Push(channel) };

        await foreach (var page in WalkedAsync(channel, cursor, role, cancel))
            yield return page;
    }

    /// <summary>With the walk that was put aside, once it is its turn; and with the gap noted, which the first page shows and a walk is in the way of.</summary>
    private static YouTubeCursor Resumed(YouTubeCursor cursor, UploadsPage first, bool isAsked, DateTimeOffset now)
    {
        if (cursor.First is { Count: > 0 } before && !before.Intersect(first.Ids, StringComparer.Ordinal).Any())
            cursor = cursor with { GapSince = cursor.GapSince ?? cursor.Newest ?? DateTimeOffset.UnixEpoch };
        return cursor is { Walk: null, GapSince: null, Stuck.Tries: { } tries } && tries.IsDue(now, isAsked) ? cursor with { Walk = cursor.Stuck, Stuck = null } : cursor;
    }

    /// <summary>The walk that is due and starts with the page in hand; null where none is, or one is under way.</summary>
    private Walk? Begun(YouTubeCursor cursor, UploadsPage first, bool isAsked, DateTimeOffset now)
    {
        if (cursor.Walk is not null)
            return null;
        if (cursor is { Swept: null, Stuck: null })
            return new Walk { Kind = Walk.History };
        if (cursor.GapSince is not null)
            return new Walk { Kind = Walk.Gap, Until = cursor.GapSince - Late };
        if (api.IsLow)
            return null;
        if (cursor.Stuck is null && (IsDue(cursor.Swept, Quarterly, now) || cursor.Extent?.Tries?.IsDue(now, isAsked) == true))
            return new Walk { Kind = Walk.All };
        if (IsDue(cursor.Walked, Weekly, now))
            return new Walk { Kind = Walk.Year, Until = now - Year - Late, Since = now - Year };

        // Not in the look that asks for numbers. Who is looked at once a day only has a hub that tells of them, and the walk of the week.
        return !IsDue(cursor.Refreshed, Daily, now) && IsDue(cursor.LookedBack, Daily, now) && first.Next is not null && first.Oldest >= now - Late
            ? new Walk { Kind = Walk.LookBack, Until = now - Late, Since = cursor.LookedBack - Daily }
            : null;
    }

    /// <summary>What is known and has to be asked for all the same.</summary>
    private static IEnumerable<string> Known(YouTubeCursor cursor, bool isRefresh, bool isAsked, DateTimeOffset now) =>
        (cursor.Recent ?? []).Where(video => isRefresh || video.IsDue(now)).Select(video => video.Id)
            .Concat((cursor.Missing ?? []).Where(video => video.Tries.IsDue(now, isAsked)).Select(video => video.Id));

    private async IAsyncEnumerable<SourcePage> WalkedAsync(string channel, YouTubeCursor cursor, Role role, [EnumeratorCancellation] CancellationToken cancel)
    {
        var isRestarted = false;
        while (cursor.Walk is { Next: { } token } walk && !(walk.CanWait && api.IsLow))
        {
            var (page, found, why) = await StepAsync(channel, walk, role, cancel);
            if (page is not null && walk.HasSlipped(page))
            {
                cursor = cursor with { Walk = walk.Back(page) };
                continue;
            }

            if (why == "invalidPageToken" && !isRestarted)
            {
                cursor = cursor with { Walk = walk.Restarted() };
                isRestarted = true;
                continue;
            }

            var now = time.GetUtcNow();
            if (page is null || why is not null)
            {
                cursor = cursor.Failed(walk, why ?? "noAnswer", now);
                yield return new SourcePage { Cursor = cursor.ToText(), Coverage = ChannelCoverage.Of(cursor) };
                yield break;
            }

            walk = walk.After(page, token);
            walk = walk with { Oldest = found.Drafts.Select(draft => draft.When).Append(walk.Oldest).Min() };
            cursor = (cursor with { Walk = walk }).Seen(found.Asked, found.Drafts, found.Unknown, found.Asked, now).Ended(now);
            if (found.Asked.Count > 0 || cursor.Walk is null)
                yield return Page(channel, cursor, found.Drafts, found.Body ?? page.Body, page.Skipped);
        }
    }

    /// <summary>The next page of a walk and its videos; or why it is not to be had now. What concerns more than this page is thrown.</summary>
    private async Task<(UploadsPage? Page, Found Found, string? Why)> StepAsync(string channel, Walk walk, Role role, CancellationToken cancel)
    {
        try
        {
            var (page, why) = await api.UploadsAsync(channel, walk.Next!, cancel);
            if (page is null || walk.HasSlipped(page))
                return (page, Found.Nothing, why);

            // Asked for often enough, a page that shows nothing is taken as it is; the count tells at the end what it hid.
            if (page.IsEmptyBefore(walk.Seen) && walk.Tries is null or { Count: < MostEmpty })
                return (page, Found.Nothing, "emptyPage");

            // After a step back most of the page is known.
            var isStep = walk.Here is null && walk.Ids is not null;
            List<string> asked = [.. walk.Wanted(page).Where(id => !isStep || !walk.Ids!.Contains(id, StringComparer.Ordinal))];
            return (page, await VideosAsync(channel, asked, role, cancel), null);
        }
        catch (SourceException failure) when (failure is { Failure: Failure.Transient, RetryAt: null })
        {
            return (null, Found.Nothing, failure.Code);
        }
    }

    private async Task<Found> VideosAsync(string channel, List<string> ids, Role role, CancellationToken cancel)
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
        More = cursor.Walk is { } walk && !(walk.CanWait && api.IsLow),
        Coverage = ChannelCoverage.Of(cursor),
        Raw = new RawAnswer(body, "application/json"),
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

        var looks = Math.Min(cursor.Without + 1, 2);
        return new SourcePage
        {
            Cursor = (cursor with { Without = looks }).ToText(),
            Coverage = ChannelCoverage.WithoutUploads(cursor, looks, empty?.IsEmptyBefore(0) != true),
            Url = site.Channel(channel),
            Push = site.Push(channel),
        };
    }

    private static bool IsDue(DateTimeOffset? last, TimeSpan rhythm, DateTimeOffset now) => last is null || last + rhythm <= now;

    /// <param name="Asked">Ids whose videos were asked for.</param>
    /// <param name="Unknown">Those of them of which nothing was said.</param>
    private sealed record Found(IReadOnlyList<string> Asked, IReadOnlyList<Draft> Drafts, IReadOnlySet<string> Unknown, byte[]? Body)
    {
        public static readonly Found Nothing = new([], [], new HashSet<string>(StringComparer.Ordinal), null);
    }
}
