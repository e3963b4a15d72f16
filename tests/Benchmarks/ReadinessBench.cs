using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.Programmes;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench readiness</c>: where a person with 10,000 entries stands with a programme, in process over the embedded store, beside what the store alone takes for the same
/// rows. Ends with 1 if the bar does not hold; a ledger with 24 contributions a day, which nobody has, shows how it grows.
/// </summary>
internal static class ReadinessBench
{
    private const int Entries = 10_000;
    private const int Rounds = 100;
    private const double Budget = 50;

    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static async Task<int> RunAsync()
    {
        var table = new Table("10,000 entries", "programme", "in the window", "p50 ms", "p95 ms", "its entries read alone ms", "their rows from the store alone ms", "budget ms");
        var holds = true;
        foreach (var (years, step, isUsual) in new[] { ("in ten years", TimeSpan.FromHours(8.76), true), ("in fourteen months, 24 a day", TimeSpan.FromHours(1), false) })
        {
            await using var app = await AppFixture.StartAsync(new Blogs().Web, new TestClock(Now));
            var services = app.App.Services;
            var person = (await services.GetRequiredService<Owner>().FindAsync(default))!.Id;
            await LedgerBench.FillAsync(services.GetRequiredService<LedgerWriter>(), person, Now, Entries, step);
            var (reader, catalog, today) = (services.GetRequiredService<ReadinessReader>(), services.GetRequiredService<ProgrammeCatalog>(), DateOnly.FromDateTime(Now.UtcDateTime));
            foreach (var programme in new[] { "microsoft-mvp", "cncf-ambassador" }.Select(id => catalog.Find(id)!))
            {
                var membership = new Membership { Area = programme.Areas is null ? null : ".NET" };
                var total = (await reader.ReadAsync(person, programme, membership, today, DateTimeZone.Utc, default)).Total;
                var (p50, p95) = await TimeAsync(() => reader.ReadAsync(person, programme, membership, today, DateTimeZone.Utc, default));
                var window = new CountedEntries(programme, membership, today, DateTimeZone.Utc).Window;
                var from = LedgerKeys.At(new DateTimeOffset(window.To.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
                var to = LedgerKeys.At(new DateTimeOffset(window.From.AddDays(-31).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
                var (store, _) = await TimeAsync(() => app.Store.Table.RangeAsync("ledger", person, from, to, null, default).CountAsync().AsTask());
                var (lines, first, last) = (services.GetRequiredService<LedgerLines>(), window.From.AddDays(-31).ToDateTime(TimeOnly.MinValue), window.To.AddDays(1).ToDateTime(TimeOnly.MinValue));
                var (read, _) = await TimeAsync(() => lines.NewestFirstAsync(person, new DateTimeOffset(first, TimeSpan.Zero), new DateTimeOffset(last, TimeSpan.Zero), default).CountAsync().AsTask());
                table.Add(years, programme.Id, total.ToString(CultureInfo.InvariantCulture), Text(p50), Text(p95), Text(read), Text(store), isUsual ? Text(Budget) : "-");
                holds &= !isUsual || p95 <= Budget;
            }
        }

        table.Print();
        return holds ? 0 : 1;
    }

    private static async Task<(double Middle, double High)> TimeAsync(Func<Task> work)
    {
        var times = new List<double>();
        for (var round = -20; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await work();
            if (round >= 0)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return (times[Rounds / 2], times[Rounds * 95 / 100]);
    }

    private static string Text(double milliseconds) => milliseconds.ToString("0.0", CultureInfo.InvariantCulture);
}
