using System.CommandLine;
using System.Text.Json;
using ContributionIngest.Functions.Cli;
using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

public sealed class ParseCalendarCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ical").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Command_prints_one_line_per_calendar_with_events_and_repairs()
    {
        var file = await WriteAsync("a.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260105\nSUMMARY:Grüße \"hier\"\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\nEND:VCALENDAR\n");
        var (exitCode, output, _) = await RunAsync(file);
        Assert.Equal(0, exitCode);
        Assert.Equal(
            $$"""{"file":{{JsonSerializer.Serialize(file, CommandTestJson.Default.String)}},"events":[{"uid":"1","start":"2026-01-05T00:00:00Z","end":"2026-01-06T00:00:00Z","allDay":true,"summary":"Grüße \"hier\"","status":null,"url":null,"location":null,"recurring":true,"recurrenceId":null,"sequence":0}],"repairs":[]}""",
            Assert.Single(output));
    }

    [Fact]
    public async Task Time_window_adds_the_occurrences()
    {
        var file = await WriteAsync("a.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260105T100000Z\nRRULE:FREQ=SECONDLY\nEND:VEVENT\nEND:VCALENDAR\n");
        var (_, output, _) = await RunAsync("--from", "2026-01-05T10:00:58Z", "--to", "2026-01-05T11:01:00+01:00", file);
        using var line = JsonDocument.Parse(Assert.Single(output));
        Assert.Equal("""[["1","2026-01-05T10:00:58Z"],["1","2026-01-05T10:00:59Z"]]""", line.RootElement.GetProperty("occurrences").GetRawText());

        (_, output, _) = await RunAsync("--from", "2026-01-05", file);
        using var open = JsonDocument.Parse(Assert.Single(output));
        Assert.Equal("""[{"what":"occurrencesCapped","count":1}]""", open.RootElement.GetProperty("repairs").GetRawText());
    }

    [Fact]
    public async Task Invalid_calendar_sets_the_exit_code_and_the_others_are_still_read()
    {
        var (exitCode, output, _) = await RunAsync(
            await WriteAsync("page.ics", "<html></html>"),
            Path.Combine(_folder, "missing.ics"),
            await WriteAsync("a.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"));
        Assert.Equal(2, exitCode);
        var codes = output.Select(l => JsonDocument.Parse(l).RootElement).Select(e => e.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null);
        Assert.Equal(["html", "unreadable", null], codes);
    }

    [Fact]
    public async Task Timing_is_printed_to_standard_error()
    {
        var (_, output, errors) = await RunAsync("--timing", "--repeat", "3", await WriteAsync("a.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"));
        Assert.Single(output);
        Assert.Matches(@"a\.ics: 30 bytes, first pass \d+\.\d{3} ms, best of 3 \d+\.\d{3} ms", Assert.Single(errors));
    }

    [Fact]
    public async Task Invalid_time_is_rejected_by_name()
    {
        var (exitCode, _, errors) = await RunAsync("--from", "tomorrow", await WriteAsync("a.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"));
        Assert.NotEqual(0, exitCode);
        Assert.Contains(errors, e => e.Contains("'tomorrow'", StringComparison.Ordinal));
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(file, text);
        return file;
    }

    private static async Task<(int ExitCode, string[] Output, string[] Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exitCode = await ParseCommand.Calendar().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        return (exitCode, Lines(output), Lines(errors));
    }

    private static string[] Lines(StringWriter text) => text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class CommandTestJson : System.Text.Json.Serialization.JsonSerializerContext;
