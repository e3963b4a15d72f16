using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats;

namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>
/// Reads a calendar since the cursor. The calendar itself tells whether anything changed, for one conditional request. With a token the
/// events of a Meetup group come from the API then, its past and its numbers among them; without one, or where the API has nothing to say, from the
/// calendar, and what began after it was announced is kept as having taken place.
/// </summary>
internal sealed class ListingReader(Fetcher fetcher, TimeProvider time, MeetupOptions options)
{
    /// <summary>A permanent redirect is believed after this many reads in a row saw it.</summary>
    private const int MovesToConfirm = 3;

    private const int MostPages = 1_000;
    private const int MostTries = 3;

    /// <summary>How long a calendar may stay unread while its bytes do not change: its series go on.</summary>
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan RequestDelay = TimeSpan.FromSeconds(1);

    private readonly GroupApi api = new(fetcher, options, time);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var drafts = EventDrafts.For(reading.Options, now);
        var before = MeetupCursor.Parse(reading.Cursor, reading.Address);
        var cursor = reading.IsFromStart ? before.Restarted() : before;
        if (cursor.Options != drafts.OptionsText)
            cursor = cursor with { Options = drafts.OptionsText, ScannedAt = null, Scan = null, ScanRetry = null, MissingEvents = 0, BodyHash = null };
        var known = new EventTracker(cursor.Events, cursor.Forgotten);
        var isDue = cursor.BodyHash is null || known.IsDue(now) || (cursor.IsEndless && cursor.ReadAt + Month <= now);
        var answer = await FetchAsync(reading.Address, cursor, isDue, cancel);
        var group = GroupOf(reading, answer);
        if (answer.Outcome is not (FetchOutcome.Content or FetchOutcome.NotModified))
        {
            var container = new Container(group?.Group ?? answer.Address.Host, group?.Page(options.Site));
            if (known.TakeStarted(now) is { Count: > 0 } begun)
                yield return new SourcePage { Drafts = [.. begun.Select(one => drafts.Of(one, container))], Cursor = cursor.With(known).ToText() };
            throw ListingFailures.Of(answer, group);
        }

        cursor = Moved(cursor.WithMove(answer.MovedTo), out var movedTo);
        var hash = answer.Outcome == FetchOutcome.Content ? Hash(answer.Body) : cursor.BodyHash;
        var isNews = answer.Outcome == FetchOutcome.Content && (isDue || hash != cursor.BodyHash);
        var listing = !isNews ? null : CalendarListing.Of(answer, group, options.Site, now) ?? throw ListingFailures.NoCalendar(answer);
        var seen = listing switch
        {
            null => cursor,
            { IsTruncated: true } => cursor.WithPart(now) with { IsEndless = cursor.IsEndless || listing.HasSeries },
            _ => cursor.WithBody(answer, hash, now) with { IsEndless = listing.HasSeries },
        };

