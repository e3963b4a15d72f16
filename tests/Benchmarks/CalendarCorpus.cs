using System.Globalization;
using System.Text;
using System.Text.Json;
using ContributionIngest.Formats.Calendars;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>How many of the outside calendars and recurrence rules are read as they should be; the rest is named.</summary>
public static class CalendarCorpus
{
    /// <param name="Wanted">The least share.</param>
    public sealed record Score(string What, int Right, int Of, double Wanted, IReadOnlyList<string> Wrong)
    {
        public double Share => Of == 0 ? 0 : (double)Right / Of;
    }

    public static IReadOnlyList<Score> Scores(string corpora, Action<string> report)
    {
        IReadOnlyList<Score> scores = [Calendars(corpora), OccurrenceLists(corpora), Rules(corpora)];
        foreach (var score in scores)
        {
            foreach (var wrong in score.Wrong)
                report($"{score.What} {wrong}");
        }

        return scores;
    }

    /// <summary>Complete calendars: the events are the listed ones, each with all fields that most libraries agree on.</summary>
    public static Score Calendars(string corpora) => Count("calendars", 0.94, corpora, c => c.TryGetProperty("complete", out var complete) && complete.GetBoolean(), (calendar, expected) =>
    {
        var events = expected.GetProperty("events").EnumerateArray().ToList();
        var ours = calendar?.Events.ToList() ?? [];
        if (Difference(ours.Select(e => (e.Uid ?? "", Iso(e.Start))), events.Select(e => (e.GetProperty("uid").GetString() ?? "", e.GetProperty("start").GetString() ?? ""))) is { } difference)
            return difference;
        foreach (var wanted in events)
        {
            var found = ours.FindIndex(one => Differing(one, wanted).Count == 0);
            if (found < 0)
                return $"{wanted.GetProperty("uid")} differs in {string.Join(" and ", ours.Select(one => Differing(one, wanted)).MinBy(fields => fields.Count)!)}";
            ours.RemoveAt(found);
        }

        return null;
    });

    /// <summary>What differs, as sentences; only fields that are listed count.</summary>
    private static List<string> Differing(CalendarEvent ours, JsonElement wanted)
    {
        (string Name, string? Ours)[] fields =
        [
            ("uid", ours.Uid ?? ""), ("start", Iso(ours.Start)), ("end", Iso(ours.End)), ("summary", Folded(ours.Summary ?? "")), ("allday", ours.AllDay ? "true" : "false"), ("recurring", ours.Recurring ? "true" : "false"),
        ];
        return [.. fields.Where(field => wanted.TryGetProperty(field.Name, out var value) && value.ValueKind != JsonValueKind.Null && Text(value) != field.Ours)
            .Select(field => $"{field.Name}: '{field.Ours}' for '{wanted.GetProperty(field.Name)}'")];
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? Folded(value.GetString()!) : value.GetRawText();

    /// <summary>Any white space counts as one space: whether a text is folded is no matter of reading it right.</summary>
    private static string Folded(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public static Score OccurrenceLists(string corpora) => Count("occurrence lists", 0.97, corpora, c => c.TryGetProperty("occurrences", out _), (calendar, expected) =>
    {
        var occurrences = expected.GetProperty("occurrences");
        var window = occurrences.GetProperty("window");
        var ours = calendar is null
            ? []
            : new CalendarExpansion(calendar, window.GetProperty("from").GetDateTimeOffset(), window.GetProperty("to").GetDateTimeOffset())
                .Select(o => (o.Uid ?? "", Iso(o.Start)));
        return Difference(ours, occurrences.GetProperty("list").EnumerateArray().Select(o => (o[0].GetString() ?? "", o[1].GetString() ?? "")));
    });

    /// <summary>Rules: the listed instances come first; the start itself may be one more, as RFC 5545 has it.</summary>
    public static Score Rules(string corpora)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(corpora, "rrule", "expected.json")));
        var wrong = new List<string>();
        var count = 0;
        foreach (var block in expected.RootElement.EnumerateArray())
        {
            if (block.TryGetProperty("unimplemented", out _)) continue;
            count++;
            if (Difference(block) is { } difference) wrong.Add($"{block.GetProperty("rrule")} from {block.GetProperty("dtstart")}: {difference}");
        }

        return new Score("rules", count - wrong.Count, count, 0.9, wrong);
    }

    private static string? Difference(JsonElement block)
    {
        var start = block.GetProperty("dtstart").GetString()!;
        var text = $"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:{start}\nRRULE:{block.GetProperty("rrule")}\nEND:VEVENT\nEND:VCALENDAR\n";
        var calendar = CalendarReader.Read(Encoding.UTF8.GetBytes(text)).Calendar!;
        var first = calendar.Events[0].Start!.Value;
        // One source lists all instances whatever the point to start at, the other those from there on.
        var from = block.TryGetProperty("start_at", out var at) && block.GetProperty("source").GetString() == "Ical.Net" ? Time(at.GetString()!) : first;
        var expansion = new CalendarExpansion(calendar, from, DateTimeOffset.MaxValue);
        if (block.TryGetProperty("error", out _)) return calendar.Repairs.Count > 0 || expansion.Count() < 3 ? null : "should be refused";
        var expected = block.GetProperty("instances").EnumerateArray().Select(i => Time(i.GetString()!)).ToList();
        var ours = expansion.Take(expected.Count + 1).Select(o => o.Start).ToList();
        if (ours.Count > 0 && ours[0] == first && !expected.Contains(first)) ours.RemoveAt(0);
        ours = [.. ours.Take(expected.Count)];
        return ours.SequenceEqual(expected) ? null : $"got {string.Join(' ', ours.Take(8).Select(o => Iso(o)))} not {string.Join(' ', expected.Take(8).Select(o => Iso(o)))}";
    }

    private static string? Difference(IEnumerable<(string, string)> ours, IEnumerable<(string, string)> theirs)
    {
        var left = ours.Order().ToList();
        var right = theirs.Order().ToList();
        if (left.SequenceEqual(right)) return null;
        var more = left.Except(right).ToList();
        var less = right.Except(left).ToList();
        return $"{left.Count} for {right.Count}; only ours {string.Join(' ', more.Take(4))}; only theirs {string.Join(' ', less.Take(4))}";
    }

    private static Score Count(string what, double wanted, string corpora, Func<JsonElement, bool> counts, Func<CalendarDocument?, JsonElement, string?> difference)
    {
        var folder = Path.Combine(corpora, "ical");
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        var wrong = new List<string>();
        var count = 0;
        foreach (var file in expected.RootElement.EnumerateObject().Where(f => counts(f.Value)))
        {
            count++;
            // The libraries that made the expected answers ignore the zone of the whole calendar.
            var calendar = CalendarReader.Read(WithoutCalendarZone(File.ReadAllBytes(Path.Combine(folder, "input", file.Name)))).Calendar;
            if (difference(calendar, file.Value) is { } found) wrong.Add($"{file.Name}: {found}");
        }

        return new Score(what, count - wrong.Count, count, wanted, wrong);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(
        text.TrimEnd('Z'),
        ["yyyyMMdd", "yyyyMMdd'T'HHmmss"],
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal);

    private static string Iso(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    private static byte[] WithoutCalendarZone(byte[] calendar) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(calendar).Replace("X-WR-TIMEZONE", "X-IGNORED", StringComparison.OrdinalIgnoreCase));
}
