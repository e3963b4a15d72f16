using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench exports</c>: exports and first pages of a ledger of 100,000 entries, newest first and oldest first, and 50 exports at once, from the
/// published executable standing alone over the embedded store. CPU is that of the server, which a busy machine changes less than the time.
/// </summary>
internal static class ExportBench
{
    private const int Entries = 100_000;
    private const int AtOnce = 50;
    private const int Rounds = 3;
    private const int Pages = 100;

    public static async Task<int> RunAsync(string executable)
    {
        using var folder = new TemporaryFolder();
        var key = await FillAsync(folder);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Data"] = folder.FullName,
            ["Listen"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"),
        };
        using var process = Published.Start(executable, folder.FullName, settings);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginErrorReadLine();
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { BaseAddress = new Uri(settings["Listen"]), Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await HooksBench.ReadyAsync(client, client.BaseAddress);

        var table = new Table("what", "median ms", "CPU ms", "MB sent", "answers", "peak memory MB");
        await AddAsync(table, client, process, "page of 50, newest first", Pages, 1, "limit=50");
        await AddAsync(table, client, process, "page of 50, oldest first", Pages, 1, "limit=50&order=oldest");
        foreach (var format in (string[])["csv", "json", "ndjson", "xlsx", "markdown", "atom", "icalendar"])
        {
            foreach (var order in (string[])["newest", "oldest"])
                await AddAsync(table, client, process, $"{format}, {order} first", Rounds, 1, $"limit=all&format={format}&order={order}");
        }

        await AddAsync(table, client, process, "50 CSV at once, oldest first", 1, AtOnce, "limit=all&format=csv&order=oldest");
        table.Print();
        process.Kill();
        await process.WaitForExitAsync();
        return 0;
    }

    /// <summary>A store with a person, a key, and the entries.</summary>
    private static async Task<string> FillAsync(TemporaryFolder folder)
    {
        await using var app = await AppFixture.StartAsync(new Blogs().Web, new TestClock(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero)), folder);
        await LedgerBench.FillAsync(app, Entries);
        return app.Client.DefaultRequestHeaders.Authorization!.Parameter!;
    }

    private static async Task AddAsync(Table table, HttpClient client, Process process, string what, int rounds, int atOnce, string query)
    {
        var (times, cpu, sent) = (new List<double>(), new List<double>(), 0L);
        var statuses = new ConcurrentDictionary<int, int>();
        // The first round is not counted: the server compiles.
        for (var round = rounds == 1 ? 1 : 0; round <= rounds; round++)
        {
            var before = Cpu(process);
            var start = Stopwatch.GetTimestamp();
            var lengths = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(() => ReadAsync(client, query, statuses))));
            if (round == 0)
                continue;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            cpu.Add((Cpu(process) - before).TotalMilliseconds);
            sent = lengths.Sum();
        }

        process.Refresh();
        string[] row = [
            what, Text(Median(times)), Text(Median(cpu)), Text(sent / 1e6), string.Join(", ", statuses.Select(s => $"{s.Value} × {s.Key}")), Text(process.PeakWorkingSet64 / 1e6)];
        table.Add(row);
        await Console.Error.WriteLineAsync(string.Join(" · ", row));
    }

    private static async Task<long> ReadAsync(HttpClient client, string query, ConcurrentDictionary<int, int> statuses)
    {
        using var answer = await client.GetAsync(new Uri("/api/ledger?" + query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var (buffer, length) = (new byte[64 * 1024], 0L);
        for (var read = 1; read > 0; length += read)
            read = await body.ReadAsync(buffer);
        statuses.AddOrUpdate((int)answer.StatusCode, 1, (_, count) => count + 1);
        return length;
    }

    private static TimeSpan Cpu(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static string Text(double value) => value.ToString(value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);
}
