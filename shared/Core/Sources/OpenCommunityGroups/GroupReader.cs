using System.Runtime.CompilerServices;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources.Events;

namespace ContributionIngest.Core.Sources.OpenCommunityGroups;

/// <summary>
/// Reads a group's events since the cursor. The first page of the search shows whether anything changed; then all pages are read. Who takes part stands on
/// the pages of the events alone: they are read only if somebody's name is looked for, once before an event and once after it has begun.
/// </summary>
internal sealed class GroupReader(Fetcher fetcher, TimeProvider time, Uri site)
{
    private const int MaxEvents = 5_000;

    /// <summary>A shorter page is the last one, whatever the search counts.</summary>
    private const int ShortestPage = 20;

    private const int MaxMarks = 900;

    /// <summary>Pages of events that are read before progress is saved.</summary>
    private const int EventsAtOnce = 5;

    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly RobotsCheck robots = new(fetcher, time);

    public async IAsyncEnumerable<SourcePage> ReadAsync(SourceRequest reading, [EnumeratorCancellation] CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var group = GroupOf(reading);
        var drafts = ChapterDrafts.For(reading.Options, now);
        var before = GroupCursor.Parse(reading.Cursor);
        var cursor = reading.IsFromStart || (before.Options is not null && before.Options != drafts.OptionsText) ? before.Restarted() : before;
        cursor = cursor with { Options = drafts.OptionsText };
        var tracker = new EventTracker(cursor.Events, cursor.Forgotten, GroupCursor.TrackedLength);
        var marks = new PageMarks(cursor.Pages, MaxMarks);
        var parts = new Dictionary<string, string>(cursor.Parts ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);

        cursor = cursor with { Robots = await robots.ReadAsync(site, cursor.Robots, cancel) };
        cursor.Robots.Demand(EventSearch.Address(group, site, 0, now), "Its events can be logged by hand.");
        var offset = cursor.Offset ?? 0;
        var isWhole = offset == 0;
        var (page, answer) = await EventSearch.ReadAsync(fetcher, group, site, offset, now, cancel);
        var isDue = cursor.Hash is null || tracker.IsDue(now) || tracker.Events.Any(known => known is { IsMissing: true, IsAwaited: true }) || cursor.Retry?.IsDue(now, reading.IsManual) == true;
        if (cursor.Offset is null && !isDue && page.Hash == cursor.Hash)
        {
            if (cursor != before)
                yield return new SourcePage { Cursor = cursor.ToText() };
            yield break;
        }

        cursor = cursor with { FirstHash = isWhole ? page.Hash : cursor.FirstHash, Hash = null };
        var failed = 0;
        while (true)
        {
            var container = new Container(page.GroupName ?? group.Slug, (group with { Slug = page.ShownSlug ?? group.Slug }).Page(site).AbsoluteUri);
            var oldest = page.Events.Count == 0 ? (DateTimeOffset?)null : page.Events.Min(one => one.Start);
            cursor = cursor with { Offset = offset, Oldest = oldest < cursor.Oldest || cursor.Oldest is null ? oldest ?? cursor.Oldest : cursor.Oldest };
            var taken = tracker.Track(page.Events, now);
            var unread = drafts.Names.IsEmpty ? [] : taken.Where(one => MustRead(one.Event, cursor, marks, now)).ToList();
            foreach (var some in unread.Chunk(EventsAtOnce))
            {
                var found = new List<Draft>();
                foreach (var (one, id) in some)
                {
                    await Task.Delay(cursor.Robots.Delay(), time, cancel);
                    var read = await fetcher.SendAsync(new FetchRequest(new Uri(one.Url!)) { Accept = PageReader.Accept, MaximumBytes = MaxBytes }, cancel);
                    failed += IsFailure(read) ? 1 : 0;
                    if (!IsFailure(read))
                        NoteParts(read.Outcome == FetchOutcome.Content ? one with { People = EventPeople.Of(read) } : one, id);
                    found.AddRange(drafts.Of(one, id, parts.GetValueOrDefault(id), container));
                }

                yield return new SourcePage { Drafts = found, Cursor = cursor.With(tracker, marks, parts).ToText(), More = true, Coverage = Coverage(cursor, drafts, isReading: true), Title = container.Name, Url = container.Url };
            }

            var others = taken.Where(one => !unread.Contains(one)).SelectMany(one => drafts.Of(one.Event, one.Id, parts.GetValueOrDefault(one.Id), container)).ToList();
            offset += page.Count;
            var isLast = page.Count < ShortestPage || offset >= page.Total || offset >= MaxEvents;
            if (isLast)
            {
                // The search leaves out what was cancelled, and shows what is over.
                var gone = isWhole ? tracker.EndScan(null, now) : tracker.EndPartOfScan(now);
                others.AddRange(gone.SelectMany(known => drafts.Gone(known, parts.GetValueOrDefault(known.Id), container)));
                cursor = cursor with { Hash = cursor.FirstHash, FirstHash = null, Offset = null, Retry = failed > 0 ? RetryState.After(cursor.Retry, now) : null };
            }
            else
            {
                cursor = cursor with { Offset = offset };
            }

            tracker.Trim(now);
            yield return new SourcePage
            {
                Drafts = others,
                Cursor = cursor.With(tracker, marks, parts).ToText(),
                More = !isLast,
                Coverage = Coverage(cursor, drafts, isReading: !isLast),
                Raw = RawResponse.Of(answer),
                Repairs = failed > 0 && isLast ? [.. page.Repairs, new("pageUnreadable", failed)] : page.Repairs,
                Title = page.GroupName,
                Url = container.Url,
            };
            if (isLast)
                yield break;
            await Task.Delay(cursor.Robots.Delay(), time, cancel);
            (page, answer) = await EventSearch.ReadAsync(fetcher, group, site, offset, now, cancel);
        }

        void NoteParts(ListedEvent one, string id)
        {
            marks.Add(one.Names[0], VersionOf(one, now));
            if (drafts.PartIn(one) is { } part)
                parts[id] = part;
            else
                parts.Remove(id);
        }
    }

    private GroupAddress GroupOf(SourceRequest reading) => Uri.TryCreate(reading.Address, UriKind.Absolute, out var address) && GroupAddress.Of(address, site) is { } group
        ? group
        : throw SourceException.Terminal("refusedAddress", $"This is no group at {site.Host}. Connect the address of the group's page.");

    private static bool MustRead(ListedEvent one, GroupCursor cursor, PageMarks marks, DateTimeOffset now) =>
        one.Url is not null && cursor.Robots!.Allows(new Uri(one.Url)) && !marks.Has(one.Names[0], VersionOf(one, now));

    private static string VersionOf(ListedEvent one, DateTimeOffset now) => one.Start > now ? "coming" : "begun";

    private static bool IsFailure(Fetched read) => read.Outcome is FetchOutcome.Throttled or FetchOutcome.Transient;

    private static Coverage Coverage(GroupCursor cursor, ChapterDrafts drafts, bool isReading)
    {
        if (isReading)
            return new(null, false, "The group's events are still being read, the newest first.");
        if (drafts.IsNameMissing)
            return new(cursor.Oldest, false, ChapterDrafts.NameMissing);
        return cursor.Retry is null
            ? new(null, true, null)
            : new(null, false, "Some pages of events could not be read for the people on them; they are tried again automatically.");
    }
}
