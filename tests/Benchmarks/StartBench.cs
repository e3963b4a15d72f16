using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ContributionIngest.Core.Contributions;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Drivers;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using ContributionIngest.Tests.Support.FunctionsHost;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench start</c>: the published program from the start of its process to its first answer, as a worker of a small Functions host by turns with
/// a worker that does nothing, and alone; and what it takes ten seconds later, over stores of 10,000 entries.
/// </summary>
internal static class StartBench
{
    /// <param name="program">The folder of the published program.</param>
    /// <param name="empty">The folder of the published worker that does nothing.</param>
    /// <param name="starts">Of each.</param>
    public static async Task<int> RunAsync(string program, string empty, int starts)
    {
        var azurite = new Azurite();
        await azurite.InitializeAsync();
        try
        {
            var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["AzureWebJobsStorage"] = azurite.ConnectionString };
            var key = await FillAsync(program, settings, azurite.ConnectionString);
            var workers = new Runs("worker", () => StartWorkerAsync(program, "functions.dll", settings), started => PageAsync(started, key));
            var bare = new Runs("worker that does nothing", () => StartWorkerAsync(empty, "empty.dll", settings), _ => Task.CompletedTask);
            for (var i = 0; i < starts; i++)
            {
                // Who goes first changes from round to round.
                foreach (var runs in i % 2 == 0 ? (Runs[])[workers, bare] : [bare, workers])
                    await runs.OnceAsync(isLast: i == starts - 1);
            }

            var alone = await AloneAsync(program, starts);
            var table = new Table("started as", $"first answer ms, median of {starts}", "memory 10 s later MB", "processor s until then", "budget");
            workers.Add(table, string.Create(CultureInfo.InvariantCulture, $"1.15 times the next, 130 MB; it is {workers.Median / bare.Median:F2} times"));
            bare.Add(table, "-");
            alone.Add(table, "400 ms, 110 MB");
            table.Print();
            Console.WriteLine($"functionapp.zip: {new FileInfo(program + ".zip").Length / 1e6:F1} MB (budget 30 MB)");
            return 0;
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    private static async Task<Runs> AloneAsync(string program, int starts)
    {
        using var folder = new TemporaryFolder();
        await using (var app = await AppFixture.StartAsync(new Blogs().Web, new TestClock(TimeProvider.System.GetUtcNow()), folder))
            await LedgerBench.FillAsync(app);
        var key = await KeyAsync(program, new Dictionary<string, string>(StringComparer.Ordinal) { ["Data"] = folder.FullName });
        var runs = new Runs("standalone server", () => StartAloneAsync(program, folder.FullName), started => PageAsync(started, key));
        for (var i = 0; i < starts; i++)
            await runs.OnceAsync(isLast: i == starts - 1);
        return runs;
    }

    /// <summary>An owner with 10,000 entries. Their key.</summary>
    private static async Task<string> FillAsync(string program, Dictionary<string, string> settings, string storage)
    {
        var key = await KeyAsync(program, settings);
        await using var started = await StartWorkerAsync(program, "functions.dll", settings);
        using var me = JsonDocument.Parse(await started.GetAsync("/api/me", key));
        var store = AzureStore.FromConnectionString(storage, TimeProvider.System);
        var writer = new LedgerWriter(new LedgerTransactions(store.Table, TimeProvider.System));
        await LedgerBench.FillAsync(writer, me.RootElement.GetProperty("id").GetString()!, TimeProvider.System.GetUtcNow());
        return key;
    }

    private static async Task<string> KeyAsync(string program, Dictionary<string, string> settings)
    {
        var (exit, output) = await Published.RunAsync(Path.Combine(program, "functions"), program, settings, "keys", "new", "bench");
        return exit == 0 ? output.Split("Bearer ")[1].Split('\n')[0].Trim() : throw new InvalidOperationException($"There is no key: {output}");
    }

    private static async Task PageAsync(Started started, string key) => await started.GetAsync("/api/ledger?limit=100", key);

    private static async Task<Started> StartWorkerAsync(string folder, string program, Dictionary<string, string> settings)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var all = new Dictionary<string, string>(settings, StringComparer.Ordinal) { ["FUNCTIONS_APPLICATION_DIRECTORY"] = folder };
        Process? process = null;
        var host = await FunctionsTestHost.StartAsync(
            folder,
            arguments =>
            {
                process = Start("dotnet", folder, all, [Path.Combine(folder, program), .. arguments]);
                return Task.CompletedTask;
            },
            limit.Token);
        return new Started(process!, async request => (await host.SendAsync(request, CancellationToken.None)).Answer, host);
    }

    private static Task<Started> StartAloneAsync(string folder, string data)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Data"] = data, ["Listen"] = address };
        var process = Start(Path.Combine(folder, "functions"), folder, settings);
        var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        return Task.FromResult(new Started(process, SendAsync, null));

        async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
        {
            while (true)
            {
                using var again = new HttpRequestMessage(request.Method, new Uri(address + request.RequestUri!.PathAndQuery));
                again.Headers.Authorization = request.Headers.Authorization;
                try
                {
                    return await client.SendAsync(again, CancellationToken.None);
                }
                catch (HttpRequestException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
                }
            }
        }
    }

    private static Process Start(string program, string folder, Dictionary<string, string> settings, params string[] arguments)
    {
        var process = Published.Start(program, folder, settings, arguments);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>A process that was started, and how it is asked.</summary>
    private sealed class Started(Process process, Func<HttpRequestMessage, Task<HttpResponseMessage>> send, FunctionsTestHost? host) : IAsyncDisposable
    {
        public Process Process => process;

        public async Task<string> GetAsync(string path, string? key = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "https://app.example" + path);
            if (key is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await send(request);
            var body = await answer.Content.ReadAsStringAsync();
            return answer.StatusCode == HttpStatusCode.OK ? body : throw new InvalidOperationException($"{path} answered {answer.StatusCode}: {body}");
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
            if (host is not null)
                await host.DisposeAsync();
        }
    }

    /// <param name="use">What is asked of the last one before its memory is looked at.</param>
    private sealed class Runs(string what, Func<Task<Started>> start, Func<Started, Task> use)
    {
        private readonly List<double> times = [];
        private double memory;
        private double processor;

        public double Median => times.Order().ElementAt(times.Count / 2);

        public async Task OnceAsync(bool isLast)
        {
            var began = Stopwatch.GetTimestamp();
            await using var started = await start();
            await started.GetAsync("/api/health");
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (!isLast)
                return;
            await use(started);
            await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
            started.Process.Refresh();
            (memory, processor) = (started.Process.WorkingSet64 / 1e6, started.Process.TotalProcessorTime.TotalSeconds);
        }

        public void Add(Table table, string budget) => table.Add(what, $"{Median:F0}", $"{memory:F0}", $"{processor:F2}", budget);
    }
}
