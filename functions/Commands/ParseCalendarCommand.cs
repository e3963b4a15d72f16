using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.Calendars;

namespace ContributionIngest.Functions.Commands;

/// <summary>
/// <c>ical [--from T] [--to T] FILE…</c>: one JSON object a line and file, <c>-</c> is standard input. With a window each line also has the
/// occurrences that start in it. What is no calendar gives <c>{"file","error"}</c>, and exit code 2 at the end.
/// </summary>
public static class ParseCalendarCommand
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Arity = ArgumentArity.OneOrMore, Description = "iCalendar files; - is standard input" };
        var from = Time("--from", "List the occurrences that start at this time or later (ISO 8601, UTC unless it says otherwise)");
        var to = Time("--to", "List the occurrences that start before this time");
        var timing = new Option<bool>("--timing") { Description = "Tell on standard error how long reading took" };
        var repeat = new Option<int>("--repeat") { Description = "With --timing: read so many times and tell the best", DefaultValueFactory = _ => 1 };
        var command = new Command("ical", "Read iCalendar files and print their events as JSON") { files, from, to, timing, repeat };
        command.SetAction(parsed =>
        {
            var window = (From: parsed.GetValue(from), To: parsed.GetValue(to));
            var passes = Math.Max(1, parsed.GetValue(repeat));
            var output = parsed.InvocationConfiguration.Output;
            var exitCode = 0;
            foreach (var file in parsed.GetRequiredValue(files))
            {
                var result = Read(file, passes, parsed.GetValue(timing) ? parsed.InvocationConfiguration.Error : null);
                if (result.Error is not null) exitCode = 2;
                output.WriteLine(Line(file, result, window.From, window.To));
            }

            return exitCode;
        });
        return command;
    }

    /// <summary>The line of one file.</summary>
    public static string Line(string file, CalendarResult result, DateTimeOffset? from, DateTimeOffset? to)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            if (result.Calendar is { } calendar) WriteCalendar(json, calendar, from, to);
            else WriteError(json, result.Error!);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            const DateTimeStyles style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, style, out var time)) return time;
            argument.AddError($"'{text}' is no ISO 8601 time such as 2026-01-31 or 2026-01-31T18:00:00Z.");
            return null;
        },
    };

    private static CalendarResult Read(string file, int passes, TextWriter? timing)
    {
        byte[] bytes;
        try
        {
            bytes = file == "-" ? StandardInput() : File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new CalendarResult(null, new CalendarError("unreadable", failure.Message));
        }

        var start = Stopwatch.GetTimestamp();
        var result = CalendarReader.Read(bytes);
        if (timing is null) return result;

        var first = Stopwatch.GetElapsedTime(start);
        var best = first;
        for (var pass = 1; pass < passes; pass++)
        {
            start = Stopwatch.GetTimestamp();
            CalendarReader.Read(bytes);
            var took = Stopwatch.GetElapsedTime(start);
            if (took < best) best = took;
        }

        timing.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: {bytes.Length} bytes, first pass {first.TotalMilliseconds:F3} ms, best of {passes} {best.TotalMilliseconds:F3} ms"));
        return result;
    }

    private static byte[] StandardInput()
    {
        using var input = Console.OpenStandardInput();
        using var copy = new MemoryStream();
        input.CopyTo(copy);
        return copy.ToArray();
    }

    private static void WriteError(Utf8JsonWriter json, CalendarError error)
    {
        json.WriteStartObject("error");
        json.WriteString("code", error.Code);
        json.WriteString("message", error.Message);
        json.WriteEndObject();
    }

    private static void WriteCalendar(Utf8JsonWriter json, CalendarDocument calendar, DateTimeOffset? from, DateTimeOffset? to)
    {
        json.WriteStartArray("events");
        foreach (var one in calendar.Events) WriteEvent(json, one);
        json.WriteEndArray();

        IEnumerable<Repair> repairs = calendar.Repairs;
        if (from is not null || to is not null)
        {
            var expansion = new CalendarExpansion(calendar, from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue);
            json.WriteStartArray("occurrences");
            foreach (var occurrence in expansion)
            {
                json.WriteStartArray();
                json.WriteStringValue(occurrence.Uid);
                json.WriteStringValue(Iso(occurrence.Start));
                json.WriteEndArray();
            }

            json.WriteEndArray();
            repairs = repairs.Concat(expansion.Repairs);
        }

        json.WriteStartArray("repairs");
        foreach (var repair in repairs)
        {
            json.WriteStartObject();
            json.WriteString("what", repair.What);
            json.WriteNumber("count", repair.Count);
            if (repair.Detail is not null) json.WriteString("detail", repair.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEvent(Utf8JsonWriter json, CalendarEvent one)
    {
        json.WriteStartObject();
        json.WriteString("uid", one.Uid);
        json.WriteString("start", Iso(one.Start));
        json.WriteString("end", Iso(one.End));
        json.WriteBoolean("allDay", one.AllDay);
        json.WriteString("summary", one.Summary);
        json.WriteString("status", one.Status);
        json.WriteString("url", one.Url);
        json.WriteString("location", one.Location);
        json.WriteBoolean("recurring", one.Recurring);
        json.WriteString("recurrenceId", Iso(one.RecurrenceId));
        json.WriteNumber("sequence", one.Sequence);
        json.WriteEndObject();
    }

    private static string? Iso(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
