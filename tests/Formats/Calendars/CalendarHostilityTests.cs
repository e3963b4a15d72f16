using System.Text;
using ContributionIngest.Formats.Calendars;
using ContributionIngest.Tests.Benchmarks;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

/// <summary>Input that wants to cost time or memory. Each of these would run for minutes, or for ever, without its bound.</summary>
public sealed class CalendarHostilityTests
{
    [Fact]
    public void Endless_rule_for_every_second_is_capped_and_reported()
    {
        var expansion = Ics.Expand(Ics.Event("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY"), "2026-01-01", "9999-01-01", cap: 5);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"2026-01-01T00:00:0{i}Z"), expansion.Select(o => Ics.Show(o.Start)));
        Assert.Contains(expansion.Repairs, r => r.What == "occurrencesCapped");
    }

    [Theory]
    [InlineData("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")]
    [InlineData("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")]
    [InlineData("FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1")]
    [InlineData("FREQ=SECONDLY;INTERVAL=60;BYSECOND=1")]
    [InlineData("FREQ=DAILY;BYMONTHDAY=31;BYMONTH=4,6,9,11")]
    [InlineData("FREQ=HOURLY;BYHOUR=2;BYDAY=MO;BYMONTHDAY=31;BYMONTH=2")]
    public void Rule_that_never_matches_terminates(string rule) =>
        Assert.Empty(Ics.Expand(Ics.Event("DTSTART:20260101T000000Z", $"RRULE:{rule}"), "0001-01-01", "9999-12-31"));

    [Fact]
    public void Fruitless_expansion_is_cut_off_and_reported()
    {
        var expansion = Ics.Expand(Ics.Event("DTSTART:00010101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=2000000000"), "2026-01-01", "2026-01-02");
        Assert.Empty(expansion);
        Assert.Contains(expansion.Repairs, r => r.What == "expansionStopped");
    }

    [Fact]
    public void All_rules_of_a_document_share_one_limit()
    {
        string[] one = ["BEGIN:VEVENT", "DTSTART:00010101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=2000000000", "END:VEVENT"];
        var calendar = Ics.Calendar([.. Enumerable.Repeat(one, 3_000).SelectMany(l => l)]);
        Assert.Empty(Ics.Expand(calendar, "2026-01-01", "2026-01-02"));
    }

    [Fact]
    public void BYSETPOS_in_a_huge_set_is_found_without_enumerating_it()
    {
        var hours = string.Join(',', Enumerable.Range(0, 24));
        var minutes = string.Join(',', Enumerable.Range(0, 60));
        var rule = $"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR={hours};BYMINUTE={minutes};BYSECOND={minutes};BYSETPOS=-1,31536000";
        Assert.Equal(
            ["2025-12-31T23:59:59Z", "2026-12-31T23:59:59Z"],
            Ics.Starts(Ics.Event("DTSTART:20250101T000000Z", $"RRULE:{rule}"), "2025-01-01", "2027-01-01"));
    }

    [Fact]
    public void Deep_nesting_many_names_and_long_lines_take_linear_time()
    {
        var text = new StringBuilder("BEGIN:VCALENDAR\n");
        for (var i = 0; i < 200_000; i++) text.Append("BEGIN:X\n");
        Assert.Empty(Ics.Read(text.ToString()).Events);

        text.Clear().Append("BEGIN:VCALENDAR\n");
        for (var i = 0; i < 50_000; i++) text.Append($"BEGIN:VEVENT\nDTSTART;TZID=Z{i}:20260101T000000\nEND:VEVENT\n");
        Assert.Equal(50_000, Ics.Read(text.ToString()).Events.Count);

        text.Clear().Append("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDESCRIPTION:x");
        for (var i = 0; i < 300_000; i++) text.Append(i % 2 == 0 ? "\nbroken" : "\n folded");
        text.Append("\nCATEGORIES:a,b".Insert(0, string.Concat(Enumerable.Repeat("\nCATEGORIES:a", 100_000)))).Append("\nEND:VEVENT\n");
        Assert.Equal(100_002, Assert.Single(Ics.Read(text.ToString()).Events).Categories.Count);
    }

    [Fact]
    public void One_expensive_rule_does_not_starve_the_others()
    {
        string[] bad = ["BEGIN:VEVENT", "UID:bad", "DTSTART:00010101T000000Z", "RRULE:FREQ=SECONDLY;COUNT=2000000000", "END:VEVENT"];
        var calendar = Ics.Calendar([.. bad, "BEGIN:VEVENT", "UID:good", "DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY", "END:VEVENT"]);
        var expansion = Ics.Expand(calendar, "2026-01-01", "2026-02-01");
        Assert.Equal(31, expansion.Count(o => o.Uid == "good"));
        Assert.Contains(expansion.Repairs, r => r.What == "expansionStopped");
    }

    [Fact]
    public void Rules_for_every_second_of_the_day_use_bounded_memory()
    {
        var numbers = string.Join(',', Enumerable.Range(0, 60));
        string[] one = ["BEGIN:VEVENT", "DTSTART:20260101T000000Z", $"RRULE:FREQ=DAILY;BYHOUR={string.Join(',', Enumerable.Range(0, 24))};BYMINUTE={numbers};BYSECOND={numbers}", "END:VEVENT"];
        var calendar = Ics.Calendar([.. Enumerable.Repeat(one, 5_000).SelectMany(l => l)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(100, Ics.Expand(calendar, "2026-01-01", "2027-01-01", cap: 100).Count());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000);
    }

    [Fact]
    public void Many_series_of_one_UID_with_many_overrides_take_bounded_time()
    {
        var text = new StringBuilder("BEGIN:VCALENDAR\n");
        for (var i = 0; i < 10_000; i++)
        {
            var day = Ics.Time("2026-01-01").AddHours(i);
            text.Append($"BEGIN:VEVENT\nUID:1\nDTSTART:{day:yyyyMMdd'T'HHmmss'Z'}\nRRULE:FREQ=HOURLY;COUNT=2000\nEND:VEVENT\n");
            text.Append($"BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:{day:yyyyMMdd'T'HHmmss'Z'}\nDTSTART:{day.AddMinutes(5):yyyyMMdd'T'HHmmss'Z'}\nEND:VEVENT\n");
        }

        Assert.Equal(1_000, Ics.Expand(Ics.Read(text.ToString()), "2026-01-01", "2027-01-01").Count());
    }

    [Fact]
    public void Thousands_of_zones_with_endless_rules_are_not_all_expanded()
    {
        var text = new StringBuilder("BEGIN:VCALENDAR\n");
        for (var i = 0; i < 5_000; i++)
        {
            text.Append($"BEGIN:VTIMEZONE\nTZID:Z{i}\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=SECONDLY\nEND:STANDARD\nEND:VTIMEZONE\n");
            text.Append($"BEGIN:VEVENT\nDTSTART;TZID=Z{i}:20260101T000000\nEND:VEVENT\n");
        }

        var calendar = Ics.Read(text.ToString());
        Assert.Equal(5_000, calendar.Events.Count);
        Assert.Contains(calendar.Repairs, r => r.What == "tooManyZones");
    }

    [Fact]
    public void Events_and_rules_of_a_document_are_bounded_and_a_repair_says_so()
    {
        var events = Ics.Read("BEGIN:VCALENDAR\n" + string.Concat(Enumerable.Repeat("BEGIN:VEVENT\nDTSTART:20260101T000000Z\n", 50_002)));
        Assert.Equal(50_000, events.Events.Count);
        Assert.Contains(events.Repairs, r => r.What == "tooManyEvents");

        var series = Ics.Read("BEGIN:VCALENDAR\n" + string.Concat(Enumerable.Repeat("BEGIN:VEVENT\nDTSTART:20260101T000000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n", 5_002))
            + "BEGIN:VEVENT\nDTSTART:20260102T000000Z\nSUMMARY:once\nEND:VEVENT\n");
        Assert.Equal((5_001, "once"), (series.Events.Count, series.Events[^1].Summary));
        Assert.Contains(series.Repairs, r => r is { What: "tooManyEvents", Count: 2 });
    }

    [Fact]
    public void Rule_with_more_positions_than_a_year_has_days_is_ignored()
    {
        var positions = string.Join(',', Enumerable.Range(1, 367));
        var calendar = Ics.Read($"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T000000Z\nRRULE:FREQ=YEARLY;BYHOUR=1,2;BYSETPOS={positions}\nEND:VEVENT\nEND:VCALENDAR\n");

        Assert.Contains(calendar.Repairs, r => r.What == "ruleIgnored");
    }

    [Fact]
    public void Randomly_damaged_calendar_never_throws()
    {
        var whole = CalendarSpeed.Calendar(6);
        Prop.ForAll(
            Gen.Choose(0, whole.Length - 1).ToArbitrary(),
            Gen.Choose(0, 400).ToArbitrary(),
            Gen.Choose(0, 255).ToArbitrary(),
            (at, length, value) =>
            {
                byte[] cut = [.. whole.AsSpan(0, at), .. whole.AsSpan(Math.Min(at + length, whole.Length))];
                if (at < cut.Length) cut[at] = (byte)value;
                var result = CalendarReader.Read(cut);
                if (result.Calendar is { } calendar) Assert.True(new CalendarExpansion(calendar, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 500).Count() <= 500);
                else Assert.NotNull(result.Error);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void Earliest_and_latest_dates_are_no_error()
    {
        var calendar = Ics.Calendar(
            "BEGIN:VEVENT", "DTSTART;TZID=Asia/Tokyo:00010101T000000", "DURATION:-P1D", "RRULE:FREQ=DAILY;COUNT=2", "END:VEVENT",
            "BEGIN:VEVENT", "DTSTART;TZID=America/New_York:99991231T235959", "DURATION:P9W", "RRULE:FREQ=YEARLY", "END:VEVENT",
            "BEGIN:VEVENT", "DTSTART;VALUE=DATE:99991231", "RRULE:FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=SU", "END:VEVENT",
            "BEGIN:VEVENT", "DTSTART;VALUE=DATE:00010101", "RRULE:FREQ=WEEKLY;WKST=SU;COUNT=1;BYDAY=SU", "END:VEVENT");
        var expansion = new CalendarExpansion(calendar, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal(3, expansion.Count());
        Assert.Equal(0, calendar.Events[0].Start!.Value.UtcTicks);
    }
}
