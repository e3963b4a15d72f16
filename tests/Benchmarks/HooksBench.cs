using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ContributionIngest.Tests.Core.Push;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench hooks</c>: 10,000 signed deliveries of pull requests in a burst to the published executable standing alone, over the embedded
/// store: how long GitHub waits for its answer, until when all of them stand in the ledger, and what that and forgeries take of memory.
/// </summary>
internal static class HooksBench
{
    private const int Deliveries = 10_000;
    private const string App = "/api/webhooks/github/app";

    /// <summary>With the description a delivery has the size GitHub's own examples have.</summary>
    private static readonly PullRequestPayload Payload = new(42) { Text = new string('x', 26_000) };

    public static async Task<int> RunAsync(string executable)
    {
        var table = new Table("what", "at once", "answers", "p50 ms", "p99 ms", "slowest ms", "a second", "memory MB, at most", "in the ledger", "all there after s");
        foreach (var atOnce in (int[])[16, 256])
            await BurstAsync(table, executable, atOnce);
        table.Print();
        return 0;
    }

    private static async Task BurstAsync(Table table, string executable, int atOnce)
    {
        using var folder = new TemporaryFolder();
        var (key, path, secret) = await FillAsync(folder);
        var port = Ports.Free();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Data"] = folder.FullName,
            ["Listen"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
            ["GitHubHookSecret"] = WebhookFixture.AppSecret,
        };
        using var process = Published.Start(executable, folder.FullName, settings);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginErrorReadLine();
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = atOnce };
        using var client = new HttpMessageInvoker(handler);
        var root = new Uri(settings["Listen"]);
        await ReadyAsync(client, root);

        var forged = new byte[2 * 1024];
        var unsigned = new Load("unsigned, 2 KB", atOnce, _ => Request(root, App, forged, null));
        var large = new byte[30 * 1024 * 1024];
        var tooLarge = new Load("30 MB", Math.Min(atOnce, 16), _ => Request(root, App, large, "sha256=" + new string('a', 64)));
        var signed = new Load("signed, 27 KB", atOnce, n =>
        {
            var body = (Payload with { Number = n + 1 }).Bytes();
            return Request(root, path, body, WebhookFixture.Sign(secret, body));
        });
        await AddAsync(table, client, process, unsigned, Deliveries, null);
        await AddAsync(table, client, process, tooLarge, 100, null);
        await AddAsync(table, client, process, signed, Deliveries, () => LandedAsync(client, root, key));
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>A store with a person, a key, and a hook.</summary>
    private static async Task<(string Key, string Path, string Secret)> FillAsync(TemporaryFolder folder)
    {
        await using var hooked = await WebhookFixture.StartAsync(folder: folder);
        var (path, secret) = await hooked.MakeAsync(await hooked.ConnectAsync(42));
        return (hooked.App.Client.DefaultRequestHeaders.Authorization!.Parameter!, "/api" + path, secret);
    }

    private static async Task AddAsync(Table table, HttpMessageInvoker client, Process process, Load load, int count, Func<Task<int>>? landed)
    {
        var times = new ConcurrentBag<double>();
        var statuses = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var done = new CancellationTokenSource();
        var memory = MemoryAsync(process, done.Token);
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = load.AtOnce }, async (n, cancel) =>
        {
            using var request = load.Make(n);
            var start = Stopwatch.GetTimestamp();
            string status;
            try
            {
                using var answer = await client.SendAsync(request, cancel);
                status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
            }
            catch (HttpRequestException)
            {
                // Refused so early that the connection was closed while the body was still being sent.
                status = "cut off";
            }

            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            statuses.AddOrUpdate(status, 1, (_, before) => before + 1);
        });
        var answered = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var (entries, after) = landed is null ? ("-", "-") : await WaitAsync(landed, count, began);
        await done.CancelAsync();
        var sorted = times.Order().ToList();
        table.Add(
            load.What,
            load.AtOnce.ToString(CultureInfo.InvariantCulture),
            string.Join(", ", statuses.Select(s => $"{s.Value} × {s.Key}")),
            Text(sorted[sorted.Count / 2]),
            Text(sorted[sorted.Count * 99 / 100]),
            Text(sorted[^1]),
            Text(count / answered),
            Text(await memory),
            entries,
            after);
    }

    private static async Task<(string Entries, string After)> WaitAsync(Func<Task<int>> landed, int count, long began)
    {
        var entries = await landed();
        while (entries < count && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(8))
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            entries = await landed();
        }

        return (Text(entries), Text(Stopwatch.GetElapsedTime(began).TotalSeconds));
    }

    private static async Task<double> MemoryAsync(Process process, CancellationToken until)
    {
        var most = 0.0;
        while (!until.IsCancellationRequested)
        {
            process.Refresh();
            most = Math.Max(most, process.WorkingSet64 / 1e6);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return most;
    }

    private static async Task<int> LandedAsync(HttpMessageInvoker client, Uri root, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, "/api/ledger/summary?by=year&split=kind&from=2026-01-01&to=2026-12-31"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.SendAsync(request, CancellationToken.None);
        await using var body = await answer.Content.ReadAsStreamAsync();
        using var summary = await JsonDocument.ParseAsync(body);
        return summary.RootElement.GetProperty("public").GetProperty("total").GetInt32();
    }

    internal static async Task ReadyAsync(HttpMessageInvoker client, Uri root)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, "/api/health?ready"));
            try
            {
                using var answer = await client.SendAsync(request, CancellationToken.None);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private static HttpRequestMessage Request(Uri root, string path, byte[] body, string? signature)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(root, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-GitHub-Event", "pull_request");
        if (signature is not null)
            request.Headers.Add("X-Hub-Signature-256", signature);
        return request;
    }

    private static string Text(double value) => value.ToString(value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private sealed record Load(string What, int AtOnce, Func<int, HttpRequestMessage> Make);
}
