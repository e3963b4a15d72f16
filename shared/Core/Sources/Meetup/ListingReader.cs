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
    private const int MovesToBelieve = 3;

    private const int MostPages = 1_000;
    private const int MostTries = 3;

    /// <summary>How long a calendar may stay unread while its bytes do not change: its series go on.</summary>
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(1);

    private readonly GroupApi api = new(fetcher, options, time);

    public async IAsyncEnumerable<SourcePage> ReadAsync(Reading reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var drafts = EventDrafts.For(reading.Options, now);
        var before = MeetupCursor.Parse(reading.Cursor, reading.Address);
        var cursor = reading.IsFromStart ? before.Anew() : before;
        if (cursor.Asked != drafts.Asked)
            cursor = cursor with { Asked = drafts.Asked, WalkedAt = null, Walk = null, WalkTries = null, Lacking = 0, BodyHash = null };
        var known = new KnownEvents(cursor.Events, cursor.Forgotten);
        var isDue = cursor.BodyHash is null || known.IsDue(now) || (cursor.IsEndless && cursor.ReadAt + Month <= now);
        var answer = await AskAsync(reading.Address, cursor, isDue, cancel);
        var group = GroupOf(reading, answer);
        if (answer.Outcome is not (FetchOutcome.Content or FetchOutcome.NotModified))
        {
            var container = new Container(group?.Group ?? answer.Address.Host, group?.Page(options.Site));
            if (known.Due(now) is { Count: > 0 } begun)
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
            { IsCut: true } => cursor.WithPart(now) with { IsEndless = cursor.IsEndless || listing.IsEndless },
            _ => cursor.WithBody(answer, hash, now) with { IsEndless = listing.IsEndless },
        };

        var (refused, trouble) = (default(string), default(SourceException));
        if (group is not null && options.Token is not null && WantsWalk(cursor, isNews, reading.IsAsked, now))
        {
            var walk = cursor.Walk is { After: not null } under ? under : Walk.Begun(cursor, now) with { Tries = cursor.Walk?.Tries ?? 0 };
            while (refused is null)
            {
                (var page, trouble) = await AskAsync(group, walk, cancel);
                (walk, trouble) = trouble is null ? Judged(page, walk, cursor, now) : (walk, trouble);
                if (trouble is not null)
                {
                    (cursor, seen) = (cursor with { Walk = walk }, seen with { Walk = walk });
                    break;
                }

                refused = page.Problem;
                if (page.Container is not { } container)
                    continue;
                var wanted = page.Events.Where(drafts.Wants).ToList();
                IEnumerable<Draft> taken = known.Take(wanted, now).Select(one => drafts.Of(one.Event, one.Id, container));
                walk = walk.Onward(page);
                if (page.Next is not null)
                {
                    cursor = OnTheWay(cursor, walk, known, now);
                }
                else if (walk.Lacking(page) is { } lacking)
                {
                    // What it left out may stand in the calendar, and what has begun was announced there to the last.
                    taken = [.. taken, .. FromCalendar(listing, known, drafts, container, now)];
                    cursor = seen.WalkedInPart(lacking, now).With(known);
                }
                else
                {
                    known.Settle(now);
                    cursor = seen.Walked(walk).With(known);
                }

                yield return Page(taken, container, cursor) with
                {
                    More = cursor.Walk is not null,
                    Coverage = ListingCoverage.OfApi(cursor),
                    Raw = page.Raw,
                    Repairs = [.. page.Repairs, .. Unmatched(page.Events.Count - wanted.Count)],
                    MovedTo = movedTo,
                };
                if (cursor.Walk is null)
                    yield break;
                await Task.Delay(Courtesy, time, cancel);
            }

            if (refused is not null)
                (cursor, seen) = (cursor with { RefusedAt = now }, seen with { RefusedAt = now, Walk = cursor.Walk });
        }

        if (listing is not null)
        {
            // While the API is in trouble only what it has not told yet.
            var isWhole = trouble is null;
            var wanted = listing.Events.Where(drafts.Wants).ToList();
            IEnumerable<Draft> all = isWhole ? [.. Taken(wanted, known, drafts, listing.Container, now), .. Begun(listing, known, drafts, listing.Container, now)]
                : FromCalendar(listing, known, drafts, listing.Container, now);
            yield return Page(all, listing.Container, seen.With(known)) with
            {
                Coverage = isWhole || cursor.WalkedAt is null ? ListingCoverage.Of(listing, group, seen.Since!.Value, options.Token is not null, refused ?? trouble?.Message) : null,
                Raw = new RawAnswer(answer.Body, answer.Header("Content-Type")),
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

    private Task<Fetched> AskAsync(string address, MeetupCursor cursor, bool isDue, CancellationToken cancel) => fetcher.SendAsync(
        new FetchRequest(ListingFinder.Address(address))
        {
            Accept = ListingFinder.AcceptCalendar,
            ETag = isDue ? null : cursor.ETag,
            LastModified = isDue ? null : cursor.LastModified,
        },
        cancel);

    /// <summary>The next page; or why it is not to be had now.</summary>
    private async Task<(GroupPage Page, SourceException? Trouble)> AskAsync(MeetupAddress group, Walk walk, CancellationToken cancel)
    {
        try
        {
            return (await api.EventsAsync(group, walk, cancel), null);
        }
        catch (SourceException trouble) when (trouble.Failure == Failure.Transient)
        {
            return (GroupPage.Stale, trouble);
        }
    }

    /// <summary>A page that is none, or a part of one: the walk as it goes on later, and what to say meanwhile.</summary>
    private static (Walk Walk, SourceException? Trouble) Judged(GroupPage page, Walk walk, MeetupCursor cursor, DateTimeOffset now)
    {
        if (page.IsStale)
        {
            return (walk.Tries < MostTries ? walk with { Tries = walk.Tries + 1 } : Walk.Begun(cursor, now),
                new SourceException(Failure.Transient, "badRequest", "Meetup's API did not take the question (400); it is asked again later."));
        }

        return page.IsPartial && walk.Tries < MostTries
            ? (walk with { Tries = walk.Tries + 1 }, new SourceException(Failure.Transient, "partialAnswer", "Meetup's API answered in parts only; the rest is asked for again later."))
            : (walk, null);
    }

    private static IEnumerable<Draft> Taken(IReadOnlyList<ListedEvent> wanted, KnownEvents known, EventDrafts drafts, Container container, DateTimeOffset now) =>
        known.Take(wanted, now).Select(one => drafts.Of(one.Event, one.Id, container));

    /// <summary>What was announced and has begun; of a calendar that broke off nothing is missing.</summary>
    private static IEnumerable<Draft> Begun(CalendarListing? listing, KnownEvents known, EventDrafts drafts, Container container, DateTimeOffset now)
    {
        var last = listing is null or { IsCut: true } or { Events.Count: 0 } ? (DateTimeOffset?)null : listing.Events.Max(one => one.Start);
        return known.Close(last, now).Select(one => drafts.Of(one, container));
    }

    /// <summary>What of the calendar is not known from the API.</summary>
    private static List<Draft> FromCalendar(CalendarListing? listing, KnownEvents known, EventDrafts drafts, Container container, DateTimeOffset now)
    {
        var news = known.News([.. (listing?.Events ?? []).Where(drafts.Wants)]);
        return [.. Taken(news, known, drafts, container, now), .. Begun(listing, known, drafts, container, now)];
    }

    /// <summary>A group that was renamed answers under its new name, which is the one the API knows.</summary>
    private MeetupAddress? GroupOf(Reading reading, Fetched answer) => reading.Origin.StartsWith("meetup:", StringComparison.Ordinal)
        ? MeetupAddress.Of(answer.Address, options.Site) ?? MeetupAddress.Of(ListingFinder.Address(reading.Address), options.Site)
        : null;

    /// <summary>The calendar tells when there is something new; numbers are looked at every week all the same, and what did not come at its time.</summary>
    private static bool WantsWalk(MeetupCursor cursor, bool isNews, bool isAsked, DateTimeOffset now) => cursor switch
    {
        _ when isNews => true,
        { RefusedAt: { } refused } when cursor.WalkedAt is null || refused > cursor.WalkedAt => refused + Day <= now,
        { Walk: not null } => true,
        { WalkTries: { } tries } => tries.IsDue(now, isAsked),
        _ => cursor.WalkedAt is null || cursor.WalkedAt + Week <= now,
    };

    private static MeetupCursor OnTheWay(MeetupCursor cursor, Walk walk, KnownEvents known, DateTimeOffset now)
    {
        if (walk.Pages > MostPages)
            throw new SourceException(Failure.Terminal, "tooMany", "Meetup's API shows more pages of events than any group can have.");
        known.Trim(now);
        return (cursor with { Walk = walk }).With(known);
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
        movedTo = cursor.MovedSeen >= MovesToBelieve ? cursor.MovedTo : null;
        return movedTo is null ? cursor : cursor with { Address = movedTo, MovedTo = null, MovedSeen = 0 };
    }

    private static Repair[] Unmatched(int count) => count == 0 ? [] : [new Repair("eventUnmatched", count)];

    private static string Hash(byte[] body) => Convert.ToBase64String(SHA256.HashData(body).AsSpan(0, 18));
}
