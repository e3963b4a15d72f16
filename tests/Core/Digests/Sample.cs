using System.Globalization;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Digests;
using ContributionIngest.Core.Model;

namespace ContributionIngest.Tests.Core.Digests;

/// <summary>Invented weeks of an invented person, and links that are the same every time.</summary>
internal static class Sample
{
    public static readonly DigestLinks Links = new(
        new Uri("https://ledger.example.org/digest/week-token"),
        new Uri("https://ledger.example.org/act/settings/settings-token"),
        new Uri("https://ledger.example.org/unsubscribe/leaving-token"),
        (about, action) => new Uri($"https://ledger.example.org/act/{SignedLinks.Purpose(action)}/{about}-token"));

    public static readonly IReadOnlyDictionary<string, WeekDigest> All = new SortedDictionary<string, WeekDigest>(StringComparer.Ordinal)
    {
        ["full"] = Full("en"),
        ["full-de"] = Full("de"),
        ["quiet"] = Quiet("en"),
        ["quiet-de"] = Quiet("de-AT"),
        ["first"] = First,
        ["many"] = Many(200),
        ["scripts"] = Scripts,
        ["hostile"] = Hostile,
    };

    private static WeekDigest Empty => new()
    {
        Week = "2026-W24",
        Monday = new DateOnly(2026, 6, 8),
        Zone = "Europe/Stockholm",
        Locale = "en",
        Name = "Juna Okvist",
        MadeAt = At("2026-06-15T06:00:00Z"),
        Days = [0, 0, 0, 0, 0, 0, 0],
    };

    private static WeekDigest First => Empty with
    {
        IsFirst = true,
        Locale = "en-GB",
        Days = [0, 1, 0, 0, 0, 0, 0],
        Total = 1,
        ThisYear = 1,
        New = [Item("a", Kind.BlogPost, "Hello, harbour", "2026-06-09T07:30:00Z", "Below Deck")],
    };

    private static WeekDigest Scripts => Empty with
    {
        Days = [3, 0, 0, 0, 0, 0, 1],
        Total = 4,
        ThisYear = 4,
        New =
        [
            Item("a", Kind.BlogPost, "שלום עולם: ספינות ב-C# 14", "2026-06-14T07:30:00Z", "יומן הנמל"),
            Item("b", Kind.BlogPost, "مرحبا بالعالم، والسفن", "2026-06-08T12:30:00Z", "مدونة"),
            Item("c", Kind.BlogPost, "Shipping 🚢👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿 day", "2026-06-08T10:30:00Z", "🌊"),
            Item("d", Kind.BlogPost, "渡轮软件的十个教训", "2026-06-08T09:30:00Z", "港口日记"),
        ],
        Coming = [Item("e", Kind.Event, "מפגש קהילה", "2026-06-18T16:00:00Z", "Sound .NET", Status.Scheduled)],
    };

    private static WeekDigest Hostile => Empty with
    {
        Name = "<b>Juna</b> \"&\" O'Kvist",
        Days = [4, 0, 0, 0, 0, 0, 0],
        Total = 4,
        ThisYear = 4,
        New =
        [
            Item("a", Kind.BlogPost, "<script>alert(1)</script><img src=x onerror=alert(1)>", "2026-06-08T12:30:00Z", "</td></tr></table>"),
            Item("b", Kind.BlogPost, "Hello\r\nBcc: everybody@example.org\r\n\r\n<html>", "2026-06-08T11:30:00Z", "Evil\r\nX-Header: 1"),
            Item("c", Kind.BlogPost, new string('W', 10_000), "2026-06-08T10:30:00Z", new string('M', 10_000)),
            Item("d", Kind.BlogPost, "\u202Eeslaf si siht\u202C \u2066and this\u0000\u0007 \uD800{0} {1}", "2026-06-08T09:30:00Z", "{2}") with { Url = "javascript:alert(1)" },
        ],
        Care = [new DigestCare("x", "\"><script>alert(2)</script>", Health.Broken, "<b>Nobody</b> answers\r\nat example.org.")],
        Numbers = [new DigestNumber("a", "\u202E<i>", "data:text/html,x", "<views>", 1e15, 1, At("2026-06-07T00:00:00Z"), At("2026-06-12T00:00:00Z"), MetricOrigin.Measured)],
    };

