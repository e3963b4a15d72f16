using ContributionIngest.Core.Model;
using ContributionIngest.Core.Sources;
using Xunit;
using static ContributionIngest.Tests.Core.Sources.Meetup.ListingSite;

namespace ContributionIngest.Tests.Core.Sources.Meetup;

/// <summary>Calendars that are not Meetup's. It is 2026-06-01, noon UTC.</summary>
public sealed class CalendarListingTests : IDisposable
{
    private const string Own = "https://community.example/events.ics";
    private readonly ListingSite site = new();

    [Fact]
    public async Task Calendar_yields_all_single_events_and_a_year_of_recurring_ones()
    {
        site.On(Own, Calendar(
            Event("old", "20190301T170000Z", "Long ago")
            + Event("weekly", "20200106T170000Z", "Weekly", "RRULE:FREQ=WEEKLY\n")
            + Event("day", "20260704", "All day")));
        var page = Assert.Single(await site.ReadAsync(Own));
        Assert.Equal(["Long ago", "All day"], page.Drafts.Where(d => d.Title != "Weekly").Select(d => d.Title));
        var weekly = page.Drafts.Where(d => d.Title == "Weekly").ToList();
        Assert.InRange(weekly.Count, 104, 106);
        Assert.Equal(weekly.Count, weekly.Select(d => d.NativeId).Distinct().Count());
        Assert.Contains("weekly\n20260601", weekly.Select(d => d.NativeId));
        Assert.Equal((DatePrecision.Day, "2026-07-04"), (page.Drafts.Single(d => d.Title == "All day").DatePrecision, page.Drafts.Single(d => d.Title == "All day").When!.Value.ToString("yyyy-MM-dd")));
        Assert.Equal((new DateTimeOffset(2019, 3, 1, 17, 0, 0, TimeSpan.Zero), false), (page.Coverage!.Since!.Value, page.Coverage.Complete));
    }

