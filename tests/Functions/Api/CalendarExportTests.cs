using System.Globalization;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Contributions.Exports;
using ContributionIngest.Core.Model;
using NodaTime;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>The ledger as a calendar, read back by ical.js.</summary>
public sealed class CalendarExportTests
{
    private static readonly string[] Known = ["uid", "dtstamp", "dtstart", "dtend", "summary", "url", "description", "categories", "status", "class", "transp"];

    [Fact]
    public async Task Calendar_contains_the_whole_ledger()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.SendAsync(HttpMethod.Put, "/me", """{"name":"Ada; L, \\ Co"}""");
        await new Scenario(12).FillAsync(app);
        await ExportReader.HarvestHostileAsync(app);
        var (document, calendar) = await ExportReader.ExportAsync(app, "icalendar");
        AssertLines(document);
        Assert.Equal("Contributions of Ada; L, \\ Co", calendar.Text("name"));
        var entries = await ExportReader.EntriesAsync(app);
        Assert.Equal(entries.Count, calendar.GetProperty("events").GetArrayLength());
        foreach (var (item, entry) in calendar.GetProperty("events").EnumerateArray().Zip(entries))
        {
            var values = entry.Effective();
            Assert.Equal(values.Title, item.Text("summary"));
            Assert.Equal(values.Url, item.Text("url"));
            Assert.Equal(values.Summary, item.Text("description"));
            Assert.Equal(values.Topics.Prepend(CamelCase.ToWords(EnumText<Kind>.Of(values.Kind))), item.GetProperty("categories").EnumerateArray().Select(c => c.GetString()));
            Assert.Equal(Seconds(values.When), Time(item, "start"));
            Assert.Equal(values.EndsAt is { } end && Seconds(end) > Seconds(values.When) ? Seconds(end) : null, Time(item, "end"));
            Assert.Equal(Seconds(entry.Sightings.Max(s => s.LastSeen)), Time(item, "stamp"));
            Assert.Equal(entry.Private ? "PRIVATE" : null, item.Text("class"));
            Assert.Null(item.Text("status"));
            Assert.Empty(item.GetProperty("properties").EnumerateArray().Select(p => p.GetString()).Except(Known, StringComparer.Ordinal));
        }

        Assert.Equal(entries.Count, calendar.GetProperty("events").EnumerateArray().Select(e => e.Text("uid")).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("America/New_York")]
    [InlineData("Europe/Berlin")]
    [InlineData("Pacific/Auckland")]
    public async Task Day_without_a_time_is_a_whole_day_in_the_calendar_and_its_last_day_is_included(string zone)
    {
        await using var app = await LedgerFixture.StartAsync(zone);
        await app.HarvestAsync(
            LedgerFixture.Draft("theirs", "2026-05-20T00:00:00Z") with { DatePrecision = DatePrecision.Day },
            LedgerFixture.Draft("long", "2026-05-20T00:00:00Z") with { DatePrecision = DatePrecision.Day, EndsAt = new DateTimeOffset(2026, 5, 22, 0, 0, 0, TimeSpan.Zero) },
            LedgerFixture.Draft("derived", "2026-05-20T00:00:00Z") with { DatePrecision = DatePrecision.Derived });
        await app.SendAsync(HttpMethod.Post, "/ledger", """{"title":"Title of mine","kind":"talk","when":"2026-05-20"}""");
        var (_, calendar) = await ExportReader.ExportAsync(app, "icalendar");
        var events = calendar.GetProperty("events").EnumerateArray().ToDictionary(e => e.Text("summary")!, StringComparer.Ordinal);
        Assert.Equal(4, events.Count);
        Assert.All(events.Values, e => Assert.Equal(("2026-05-20", true, "TRANSPARENT"), (e.GetProperty("start").Text("text"), e.GetProperty("start").GetProperty("isDate").GetBoolean(), e.Text("transp"))));
        Assert.Equal("2026-05-23", events["Title of long"].GetProperty("end").Text("text"));
        Assert.True(events["Title of long"].GetProperty("end").GetProperty("isDate").GetBoolean());
        Assert.Null(Time(events["Title of theirs"], "end"));
    }

