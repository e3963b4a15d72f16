using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using ContributionIngest.Formats.Calendars;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>Reading a calendar of 5,000 events, beside node-ical and ical.js on the same bytes in the same run.</summary>
public static class CalendarSpeed
{
    /// <param name="rivals">A folder in which npm may install the two; null to leave them out.</param>
    public static async Task WriteAsync(TextWriter output, string? rivals)
    {
        var bytes = Calendar(5_000);
        var start = Stopwatch.GetTimestamp();
        var first = CalendarReader.Read(bytes).Calendar!;
        var cold = Stopwatch.GetElapsedTime(start);
        if (first.Events.Count != 5_000) throw new InvalidOperationException($"Read {first.Events.Count} events of 5,000.");

        var best = TimeSpan.MaxValue;
        for (var pass = 0; pass < 60; pass++)
        {
            start = Stopwatch.GetTimestamp();
            CalendarReader.Read(bytes);
            var took = Stopwatch.GetElapsedTime(start);
            if (took < best) best = took;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        CalendarReader.Read(bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Row(output, "this reader, first pass", bytes.Length, cold);
        Row(output, "this reader", bytes.Length, best);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| allocated per input byte | {(double)allocated / bytes.Length:F2} | |"));
        if (rivals is null) return;
        foreach (var (name, took) in await RivalsAsync(rivals, bytes))
        {
            Row(output, name, bytes.Length, took);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| this reader is faster than {name} | {took / best:F1} × | |"));
        }
    }

    /// <summary>A calendar as listing sites write them: about a kilobyte an event, two zones, folded descriptions, escapes, an alarm.</summary>
    public static byte[] Calendar(int events)
    {
        var text = new StringBuilder(events * 1_100);
        text.Append("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Events//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Events\r\n");
        foreach (var zone in new[] { "Europe/Berlin", "America/New_York" }) text.Append(Zone(zone));
        for (var i = 0; i < events; i++)
        {
            var start = new DateTime(2024, 1, 1, 18, 0, 0, DateTimeKind.Utc).AddHours(i * 5);
            var zone = i % 3 == 0 ? "America/New_York" : "Europe/Berlin";
            text.Append("BEGIN:VEVENT\r\n");
            Append(text, $"UID:event_{i:D6}@events.example.org");
            Append(text, $"DTSTAMP:20240101T000000Z");
            Append(text, $"DTSTART;TZID={zone}:{start:yyyyMMdd'T'HHmmss}");
            Append(text, $"DTEND;TZID={zone}:{start.AddHours(2):yyyyMMdd'T'HHmmss}");
            Append(text, $"STATUS:CONFIRMED");
            Append(text, $"SUMMARY:Meeting number {i} of the local group: talks\\, questions and café");
            Append(text, $"DESCRIPTION:Local group\\nMonday at 6 pm\\n\\nThis month we have two talks\\; the first is about reading "
                + "calendars quickly without giving up on those that are broken\\, the second about how a program can be tested when time "
                + $"itself is one of its inputs. Bring a friend\\, bring a question.\\n\\nhttps://events.example.org/groups/local/events/{i}/");
            Append(text, "ORGANIZER;CN=\"The Group, Organiser\":MAILTO:info@events.example.org");
            Append(text, "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Someone;X-NUM-GUESTS=0:mailto:someone@example.org");
            Append(text, "CLASS:PUBLIC");
            Append(text, "CREATED:20231201T120000Z");
            Append(text, "GEO:52.52;13.40");
            Append(text, "LOCATION:House of Code\\, Example Street 1\\, 10115 Berlin");
            Append(text, $"URL:https://events.example.org/groups/local/events/{i}/");
            Append(text, $"SEQUENCE:{i % 4}");
            Append(text, "LAST-MODIFIED:20240102T030405Z");
            Append(text, "CATEGORIES:Talks,Community");
            if (i % 20 == 0) Append(text, "RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=12");
            text.Append("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\nEND:VEVENT\r\n");
        }

        text.Append("END:VCALENDAR\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Append(StringBuilder text, string line)
    {
        for (var at = 0; at < line.Length; at += 74)
        {
            if (at > 0) text.Append("\r\n ");
            text.Append(line, at, Math.Min(74, line.Length - at));
        }

        text.Append("\r\n");
    }

    private static string Zone(string name)
    {
        var (standard, daylight, spring, autumn) = name.StartsWith("Europe", StringComparison.Ordinal)
            ? ("+0100", "+0200", "BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU")
            : ("-0500", "-0400", "BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU");
        return $"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n"
            + $"BEGIN:DAYLIGHT\r\nTZOFFSETFROM:{standard}\r\nTZOFFSETTO:{daylight}\r\nDTSTART:20070311T020000\r\nRRULE:FREQ=YEARLY;{spring}\r\nEND:DAYLIGHT\r\n"
            + $"BEGIN:STANDARD\r\nTZOFFSETFROM:{daylight}\r\nTZOFFSETTO:{standard}\r\nDTSTART:20071104T020000\r\nRRULE:FREQ=YEARLY;{autumn}\r\nEND:STANDARD\r\n"
            + "END:VTIMEZONE\r\n";
    }

    private static void Row(TextWriter output, string who, int bytes, TimeSpan took) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"| {who} | {took.TotalMilliseconds:F2} ms | {bytes / took.TotalSeconds / 1e6:F0} MB/s |"));

    private static async Task<List<(string Name, TimeSpan Took)>> RivalsAsync(string folder, byte[] calendar)
    {
        Directory.CreateDirectory(folder);
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "node-ical")))
            await RunAsync(folder, "npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, "node-ical@0.26.1", "ical.js@2.2.1");
        var file = Path.Combine(folder, "calendar.ics");
        await File.WriteAllBytesAsync(file, calendar);
        var script = Path.Combine(folder, "calendar-rivals.cjs");
        await File.WriteAllTextAsync(script, Script);
        var rows = (await RunAsync(folder, "node", script, file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. rows.Select(r => r.Split(' ')).Select(r => (r[0], TimeSpan.FromMilliseconds(double.Parse(r[1], CultureInfo.InvariantCulture))))];
    }

    // Each gets the text as a string already. Of ical.js only the parse is timed: making instants of its times takes it far longer.
    private const string Script = """
        const fs = require('fs');
        const text = fs.readFileSync(process.argv[2], 'utf8');
        const best = (name, passes, read) => {
          let least = Infinity;
          for (let i = 0; i < passes; i++) {
            const start = process.hrtime.bigint();
            const count = read();
            const took = Number(process.hrtime.bigint() - start) / 1e6;
            if (count !== 5000) throw new Error(`${name} read ${count} events`);
            if (took < least) least = took;
          }
          console.log(`${name} ${least}`);
        };
        (async () => {
          const nodeIcal = require('node-ical');
          best('node-ical', 5, () => Object.values(nodeIcal.sync.parseICS(text)).filter(c => c.type === 'VEVENT').length);
          const { default: ICAL } = await import('ical.js');
          best('ical.js', 5, () => {
            const calendar = new ICAL.Component(ICAL.parse(text));
            return calendar.getAllSubcomponents('vevent')
              .filter(e => e.getFirstPropertyValue('uid') && e.getFirstPropertyValue('dtstart') && e.getFirstPropertyValue('summary')).length;
          });
        })();
        """;

    private static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new Win32Exception($"{program} did not start.");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
