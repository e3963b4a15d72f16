using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

public sealed class CalendarTimeTests
{
    private static readonly string[] MyZone =
    [
        "BEGIN:VTIMEZONE", "TZID:My Zone",
        "BEGIN:DAYLIGHT", "DTSTART:20070311T020000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "END:DAYLIGHT",
        "BEGIN:STANDARD", "DTSTART:20071104T020000", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "END:STANDARD",
        "END:VTIMEZONE",
    ];

    [Theory]
    [InlineData("DTSTART:20260102T030405Z", "2026-01-02T03:04:05Z")]
    [InlineData("DTSTART:20260102T030405", "2026-01-02T03:04:05Z")]
    [InlineData("DTSTART;TZID=America/New_York:20260702T120000", "2026-07-02T16:00:00Z")]
    [InlineData("DTSTART;TZID=\"America/New_York\":20260102T120000", "2026-01-02T17:00:00Z")]
    [InlineData("DTSTART;TZID=europe/berlin:20260102T120000", "2026-01-02T11:00:00Z")]
    [InlineData("DTSTART;TZID=W. Europe Standard Time:20260702T120000", "2026-07-02T10:00:00Z")]
    [InlineData("DTSTART;TZID=/mozilla.org/20050126_1/America/Boise:20260102T120000", "2026-01-02T19:00:00Z")]
    [InlineData("DTSTART;TZID=/freeassociation.sourceforge.net/Tzfile/Asia/Tokyo:20260102T120000", "2026-01-02T03:00:00Z")]
    [InlineData("DTSTART;TZID=GMT+0100:20260102T120000", "2026-01-02T11:00:00Z")]
    [InlineData("DTSTART;TZID=Nowhere/Land:20260102T120000", "2026-01-02T12:00:00Z")]
    [InlineData("DTSTART;TZID=:20260102T120000", "2026-01-02T12:00:00Z")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260102T120000Z", "2026-01-02T12:00:00Z")]
    [InlineData("DTSTART:2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z")]
    [InlineData("DTSTART:2026-01-02T03:04:05.678+01:00", "2026-01-02T02:04:05Z")]
    [InlineData("DTSTART:20260102T0304Z", "2026-01-02T03:04:00Z")]
    [InlineData("DTSTART:20260102T240000Z", "2026-01-03T00:00:00Z")]
    [InlineData("DTSTART;VALUE=DATE:20260102", "2026-01-02T00:00:00Z")]
    [InlineData("DTSTART: 20260102 ", "2026-01-02T00:00:00Z")]
    [InlineData("DTSTART:20260230", "")]
    [InlineData("DTSTART:soon", "")]
    [InlineData("DTSTART:00000000T000000Z", "")]
    public void Start_is_read_as_expected(string line, string utc) => Assert.Equal(utc, Ics.Show(Ics.Event(line).Events[0].Start));

    [Fact]
    public void All_day_floating_and_unknown_zone_times_are_marked()
    {
        Assert.True(Ics.Event("DTSTART:20260102").Events[0].AllDay);
        Assert.True(Ics.Event("DTSTART:20260102T000000").Events[0].Floating);
        Assert.False(Ics.Event("DTSTART:20260102T000000Z").Events[0].Floating);
        Assert.Contains(Ics.Event("DTSTART;TZID=Nowhere/Land:20260102T120000").Repairs, r => r.What == "unknownZone" && r.Detail == "Nowhere/Land");
        Assert.Contains(Ics.Event("DTSTART:soon").Repairs, r => r is { What: "badDate", Detail: "soon" });
    }

    [Theory]
    [InlineData("DTSTART:20260102", "", "2026-01-03T00:00:00Z")]
    [InlineData("DTSTART:20260102", "DTEND:20260105", "2026-01-05T00:00:00Z")]
    [InlineData("DTSTART:20260102", "DURATION:P2W", "2026-01-16T00:00:00Z")]
    [InlineData("DTSTART:20260102T100000Z", "", "2026-01-02T10:00:00Z")]
    [InlineData("DTSTART:20260102T100000Z", "DURATION:P1DT2H3M4S", "2026-01-03T12:03:04Z")]
    [InlineData("DTSTART:20260102T100000Z", "DURATION:-PT1H", "2026-01-02T10:00:00Z")]
    [InlineData("DTSTART:20260102T100000Z", "DURATION:P", "2026-01-02T10:00:00Z")]
    [InlineData("DTSTART:20260102T100000Z", "DTEND:20260101T100000Z", "2026-01-02T10:00:00Z")]
    [InlineData("DTSTART:20260102T100000Z", "DTEND;TZID=Europe/Berlin:20260102T120000", "2026-01-02T11:00:00Z")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:P1D", "2026-03-29T10:00:00Z")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:PT24H", "2026-03-29T11:00:00Z")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260328T120000", "DTEND:20260328T130000", "2026-03-28T12:00:00Z")]
    public void End_is_read_as_expected(string start, string end, string utc) => Assert.Equal(utc, Ics.Show(Ics.Event(start, end).Events[0].End));

    [Theory]
    [InlineData("20260308T013000", "2026-03-08T06:30:00Z")]
    [InlineData("20260308T023000", "2026-03-08T07:30:00Z")]
    [InlineData("20260308T033000", "2026-03-08T07:30:00Z")]
    [InlineData("20261101T003000", "2026-11-01T04:30:00Z")]
    [InlineData("20261101T013000", "2026-11-01T05:30:00Z")]
    [InlineData("20261101T023000", "2026-11-01T07:30:00Z")]
    [InlineData("20991231T120000", "2099-12-31T17:00:00Z")]
    [InlineData("19500101T120000", "1950-01-01T17:00:00Z")]
    public void Zone_defined_in_the_document_agrees_with_the_IANA_zone_for_every_kind_of_local_time(string local, string utc)
    {
        var own = Ics.Calendar([.. MyZone, "BEGIN:VEVENT", $"DTSTART;TZID=My Zone:{local}", "END:VEVENT"]);
        var world = Ics.Event($"DTSTART;TZID=America/New_York:{local}");
        Assert.Equal(utc, Ics.Show(own.Events[0].Start));
        Assert.Equal(utc, Ics.Show(world.Events[0].Start));
        Assert.Empty(own.Repairs);
    }

    [Fact]
    public void Zone_may_be_defined_after_its_first_use()
    {
        var calendar = Ics.Calendar(["BEGIN:VEVENT", "LAST-MODIFIED;TZID=My Zone:20260701T120000", "DTSTART;TZID=My Zone:20260702T120000", "DURATION:PT1H", "END:VEVENT", .. MyZone]);
        Assert.Equal(Ics.Time("2026-07-02T16:00:00Z"), calendar.Events[0].Start);
        Assert.Equal(Ics.Time("2026-07-02T17:00:00Z"), calendar.Events[0].End);
        Assert.Empty(calendar.Repairs);
    }

    [Fact]
    public void Zone_definition_applies_to_its_own_calendar_only()
    {
        string[] other = [.. MyZone.Select(l => l.Replace("-0500", "+0900", StringComparison.Ordinal).Replace("-0400", "+0900", StringComparison.Ordinal))];
        string[] one = ["BEGIN:VEVENT", "DTSTART;TZID=My Zone:20260102T120000", "END:VEVENT"];
        var calendar = Ics.Calendar([.. MyZone, .. one, "END:VCALENDAR", "BEGIN:VCALENDAR", .. other, .. one]);
        Assert.Equal(["2026-01-02T17:00:00Z", "2026-01-02T03:00:00Z"], calendar.Events.Select(e => Ics.Show(e.Start)));
    }

    [Fact]
    public void IANA_zone_name_takes_precedence_over_the_documents_definition()
    {
        string[] wrong = [.. MyZone.Select(l => l.Replace("My Zone", "Asia/Tokyo", StringComparison.Ordinal))];
        var calendar = Ics.Calendar([.. wrong, "BEGIN:VEVENT", "DTSTART;TZID=Asia/Tokyo:20260102T120000", "END:VEVENT"]);
        Assert.Equal(Ics.Time("2026-01-02T03:00:00Z"), calendar.Events[0].Start);
    }
}
