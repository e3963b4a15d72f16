using System.Globalization;
using ContributionIngest.Tests.Core.Push;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <param name="Lane">Acts of the same lane are done one after the other, as they stand; those of others at the same time.</param>
internal sealed record Act(string Name, string Lane, Func<Run, Task> Do);

/// <param name="Wait">From the beginning of the acts, or of the program, until the program is ended.</param>
/// <param name="FromStart">The acts begin, and the wait, before the program answers.</param>
internal sealed record Slot(IReadOnlyList<Act> Acts, TimeSpan Wait, bool FromStart);

/// <summary>At its end the program is left alone until it is idle, and then everything must be as without disturbances.</summary>
internal sealed record Phase(string Name, IReadOnlyList<Slot> Slots);

/// <summary>
/// What is done to the program between its disturbances, in three phases. All of it follows from the seed, and its end does not depend on the order
/// in which acts of different lanes are carried out: within a phase nobody words anew what somebody else edits, and a place that shows another's
/// posts is connected a phase later. What a hub delivers anew also comes a phase later: which of two deliveries is read first is up to the queue.
/// </summary>
internal sealed class Script
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(700);
    private static readonly string[] Zones = ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Australia/Sydney", "Pacific/Honolulu"];

    private readonly Random random;
    private readonly List<Site> small;
    private readonly List<Site> archives;
    private readonly List<Site> late;
    private readonly Site big;
    private readonly Site mirror;

    private Script(int seed, int disturbances)
    {
        random = new Random(seed);
        small = [.. Enumerable.Range(1, 4).Select(n => new Site(n, $"small{n}", 1, random.Next(8, 30), Quick))];
        archives = [new Site(11, "archive1", random.Next(3, 6), 8, Quick), new Site(12, "archive2", random.Next(7, 11), 5, Slow)];
        big = new Site(21, "big", 1, random.Next(250, 500), Quick);
        mirror = new Site(31, "mirror", 1, small[0].PerPage - 2, Quick, Mirrored: small[0].Number);
        late = [new Site(41, "late1", 1, random.Next(8, 30), Quick), new Site(42, "late2", 2, 8, Quick)];
        Pushed = new Site(51, "pushed", 1, 10, Quick, HasHub: true);
        Phases = [Spread("first harvests", Beginning(), disturbances / 3), Spread("changes", Middle(), disturbances / 3), Spread("endings", End(), disturbances - (disturbances / 3 * 2))];
    }

    /// <summary>The site whose hub is subscribed to before anything is disturbed.</summary>
    public Site Pushed { get; }

    public IReadOnlyList<Phase> Phases { get; }

    public static Script Of(int seed, int disturbances) => new(seed, disturbances);

    private List<Act> Beginning() =>
    [
        .. small.Concat(archives).Append(big).Select(Connect),
        .. small.Take(2).Concat(archives).Select(Harvest),
        .. Enumerable.Range(1, 6).Select(n => Deliver(n, isMerged: false, day: 1)),
        .. Enumerable.Range(1, 8).Select(Log),
        .. Enumerable.Range(1, 2).Select(LogAddress),
        Push(1), SetZone(0),
    ];

    private List<Act> Middle() =>
    [
        Connect(mirror), Connect(late[0]), Harvest(late[0]),
        Change(small[0], 1), Change(small[1], 1), Change(archives[0], 1), Change(big, 1), Harvest(small[2]), Harvest(archives[1]),
        .. Enumerable.Range(1, 3).Select(n => Deliver(n, isMerged: true, day: 3)),
        Deliver(7, isMerged: false, day: 1), Deliver(8, isMerged: false, day: 1),
        Push(2),
        Edit(small[2], 2, """{"title":"Said otherwise"}"""), Edit(small[2], 3, """{"private":true,"note":"Not for everybody."}"""),
        Edit(archives[1], 4, """{"review":"rejected"}"""), Edit(archives[1], 9, """{"when":"2024-11-30T23:30:00Z"}"""), Edit(small[2], 5, """{"kind":"talk","role":"speaker"}"""),
        EditLogged(3, """{"when":"2025-07-31T22:30:00Z","note":"It was later."}"""), EditLogged(4, """{"private":true}"""),
        Remove(1), Remove(2),
        .. Enumerable.Range(9, 3).Select(Log),
        SetZone(1), SetZone(2), SetTopics("""{"topics":{"JavaScript":["js","javascript"]}}"""),
    ];

    private List<Act> End() =>
    [
        Connect(late[1]),
        Change(small[1], 2), Change(archives[1], 1), Change(big, 2), Harvest(late[0]),
        Change(small[3], 1), Disconnect(small[3], "delete"), Disconnect(small[2], "keep"), Harvest(small[0]), Disconnect(small[0], "delete"),
        Change(archives[0], 2), Disconnect(archives[0], "delete"),
        Deliver(1, isMerged: false, day: 2), Deliver(9, isMerged: true, day: 1), Push(3),
        Edit(archives[1], 12, """{"title":null,"private":true}"""), Edit(late[0], 3, """{"title":"The late one","topics":["js"]}"""),
        EditLogged(5, """{"title":"Called otherwise"}"""), EditLogged(3, """{"private":true}"""), Remove(9), Remove(10),
        Log(12), Log(13), SetZone(3), SetZone(4), SetTopics("""{"topics":{"Lights":["lamps"],"JavaScript":["js"]}}"""),
    ];

    /// <summary>Every act into one of the slots, those of a lane in their order.</summary>
    private Phase Spread(string name, List<Act> acts, int slots)
    {
        slots = Math.Max(slots, 1);
        var places = acts.Select(_ => random.Next(slots)).ToList();
        foreach (var lane in acts.Index().GroupBy(a => a.Item.Lane, a => a.Index, StringComparer.Ordinal))
        {
            foreach (var (index, place) in lane.Zip(lane.Select(i => places[i]).Order().ToList()))
                places[index] = place;
        }

        return new Phase(name, [.. Enumerable.Range(0, slots).Select(slot => new Slot([.. acts.Where((_, i) => places[i] == slot)], Wait(), random.Next(8) == 0))]);
    }

    /// <summary>Mostly soon, so that it meets the acts; now and then late, so that it meets what follows from them.</summary>
    private TimeSpan Wait() => TimeSpan.FromMilliseconds(random.Next(10) switch
    {
        < 6 => random.Next(5, 400),
        < 9 => random.Next(400, 1500),
        _ => random.Next(1500, 3000),
    });

    private static Act Connect(Site site) => new($"connect {site.Name}", site.Name, run => run.ConnectAsync(site));

    private static Act Harvest(Site site) => new($"harvest {site.Name}", site.Name, run => run.HarvestAsync(site));

    private static Act Change(Site site, int version) => new($"change {site.Name}", site.Name, run =>
    {
        run.World.Show(site, version);
        return run.HarvestAsync(site);
    });

    private static Act Disconnect(Site site, string contributions) =>
        new($"disconnect {site.Name}", site.Name, run => run.DisconnectAsync(site, contributions));

    /// <summary>The day is that of the version: an older one that comes late changes nothing.</summary>
    private static Act Deliver(int number, bool isMerged, int day)
    {
        var payload = new PullRequestPayload(World.Account, isMerged ? "closed" : "opened")
        {
            Number = number,
            Title = string.Create(CultureInfo.InvariantCulture, $"Pull request {number} as of day {day}"),
            IsMerged = isMerged,
            Updated = string.Create(CultureInfo.InvariantCulture, $"2026-05-{day:D2}T10:00:00Z"),
        };
        return new Act($"deliver pull request {number}", string.Create(CultureInfo.InvariantCulture, $"pull request {number}"), run => run.DeliverAsync(payload));
    }

    private Act Push(int version) => new($"push {Pushed.Name}", Pushed.Name, run => run.PushAsync(Pushed, version));

    private static Act Log(int number)
    {
        var isPrivate = number % 3 == 0;
        var json = string.Create(CultureInfo.InvariantCulture, $$"""
            {"title":"Talk {{number}}","kind":"talk","when":"2025-{{1 + (number % 12):D2}}-28T2{{number % 4}}:15:00Z","url":"https://talks.example/{{number}}",
            "private":{{(isPrivate ? "true" : "false")}},"note":"Note {{number}}.","topics":["ferries","js"],"metrics":{"attendees": {{40 + number}} } }
            """);
        return new Act($"log talk {number}", Hand(number), run => run.LogAsync($"talk-{number}", json));
    }

    private static Act LogAddress(int number) => new($"log article {number}", $"article {number}", run => run.LogAddressAsync($"article-{number}", number));

    private static Act Edit(Site site, int number, string json) => new(
        $"edit post {number} of {site.Name}", $"post {number} of {site.Name}", run => run.EditAsync(run.IdOf(run.World.Link(site, number)), json));

    private static Act EditLogged(int number, string json) => new($"edit talk {number}", Hand(number), run => run.EditAsync(run.Logged($"talk-{number}"), json));

    private static Act Remove(int number) => new($"remove talk {number}", Hand(number), run => run.RemoveAsync($"talk-{number}"));

    private static string Hand(int number) => string.Create(CultureInfo.InvariantCulture, $"talk {number}");

    private static Act SetZone(int number) => new($"zone {Zones[number]}", "zone", run => run.SetZoneAsync(Zones[number]));

    private static Act SetTopics(string json) => new("topics", "topics", run => run.SetTopicsAsync(json));
}