    [Fact]
    public async Task Entry_without_a_known_date_is_not_in_the_calendar_and_a_cancelled_one_says_so()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(
            LedgerFixture.Draft("unknown") with { When = null },
            LedgerFixture.Draft("called off", kind: Kind.Event) with { Status = Status.Cancelled },
            LedgerFixture.Draft("held", "2026-05-20T10:00:00Z", Kind.Event) with { EndsAt = new DateTimeOffset(2026, 5, 20, 9, 0, 0, TimeSpan.Zero) });
        var (_, calendar) = await ExportReader.ExportAsync(app, "icalendar");
        Assert.Equal([("Title of called off", "CANCELLED"), ("Title of held", null)], calendar.GetProperty("events").EnumerateArray().Select(e => (e.Text("summary"), e.Text("status"))));
        Assert.Null(Time(calendar.GetProperty("events")[1], "end"));
    }

    [Fact]
    public async Task Events_keep_their_UID_when_they_change()
    {
        await using var app = await LedgerFixture.StartAsync();
        await app.HarvestAsync(LedgerFixture.Draft("one"));
        var before = (await ExportReader.ExportAsync(app, "icalendar")).Read.GetProperty("events")[0].Text("uid");
        await app.SendAsync(HttpMethod.Patch, "/ledger/" + (await app.WalkAsync(""))[0], """{"title":"Another","when":"2026-04-04"}""");
        var after = (await ExportReader.ExportAsync(app, "icalendar")).Read.GetProperty("events")[0];
        Assert.Equal((before, "Another"), (after.Text("uid"), after.Text("summary")));
    }

    [Fact]
    public async Task Text_with_line_ends_and_control_characters_stays_one_property()
    {
        await using var output = new MemoryStream();
        var text = "one\r\nATTACH:http://evil.example/\rEND:VEVENT\nBEGIN:VALARM\0\a\u001B\u007F\ttab \\n; , end";
        await LedgerCalendar.WriteAsync(output, ExportReader.RawAsync(text), new LedgerOwner("p", "A\r\nX-EVIL:1", DateTimeZone.Utc), CancellationToken.None);
        AssertLines(output.ToArray());
        var calendar = await ExportReader.ReadAsync("icalendar", output.ToArray());
        var item = Assert.Single(calendar.GetProperty("events").EnumerateArray());
        var expected = "one\nATTACH:http://evil.example/\nEND:VEVENT\nBEGIN:VALARM\ttab \\n; , end";
        Assert.Equal((expected, expected, expected), (item.Text("summary"), item.Text("description"), item.GetProperty("categories")[1].GetString()));
        Assert.Empty(item.GetProperty("properties").EnumerateArray().Select(p => p.GetString()).Except(Known, StringComparer.Ordinal));
        Assert.Equal("Contributions of A\nX-EVIL:1", calendar.Text("name"));
    }

    /// <summary>Lines end with CR LF, have at most 75 octets, and are whole UTF-8 each (RFC 5545 section 3.1).</summary>
    private static void AssertLines(byte[] document)
    {
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(document);
        Assert.EndsWith("END:VCALENDAR\r\n", text, StringComparison.Ordinal);
        foreach (var line in text.Split("\r\n"))
        {
            Assert.DoesNotContain(line, c => char.IsControl(c) && c != '\t');
            Assert.InRange(Encoding.UTF8.GetByteCount(line), 0, 75);
            Assert.DoesNotContain('\uFFFD', line);
        }
    }

    private static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static DateTimeOffset? Time(JsonElement item, string name)
    {
        if (!item.TryGetProperty(name, out var time) || time.ValueKind != JsonValueKind.Object)
            return null;
        Assert.False(time.GetProperty("isDate").GetBoolean());
        return DateTimeOffset.ParseExact(time.Text("text")!, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }
}
