using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>
/// Reads a calendar since the cursor. A conditional request for the calendar shows whether anything changed. With a token, the events of a Meetup
/// group then come from the API, including past ones and RSVPs; otherwise, or if the API does not answer, from the calendar, where announced events
/// count as having taken place.
/// </summary>
internal sealed class ListingReader(Fetcher fetcher, TimeProvider time, MeetupOptions options)
{
    private const int MaxPages = 1_000;
    private const int MaxTries = 3;

    /// <summary>An unchanged calendar with series is read again after this time.</summary>
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan RequestDelay = TimeSpan.FromSeconds(1);

    private readonly GroupApi api = new(fetcher, options, time);
    private readonly GroupWebPage pages = new(fetcher, options.Site);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var drafts = EventDrafts.For(reading.Options, now);
        var before = MeetupCursor.Parse(reading.Cursor, reading.Address);
        var cursor = reading.IsFromStart ? before.Restarted() : before;
        if (cursor.Options != drafts.OptionsText)
            cursor = cursor with { Options = drafts.OptionsText, ScannedAt = null, Scan = null, ScanRetry = null, MissingEvents = 0, BodyHash = null };
        var tracker = new EventTracker(cursor.Events, cursor.Forgotten);
        var isDue = cursor.BodyHash is null || tracker.IsDue(now) || (cursor.IsEndless && cursor.ReadAt + Month <= now);
        var calendar = await FetchAsync(reading.Address, cursor, isDue, cancel);
        var group = GroupOf(reading, calendar);
        var instead = group is null ? null : await pages.InsteadOfAsync(calendar, group, cancel);
        var answer = instead?.Answer ?? calendar;
        if (answer.Outcome is not (FetchOutcome.Content or FetchOutcome.NotModified))
        {
            var container = new Container(group?.Group ?? answer.Address.Host, group?.Page(options.Site));
            List<Draft> begun = [.. drafts.Of(tracker.TakeStarted(now), container)];
            if (begun.Count > 0)
                yield return new SourcePage { Drafts = begun, Cursor = cursor.With(tracker).ToText() };
            throw ListingFailures.Of(answer, group);
        }

        (cursor, var movedTo) = cursor.WithRedirect(calendar.MovedTo);
        var hash = answer.Outcome == FetchOutcome.Content ? Hash(instead?.Content ?? answer.Body) : cursor.BodyHash;
        var hasChanged = answer.Outcome == FetchOutcome.Content && (isDue || hash != cursor.BodyHash);
        var listing = !hasChanged ? null : instead?.Listing ?? CalendarListing.Of(answer, group, options.Site, now) ?? throw ListingFailures.NoCalendar(answer);
        var seen = listing switch
        {
            null => cursor,
            { IsTruncated: true } => cursor.WithPart(now) with { IsEndless = cursor.IsEndless || listing.HasSeries },
            _ => cursor.WithBody(calendar, hash, now) with { IsEndless = listing.HasSeries },
        };