    [Fact]
    public async Task Moved_occurrence_keeps_its_identity_even_when_all_later_ones_move()
    {
        const string Weekly = "RRULE:FREQ=WEEKLY;COUNT=4\n";
        site.On(Own, Calendar(Event("w", "20260603T170000Z", "W", Weekly)));
        var before = (await site.DraftsAsync(Own)).ConvertAll(d => d.NativeId);
        site.On(Own, Calendar(
            Event("w", "20260603T170000Z", "W", Weekly)
            + Event("w", "20260611T190000Z", "W moved", "RECURRENCE-ID:20260610T170000Z\n")
            + Event("w", "20260617T180000Z", "W later", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260617T170000Z\n")));
        var after = await site.DraftsAsync(Own);
        Assert.Equal(before.Order(), after.Select(d => d.NativeId).Order());
        Assert.Equal(["03 17", "11 19", "17 18", "24 18"], after.Select(d => d.When!.Value.ToString("dd HH")).Order());
    }

    [Theory]
    [InlineData("RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE:20260617T170000Z\n", "17")]
    [InlineData("RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20260624\n", "24")]
    [InlineData("RRULE:FREQ=WEEKLY;UNTIL=20260612T000000Z\n", "17 24")]
    public async Task Announced_occurrence_that_is_taken_out_of_its_series_is_removed_at_once(string rule, string days)
    {
        site.On(Own, Calendar(Event("w", "20260603T170000Z", "W", "RRULE:FREQ=WEEKLY;COUNT=4\n")));
        var before = Assert.Single(await site.ReadAsync(Own));
        Assert.Equal(4, before.Drafts.Count(draft => draft.Status == Status.Scheduled));
        site.On(Own, Calendar(Event("w", "20260603T170000Z", "W", rule)));
        var after = Assert.Single(await site.ReadAsync(Own, before.Cursor));
        Assert.Equal(days, string.Join(' ', after.Drafts.Where(draft => draft.Status == Status.Removed).Select(draft => draft.When!.Value.ToString("dd"))));

        site.On(Own, Calendar(Event("w", "20260603T170000Z", "W", "RRULE:FREQ=WEEKLY;COUNT=4\n")));
        Assert.Equal(4, Assert.Single(await site.ReadAsync(Own, after.Cursor)).Drafts.Count(draft => draft.Status == Status.Scheduled));
    }

    [Fact]
    public async Task Series_of_evenings_keeps_its_identity_when_it_moves_past_midnight_in_UTC()
    {
        static string Evenings(string time) => Calendar($"BEGIN:VEVENT\nUID:w\nDTSTART;TZID=America/New_York:20260603T{time}\nSUMMARY:W\nRRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\n"
            + $"BEGIN:VEVENT\nUID:w\nRECURRENCE-ID;TZID=America/New_York:20260610T{time}\nDTSTART:20260612T000000Z\nSUMMARY:Moved\nEND:VEVENT\n");
        site.On(Own, Evenings("193000"));
        var before = Assert.Single(await site.ReadAsync(Own));
        site.On(Own, Evenings("203000"));
        var after = Assert.Single(await site.ReadAsync(Own, before.Cursor));
        Assert.Equal(before.Drafts.Select(draft => draft.NativeId).Order(), after.Drafts.Select(draft => draft.NativeId).Order());
        Assert.Equal(4, after.Drafts.Count);
    }

    [Theory]
    [InlineData("Canceled: Evening")]
    [InlineData("CANCELLED - Evening")]
    [InlineData("[Cancelled] Evening")]
    [InlineData("(CANCELED) Evening")]
    [InlineData("***CANCELLED*** Evening")]
    [InlineData("Event cancelled: Evening")]
    [InlineData("Evening (cancelled)")]
    [InlineData("Evening – CANCELLED!")]
    [InlineData("Abgesagt: Evening")]
    [InlineData("Annulé : Evening")]
    [InlineData("Cancelado: Evening")]
    public async Task Title_that_says_so_means_a_cancelled_event(string title)
    {
        site.On(Own, Calendar(Event("1", "20260701T170000Z", title)));
        var draft = Assert.Single(await site.DraftsAsync(Own));
        Assert.Equal(("Evening", Status.Cancelled), (draft.Title, draft.Status));
    }

    [Theory]
    [InlineData("Cancelled flights: what now?")]
    [InlineData("Cancel culture - a talk")]
    [InlineData("Noise-cancelled audio")]
    [InlineData("How we cancelled")]
    [InlineData("Cancelled-task patterns in C#")]
    public async Task Title_about_cancelling_is_no_cancellation(string title)
    {
        site.On(Own, Calendar(Event("1", "20260701T170000Z", title)));
        var draft = Assert.Single(await site.DraftsAsync(Own));
        Assert.Equal((title, Status.Scheduled), (draft.Title, draft.Status));
    }

    [Fact]
    public async Task Status_with_one_L_tags_and_references_in_a_title_are_understood()
    {
        site.On(Own, Calendar(Event("1", "20260701T170000Z", "<b>R&amp;D</b> evening &#55357;&#56832;: List<T>", "STATUS:CANCELED\n")));
        var draft = Assert.Single(await site.DraftsAsync(Own));
        Assert.Equal(("R&D evening 😀: List<T>", Status.Cancelled), (draft.Title, draft.Status));
    }

    [Fact]
    public async Task Of_too_many_events_the_latest_are_read_and_coverage_says_so()
    {
        site.On(Own, Calendar(string.Concat(Enumerable.Range(0, 5_010).Select(n => Event($"{n}", site.Clock.GetUtcNow().AddHours(n - 5_000).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'"))))));
        var page = Assert.Single(await site.ReadAsync(Own));
        Assert.Equal((5_000, 9), (page.Drafts.Count, page.Drafts.Count(draft => draft.Status == Status.Scheduled)));
        Assert.Contains("more events than are read", page.Coverage!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coverage_tells_what_the_calendar_shows()
    {
        async Task<string?> ReasonAsync(string events) => Assert.Single(await site.On(Own, Calendar(events)).ReadAsync(Own)).Coverage!.Reason;
        Assert.Equal("The calendar shows no events; those it shows later are kept.", await ReasonAsync(""));
        Assert.Equal("The oldest event in the calendar is from 2026-05-02; log older ones by hand.", await ReasonAsync(Event("1", "20260502")));
        Assert.Equal(
            "The oldest event read, of recurring ones a year back, is from 2025-06-04; log older ones by hand.",
            await ReasonAsync(Event("1", "20200101T170000Z", "W", "RRULE:FREQ=WEEKLY\n")));
        Assert.Equal(
            "The calendar shows no events from before it was connected; those it shows are kept, older ones can be logged by hand.", await ReasonAsync(Event("1", "20260702")));
    }

    [Fact]
    public async Task Series_continues_although_the_calendar_never_changes()
    {
        site.On(Own, Calendar(Event("w", "20260603T170000Z", "W", "RRULE:FREQ=WEEKLY\n")));
        var cursor = (await site.ReadAsync(Own))[^1].Cursor;
        site.Clock.Advance(TimeSpan.FromHours(3));
        Assert.Empty(await site.ReadAsync(Own, cursor));
        site.Clock.Advance(TimeSpan.FromDays(40));
        var later = Assert.Single(await site.ReadAsync(Own, cursor));
        Assert.Equal("20270714", later.Drafts.Max(d => d.When)!.Value.AddDays(7).ToString("yyyyMMdd"));
        Assert.Equal(6, later.Drafts.Count(d => d.Status == Status.Published));
    }

    [Fact]
    public async Task Tentative_events_of_Luma_count_as_confirmed_and_their_page_is_read_from_the_description()
    {
        site.On(Own, Calendar(
            Event("evt-1@events.lu.ma", "20260301T170000Z", "Past",
                "STATUS:TENTATIVE\nORGANIZER;CN=\"Juna\":MAILTO:calendar-invite@lu.ma\nATTENDEE:MAILTO:someone@example.org\nDESCRIPTION:Get up-to-date information at: https://luma.com/abc123\\n\\nAddress:\\nKajgatan 3\\nMalmö\\n\\nTwo talks and soup.\\n\\nHosted by Juna & Omar\n")
            + Event("evt-2@events.lu.ma", "20260701T170000Z", "Coming", "STATUS:TENTATIVE\nLOCATION:https://luma.com/def456\n"),
            "PRODID:-//Luma//Sound//EN\nX-WR-CALNAME:Sound\n"));
        var drafts = await site.DraftsAsync(Own);
        Assert.Equal([("evt-1@events.lu.ma", Status.Published, "https://luma.com/abc123", "Two talks and soup."), ("evt-2@events.lu.ma", Status.Scheduled, "https://luma.com/def456", null)],
            drafts.Select(d => (d.NativeId, d.Status, d.Url!, d.Summary)));
        Assert.All(drafts, d => Assert.Null(d.Author));
    }

    [Fact]
    public async Task Shared_or_missing_UIDs_and_missing_starts_neither_merge_events_nor_break_the_calendar()
    {
        site.On(Own, Calendar(
            Event("same", "20260301T170000Z", "A") + Event("same", "20260401T170000Z", "B")
            + "BEGIN:VEVENT\nDTSTART:20260501T170000Z\nSUMMARY:C\nEND:VEVENT\nBEGIN:VEVENT\nUID:x\nSUMMARY:D\nEND:VEVENT\n"));
        var page = Assert.Single(await site.ReadAsync(Own));
        Assert.Equal(["A", "B", "C"], page.Drafts.Select(d => d.Title));
        Assert.Equal(3, page.Drafts.Select(d => d.NativeId).Distinct().Count());
        Assert.Contains(page.Repairs, r => r.What == "itemSkipped" && r.Count == 1);
    }

    [Fact]
    public async Task Page_in_place_of_the_calendar_is_transient_and_a_moved_calendar_is_believed_after_three_reads()
    {
        site.On(Own, Calendar(Event("1", "20260701T170000Z")));
        var cursor = (await site.ReadAsync(Own))[^1].Cursor;
        site.On(Own, "<html>We will be back</html>", "text/html");
        Assert.Equal((Failure.Transient, "notACalendar"), await Assert.ThrowsAsync<SourceException>(() => site.ReadAsync(Own, cursor)) is var e ? (e.Failure, e.Code) : default);

        site.On(Own, "", "text/html", System.Net.HttpStatusCode.MovedPermanently, ("Location", "https://new.example/events.ics")).On("https://new.example/events.ics", Calendar(Event("1", "20260701T170000Z")));
        SourcePage? last = null;
        for (var time = 0; time < 3; time++)
            cursor = (last = Assert.Single(await site.ReadAsync(Own, cursor))).Cursor;
        Assert.Equal("https://new.example/events.ics", last!.MovedTo);
        Assert.Empty(await site.ReadAsync("https://new.example/events.ics", cursor, Own));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"events\":[{}]}")]
    [InlineData("{\"events\":null,\"walk\":5}")]
    public async Task Unreadable_cursor_starts_from_the_beginning(string cursor)
    {
        site.On(Own, Calendar(Event("1", "20260701T170000Z")));
        Assert.Single(Assert.Single(await site.ReadAsync(Own, cursor)).Drafts);
    }

    [Fact]
    public async Task Cursor_stays_within_its_limit_whatever_the_calendar_contains()
    {
        site.On(Own, Calendar(string.Concat(Enumerable.Range(0, 3_000).Select(n => Event(
            $"{n}-{new string('u', 200)}", site.Clock.GetUtcNow().AddHours(n + 1).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'"), new string('ä', 400), $"URL:https://x.example/{new string('p', 300)}{n}\nCATEGORIES:{new string('c', 100)}\n")))));
        Assert.All(await site.ReadAsync(Own), page => Assert.InRange(page.Cursor.Length, 100, 30_000));
    }

    public void Dispose() => site.Dispose();
}
