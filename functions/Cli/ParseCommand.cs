using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core;
using ContributionIngest.Formats;
using ContributionIngest.Formats.Calendars;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Functions.Cli;

/// <summary>
/// <c>parse feed|ical FILE…</c>: prints what a reader finds in each file, one JSON object per line; <c>-</c> reads standard input. A file that cannot
/// be read gives <c>{"file","error"}</c> and exit code 2.
/// </summary>
internal static class ParseCommand
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public static Command Create() => new("parse", "Reads files as sources would and prints what they say, one JSON object a line.") { Feed(), Calendar() };

    public static Command Feed()
    {
        var address = new Option<string?>("--base") { Description = "Where the documents came from; relative links are resolved against it." };
        address.Validators.Add(result =>
        {
            if (result.Tokens is [var typed] && !Uri.TryCreate(typed.Value, UriKind.Absolute, out _))
                result.AddError($"--base must be an absolute address such as https://example.com/feed, not \"{typed.Value}\".");
        });
        var command = new Command("feed", "Read feed documents and print what they say, one JSON object a line.") { address };
        return Reading(command, "Feed documents", parsed =>
        {
            var from = parsed.GetValue(address) is { } typed ? new Uri(typed) : null;
            return bytes => FeedReader.Read(bytes, null, from) switch
            {
                { Feed: { } feed } => new Document(file => Line(file, feed), null),
                var refused => new Document(null, refused.Error),
            };
        });
    }

    /// <summary>With a time window, each line also has the occurrences that start in it.</summary>
    public static Command Calendar()
    {
        var from = Time("--from", "List the occurrences that start at this time or later (ISO 8601; UTC if it has no offset).");
        var to = Time("--to", "List the occurrences that start before this time.");
        var command = new Command("ical", "Read iCalendar files and print their events as JSON.") { from, to };
        return Reading(command, "iCalendar files", parsed => bytes => CalendarReader.Read(bytes) switch
        {
            { Calendar: { } calendar } => new Document(file => Line(file, calendar, parsed.GetValue(from), parsed.GetValue(to)), null),
            var refused => new Document(null, refused.Error),
        });
    }

    /// <param name="Print">Prints the result, given the file name; null if the file could not be read.</param>
    private sealed record Document(Func<string, object>? Print, object? Error);

    private sealed record CalendarLine(
        string File,
        IEnumerable<object> Events,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<object>? Occurrences,
        IEnumerable<Repair> Repairs);

    private static Command Reading(Command command, string what, Func<ParseResult, Func<byte[], Document>> reader)
    {
        var files = new Argument<string[]>("FILE") { Arity = ArgumentArity.OneOrMore, Description = $"{what}; - reads standard input." };
        var timing = new Option<bool>("--timing") { Description = "Say on standard error how many bytes were read in how many milliseconds." };
        var repeat = new Option<int>("--repeat") { Description = "Read everything so many times; --timing tells the best pass.", DefaultValueFactory = _ => 1 };
        command.Add(files);
        command.Add(timing);
        command.Add(repeat);
        command.SetAction(parsed =>
        {
            // Must precede the first use of the output. JSON is UTF-8 (RFC 8259, 8.1), whatever the terminal's encoding.
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
            var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var (names, read) = (parsed.GetRequiredValue(files), reader(parsed));
            var loaded = Array.ConvertAll(names, Load);
            var documents = new Document[names.Length];
            var passes = new double[Math.Max(1, parsed.GetValue(repeat))];
            for (var pass = 0; pass < passes.Length; pass++)
            {
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < names.Length; i++)
                    documents[i] = loaded[i].Unreadable ?? read(loaded[i].Bytes);
                passes[pass] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            foreach (var (file, document) in names.Zip(documents))
                output.WriteLine(JsonSerializer.Serialize(document.Print?.Invoke(file) ?? new { file, document.Error }, Json));
            if (parsed.GetValue(timing))
            {
                var (name, bytes) = (names is [var one] ? one : $"{names.Length} files", loaded.Sum(file => (long)file.Bytes.Length));
                errors.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{name}: {bytes} bytes, first pass {passes[0]:F3} ms, best of {passes.Length} {passes.Min():F3} ms"));
            }

            return documents.All(document => document.Print is not null) ? 0 : 2;
        });
        return command;
    }

    private static (byte[] Bytes, Document? Unreadable) Load(string file)
    {
        try
        {
            if (file != "-")
                return (File.ReadAllBytes(file), null);
            using var input = Console.OpenStandardInput();
            using var copy = new MemoryStream();
            input.CopyTo(copy);
            return (copy.ToArray(), null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return ([], new Document(null, new FeedError("unreadable", $"It cannot be read: {FileErrors.Reason(fault)}.")));
        }
    }

    private static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            const DateTimeStyles style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, style, out var time))
                return time;
            argument.AddError($"'{text}' is no ISO 8601 time such as 2026-01-31 or 2026-01-31T18:00:00Z.");
            return null;
        },
    };

    private static object Line(string file, FeedDocument feed) => new
    {
        file,
        feed.Format,
        feed.Id,
        feed.Title,
        feed.Link,
        feed.Description,
        feed.Language,
        feed.Author,
        Updated = feed.Updated?.UtcDateTime,
        feed.Categories,
        feed.Hubs,
        feed.Self,
        feed.Next,
        Entries = feed.Entries.Select(entry => new
        {
            entry.Id,
            entry.Title,
            entry.Link,
            Published = entry.Published?.UtcDateTime,
            Updated = entry.Updated?.UtcDateTime,
            entry.Author,
            entry.Summary,
            entry.Categories,
            entry.Enclosures,
        }),
        feed.Repairs,
    };

    private static CalendarLine Line(string file, CalendarDocument calendar, DateTimeOffset? from, DateTimeOffset? to)
    {
        var events = calendar.Events.Select(one => new
        {
            one.Uid,
            Start = one.Start?.UtcDateTime,
            End = one.End?.UtcDateTime,
            one.AllDay,
            one.Summary,
            one.Status,
            one.Url,
            one.Location,
            one.Recurring,
            RecurrenceId = one.RecurrenceId?.UtcDateTime,
            one.Sequence,
        });
        if (from is null && to is null)
            return new CalendarLine(file, events, null, calendar.Repairs);

        // The repairs are complete only after enumeration.
        var expansion = new CalendarExpansion(calendar, from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue);
        List<object> occurrences = [.. expansion.Select(one => new object?[] { one.Uid, one.Start.UtcDateTime })];
        return new CalendarLine(file, events, occurrences, calendar.Repairs.Concat(expansion.Repairs));
    }
}