        var (refused, trouble) = (default(string), default(SourceException));
        if (group is not null && options.Token is not null && NeedsScan(cursor, isNews, reading.IsManual, now))
        {
            var walk = cursor.Scan is { After: not null } under ? under : GroupScan.Start(cursor, now) with { Tries = cursor.Scan?.Tries ?? 0 };
            while (refused is null)
            {
                (var page, trouble) = await FetchAsync(group, walk, cancel);
                (walk, trouble) = trouble is null ? CheckPage(page, walk, cursor, now) : (walk, trouble);
                if (trouble is not null)
                {
                    (cursor, seen) = (cursor with { Scan = walk }, seen with { Scan = walk });
                    break;
                }

                refused = page.Problem;
                if (page.Container is not { } container)
                    continue;
                var wanted = page.Events.Where(drafts.Matches).ToList();
                IEnumerable<Draft> taken = known.Track(wanted, now).Select(one => drafts.Of(one.Event, one.Id, container));
                walk = walk.Advance(page);
                if (page.Next is not null)
                {
                    cursor = WithProgress(cursor, walk, known, now);
                }
                else if (walk.Missing(page) is { } lacking)
                {
                    // What it left out may stand in the calendar, and what has begun was announced there to the last.
                    taken = [.. taken, .. FromCalendar(listing, known, drafts, container, now)];
                    cursor = seen.WithScanIncomplete(lacking, now).With(known);
                }
                else
                {
                    known.Settle(now);
                    cursor = seen.WithScanCompleted(walk).With(known);
                }

                yield return Page(taken, container, cursor) with
                {
                    More = cursor.Scan is not null,
                    Coverage = ListingCoverage.OfApi(cursor),
                    Raw = page.Raw,
                    Repairs = [.. page.Repairs, .. Unmatched(page.Events.Count - wanted.Count)],
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
            // While the API is in trouble only what it has not told yet.
            var isWhole = trouble is null;
            var wanted = listing.Events.Where(drafts.Matches).ToList();
            IEnumerable<Draft> all = isWhole ? [.. Taken(wanted, known, drafts, listing.Container, now), .. Begun(listing, known, drafts, listing.Container, now)]
                : FromCalendar(listing, known, drafts, listing.Container, now);
            yield return Page(all, listing.Container, seen.With(known)) with
            {
                Coverage = isWhole || cursor.ScannedAt is null ? ListingCoverage.Of(listing, group, seen.Since!.Value, options.Token is not null, refused ?? trouble?.Message) : null,
                Raw = new RawResponse(answer.Body, answer.Header("Content-Type")),
                Repairs = [.. listing.Repairs, .. Unmatched(listing.Events.Count - wanted.Count)],
                MinPollInterval = listing.RefreshInterval > Day ? Day : listing.RefreshInterval,
                MovedTo = movedTo,
            };
        }
        else if (cursor != before)
        {
            yield return new SourcePage { Cursor = cursor.ToText(), MovedTo = movedTo };
        }

        if (trouble is not null)
            throw trouble;
    }

    private Task<Fetched> FetchAsync(string address, MeetupCursor cursor, bool isDue, CancellationToken cancel) => fetcher.SendAsync(
        new FetchRequest(ListingFinder.Address(address))
        {
            Accept = ListingFinder.AcceptCalendar,
            ETag = isDue ? null : cursor.ETag,
            LastModified = isDue ? null : cursor.LastModified,
        },
        cancel);

    /// <summary>The next page; or why it is not to be had now.</summary>
    private async Task<(GroupPage Page, SourceException? Trouble)> FetchAsync(MeetupAddress group, GroupScan walk, CancellationToken cancel)
    {
        try
        {
            return (await api.EventsAsync(group, walk, cancel), null);
        }
        catch (SourceException trouble) when (trouble.Failure == Failure.Transient)
        {
            return (GroupPage.Rejected, trouble);
        }
    }

    /// <summary>A page that is none, or a part of one: the walk as it goes on later, and what to say meanwhile.</summary>
    private static (GroupScan Walk, SourceException? Trouble) CheckPage(GroupPage page, GroupScan walk, MeetupCursor cursor, DateTimeOffset now)
    {
        if (page.IsRejected)
        {
            return (walk.Tries < MostTries ? walk with { Tries = walk.Tries + 1 } : GroupScan.Start(cursor, now),
                SourceException.Transient("badRequest", "Meetup's API did not take the question (400); it is asked again later."));
        }

        return page.IsPartial && walk.Tries < MostTries
            ? (walk with { Tries = walk.Tries + 1 }, SourceException.Transient("partialAnswer", "Meetup's API answered in parts only; the rest is asked for again later."))
            : (walk, null);
    }

    private static IEnumerable<Draft> Taken(IReadOnlyList<ListedEvent> wanted, EventTracker known, EventDrafts drafts, Container container, DateTimeOffset now) =>
        known.Track(wanted, now).Select(one => drafts.Of(one.Event, one.Id, container));

    /// <summary>What was announced and has begun; of a calendar that broke off nothing is missing.</summary>
    private static IEnumerable<Draft> Begun(CalendarListing? listing, EventTracker known, EventDrafts drafts, Container container, DateTimeOffset now)
    {
        var last = listing is null or { IsTruncated: true } or { Events.Count: 0 } ? (DateTimeOffset?)null : listing.Events.Max(one => one.Start);
        return known.EndListing(last, now).Select(one => drafts.Of(one, container));
    }

    /// <summary>What of the calendar is not known from the API.</summary>
    private static List<Draft> FromCalendar(CalendarListing? listing, EventTracker known, EventDrafts drafts, Container container, DateTimeOffset now)
    {
        var news = known.Changed([.. (listing?.Events ?? []).Where(drafts.Matches)]);
        return [.. Taken(news, known, drafts, container, now), .. Begun(listing, known, drafts, container, now)];
    }

    /// <summary>A group that was renamed answers under its new name, which is the one the API knows.</summary>
    private MeetupAddress? GroupOf(SourceRequest reading, Fetched answer) => reading.Origin.StartsWith("meetup:", StringComparison.Ordinal)
        ? MeetupAddress.Of(answer.Address, options.Site) ?? MeetupAddress.Of(ListingFinder.Address(reading.Address), options.Site)
        : null;

    /// <summary>The calendar tells when there is something new; numbers are looked at every week all the same, and what did not come at its time.</summary>
    private static bool NeedsScan(MeetupCursor cursor, bool isNews, bool isAsked, DateTimeOffset now) => cursor switch
    {
        _ when isNews => true,
        { RefusedAt: { } refused } when cursor.ScannedAt is null || refused > cursor.ScannedAt => refused + Day <= now,
        { Scan: not null } => true,
        { ScanRetry: { } tries } => tries.IsDue(now, isAsked),
        _ => cursor.ScannedAt is null || cursor.ScannedAt + Week <= now,
    };

    private static MeetupCursor WithProgress(MeetupCursor cursor, GroupScan walk, EventTracker known, DateTimeOffset now)
    {
        if (walk.Pages > MostPages)
            throw SourceException.Terminal("tooMany", "Meetup's API shows more pages of events than any group can have.");
        known.Trim(now);
        return (cursor with { Scan = walk }).With(known);
    }

    private static SourcePage Page(IEnumerable<Draft> drafts, Container container, MeetupCursor cursor) => new()
    {
        Drafts = [.. drafts],
        Cursor = cursor.ToText(),
        Title = container.Name,
        Url = container.Url,
    };

    private static MeetupCursor Moved(MeetupCursor cursor, out string? movedTo)
    {
        movedTo = cursor.MovedSeen >= MovesToConfirm ? cursor.MovedTo : null;
        return movedTo is null ? cursor : cursor with { Address = movedTo, MovedTo = null, MovedSeen = 0 };
    }

    private static Repair[] Unmatched(int count) => count == 0 ? [] : [new Repair("eventUnmatched", count)];

    private static string Hash(byte[] body) => Convert.ToBase64String(SHA256.HashData(body).AsSpan(0, 18));
}
