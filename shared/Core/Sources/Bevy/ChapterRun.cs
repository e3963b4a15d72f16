using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Events;

namespace ContributionIngest.Core.Sources.Bevy;

/// <summary>What became of the page of an event.</summary>
internal enum EventRead
{
    Read,

    /// <summary>It is another chapter's, or its page is not there.</summary>
    NotHere,

    /// <summary>It cannot be read now.</summary>
    Failed,

    /// <summary>The host asked for a pause.</summary>
    Paused,
}

/// <summary>One read of a chapter: what is known of its events, and the requests for their pages, as far apart as the site asks.</summary>
internal sealed class ChapterRun
{
    private const int MaxMarks = 800;
    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly Fetcher fetcher;
    private readonly TimeProvider time;
    private readonly IReadOnlyList<Uri> sites;
    private readonly Dictionary<string, string> parts;

    public ChapterRun(Fetcher fetcher, TimeProvider time, IReadOnlyList<Uri> sites, ChapterAddress chapter, ChapterDrafts drafts, BevyCursor cursor)
    {
        (this.fetcher, this.time, this.sites) = (fetcher, time, sites);
        (Chapter, Drafts, Cursor) = (chapter, drafts, cursor);
        Tracker = new EventTracker(cursor.Events, cursor.Forgotten, BevyCursor.TrackedLength);
        Marks = new PageMarks(cursor.Pages, MaxMarks);
        parts = new Dictionary<string, string>(cursor.Parts ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    public ChapterAddress Chapter { get; }

    public ChapterDrafts Drafts { get; }

    public BevyCursor Cursor { get; set; }

    public EventTracker Tracker { get; }

    public PageMarks Marks { get; }

    /// <summary>Pages of events that were asked for.</summary>
    public int Requests { get; private set; }

    public int Failures { get; private set; }

    /// <summary>The answer that asked for a pause.</summary>
    public Fetched? Pause { get; private set; }

    public Container Container => new(Cursor.Title ?? Chapter.Slug, Chapter.Page.AbsoluteUri);

    private DateTimeOffset Now => Drafts.Now;

    /// <summary>An awaited event has begun, is missing, or could not be kept.</summary>
    public bool IsDue => Tracker.IsDue(Now) || Tracker.Events.Any(known => known is { IsMissing: true, IsAwaited: true });

    public Task WaitAsync(CancellationToken cancel) => Task.Delay(Cursor.Robots!.Delay(), time, cancel);

    /// <summary>Reads the page of one event.</summary>
    /// <param name="version">Of the page, where a sitemap says it.</param>
    public async Task<(EventRead Outcome, IReadOnlyList<Draft> Drafts)> ReadAsync(Uri address, string? version, CancellationToken cancel)
    {
        var slug = ChapterAddress.EventSlug(address, sites)!;
        if (!Cursor.Robots!.Allows(address))
        {
            Marks.Add(slug, version);
            return (EventRead.NotHere, []);
        }

        await WaitAsync(cancel);
        Requests++;
        var answer = await fetcher.SendAsync(new FetchRequest(address) { Accept = PageReader.Accept, MaximumBytes = MaxBytes }, cancel);
        if (answer.Outcome == FetchOutcome.Throttled)
        {
            Pause = answer;
            return (EventRead.Paused, []);
        }

        if (answer.Outcome == FetchOutcome.Transient)
            return Failed();
        var isRead = answer.Outcome == FetchOutcome.Content && PageReader.IsPage(answer) && ChapterAddress.EventSlug(answer.Address, sites) is not null;
        var page = isRead ? EventPage.Of(answer, sites) : null;
        if (page is { Event: null, Chapter: null } || (page is { Event: null } && page.Chapter == Chapter.Slug))
            return Failed();
        Marks.Add(slug, version);
        return page?.Event is { } found && (page.Chapter is null || page.Chapter == Chapter.Slug || Chapter.IsCohost(address) || Chapter.IsCohost(answer.Address))
            ? (EventRead.Read, Take(found))
            : (EventRead.NotHere, []);
    }

    /// <summary>The drafts of announced events that have begun, and of those that do not take place.</summary>
    public IReadOnlyList<Draft> Of((IReadOnlyList<TrackedEvent> Started, IReadOnlyList<TrackedEvent> Gone) events) =>
    [
        .. events.Started.SelectMany(known => Drafts.Of(known.ToListed(), known.Id, PartOf(known.Id), Container)),
        .. events.Gone.SelectMany(known => Drafts.Gone(known, PartOf(known.Id), Container)),
    ];

    /// <summary>Coming events as the chapter's page shows them, without what their own pages say.</summary>
    public IReadOnlyList<Draft> Announce(IReadOnlyList<ListedEvent> events) =>
        [.. Tracker.Track(events, Now).SelectMany(one => Drafts.Of(one.Event, one.Id, PartOf(one.Id), Container))];

    public SourcePage Page(IReadOnlyList<Draft> drafts, bool isMore, RawResponse? raw = null)
    {
        Tracker.Trim(Now);
        var awaited = Tracker.Events.Where(known => parts.ContainsKey(known.Id)).ToDictionary(known => known.Id, known => parts[known.Id], StringComparer.Ordinal);
        Cursor = Cursor with { Events = Tracker.Events, Forgotten = Tracker.EarliestDropped, Pages = Marks.ToString(), Parts = awaited.Count == 0 ? null : awaited };
        return new SourcePage
        {
            Drafts = drafts,
            Cursor = Cursor.ToText(),
            More = isMore,
            Coverage = ChapterCoverage.Of(Cursor, Drafts, Now),
            Raw = raw,
            Repairs = Failures > 0 && !isMore ? [new("pageUnreadable", Failures)] : [],
            Title = Cursor.Title,
            Url = Chapter.Page.AbsoluteUri,
        };
    }

    private IReadOnlyList<Draft> Take(ListedEvent found)
    {
        var (one, id) = Tracker.Track([found], Now)[0];
        if (Drafts.PartIn(one) is { } part)
            parts[id] = part;
        else
            parts.Remove(id);
        Cursor = Cursor with { Oldest = Cursor.Oldest is null || one.Start < Cursor.Oldest ? one.Start : Cursor.Oldest };
        return [.. Drafts.Of(one, id, PartOf(id), Container)];
    }

    private string? PartOf(string id) => parts.GetValueOrDefault(id);

    private (EventRead Outcome, IReadOnlyList<Draft> Drafts) Failed()
    {
        Failures++;
        return (EventRead.Failed, []);
    }
}

/// <summary>How far back a chapter's events go, and what would help.</summary>
internal static class ChapterCoverage
{
    public static Coverage Of(BevyCursor cursor, ChapterDrafts drafts, DateTimeOffset now)
    {
        if (drafts.IsNameMissing)
            return new(cursor.Since ?? now, false, ChapterDrafts.NameMissing);
        if (cursor.IsPastHidden)
            return new(cursor.Since ?? now, false, "The site does not list its past events for programs: coming ones are kept from now on, older ones can be logged by hand.");
        if (cursor is { IsPastRead: false, ScannedAt: not null })
            return new(cursor.Oldest ?? cursor.Since ?? now, false, "Some pages of events could not be read; they are tried again automatically, once a day.");
        if (!cursor.IsPastRead)
            return new(cursor.Oldest, false, "The chapter's events are still being read, the newest first.");
        return cursor.Oldest is { } oldest
            ? new(oldest, false, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The oldest event that the site lists is from {oldest:yyyy-MM-dd}; log older ones by hand."))
            : new(cursor.Since ?? now, false, "The site lists no events of this chapter; those it lists later are kept.");
    }
}