    public static WeekDigest Many(int count) => Empty with
    {
        Days = [count, 0, 0, 0, 0, 0, 0],
        Total = count,
        ThisYear = count,
        New = [.. Enumerable.Range(0, count).Select(i => Item(
            Identity.Hash("entry" + i), (Kind)(i % 3), $"Contribution {i}: how a ferry crossed the sound on a Monday in June and what was learnt", "2026-06-08T10:30:00Z", "Quayside Weekly"))],
        Changed = [.. Enumerable.Range(0, 40).Select(i => new DigestChange(Item(Identity.Hash("changed" + i), Kind.PullRequest, $"Fix number {i}", "2026-05-08T10:30:00Z", "pebblesync", Status.Merged), Status.Open))],
        Coming = [.. Enumerable.Range(0, 40).Select(i => Item(Identity.Hash("coming" + i), Kind.Event, $"Evening number {i}", "2026-06-18T16:00:00Z", "Sound .NET", Status.Scheduled))],
        Care = [.. Enumerable.Range(0, 20).Select(i => new DigestCare(Identity.Hash("care" + i), $"Blog {i}", Health.Broken, "It answers with a page that is no feed."))],
    };

    private static WeekDigest Full(string locale) => Empty with
    {
        Locale = locale,
        Days = [2, 0, 1, 5, 0, 1, 0],
        Total = 9,
        Private = 1,
        Average = 3.5,
        ThisYear = 61,
        LastYear = 48,
        New =
        [
            Item("p1", Kind.PullRequest, "Retry a half-written chunk from its own checksum", "2026-06-13T19:12:00Z", "junaokvist/pebblesync", Status.Open),
            Item("b1", Kind.BlogPost, "What a ferry taught me about eventual consistency", "2026-06-11T06:30:00Z", "Below Deck"),
            Item("b2", Kind.BlogPost, "Pebblesync 2.4: smaller, calmer", "2026-06-11T05:30:00Z", "Pebblesync"),
            Item("p2", Kind.PullRequest, "Fold tide tables without allocating", "2026-06-11T09:00:00Z", "soundnet/tides", Status.Merged),
            Item("p3", Kind.PullRequest, "Docs: say which clock is meant", "2026-06-11T08:00:00Z", "soundnet/tides", Status.Closed),
            Item("v1", Kind.Video, "Live: porting the berth planner to .NET 10", "2026-06-10T17:00:00Z", "Juna on the water") with { Figure = new DigestFigure("views", 310) },
            Item("t1", Kind.Talk, "Offline first, harbour second", "2026-06-08T12:00:00Z", "Öresund Developer Day") with { IsDay = true },
            Item("b3", Kind.BlogPost, "Notes from the engine room", "2026-06-08T06:30:00Z", "Quayside Weekly"),
        ],
        Changed =
        [
            new DigestChange(Item("p4", Kind.PullRequest, "Keep the sync log bounded", "2026-05-28T08:00:00Z", "junaokvist/pebblesync", Status.Merged), Status.Open),
            new DigestChange(Item("e2", Kind.Event, "Midsummer hack night", "2026-06-25T16:00:00Z", "Sound .NET", Status.Cancelled), Status.Scheduled),
        ],
        Late = [Item("l1", Kind.PodcastEpisode, "Guest: why ferries need offline first", "2026-05-27T04:00:00Z", "Harbour Talk")],
        Coming = [Item("e1", Kind.Event, "Sound .NET: an evening about queues", "2026-06-18T16:00:00Z", "Sound .NET", Status.Scheduled) with { Figure = new DigestFigure("rsvps", 12) }],
        Numbers =
        [
            new DigestNumber("v0", "Berths, bits and back-pressure", "https://video.example.org/berths", "views", 12_480, 1_130, At("2026-06-07T03:00:00Z"), At("2026-06-14T03:00:00Z"), MetricOrigin.Measured),
            new DigestNumber("t0", "Offline first, harbour second", null, "attendees", 64, 24, At("2025-12-02T10:00:00Z"), At("2026-06-09T10:00:00Z"), MetricOrigin.Typed),
        ],
        Care = [new DigestCare("c1", "Quayside Weekly", Health.Broken, "The address answers with a page that is no feed. Open it in a browser; if the feed moved, connect its new address.")],
        Gaps = [new DigestGap(Kind.ForumAnswer, new DateOnly(2026, 4, 20), 9)],
    };

    private static WeekDigest Quiet(string locale) => Empty with
    {
        Locale = locale,
        Average = 1.25,
        ThisYear = 40,
        LastYear = 52,
        Coming = [Item("e1", Kind.Event, "Sound .NET: an evening about queues", "2026-06-18T16:00:00Z", "Sound .NET", Status.Scheduled)],
        Gaps = [new DigestGap(Kind.BlogPost, new DateOnly(2026, 5, 11), 7)],
    };

    private static DigestItem Item(string id, Kind kind, string title, string when, string container, Status status = Status.Published) =>
        new(id, kind, Role.Author, status, title, $"https://example.org/{id}", container, At(when), IsDay: false);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
