using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ContributionIngest.Core.Fetch;
using ContributionIngest.Core.Model;

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

    public async IAsyncEnumerable<SourcePage> Read(Reading reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var drafts = EventDrafts.For(reading.Options, now);
        var before = MeetupCursor.Parse(reading.Cursor, reading.Address);
        var cursor = before.Asked == drafts.Asked ? before : before with { Asked = drafts.Asked, WalkedAt = null, Walk = null, BodyHash = null };
        var known = new KnownEvents(cursor.Events, cursor.Forgotten);
        var isDue = cursor.BodyHash is null || known.IsDue(now) || (cursor.IsEndless && cursor.ReadAt + Month <= now);
        var answer = await Ask(reading.Address, cursor, isDue, cancel);
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
        var seen = listing is null ? cursor : cursor.WithBody(answer, hash, now) with { IsEndless = listing.IsEndless };

        string? refused = null;
        if (group is not null && options.Token is not null && WantsWalk(cursor, isNews, now))
        {
            var walk = cursor.Walk ?? new Walk(now, cursor.WalkedAt - KnownEvents.Unsettled, null, 0, 0);
            while (refused is null)
            {
                var page = await api.Events(group, walk, cancel);
                if (page.IsStale || (page.IsPartial && walk.Tries < MostTries))
                {
                    yield return new SourcePage { Cursor = (cursor with { Walk = walk.Tries < MostTries ? walk with { Tries = walk.Tries + 1 } : null }).ToText() };
                    throw page.IsStale
                        ? new SourceException(Failure.Transient, "badRequest", "Meetup's API did not take the question (400); it is asked again later.")
                        : new SourceException(Failure.Transient, "partialAnswer", "Meetup's API answered in parts only; the rest is asked for again later.");
                }

                refused = page.Problem;
                if (page.Container is not { } container)
                    continue;
                var wanted = page.Events.Where(drafts.Wants).ToList();
                var taken = known.Take(wanted, now);
                cursor = page.Next is null ? Walked(seen, walk, known, now) : OnTheWay(cursor, walk, page.Next, known, now);
                yield return Page(taken.Select(one => drafts.Of(one.Event, one.Id, container)), container, cursor) with
                {
                    More = cursor.Walk is not null,
                    Coverage = cursor.Walk is null ? new Coverage(null, true, null) : new Coverage(null, false, "The group's events are still being read, the oldest first."),
                    Raw = page.Raw,
                    Repairs = [.. page.Repairs, .. Unmatched(page.Events.Count - wanted.Count)],
                    MovedTo = movedTo,
                };
                if (cursor.Walk is null)
                    yield break;
                walk = cursor.Walk;
                await Task.Delay(Courtesy, time, cancel);
            }

            (cursor, seen) = (cursor with { RefusedAt = now }, seen with { RefusedAt = now });
        }

        if (listing is not null)
        {
            var wanted = listing.Events.Where(drafts.Wants).ToList();
            var taken = known.Take(wanted, now);
            var begun = known.Close(listing.Events.Count == 0 ? null : listing.Events.Max(one => one.Start), now);
            var all = taken.Select(one => drafts.Of(one.Event, one.Id, listing.Container)).Concat(begun.Select(one => drafts.Of(one, listing.Container)));
            yield return Page(all, listing.Container, seen.With(known)) with
            {
                Coverage = ListingCoverage.Of(listing, group, seen.Since!.Value, options.Token is not null, refused),
                Raw = new RawAnswer(answer.Body, answer.Header("Content-Type")),
                Repairs = [.. listing.Repairs, .. Unmatched(listing.Events.Count - wanted.Count)],
                PollNoSooner = listing.RefreshInterval > Day ? Day : listing.RefreshInterval,
                MovedTo = movedTo,
            };
        }
        else if (cursor != before)
        {
            yield return new SourcePage { Cursor = cursor.ToText(), MovedTo = movedTo };
        }
    }

    private Task<Fetched> Ask(string address, MeetupCursor cursor, bool isDue, CancellationToken cancel) => fetcher.Send(
        new FetchRequest(ListingFinder.Address(address))
        {
            Accept = ListingFinder.AcceptCalendar,
            ETag = isDue ? null : cursor.ETag,
            LastModified = isDue ? null : cursor.LastModified,
        },
        cancel);

    /// <summary>A group that was renamed answers under its new name, which is the one the API knows.</summary>
    private MeetupAddress? GroupOf(Reading reading, Fetched answer) => reading.Origin.StartsWith("meetup:", StringComparison.Ordinal)
        ? MeetupAddress.Of(answer.Address, options.Site) ?? MeetupAddress.Of(ListingFinder.Address(reading.Address), options.Site)
        : null;

    /// <summary>The calendar tells when there is something new; numbers are looked at every week all the same.</summary>
    private static bool WantsWalk(MeetupCursor cursor, bool isNews, DateTimeOffset now) =>
        isNews || cursor.Walk is not null || (cursor.RefusedAt is { } refused && (cursor.WalkedAt is null || refused > cursor.WalkedAt)
            ? refused + Day <= now
            : cursor.WalkedAt is null || cursor.WalkedAt + Week <= now);

    private static MeetupCursor Walked(MeetupCursor seen, Walk walk, KnownEvents known, DateTimeOffset now)
    {
        known.Settle(now);
        return (seen with { Walk = null, WalkedAt = walk.Began, RefusedAt = null }).With(known);
    }

    private static MeetupCursor OnTheWay(MeetupCursor cursor, Walk walk, string next, KnownEvents known, DateTimeOffset now)
    {
        if (walk.Pages >= MostPages)
            throw new SourceException(Failure.Terminal, "tooMany", "Meetup's API shows more pages of events than any group can have.");
        known.Trim(now);
        return (cursor with { Walk = walk with { After = next, Pages = walk.Pages + 1, Tries = 0 } }).With(known);
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
