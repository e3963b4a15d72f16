using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

public sealed class RecurrenceTests
{
    // Rule, start, and the first occurrences; the first six are worked examples of RFC 5545, 3.8.5.3.
    [Theory]
    [InlineData("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "19970905T090000Z", "1997-09-05 1997-10-03 1997-11-07 1997-12-05")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=-3", "19970928T090000Z", "1997-09-28 1997-10-29 1997-11-28 1997-12-29")]
    [InlineData("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "19970101T090000Z", "1997-01-01 1997-04-10 1997-07-19 2000-01-01")]
    [InlineData("FREQ=YEARLY;BYDAY=20MO", "19970519T090000Z", "1997-05-19 1998-05-18 1999-05-17")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "19970929T090000Z", "1997-09-29 1997-10-30 1997-11-27 1997-12-30")]
    [InlineData("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805T090000Z", "1997-08-05 1997-08-17 1997-08-19 1997-08-31")]
    [InlineData("FREQ=YEARLY", "20240229", "2024-02-29 2028-02-29 2032-02-29")]
    [InlineData("FREQ=MONTHLY", "20260131", "2026-01-31 2026-03-31 2026-05-31 2026-07-31")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "20241230", "2024-12-30 2025-12-29 2027-01-04")]
    [InlineData("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "20201227", "2021-01-03 2022-01-02 2023-01-01")]
    [InlineData("FREQ=YEARLY;BYMONTH=1,3;BYDAY=-1SU", "20260125", "2026-01-25 2026-03-29 2027-01-31")]
    [InlineData("FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12", "20260213", "2026-02-13 2026-03-13 2026-11-13")]
    [InlineData("FREQ=YEARLY;BYYEARDAY=-1", "20251231", "2025-12-31 2026-12-31")]
    [InlineData("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "20240229", "2024-02-29 2028-02-29")]
    [InlineData("freq=weekly; byday = mo ,we;;", "20260105", "2026-01-05 2026-01-07 2026-01-12")]
    [InlineData("FREQ=YEARLY;INTERVAL=2147483647", "20260105", "2026-01-05")]
    public void Rule_yields_the_expected_occurrences(string rule, string start, string days)
    {
        var expected = days.Split(' ');
        var expansion = Ics.Expand(Ics.Event($"DTSTART:{start}", $"RRULE:{rule}"), "1900-01-01", "9999-12-31");
        Assert.Equal(expected, expansion.Take(expected.Length).Select(o => Ics.Show(o.Start, day: true)));
    }

    [Theory]
    [InlineData("FREQ=HOURLY;INTERVAL=5;COUNT=3", "00:30:00 05:30:00 10:30:00")]
    [InlineData("FREQ=HOURLY;BYHOUR=3,4;BYMINUTE=0,15;COUNT=3", "03:00:00 03:15:00 04:00:00")]
    [InlineData("FREQ=MINUTELY;INTERVAL=7;BYHOUR=1;COUNT=2", "01:05:00 01:12:00")]
    [InlineData("FREQ=MINUTELY;BYSETPOS=-1;BYSECOND=1,2,59;COUNT=2", "00:30:59 00:31:59")]
    [InlineData("FREQ=SECONDLY;INTERVAL=45;BYMINUTE=32;COUNT=2", "00:32:15 01:32:15")]
    [InlineData("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30,45;BYSECOND=10;COUNT=3", "09:30:10 09:45:10 17:30:10")]
    [InlineData("FREQ=DAILY;BYHOUR=9,17;BYSETPOS=-1;COUNT=1", "17:30:00")]
    public void Hourly_and_finer_rules_yield_the_expected_occurrences(string rule, string times)
    {
        var starts = Ics.Starts(Ics.Event("DTSTART:20260105T003000Z", $"RRULE:{rule}"));
        Assert.Equal(times.Split(' ').Select(t => $"2026-01-05T{t}Z"), starts);
    }

    [Theory]
    [InlineData("UNTIL=20260107", 3)]
    [InlineData("UNTIL=20260107T100000Z", 3)]
    [InlineData("UNTIL=20260107T095959Z", 2)]
    [InlineData("UNTIL=20260107T110000", 3)]
    [InlineData("UNTIL=20260107T105959", 2)]
    public void UNTIL_is_inclusive_and_interpreted_in_its_own_time_zone(string until, int count) =>
        Assert.Equal(count, Ics.Starts(Ics.Event("DTSTART;TZID=Europe/Berlin:20260105T110000", $"RRULE:FREQ=DAILY;{until}")).Length);

    [Fact]
    public void Occurrences_keep_their_local_time_across_offset_changes()
    {
        var spring = Ics.Starts(Ics.Event("DTSTART;TZID=Europe/Berlin:20260328T023000", "RRULE:FREQ=DAILY;COUNT=3"));
        Assert.Equal(["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"], spring);
        var autumn = Ics.Starts(Ics.Event("DTSTART;TZID=Europe/Berlin:20261024T023000", "RRULE:FREQ=DAILY;COUNT=3"));
        Assert.Equal(["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"], autumn);
    }

    [Fact]
    public void Local_times_skipped_by_the_clock_move_forward_without_repeats_or_reordering()
    {
        var starts = Ics.Starts(Ics.Event("DTSTART;TZID=Europe/Berlin:20260329T013000", "RRULE:FREQ=MINUTELY;INTERVAL=50;COUNT=4"));
        Assert.Equal(["2026-03-29T00:30:00Z", "2026-03-29T01:10:00Z", "2026-03-29T01:20:00Z", "2026-03-29T02:00:00Z"], starts);
    }

    [Fact]
    public void RDATE_adds_and_EXDATE_removes_occurrences()
    {
        var calendar = Ics.Event(
            "DTSTART;TZID=Europe/Berlin:20260105T110000",
            "DURATION:PT1H",
            "RRULE:FREQ=WEEKLY;COUNT=5",
            "RDATE;TZID=Europe/Berlin:20260106T110000,20260119T110000",
            "RDATE;VALUE=PERIOD:20260107T100000Z/PT3H,20260108T100000Z/20260108T100500Z",
            "EXDATE:20260112T100000Z",
            "EXDATE;VALUE=DATE:20260202",
            "EXDATE:20260126T110000");
        var occurrences = Ics.Expand(calendar, "2026-01-01", "2027-01-01").ToList();
        Assert.Equal(["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-19"], occurrences.Select(o => Ics.Show(o.Start, day: true)));
        Assert.Equal([60, 60, 180, 5, 60], occurrences.Select(o => (o.End - o.Start)!.Value.TotalMinutes));
    }

    [Fact]
    public void Event_with_RDATE_alone_includes_its_start() =>
        Assert.Equal(["2026-01-01", "2026-02-01", "2026-03-05"], Ics.Starts(Ics.Event("DTSTART:20260101", "RDATE;VALUE=DATE:20260305,20260201")));

    [Fact]
    public void EXRULE_removes_occurrences() =>
        Assert.Equal(
            ["2026-01-02", "2026-01-09", "2026-01-16"],
            Ics.Starts(Ics.Event("DTSTART:20260101", "RRULE:FREQ=DAILY;UNTIL=20260120;BYDAY=TH,FR", "EXRULE:FREQ=DAILY;BYDAY=TH")));

    [Fact]
    public void Start_that_does_not_match_its_rule_is_no_occurrence() =>
        Assert.Equal(["2026-01-05", "2026-01-12"], Ics.Starts(Ics.Event("DTSTART:20260101", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2")));

    [Theory]
    [InlineData("FREQ=MONTHLY;BYWEEKNO=10")]
    [InlineData("FREQ=DAILY;BYYEARDAY=20")]
    [InlineData("FREQ=DAILY;COUNT=0")]
    [InlineData("FREQ=FORTNIGHTLY")]
    [InlineData("INTERVAL=2")]
    [InlineData("FREQ=DAILY;UNTIL=soon")]
    [InlineData("RSCALE=HEBREW;FREQ=YEARLY")]
    [InlineData("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD")]
    [InlineData("D1 #10")]
    [InlineData("FREQ=DAILY;INTERVAL=soon")]
    [InlineData("FREQ=DAILY;INTERVAL=1.5")]
    public void Invalid_rule_is_not_guessed_at(string rule)
    {
        var calendar = Ics.Event("DTSTART:20260105T100000Z", $"RRULE:{rule}");
        Assert.Equal(["2026-01-05T10:00:00Z"], Ics.Starts(calendar));
        Assert.False(calendar.Events[0].Recurring);
        Assert.Contains(calendar.Repairs, r => r.What == "ruleIgnored" && r.Detail == rule);
    }

    [Theory]
    [InlineData("FREQ=MONTHLY;BYDAY=0MO;COUNT=3", "2026-01-05 2026-01-12 2026-01-19")]
    [InlineData("FREQ=MONTHLY;BYDAY=1MO,XX;COUNT=3", "2026-01-05 2026-02-02 2026-03-02")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", "2026-01-05 2026-02-05 2026-03-05")]
    [InlineData("FREQ=MONTHLY;BYMONTHDAY=32,5;COUNT=3", "2026-01-05 2026-02-05 2026-03-05")]
    [InlineData("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0,1;COUNT=3", "2026-01-05 2026-02-02 2026-03-02")]
    [InlineData("FREQ=YEARLY;BYMONTH=13;COUNT=3", "2026-01-05 2027-01-05 2028-01-05")]
    [InlineData("FREQ=WEEKLY;BYDAY=1MO;COUNT=3", "2026-01-05 2026-01-12 2026-01-19")]
    [InlineData("FREQ=WEEKLY;BYDAY=MONDAY,Thu;COUNT=3", "2026-01-05 2026-01-08 2026-01-12")]
    [InlineData("FREQ=WEEKLY;BYMONTHDAY=20;COUNT=3", "2026-01-05 2026-01-12 2026-01-19")]
    [InlineData("FREQ=WEEKLY;WKST=;BYDAY=;UNTIL=;COUNT=3", "2026-01-05 2026-01-12 2026-01-19")]
    [InlineData("FREQ=WEEKLY;WKST=XX;X-PART;BYEASTER=0;COUNT=3", "2026-01-05 2026-01-12 2026-01-19")]
    [InlineData("FREQ=WEEKLY;COUNT=0;UNTIL=20260112T100000Z", "2026-01-05 2026-01-12")]
    [InlineData("FREQ=WEEKLY;UNTIL=soon;COUNT=2", "2026-01-05 2026-01-12")]
    [InlineData("FREQ=DAILY;INTERVAL=0;COUNT=3", "2026-01-05 2026-01-06 2026-01-07")]
    [InlineData("FREQ=DAILY;BYHOUR=24;COUNT=3", "2026-01-05 2026-01-06 2026-01-07")]
    [InlineData("RRULE:FREQ=WEEKLY;COUNT=2", "2026-01-05 2026-01-12")]
    public void Senseless_part_of_a_rule_does_not_cost_the_series(string rule, string days) =>
        Assert.Equal(days.Split(' '), Ics.Expand(Ics.Event("DTSTART:20260105T100000Z", $"RRULE:{rule}"), "2026-01-01", "2030-01-01").Select(o => Ics.Show(o.Start, day: true)));

    [Fact]
    public void Repaired_rule_is_reported() =>
        Assert.Contains(Ics.Event("DTSTART:20260105T100000Z", "RRULE:FREQ=MONTHLY;BYDAY=0MO").Repairs, r => r.What == "ruleRepaired");

    [Fact]
    public void Exception_rule_with_a_senseless_part_takes_nothing_out() =>
        Assert.Equal(2, Ics.Starts(Ics.Event("DTSTART:20260105T100000Z", "RRULE:FREQ=DAILY;COUNT=2", "EXRULE:FREQ=DAILY;BYDAY=XX")).Length);

    [Theory]
    [InlineData("DTSTART;TZID=America/New_York:20260105T200000", "EXDATE;TZID=Europe/Berlin:20260113T020000")]
    [InlineData("DTSTART;TZID=America/New_York:20260105T200000", "EXDATE:20260113T010000Z")]
    [InlineData("DTSTART;TZID=America/New_York:20260105T200000", "EXDATE;VALUE=DATE:20260112")]
    [InlineData("DTSTART;TZID=America/New_York:20260105T200000", "EXDATE;TZID=America/New_York:20260112T000000")]
    [InlineData("DTSTART:20260105T200000Z", "EXDATE:20260112T000000Z")]
    [InlineData("DTSTART:20260105T200000", "EXDATE;TZID=Europe/Berlin:20260112T200000")]
    [InlineData("DTSTART;VALUE=DATE:20260105", "EXDATE;TZID=Europe/Berlin:20260112T000000")]
    public void EXDATE_in_another_form_than_the_start_takes_its_occurrence_out(string start, string exception) =>
        Assert.Equal(
            ["2026-01-05", "2026-01-19"],
            Ics.Expand(Ics.Event(start, "RRULE:FREQ=WEEKLY;COUNT=3", exception), "2026-01-01", "2027-01-01").Select(o => o.Day!.Value.ToString("O", System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("DTSTART;TZID=America/New_York:20260105T200000", "EXDATE;TZID=Europe/Berlin:20260113T000000")]
    [InlineData("DTSTART;TZID=America/New_York:20260105T000000", "EXDATE;TZID=America/New_York:20260113T000000")]
    public void EXDATE_at_another_instant_takes_nothing_out(string start, string exception) =>
        Assert.Equal(3, Ics.Starts(Ics.Event(start, "RRULE:FREQ=WEEKLY;COUNT=3", exception)).Length);

    [Fact]
    public void EXDATE_in_UTC_of_a_series_of_days_is_the_day_in_the_zone_of_the_calendar() =>
        Assert.Equal(
            ["2026-01-05", "2026-01-19"],
            Ics.Starts(Ics.Calendar("X-WR-TIMEZONE:Europe/Berlin", "BEGIN:VEVENT", "UID:1", "DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260111T230000Z", "END:VEVENT")));

    [Fact]
    public void Time_window_includes_its_start_and_excludes_its_end()
    {
        var calendar = Ics.Event("DTSTART:20260105T100000Z", "DURATION:PT5H", "RRULE:FREQ=DAILY");
        Assert.Equal(["2026-01-07T10:00:00Z", "2026-01-08T10:00:00Z"], Ics.Starts(calendar, "2026-01-07T10:00:00Z", "2026-01-09T10:00:00Z"));
    }
}
