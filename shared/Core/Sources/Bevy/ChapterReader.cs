using System.Runtime.CompilerServices;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Events;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>
/// Reads a chapter's events since the cursor. Its page shows the coming ones, and one conditional request whether they changed. The site's sitemaps, looked
/// at once a day, lead to all others. Each event's page is read when it is new or changed, when its event is no longer announced, and once it has begun.
/// </summary>
internal sealed class ChapterReader(Fetcher fetcher, TimeProvider time, IReadOnlyList<Uri> sites)
{
    /// <summary>Pages of events read at most in one go, once the past was read.</summary>
    private const int MaxRequests = 20;

    /// <summary>Pages of events read before progress is saved.</summary>
    private const int EventsAtOnce = 5;

    /// <summary>The same for those that a preview shows.</summary>
    private const int EventsAtFirst = 2;

    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Sitemaps of months that began this long ago no longer change, unless their index says so.</summary>
    private static readonly TimeSpan TwoMonths = TimeSpan.FromDays(62);

    private readonly RobotsCheck robots = new(fetcher, time);
    private readonly SiteMaps maps = new(fetcher, sites);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var chapter = ChapterOf(reading);
        var drafts = ChapterDrafts.For(reading.Options, now);
        var before = BevyCursor.Parse(reading.Cursor);
        var cursor = reading.IsFromStart || (before.Options is not null && before.Options != drafts.OptionsText) ? before.Restarted() : before;
        cursor = cursor with { Options = drafts.OptionsText, Since = cursor.Since ?? now, Robots = await robots.ReadAsync(chapter.Page, cursor.Robots, cancel) };
        cursor.Robots.Demand(chapter.Page, "Its events can be logged by hand.");
        var run = new ChapterRun(fetcher, time, sites, chapter, drafts, cursor);

        var isDue = cursor.Hash is null || run.IsDue;
        var request = new FetchRequest(chapter.Page) { Accept = PageReader.Accept, MaximumBytes = MaxBytes };
        var answer = await fetcher.SendAsync(isDue ? request : request with { ETag = cursor.ETag, LastModified = cursor.LastModified }, cancel);
        var page = ChapterPage.Of(answer, sites);
        if (page is null && answer.Outcome != FetchOutcome.NotModified)
        {
            if (run.Of(run.Tracker.TakeStarted(now)) is { Count: > 0 } begun)
                yield return run.Page(begun, isMore: false);
            throw ChapterFailures.Of(answer);
        }

        if (page is not null)
            run.Cursor = run.Cursor.WithPage(answer, page);
        var hasChanged = page is not null && (isDue || page.Hash != cursor.Hash);
        var isScanDue = run.Cursor.ScannedAt is null || run.Cursor.ScannedAt + Day <= now || (reading.IsManual && !run.Cursor.IsPastRead);
        if (!hasChanged && !isScanDue)
        {
            if (run.Cursor != before)
                yield return new SourcePage { Cursor = run.Cursor.ToText() };
            yield break;
        }

        if (hasChanged)
        {
            await foreach (var found in ReadComingAsync(run, page!, RawResponse.Of(answer), isScanDue, cancel))
                yield return found;
        }

        if (isScanDue && run.Pause is null)
        {
            await foreach (var found in ReadPastAsync(run, cancel))
                yield return found;
        }

