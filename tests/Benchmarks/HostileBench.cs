using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench hostile [SORT]</c>: 64 previews at once of a document made to cost time or memory, each from a host of its own, or 64 deliveries at once, to
/// the published program standing alone; and how long a page takes meanwhile. A process for each sort of document, so that one does not hide behind another's memory.
/// </summary>
internal static class HostileBench
{
    private const int AtOnce = 64;
    private const string HookSecret = "secret";
    private const double MaxMegabytes = 400;
    private const double MaxPageMilliseconds = 500;

    /// <param name="only">The name of one sort; empty for all.</param>
    public static async Task<int> RunAsync(string executable, string[] only)
    {
        await using var site = await HostileSite.StartAsync();
        var table = new Table("64 previews or deliveries at once of", "answers", "all answered after s", "memory MB, at most", "a page meanwhile ms, slowest of", "budget 400 MB, 500 ms, only 503 of 5xx");
        var holds = true;
        foreach (var sort in HostileDocuments.All.Where(sort => only.Length == 0 || only.Contains(sort.Path, StringComparer.Ordinal)))
            holds &= await MeasureAsync(table, executable, site.Port, sort);
        table.Print();
        return holds ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(Table table, string executable, int sitePort, HostileDocument sort)
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Data"] = folder.FullName,
            ["Listen"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"),
            ["AllowNetworks"] = "127.0.0.0/8",
            ["PublicUrl"] = "https://me.example",
            ["GitHubHookSecret"] = HookSecret,
        };
        var (_, made) = await Published.RunAsync(executable, folder.FullName, settings, "keys", "new", "bench");
        var key = made.Split("Bearer ")[1].Split('\n')[0].Trim();
        using var process = Published.Start(executable, folder.FullName, settings);
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginErrorReadLine();
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(settings["Listen"]), Timeout = TimeSpan.FromMinutes(10) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await HooksBench.ReadyAsync(client, client.BaseAddress);

        var pages = new List<double>();
        using var done = new CancellationTokenSource();
        var looking = LookAsync(client, pages, done.Token);
        var began = Stopwatch.GetTimestamp();
        var answers = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(n => sort.Source == HostileDocument.Delivery ? DeliverAsync(client, sort, answers) : PreviewAsync(client, sitePort, sort, n, answers)));
        var elapsed = Stopwatch.GetElapsedTime(began);
        await done.CancelAsync();
        await looking;
        process.Refresh();
        var memory = process.PeakWorkingSet64 / 1e6;
        process.Kill();
        await process.WaitForExitAsync();
        var isBounded = answers.All(answer => !answer.StartsWith('5') || answer.StartsWith("503, again after", StringComparison.Ordinal));
        var holds = memory < MaxMegabytes && pages.Max() < MaxPageMilliseconds && isBounded;
        table.Add(
            sort.What,
            string.Join("; ", answers.GroupBy(answer => answer, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} × {g.Key}")),
            elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture),
            memory.ToString("0", CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"{pages.Max():0} of {pages.Count}"),
            holds ? "holds" : "DOES NOT HOLD");
        return holds;
    }

    /// <summary>Each by a loopback address of its own, which is another host.</summary>
    private static async Task PreviewAsync(HttpClient client, int sitePort, HostileDocument sort, int n, ConcurrentBag<string> answers)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.1.{n + 1}:{sitePort}/{sort.Path}");
        using var body = new StringContent(JsonSerializer.Serialize(new { source = sort.Source, address }), Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/api/preview", UriKind.Relative), body);
        answers.Add(await StatusAsync(answer));
    }

    private static async Task DeliverAsync(HttpClient client, HostileDocument sort, ConcurrentBag<string> answers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/webhooks/github/app", UriKind.Relative)) { Content = new ByteArrayContent(sort.Bytes.Value) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(sort.Type);
        request.Headers.Add("X-GitHub-Event", "pull_request");
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(HookSecret), sort.Bytes.Value)));
        using var answer = await client.SendAsync(request);
        answers.Add(await StatusAsync(answer));
    }

    private static async Task<string> StatusAsync(HttpResponseMessage answer)
    {
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (answer.Headers.RetryAfter is not null)
            return status + ", again after some seconds";
        return answer.IsSuccessStatusCode
            ? status
            : status + " " + JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("type").GetString()!.Split(':')[^1];
    }

    private static async Task LookAsync(HttpClient client, List<double> times, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            foreach (var page in (string[])["/", "/api/ledger?limit=100"])
            {
                var start = Stopwatch.GetTimestamp();
                using var answer = await client.GetAsync(new Uri(page, UriKind.Relative), CancellationToken.None);
                answer.EnsureSuccessStatusCode();
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

/// <summary>Serves the documents at any loopback address.</summary>
internal sealed class HostileSite : IAsyncDisposable
{
    private readonly WebApplication app;

    private HostileSite()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenAnyIP(0));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public int Port { get; private set; }

    public static async Task<HostileSite> StartAsync()
    {
        var site = new HostileSite();
        await site.app.StartAsync();
        site.Port = new Uri(site.app.Urls.First()).Port;
        return site;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        if (HostileDocuments.All.FirstOrDefault(sort => "/" + sort.Path == context.Request.Path.Value) is not { } sort)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = sort.Type;
        if (sort.IsCompressed)
            context.Response.Headers.ContentEncoding = "gzip";
        await context.Response.Body.WriteAsync(sort.Bytes.Value, context.RequestAborted);
    }
}

/// <param name="Path">Its address on the site.</param>
/// <param name="Source">As what it is previewed; or a delivery, which is sent.</param>
internal sealed record HostileDocument(string What, string Path, string Source, string Type, Lazy<byte[]> Bytes, bool IsCompressed = false)
{
    public const string Delivery = "delivery";
}

internal static class HostileDocuments
{
    private const int Large = 9_000_000;

    public static IReadOnlyList<HostileDocument> All { get; } =
    [
        new("a feed with a title of 9 MB", "title", "feed", "application/rss+xml", new(() => Feed(new string('x', Large)))),
        new("a calendar of 9 MB of events within events", "deep", "meetup", "text/calendar", new(Deep)),
        new("a calendar with a recurrence rule of a million positions", "rule", "meetup", "text/calendar", new(Rule)),
        new("a page of 9 MB of elements within elements", "page", "feed", "text/html", new(() => Repeat("<html><body>", "<b>", ""))),
        new("a feed of 9 MB of empty items", "items", "feed", "application/rss+xml", new(() => Repeat("<rss><channel>", "<item><title>a</title></item>", "</channel></rss>"))),
        new("a calendar of rules by the second", "seconds", "meetup", "text/calendar", new(Seconds)),
        new("a calendar of 9 MB of daily events", "daily", "meetup", "text/calendar", new(Daily)),
        new("1 GB, compressed to 1 MB", "bomb", "feed", "application/rss+xml", new(Bomb), IsCompressed: true),
        new("a feed of 127 KB of short items, just not large", "small", "feed", "application/rss+xml", new(() => Repeat("<rss><channel>", "<item><title>a</title></item>", "</channel></rss>", 127_000))),
        new("24 MB from GitHub", "hook", HostileDocument.Delivery, "application/json", new(() => Repeat("{\"action\":\"opened\",\"pull_request\":{\"body\":\"", "x", "\"}}", 24_000_000))),
        new("24 MB from GitHub, as a form", "form", HostileDocument.Delivery, "application/x-www-form-urlencoded", new(() => Repeat("payload=%7B%22action%22%3A%22opened%22%2C%22x%22%3A%22", "%41", "%22%7D", 24_000_000))),
    ];

    private static byte[] Feed(string title) => Encoding.UTF8.GetBytes(
        $"<rss version=\"2.0\"><channel><title>t</title><link>https://blog.example/</link><item><title>{title}</title><link>https://blog.example/1</link></item></channel></rss>");

    private static byte[] Repeat(string before, string what, string after, int size = Large) =>
        Encoding.UTF8.GetBytes(before + string.Concat(Enumerable.Repeat(what, size / what.Length)) + after);

    private static byte[] Deep() => Repeat("BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261212T100000Z\r\nSUMMARY:x\r\n", "END:VCALENDAR\r\n");

    private static byte[] Rule() => Encoding.UTF8.GetBytes(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20200101T000000Z\r\nSUMMARY:x\r\nRRULE:FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7,8,9,10;BYHOUR=1,2,3,4,5,6;BYMINUTE=1,2,3,4;BYSECOND=1,2,3;BYSETPOS="
        + string.Join(',', Enumerable.Range(1, 1_200_000)) + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");

    private static byte[] Seconds() => Repeat(
        "BEGIN:VCALENDAR\r\n",
        "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:00010101T000000Z\r\nSUMMARY:x\r\n" + string.Concat(Enumerable.Repeat("RRULE:FREQ=SECONDLY;BYMONTHDAY=31;BYMONTH=2\r\nRRULE:FREQ=SECONDLY\r\n", 16)) + "END:VEVENT\r\n",
        "END:VCALENDAR\r\n");

    private static byte[] Daily() => Repeat("BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\nDTSTART:20200101T000000\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n", "END:VCALENDAR\r\n");

    private static byte[] Bomb()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write("<rss><channel><item><title>"u8);
            var zeros = new byte[1_000_000];
            Array.Fill(zeros, (byte)'x');
            for (var i = 0; i < 1_000; i++)
                gzip.Write(zeros);
        }

        return compressed.ToArray();
    }
}
