using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

public sealed class OverrideTests
{
    private static readonly string[] Weekly =
        ["BEGIN:VEVENT", "UID:1", "SUMMARY:As ever", "DTSTART;TZID=Europe/Berlin:20260302T180000", "DTEND;TZID=Europe/Berlin:20260302T200000", "RRULE:FREQ=WEEKLY;COUNT=6", "END:VEVENT"];

    private static string[] Override(string id, params string[] lines) =>
        ["BEGIN:VEVENT", "UID:1", $"RECURRENCE-ID{id}", .. lines, "END:VEVENT"];

    [Theory]
    [InlineData(";TZID=Europe/Berlin:20260309T180000")]
    [InlineData(":20260309T170000Z")]
    [InlineData(":20260309T180000")]
    [InlineData(";VALUE=DATE:20260309")]
    public void Override_replaces_one_occurrence(string id)
    {
        var calendar = Ics.Calendar([.. Override(id, "SUMMARY:Moved", "DTSTART;TZID=Europe/Berlin:20260310T190000"), .. Weekly]);
        var occurrences = Ics.Expand(calendar, "2026-03-01", "2026-03-20").ToList();
        Assert.Equal(["2026-03-02T17:00:00Z", "2026-03-10T18:00:00Z", "2026-03-16T17:00:00Z"], occurrences.Select(o => Ics.Show(o.Start)));
        Assert.Equal(["As ever", "Moved", "As ever"], occurrences.Select(o => o.Event.Summary));
    }

    [Fact]
    public void Cancelled_occurrence_is_kept_and_marked_as_cancelled()
    {
        var calendar = Ics.Calendar([.. Weekly, .. Override(":20260309T170000Z", "STATUS:CANCELLED", "DTSTART:20260309T170000Z")]);
        Assert.Equal([null, "CANCELLED", null], Ics.Expand(calendar, "2026-03-01", "2026-03-20").Select(o => o.Event.Status));
        Assert.Equal(Ics.Time("2026-03-09T17:00:00Z"), calendar.Events[1].RecurrenceId);
    }

    [Fact]
    public void THISANDFUTURE_override_moves_and_describes_all_later_occurrences()
    {
        var calendar = Ics.Calendar([
            .. Weekly,
            .. Override(";RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260316T180000", "SUMMARY:Later", "DTSTART;TZID=Europe/Berlin:20260317T190000", "DTEND;TZID=Europe/Berlin:20260317T193000"),
            .. Override(":20260330T160000Z", "SUMMARY:Once", "DTSTART:20260401T160000Z")]);
        var occurrences = Ics.Expand(calendar, "2026-01-01", "2027-01-01").ToList();
        Assert.Equal(
            ["2026-03-02T17:00:00Z", "2026-03-09T17:00:00Z", "2026-03-17T18:00:00Z", "2026-03-24T18:00:00Z", "2026-04-01T16:00:00Z", "2026-04-07T17:00:00Z"],
            occurrences.Select(o => Ics.Show(o.Start)));
        Assert.Equal(["As ever", "As ever", "Later", "Later", "Once", "Later"], occurrences.Select(o => o.Event.Summary));
        Assert.Equal([120, 120, 30, 30, 0, 30], occurrences.Select(o => (o.End - o.Start)!.Value.TotalMinutes));
        Assert.Equal(["2026-03-24T18:00:00Z"], Ics.Starts(calendar, "2026-03-18", "2026-03-31"));
    }

    [Fact]
    public void Override_of_an_excluded_occurrence_does_not_bring_it_back()
    {
        string[] weekly = [.. Weekly[..^1], "EXDATE;TZID=Europe/Berlin:20260309T180000", Weekly[^1]];
        var calendar = Ics.Calendar([.. Override(":20260309T170000Z", "DTSTART:20260310T170000Z"), .. weekly]);
        Assert.Equal(["2026-03-02T17:00:00Z", "2026-03-16T17:00:00Z"], Ics.Starts(calendar, "2026-03-01", "2026-03-20"));
    }

    [Fact]
    public void Newest_version_of_an_event_or_override_wins()
    {
        var calendar = Ics.Calendar([
            .. Weekly,
            .. Override(":20260309T170000Z", "SEQUENCE:2", "DTSTART:20260310T170000Z"),
            .. Override(":20260309T170000Z", "SEQUENCE:1", "DTSTART:20260311T170000Z"),
            "BEGIN:VEVENT", "UID:2", "SEQUENCE:0", "SUMMARY:Old", "DTSTART:20260303T170000Z", "END:VEVENT",
            "BEGIN:VEVENT", "UID:2", "SEQUENCE:1", "SUMMARY:New", "DTSTART:20260303T170000Z", "END:VEVENT"]);
        var occurrences = Ics.Expand(calendar, "2026-03-01", "2026-03-16").ToList();
        Assert.Equal(["2026-03-02T17:00:00Z", "2026-03-03T17:00:00Z", "2026-03-10T17:00:00Z"], occurrences.Select(o => Ics.Show(o.Start)));
        Assert.Equal("New", occurrences[1].Event.Summary);
    }

    [Fact]
    public void Override_without_its_series_is_an_occurrence_of_its_own()
    {
        var calendar = Ics.Calendar(Override(":20260309T170000Z", "DTSTART:20260310T170000Z"));
        Assert.Equal(["2026-03-10T17:00:00Z"], Ics.Starts(calendar));
    }

    [Fact]
    public void All_day_occurrences_are_overridden_by_date()
    {
        var calendar = Ics.Calendar([
            "BEGIN:VEVENT", "UID:1", "DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=DAILY;COUNT=3", "END:VEVENT",
            .. Override(":20260303T000000", "DTSTART;VALUE=DATE:20260310")]);
        Assert.Equal(["2026-03-02", "2026-03-04", "2026-03-10"], Ics.Starts(calendar));
    }
}