        if (run.Pause is { } pause)
            throw SourceException.Of(pause);
    }

    /// <summary>The events on the chapter's page, and those that have left it.</summary>
    private static async IAsyncEnumerable<SourcePage> ReadComingAsync(ChapterRun run, ChapterPage page, RawResponse? raw, bool isMore, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = run.Drafts.Now;
        var known = run.Tracker.Events.ToDictionary(one => one.Id, StringComparer.Ordinal);
        var listed = page.Events.SelectMany(one => one.Names).ToHashSet(StringComparer.Ordinal);
        var changed = run.Tracker.Changed(page.Events);
        var begun = known.Values.Where(one => one.IsAwaited && one.Start <= now);
        var left = known.Values.Where(one => one.IsAwaited && one.Start > now && !listed.Contains(one.Id));
        var addresses = changed.Select(one => (Id: one.Names[0], one.Url)).Concat(begun.Concat(left).Select(one => (one.Id, one.Url))).DistinctBy(one => one.Id, StringComparer.Ordinal).ToList();

        var isWhole = addresses.Count <= MaxRequests;
        foreach (var some in addresses.Take(EventsAtFirst).Chunk(EventsAtFirst).Concat(addresses.Take(MaxRequests).Skip(EventsAtFirst).Chunk(EventsAtOnce)))
        {
            var found = new List<Draft>();
            foreach (var (id, url) in some)
            {
                var (outcome, drafts) = run.Pause is null && url is not null ? await run.ReadAsync(new Uri(url), null, cancel) : (EventRead.Failed, []);
                found.AddRange(drafts);
                if (outcome is EventRead.Read or EventRead.NotHere)
                    continue;
                isWhole = false;

                // One whose page cannot be read now still takes place, as far as the chapter's page describes it.
                if (!known.TryGetValue(id, out var kept))
                    found.AddRange(run.Announce([.. changed.Where(one => one.Names[0] == id)]));
                else if (kept.IsAwaited && kept.Start > now)
                    run.Tracker.Track([kept.ToListed()], now);
            }

            yield return run.Page(found, isMore: true, raw);
            raw = null;
        }

        var ended = run.Of(run.Tracker.EndListing(isWhole ? DateTimeOffset.MaxValue : null, now));
        run.Cursor = run.Cursor with { Hash = isWhole ? page.Hash : null };
        yield return run.Page(ended, isMore, raw);
    }

    /// <summary>The events that the sitemaps list, the newest month first.</summary>
    private async IAsyncEnumerable<SourcePage> ReadPastAsync(ChapterRun run, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = run.Drafts.Now;
        var index = default(IReadOnlyList<EventSitemap>);
        if (run.Cursor.Robots!.Allows(run.Chapter.Sitemap))
        {
            await run.WaitAsync(cancel);
            index = await maps.IndexAsync(run.Chapter, cancel);
        }

        var read = new Dictionary<string, string>(run.Cursor.Sitemaps ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);
        var isComplete = true;
        foreach (var sitemap in (index ?? []).Where(one => IsDue(one, read, now) && run.Cursor.Robots.Allows(one.Address)))
        {
            await run.WaitAsync(cancel);
            var events = (await maps.EventsAsync(sitemap, run.Chapter, cancel)).Select(entry => (Address: ChapterAddress.Parse(entry.Address)!, entry.Modified))
                .Where(one => !run.Marks.Has(ChapterAddress.EventSlug(one.Address, sites)!, one.Modified)).DistinctBy(one => ChapterAddress.EventSlug(one.Address, sites)).ToList();
            var isRead = true;
            foreach (var some in events.Chunk(EventsAtOnce))
            {
                var found = new List<Draft>();
                foreach (var (address, modified) in some)
                {
                    var isAllowed = run.Pause is null && (!run.Cursor.IsPastRead || run.Requests < MaxRequests);
                    var (outcome, drafts) = isAllowed ? await run.ReadAsync(address, modified, cancel) : (EventRead.Failed, []);
                    found.AddRange(drafts);
                    isRead &= outcome is EventRead.Read or EventRead.NotHere;
                }

                yield return run.Page(found, isMore: true);
            }

            if (isRead)
                read[sitemap.Key] = sitemap.Version;
            isComplete &= isRead;
            run.Cursor = run.Cursor with { Sitemaps = Kept(read, index!) };
            if (!run.Cursor.IsPastRead)
                yield return run.Page([], isMore: true);
            if (run.Pause is not null)
                yield break;
        }

        run.Cursor = run.Cursor with { ScannedAt = now, IsPastHidden = index is null, IsPastRead = run.Cursor.IsPastRead || isComplete || index is null };
        yield return run.Page([], isMore: false);
    }

    private static bool IsDue(EventSitemap sitemap, Dictionary<string, string> read, DateTimeOffset now)
    {
        if (!read.TryGetValue(sitemap.Key, out var version))
            return true;
        return sitemap.Modified is null
            ? sitemap.Month is not { } month || new DateTimeOffset(month, TimeOnly.MinValue, TimeSpan.Zero) > now - TwoMonths
            : version != sitemap.Version;
    }

    private static Dictionary<string, string> Kept(Dictionary<string, string> read, IReadOnlyList<EventSitemap> index)
    {
        var keys = index.Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        return read.Where(one => keys.Contains(one.Key)).Take(SiteMaps.MaxSitemaps).ToDictionary(one => one.Key, one => one.Value, StringComparer.Ordinal);
    }

    private ChapterAddress ChapterOf(SourceRequest reading) => ChapterAddress.Parse(reading.Address) is { } address && ChapterAddress.Of(address, sites) is { } chapter
        ? chapter
        : throw SourceException.Terminal("refusedAddress", "This is no chapter of a community. Connect the address of the chapter's page.");
}

/// <summary>Responses without a chapter → what to tell the person, and whether to try again.</summary>
internal static class ChapterFailures
{
    public static SourceException Of(Fetched answer) => answer.Outcome == FetchOutcome.Content
        ? SourceException.Transient("noChapter", $"{answer.Address.Host} answered with something that is not the page of a chapter.")
        : SourceException.Of(
            answer,
            gone: "If the chapter lives on elsewhere, connect its new address.",
            missing: "The chapter may have a new name: open its page and compare the address.",
            denied: "Only public chapters can be read.");
}
