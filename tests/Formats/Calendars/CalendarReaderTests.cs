using System.Text;
using ContributionIngest.Formats.Calendars;
using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

public sealed class CalendarReaderTests
{
    [Fact]
    public void Event_keeps_all_its_properties()
    {
        var calendar = Ics.Calendar(
            "X-WR-CALNAME:Local group",
            "X-WR-TIMEZONE:Europe/Vienna",
            "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
            "BEGIN:VEVENT",
            "UID:event_1@example.org",
            "DTSTART:20260305T180000Z",
            "DTEND:20260305T200000Z",
            "SUMMARY:Talks\\, questions\\; and \\\\ more\\nsecond line",
            "DESCRIPTION:A path C:\\temp stays",
            "LOCATION;LANGUAGE=en:House of Code",
            "URL;VALUE=URI:https://example.org/events/1,2;3",
            "status:tentative",
            "SEQUENCE:7",
            "LAST-MODIFIED:20260101T000000Z",
            "CATEGORIES:Talks,Community\\, local",
            "CATEGORIES:Code",
            "END:VEVENT");

        var one = Assert.Single(calendar.Events);
        Assert.Equal("event_1@example.org", one.Uid);
        Assert.Equal(Ics.Time("2026-03-05T18:00:00Z"), one.Start);
        Assert.Equal(Ics.Time("2026-03-05T20:00:00Z"), one.End);
        Assert.Equal("Talks, questions; and \\ more\nsecond line", one.Summary);
        Assert.Equal("A path C:\\temp stays", one.Description);
        Assert.Equal("House of Code", one.Location);
        Assert.Equal("https://example.org/events/1,2;3", one.Url);
        Assert.Equal("TENTATIVE", one.Status);
        Assert.Equal(7, one.Sequence);
        Assert.Equal(Ics.Time("2026-01-01"), one.LastModified);
        Assert.Equal(["Talks", "Community, local", "Code"], one.Categories);
        Assert.False(one.AllDay || one.Recurring || one.Floating);
        Assert.Null(one.RecurrenceId);
        Assert.Equal("Local group", calendar.Name);
        Assert.Equal("Europe/Vienna", calendar.TimeZone);
        Assert.Equal(TimeSpan.FromHours(12), calendar.RefreshInterval);
        Assert.Empty(calendar.Repairs);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\r\n")]
    public void Lines_are_unfolded_with_any_line_ending(string end)
    {
        string[] lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMM", " ARY:on", "\te two", "  three", "", "DTSTART", " :2026", " 0102", "END:VEVENT", "END:VCALENDAR", ""];
        var one = Assert.Single(Ics.Read(string.Join(end, lines)).Events);
        Assert.Equal("one two three", one.Summary);
        Assert.Equal(Ics.Time("2026-01-02"), one.Start);
    }

    [Fact]
    public void Fold_inside_a_multibyte_character_is_undone()
    {
        byte[] bytes = [.. "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:caf"u8, 0xC3, .. "\r\n "u8, 0xA9, .. "\r\nEND:VEVENT\r\nEND:VCALENDAR"u8];
        var calendar = Ics.Read(bytes);
        Assert.Equal("café", Assert.Single(calendar.Events).Summary);
        Assert.Empty(calendar.Repairs);
    }

    [Fact]
    public void Properties_of_an_alarm_or_time_zone_do_not_leak_into_the_event()
    {
        var calendar = Ics.Calendar(
            "BEGIN:VTIMEZONE", "TZID:Here", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE",
            "BEGIN:VTODO", "UID:todo", "SUMMARY:To do", "BEGIN:VALARM", "DESCRIPTION:x", "END:VALARM", "END:VTODO",
            "BEGIN:VEVENT", "UID:1", "DTSTART:20260102T030405Z",
            "BEGIN:VALARM", "SUMMARY:Alarm", "DURATION:PT5M", "UID:alarm", "BEGIN:X-DEEP", "URL:http://x", "END:X-DEEP", "LOCATION:x", "END:VALARM",
            "SUMMARY:Event", "END:VEVENT");
        var one = Assert.Single(calendar.Events);
        Assert.Equal(("1", "Event", null, null), (one.Uid, one.Summary, one.Location, one.Url));
        Assert.Equal(one.Start, one.End);
    }

    [Fact]
    public void Several_calendars_in_one_stream_are_read_as_one_document()
    {
        var calendar = Ics.Read("BEGIN:VCALENDAR\nNAME:A\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n\nBEGIN:VCALENDAR\nNAME:B\nBEGIN:VEVENT\nUID:2\nEND:VEVENT\nEND:VCALENDAR\n");
        Assert.Equal(["1", "2"], calendar.Events.Select(e => e.Uid));
        Assert.Equal("A", calendar.Name);
    }

    [Fact]
    public void Quoted_and_caret_encoded_parameters_are_decoded()
    {
        var calendar = Ics.Calendar(
            "BEGIN:VTIMEZONE", "TZID:A;B: \"C\"", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0300", "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIMEZONE",
            "BEGIN:VEVENT", "DTSTART;X-A=\"p:q;r\";TZID=\"A;B: ^'C^'\":20260102T120000", "SUMMARY;X-A=\"p:q\":Title", "END:VEVENT");
        var one = Assert.Single(calendar.Events);
        Assert.Equal(Ics.Time("2026-01-02T09:00:00Z"), one.Start);
        Assert.Equal("Title", one.Summary);
        Assert.Empty(calendar.Repairs);
    }

    [Fact]
    public void Unquoted_colon_in_a_parameter_is_repaired_and_counted()
    {
        var calendar = Ics.Event("DTSTART;TZID=UTC+02:00:20260102T120000");
        Assert.Equal(Ics.Time("2026-01-02T10:00:00Z"), Assert.Single(calendar.Events).Start);
        Assert.Contains(calendar.Repairs, r => r is { What: "unquotedColon", Count: 1 });
    }

    [Fact]
    public void Unescaped_line_breaks_stay_in_the_text_and_are_counted()
    {
        var calendar = Ics.Event("DESCRIPTION:first", "second line", "", "third, with words", "DTSTART:20260102", "SUMMARY:Title");
        var one = Assert.Single(calendar.Events);
        Assert.Equal("first\nsecond line\r\n\r\nthird, with words", one.Description);
        Assert.Equal("Title", one.Summary);
        Assert.Equal(Ics.Time("2026-01-02"), one.Start);
        Assert.Contains(calendar.Repairs, r => r.What == "brokenLine");
    }

    [Fact]
    public void Truncated_document_keeps_its_complete_events()
    {
        var calendar = Ics.Read("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nSUMM");
        Assert.Equal("1", Assert.Single(calendar.Events).Uid);
        Assert.Contains(calendar.Repairs, r => r.What == "truncated");
    }

    [Fact]
    public void Missing_END_loses_no_event()
    {
        var calendar = Ics.Read("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VALARM\nUID:x\nBEGIN:VEVENT\nUID:2\nEND:VCALENDAR\n");
        Assert.Equal(["1", "2"], calendar.Events.Select(e => e.Uid));
        Assert.Contains(calendar.Repairs, r => r is { What: "missingEnd", Count: 2 });
    }

    [Fact]
    public void Common_encodings_are_read()
    {
        const string text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Žluťoučký 🐎\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        Encoding[] encodings = [new UTF8Encoding(true), new UTF8Encoding(false), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, new UTF32Encoding(true, true)];
        foreach (var encoding in encodings)
            Assert.Equal("Žluťoučký 🐎", Assert.Single(Ics.Read([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]).Events).Summary);
        Assert.Equal("Žluťoučký 🐎", Assert.Single(Ics.Read(Encoding.Unicode.GetBytes(text)).Events).Summary);
    }

    [Fact]
    public void Invalid_UTF8_is_read_as_Windows_1252_unless_the_server_declares_otherwise()
    {
        byte[] bytes = [.. "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:caf"u8, 0xE9, .. "\nDESCRIPTION:"u8, 0xC3, 0xA9, 0xE9, .. "\nEND:VEVENT\nEND:VCALENDAR"u8];
        var calendar = Ics.Read(bytes);
        Assert.Equal("café", Assert.Single(calendar.Events).Summary);
        Assert.Equal("é\ufffd", calendar.Events[0].Description);
        Assert.Contains(calendar.Repairs, r => r is { What: "encoding", Count: 2 });
        Assert.Equal("cafй", CalendarReader.Read(bytes, "windows-1251").Calendar!.Events[0].Summary);
        Assert.Equal("café", CalendarReader.Read(bytes, "no-such-charset").Calendar!.Events[0].Summary);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" \r\n\r\n", "empty")]
    [InlineData("<!doctype html><title>Not found</title>", "html")]
    [InlineData("{\"items\":[]}", "json")]
    [InlineData("BEGIN:VCARD\nFN:Somebody\nEND:VCARD\n", "notACalendar")]
    [InlineData("hello", "notACalendar")]
    public void Document_that_is_no_calendar_is_an_error_value(string text, string code)
    {
        var result = CalendarReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.Null(result.Calendar);
        Assert.Equal(code, result.Error?.Code);
        Assert.NotEmpty(result.Error!.Message);
    }

    [Fact]
    public void Junk_before_the_calendar_is_skipped() =>
        Assert.Single(Ics.Read("HTTP/1.1 200 OK\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n").Events);
}
