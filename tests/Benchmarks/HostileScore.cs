using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Formats.Calendars;
using ContributionIngest.Formats.Feeds;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// Hostile and damaged documents, all in one process: each within 2 s and 100 MB, the damaged ones still yielding their items, and what else
/// a document must not do. Calendars are expanded over ten years as well.
/// </summary>
internal static class HostileScore
{
    private const long MaxBytes = 100L * 1024 * 1024;

    public static Score[] Measure(Action<string> report)
    {
        var (bounded, documents, kept, counted, obeyed, rules) = (0, 0, 0, 0, 0, 0);
        foreach (var test in Corpus.Expected("hostile-xml").EnumerateObject())
        {
            documents++;
            var bytes = File.ReadAllBytes(Corpus.Input("hostile-xml", test.Name));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            var isCalendar = test.Name.EndsWith(".ics", StringComparison.Ordinal);
            var result = isCalendar ? null : FeedReader.Read(bytes, null, new Uri("http://e.example/feed"));
            var items = isCalendar ? Expand(bytes) : result!.Feed?.Entries.Count;
            var (elapsed, allocated) = (clock.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
            if (elapsed.TotalSeconds < 2 && allocated < MaxBytes) bounded++;
            else report($"hostile {test.Name}: {elapsed.TotalMilliseconds:0} ms, {allocated:N0} bytes");
            foreach (var must in test.Value.GetProperty("must").EnumerateArray().Select(value => value.GetString()!))
            {
                if (must.StartsWith("items==", StringComparison.Ordinal))
                {
                    counted++;
                    if (items == int.Parse(must[7..], CultureInfo.InvariantCulture)) kept++;
                    else report($"hostile {test.Name}: {must}, got {items} {result?.Error?.Message}");
                }
                else if (result is not null && Obeys(must, result) is { } obeys)
                {
                    rules++;
                    if (obeys) obeyed++;
                    else report($"hostile {test.Name}: {must}");
                }
            }
        }

        return
        [
            Score.AtLeast(1, "hostile-xml", "within 2 s and 100 MB", bounded, documents),
            Score.AtLeast(1, "hostile-xml", "damaged feeds that give their items", kept, counted),
            Score.AtLeast(1, "hostile-xml", "other rules", obeyed, rules),
        ];
    }

    /// <summary>Events of the calendar; null when it is none.</summary>
    private static int? Expand(byte[] bytes)
    {
        if (CalendarReader.Read(bytes).Calendar is not { } calendar) return null;
        var from = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _ = new CalendarExpansion(calendar, from, from.AddYears(10), 100_000).Count();
        return calendar.Events.Count;
    }

    private static bool? Obeys(string must, FeedResult result) => must switch
    {
        "not_a_feed" => result.Feed is null,
        "no_expansion_over_64KiB" or "no_expansion_over_1MiB" => Length(result) < 64 * 1024,
        "items_capped_or==100000" => result.Feed is { Entries.Count: <= 100_000 },
        "link_scheme_http_or_absent" => result.Feed!.Entries.All(entry => entry.Link?.StartsWith("http", StringComparison.Ordinal) != false),
        "no_tag_from_overlong" or "no_utf7_decode" => result.Feed?.Title?.Contains('<', StringComparison.Ordinal) != true,
        _ when must.StartsWith("title_not_containing", StringComparison.Ordinal) => result.Feed?.Title?.Contains("root:", StringComparison.Ordinal) != true,
        _ => null,
    };

    private static int Length(FeedResult result) =>
        (result.Feed?.Title?.Length ?? 0) + (result.Feed?.Description?.Length ?? 0)
        + (result.Feed?.Entries.Sum(entry => (entry.Title?.Length ?? 0) + (entry.Summary?.Length ?? 0)) ?? 0);
}
