using System.Globalization;
using System.Text.Json;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>
/// A harvest of twenty blogs that can be killed anywhere: run in a process of its own it ends itself, without any farewell, at the n-th write
/// to the store's tables or the n-th request to a blog.
/// </summary>
internal static class TwentyBlogs
{
    private const int Count = 20;

    /// <summary>The other process. Exit code 0: it got through before the n-th step came.</summary>
    public static async Task<int> RunAsync(string folder, int killAt)
    {
        using var home = new TemporaryFolder(folder);
        await HarvestAsync(home, killAt);
        return 0;
    }

    /// <summary>The ledger after a whole harvest, and how many steps it took.</summary>
    public static async Task<(string Ledger, int Steps)> HarvestAsync(TemporaryFolder folder, int killAt)
    {
        var steps = 0;
        void Step()
        {
            if (Interlocked.Increment(ref steps) == killAt)
                System.Diagnostics.Process.GetCurrentProcess().Kill();
        }

        var blogs = new Blogs();
        for (var blog = 0; blog < Count; blog++)
            Script(blogs, blog, Step);
        await using var app = await AppFixture.StartAsync(blogs.Web, folder: folder);
        app.Table.Step = Step;
        for (var blog = 0; blog < Count; blog++)
            await app.ConnectAsync(Address(blog));

        // What was on its way when the process died is asked for again by the planner within a quarter of an hour.
        for (var quarter = 0; quarter < 4; quarter++)
            await app.PassAsync(TimeSpan.FromMinutes(15));
        return app.Failures.Count == 0 ? (await PictureAsync(app), steps) : throw new AggregateException(app.Failures);
    }

    private static string Address(int blog) => string.Create(CultureInfo.InvariantCulture, $"https://blog{blog}.example/feed.xml");

    private static void Script(Blogs blogs, int blog, Action step)
    {
        var host = string.Create(CultureInfo.InvariantCulture, $"blog{blog}.example");
        var body = Blogs.Rss(Address(blog), $"Blog {blog}", Enumerable.Range(1, 5 + (blog * 3)).Select(n => Blogs.Post(n, host)));
        blogs.On(Address(blog), _ =>
        {
            step();
            return ScriptedWeb.Answer(System.Net.HttpStatusCode.OK, body, "application/rss+xml");
        });
    }

    /// <summary>Entries, counts and coverage, without ids that are drawn by lot and without times of observation.</summary>
    private static async Task<string> PictureAsync(AppFixture app)
    {
        var connections = (await app.GetAsync("/connections")).GetProperty("items").EnumerateArray().ToList();
        var names = connections.ToDictionary(c => c.GetProperty("id").GetString()!, c => c.GetProperty("origin").GetString()!, StringComparer.Ordinal);
        var entries = (await app.LedgerAsync()).Select(e => Entry(e, names));
        var states = connections.Select(c => $"{c.GetProperty("origin")} {c.GetProperty("health")} {c.GetProperty("coverage")}");
        var summary = await app.GetAsync("/ledger/summary?by=day&split=topic&from=2026-01-01&to=2026-12-31");
        return string.Join('\n', [.. entries, .. states.Order(StringComparer.Ordinal), summary.GetRawText()]);
    }

    private static string Entry(JsonElement entry, Dictionary<string, string> connections)
    {
        var sightings = entry.GetProperty("sightings").EnumerateArray()
            .Select(s => $"{connections[s.GetProperty("connection").GetString()!]} {s.GetProperty("url")}");
        var rest = entry.EnumerateObject().Where(p => p.Name != "sightings").Select(p => $"{p.Name}={p.Value.GetRawText()}");
        return string.Join(' ', rest.Concat(sightings));
    }
}