        var token = reading.Credentials.Token ?? options.Token;
        var (refused, failure) = (default(string), default(SourceException));
        if (group is not null && token is not null && NeedsScan(cursor, hasChanged, reading.IsManual, now))
        {
            var scan = cursor.Scan is { After: not null } under ? under : GroupScan.Start(cursor, now) with { Tries = cursor.Scan?.Tries ?? 0 };
            var isFromHere = scan.After is null;
            while (refused is null)
            {
                (var page, failure) = await FetchAsync(group, scan, token, cancel);
                (scan, failure) = failure is null ? CheckPage(page, scan, cursor, now) : (scan, failure);
                if (failure is not null)
                {
                    (cursor, seen) = (cursor with { Scan = scan }, seen with { Scan = scan });
                    break;
                }

                refused = page.Problem;
                if (page.Container is not { } container)
                    continue;
                var matching = page.Events.Where(drafts.Matches).ToList();
                var isOnlyPage = scan.After is null && page is { Next: null, IsPartial: false, Skipped: 0 };
                IEnumerable<Draft> taken = tracker.Track(matching, now, isOnlyPage).Select(one => drafts.Of(one.Event, one.Id, container));
                scan = scan.Advance(page);
                if (page.Next is not null)
                {
                    cursor = WithProgress(cursor, scan, tracker, now);
                }
                else if (scan.Missing(page) is { } missing)
                {
                    // The calendar may have what is missing, and had announced what has begun.
                    taken = [.. taken, .. FromCalendar(listing, tracker, drafts, container, now)];
                    cursor = seen.WithScanIncomplete(missing, now).With(tracker);
                }
                else
                {
                    taken = [.. taken, .. drafts.Gone(isFromHere ? tracker.EndScan(scan.From, now) : tracker.EndPartOfScan(now), container)];
                    cursor = seen.WithScanCompleted(scan).With(tracker);
                }

                yield return Page(taken, container, cursor) with
                {
                    More = cursor.Scan is not null,
                    Coverage = ListingCoverage.OfApi(cursor),
                    Raw = page.Raw,
                    Repairs = [.. page.Repairs, .. Unmatched(page.Events.Count - matching.Count)],
                    MovedTo = movedTo,
                };
                if (cursor.Scan is null)
                    yield break;
                await Task.Delay(RequestDelay, time, cancel);
            }

            if (refused is not null)
                (cursor, seen) = (cursor with { RefusedAt = now }, seen with { RefusedAt = now, Scan = cursor.Scan });
        }

        if (listing is not null)
        {
            // While the API fails, only what it has not reported yet.
            var isWhole = failure is null;
            var matching = listing.Events.Where(drafts.Matches).ToList();
            IEnumerable<Draft> all = isWhole ? [.. Taken(matching, tracker, drafts, listing.Container, now, isWhole: !listing.IsTruncated), .. Begun(listing, tracker, drafts, listing.Container, now)]
                : FromCalendar(listing, tracker, drafts, listing.Container, now);
            yield return Page(all, listing.Container, seen.With(tracker)) with
            {
                Coverage = isWhole || cursor.ScannedAt is null ? ListingCoverage.Of(listing, group, seen.Since!.Value, token is not null, refused ?? failure?.Message) : null,
                Raw = RawResponse.Of(answer),
                Repairs = [.. listing.Repairs, .. Unmatched(listing.Events.Count - matching.Count)],
                MinPollInterval = listing.RefreshInterval > Day ? Day : listing.RefreshInterval,
                MovedTo = movedTo,
            };
        }
        else if (cursor != before)
        {
            yield return new SourcePage { Cursor = cursor.ToText(), MovedTo = movedTo, Coverage = refused is null ? null : ListingCoverage.OfGroup(cursor.Since!.Value, refused) };
        }

