using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ContributionIngest.Core.Sources.Feeds;

namespace ContributionIngest.Functions.Commands;

/// <summary>
/// <c>parse feed [--base URL] FILE…</c>: what the feed reader makes of documents, one JSON object a line and file; <c>-</c> reads standard
/// input. Exit code 2 when one of them was no feed or could not be read.
/// </summary>
internal static class ParseFeedCommand
{
    private const int NoFeed = 2;

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Feed documents; - reads standard input.", Arity = ArgumentArity.OneOrMore };
        var address = new Option<string?>("--base") { Description = "Where the documents came from; relative links are resolved against it." };
        var timing = new Option<bool>("--timing") { Description = "Say on standard error how many bytes were read in how many milliseconds." };
        var repeat = new Option<int>("--repeat") { Description = "Read everything so many times; --timing then adds the best pass.", DefaultValueFactory = _ => 1 };
        var command = new Command("feed", "Read feed documents and print what they say, one JSON object a line.") { files, address, timing, repeat };
        address.Validators.Add(result =>
        {
            if (result.Tokens is [var typed] && !Uri.TryCreate(typed.Value, UriKind.Absolute, out _))
                result.AddError($"--base must be an absolute address such as https://example.com/feed, not \"{typed.Value}\".");
        });
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(files),
            parsed.GetValue(address) is { } typed ? new Uri(typed) : null,
            parsed.GetValue(timing),
            Math.Max(1, parsed.GetValue(repeat)),
            TimeProvider.System));
        return command;
    }

    private static int Run(string[] files, Uri? address, bool timing, int repeat, TimeProvider clock)
    {
        var documents = Array.ConvertAll(files, Load);
        var results = new FeedResult[files.Length];
        var passes = new double[repeat];
        for (var pass = 0; pass < repeat; pass++)
        {
            var start = clock.GetTimestamp();
            for (var i = 0; i < files.Length; i++) results[i] = documents[i].Error ?? FeedReader.Read(documents[i].Bytes, null, address);
            passes[pass] = clock.GetElapsedTime(start).TotalMilliseconds;
        }

        Print(files, results);
        if (timing)
        {
            var bytes = documents.Sum(document => (long)document.Bytes.Length);
            var best = repeat > 1 ? string.Create(CultureInfo.InvariantCulture, $", best of {repeat} {passes.Min():0.000} ms") : "";
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes, first pass {passes[0]:0.000} ms{best}"));
        }

        return results.All(result => result.Feed is not null) ? 0 : NoFeed;
    }

    private static (byte[] Bytes, FeedResult? Error) Load(string file)
    {
        try
        {
            if (file != "-") return (File.ReadAllBytes(file), null);
            using var memory = new MemoryStream();
            using var input = Console.OpenStandardInput();
            input.CopyTo(memory);
            return (memory.ToArray(), null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return ([], new FeedResult(null, new FeedError("unreadable", fault.Message)));
        }
    }

    private static void Print(string[] files, FeedResult[] results)
    {
        using var output = Console.OpenStandardOutput();
        var line = new ArrayBufferWriter<byte>(64 * 1024);
        using var json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        for (var i = 0; i < files.Length; i++)
        {
            Write(json, files[i], results[i]);
            json.Flush();
            line.Write("\n"u8);
            output.Write(line.WrittenSpan);
            line.ResetWrittenCount();
            json.Reset();
        }
    }

    private static void Write(Utf8JsonWriter json, string file, FeedResult result)
    {
        json.WriteStartObject();
        json.WriteString("file", file);
        if (result.Feed is { } feed)
        {
            WriteFeed(json, feed);
        }
        else
        {
            json.WriteStartObject("error");
            json.WriteString("code", result.Error?.Code);
            json.WriteString("message", result.Error?.Message);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteFeed(Utf8JsonWriter json, FeedDocument feed)
    {
        json.WriteString("format", feed.Format);
        json.WriteString("id", feed.Id);
        json.WriteString("title", feed.Title);
        json.WriteString("link", feed.Link);
        json.WriteString("description", feed.Description);
        json.WriteString("language", feed.Language);
        json.WriteString("author", feed.Author);
        json.WriteString("updated", Text(feed.Updated));
        WriteList(json, "categories", feed.Categories);
        WriteList(json, "hubs", feed.Hubs);
        json.WriteString("self", feed.Self);
        json.WriteString("next", feed.Next);
        json.WriteStartArray("entries");
        foreach (var entry in feed.Entries) WriteEntry(json, entry);
        json.WriteEndArray();
        json.WriteStartArray("repairs");
        foreach (var repair in feed.Repairs)
        {
            json.WriteStartObject();
            json.WriteString("what", repair.What);
            json.WriteNumber("count", repair.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, FeedEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("id", entry.Id);
        json.WriteString("title", entry.Title);
        json.WriteString("link", entry.Link);
        json.WriteString("published", Text(entry.Published));
        json.WriteString("updated", Text(entry.Updated));
        json.WriteString("author", entry.Author);
        json.WriteString("summary", entry.Summary);
        WriteList(json, "categories", entry.Categories);
        json.WriteStartArray("enclosures");
        foreach (var enclosure in entry.Enclosures)
        {
            json.WriteStartObject();
            json.WriteString("url", enclosure.Url);
            json.WriteString("type", enclosure.Type);
            if (enclosure.Length is { } length) json.WriteNumber("length", length);
            else json.WriteNull("length");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>ISO 8601 in UTC, with a fraction only where there is one.</summary>
    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
