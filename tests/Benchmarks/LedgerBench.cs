using System.Diagnostics;
using System.Globalization;
using System.Text;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Model;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench ledger</c>: pages and counts out of 10,000 entries in process, over the embedded store, beside what the store alone takes for
/// the same rows; and a change of zone over 100,000 entries, which is answered at once and counted afterwards.
/// </summary>
internal static class LedgerBench
{
    private const int Entries = 10_000;
    private const int ManyEntries = 100_000;
    private const int Rounds = 200;

    public static async Task<int> RunAsync()
    {
        await using var app = await AppFixture.StartAsync(new Blogs().Web, new TestClock(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero)));
        var person = await FillAsync(app);
        var table = new Table("what", "p50 ms", "p95 ms", "rows read", "budget");
        await AddAsync(table, app, "page of 100, newest first", "3 ms", () => app.Client.GetStringAsync(Path("/api/ledger?limit=100")));
        await AddAsync(table, app, "the same rows from the store alone", "-", () => app.Store.Table.RangeAsync("ledger", person, "e|", "e}", 101, default).CountAsync().AsTask());
        await AddAsync(table, app, "page of 100, one kind", "-", () => app.Client.GetStringAsync(Path("/api/ledger?limit=100&kind=video")));
        await AddAsync(table, app, "year by month and kind", "13 rows", () => app.Client.GetStringAsync(Path("/api/ledger/summary?by=month&split=kind")));
        await AddAsync(table, app, "year heat map", "13 rows", () => app.Client.GetStringAsync(Path("/api/charts/heatmap.svg")));
        table.Print();
        await ChangeZonesAsync();
        return 0;
    }

    private static async Task ChangeZonesAsync()
    {
        await using var app = await AppFixture.StartAsync(new Blogs().Web, new TestClock(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero)));
        await FillAsync(app, ManyEntries);
        var table = new Table("another zone, 100,000 entries", "answered after ms", "counted after ms", "budget");
        foreach (var zone in (string[])["Asia/Tokyo", "America/New_York", "Europe/Berlin"])
        {
            var start = Stopwatch.GetTimestamp();
            using (var body = new StringContent($$"""{"zone":"{{zone}}"}""", Encoding.UTF8, "application/json"))
            using (var answer = await app.Client.PutAsync(Path("/api/me"), body))
                answer.EnsureSuccessStatusCode();
            var answered = Stopwatch.GetElapsedTime(start);
            await app.DrainAsync();
            table.Add(zone, Text(answered.TotalMilliseconds), Text(Stopwatch.GetElapsedTime(start).TotalMilliseconds), "answered within 1000");
        }

        table.Print();
    }

    private static Uri Path(string path) => new(path, UriKind.Relative);

    public static async Task<string> FillAsync(AppFixture app, int entries = Entries)
    {
        var services = app.App.Services;
        var person = (await services.GetRequiredService<ContributionIngest.Functions.Api.Account.Owner>().FindAsync(default))!.Id;
        await FillAsync(services.GetRequiredService<LedgerWriter>(), person, app.Clock.GetUtcNow(), entries);
        return person;
    }

    /// <param name="step">Between one entry and the next; null for an hour.</param>
    public static async Task FillAsync(LedgerWriter writer, string person, DateTimeOffset now, int entries = Entries, TimeSpan? step = null)
    {
        Kind[] kinds = [Kind.BlogPost, Kind.PullRequest, Kind.Video, Kind.Event];
        var drafts = Enumerable.Range(0, entries).Select(n => new Draft
        {
            NativeId = n.ToString(CultureInfo.InvariantCulture),
            Kind = kinds[n % kinds.Length],
            Title = $"Contribution number {n} with a title of usual length",
            Url = $"https://blog.example/{n}",
            Summary = string.Concat(Enumerable.Repeat($"Sentence {n} of a summary. ", 12)),
            When = now - (n * (step ?? TimeSpan.FromHours(1))),
            Topics = [$"topic-{n % 20}", "dotnet"],
        }).ToList();
        var context = new SightingContext("bench", "feed", "https://blog.example/feed", false, now, []);
        await writer.UpsertAsync(person, context, drafts, drafts, default);
    }

    private static async Task AddAsync(Table table, AppFixture app, string what, string budget, Func<Task> work)
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds + 50; round++)
        {
            app.Table.Forget();
            var start = Stopwatch.GetTimestamp();
            await work();
            if (round >= 50)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        table.Add(what, Text(times[Rounds / 2]), Text(times[Rounds * 95 / 100]), app.Table.LedgerRows.ToString(CultureInfo.InvariantCulture), budget);
    }

    private static string Text(double milliseconds) => milliseconds.ToString("0.00", CultureInfo.InvariantCulture);
}