        if (failure is not null)
            throw failure;
    }

    private Task<Fetched> FetchAsync(string address, MeetupCursor cursor, bool isDue, CancellationToken cancel) => fetcher.SendAsync(
        new FetchRequest(ListingFinder.Address(address)) { Accept = ListingFinder.AcceptCalendar, ETag = isDue ? null : cursor.ETag, LastModified = isDue ? null : cursor.LastModified },
        cancel);

    /// <summary>The next page, or why it is not available now.</summary>
    private async Task<(GroupPage Page, SourceException? Failure)> FetchAsync(MeetupAddress group, GroupScan scan, string token, CancellationToken cancel)
    {
        try
        {
            return (await api.EventsAsync(group, scan, token, cancel), null);
        }
        catch (SourceException failure) when (failure.Failure == Sources.Failure.Transient)
        {
            return (GroupPage.Rejected, failure);
        }
    }

    /// <summary>For a rejected or partial page: the scan to continue later, and the failure.</summary>
    private static (GroupScan Scan, SourceException? Failure) CheckPage(GroupPage page, GroupScan scan, MeetupCursor cursor, DateTimeOffset now)
    {
        if (page.IsRejected)
        {
            return (scan.Tries < MaxTries ? scan with { Tries = scan.Tries + 1 } : GroupScan.Start(cursor, now),
                SourceException.Transient("badRequest", "Meetup's API rejected the request (400); it is tried again later."));
        }

        return page.IsPartial && scan.Tries < MaxTries
            ? (scan with { Tries = scan.Tries + 1 }, SourceException.Transient("partialAnswer", "Meetup's API returned only part of the events; the rest is requested again later."))
            : (scan, null);
    }

    private static IEnumerable<Draft> Taken(IReadOnlyList<ListedEvent> matching, EventTracker tracker, EventDrafts drafts, Container container, DateTimeOffset now, bool isWhole = false) =>
        tracker.Track(matching, now, isWhole).Select(one => drafts.Of(one.Event, one.Id, container));

    /// <summary>Announced events that have begun; a truncated calendar says nothing about missing ones.</summary>
    private static IEnumerable<Draft> Begun(CalendarListing? listing, EventTracker tracker, EventDrafts drafts, Container container, DateTimeOffset now)
    {
        var last = listing is null or { IsTruncated: true } or { IsExcerpt: true, Events: [] } ? (DateTimeOffset?)null
            : listing.Events.Count == 0 ? DateTimeOffset.MaxValue : listing.Events.Max(one => one.Start);
        return drafts.Of(tracker.EndListing(last, now, known => listing?.HasWithdrawn(known, now) == true), container);
    }

    /// <summary>Events of the calendar that the API has not reported.</summary>
    private static List<Draft> FromCalendar(CalendarListing? listing, EventTracker tracker, EventDrafts drafts, Container container, DateTimeOffset now)
    {
        var changed = tracker.Changed([.. (listing?.Events ?? []).Where(drafts.Matches)]);
        return [.. Taken(changed, tracker, drafts, container, now), .. Begun(listing, tracker, drafts, container, now)];
    }

    /// <summary>A renamed group answers under its new name, which is the one the API knows.</summary>
    private MeetupAddress? GroupOf(SourceRequest reading, Fetched answer) => reading.Origin.StartsWith("meetup:", StringComparison.Ordinal)
        ? MeetupAddress.Of(answer.Address, options.Site) ?? MeetupAddress.Of(ListingFinder.Address(reading.Address), options.Site)
        : null;

    /// <summary>Scans when the calendar has changed, weekly for the RSVPs, and when a retry is due.</summary>
    private static bool NeedsScan(MeetupCursor cursor, bool hasChanged, bool isManual, DateTimeOffset now) => cursor switch
    {
        _ when hasChanged => true,
        { RefusedAt: { } refused } when cursor.ScannedAt is null || refused > cursor.ScannedAt => refused + Day <= now,
        { Scan: not null } => true,
        { ScanRetry: { } tries } => tries.IsDue(now, isManual),
        _ => cursor.ScannedAt is null || cursor.ScannedAt + Week <= now,
    };

    private static MeetupCursor WithProgress(MeetupCursor cursor, GroupScan scan, EventTracker tracker, DateTimeOffset now)
    {
        if (scan.Pages > MaxPages)
            throw SourceException.Terminal("tooMany", "Meetup's API has more pages of events than any group can have.");
        tracker.Trim(now);
        return (cursor with { Scan = scan }).With(tracker);
    }

    private static SourcePage Page(IEnumerable<Draft> drafts, Container container, MeetupCursor cursor) => new()
    {
        Drafts = [.. drafts],
        Cursor = cursor.ToText(),
        Title = container.Name,
        Url = container.Url,
    };

    private static Repair[] Unmatched(int count) => count == 0 ? [] : [new Repair("eventUnmatched", count)];

    private static string Hash(byte[] body) => Convert.ToBase64String(SHA256.HashData(body).AsSpan(0, 18));
}
