using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ContributionIngest.Tests.Harvest;
using ContributionIngest.Tests.Hosts;
using ContributionIngest.Tests.Infrastructure;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary><c>tests/bench start</c>: the published executable from its start to its first answer, over a store of 10,000 entries.</summary>
internal static class StartBench
{
    private const int Starts = 20;

    public static async Task<int> Run(string executable)
    {
        using var folder = new TemporaryFolder();
        await using (var app = await TestApp.Start(new Blogs().Web, new TestClock(TimeProvider.System.GetUtcNow()), folder))
            await LedgerBench.Fill(app);
        var table = new Table("started", "first answer ms, median of 20", "memory 10 s later MB", "processor s until then", "budget");
        await Add(table, "by the Functions host", executable, folder, "FUNCTIONS_CUSTOMHANDLER_PORT", port => port);
        await Add(table, "alone", executable, folder, "Listen", port => $"http://127.0.0.1:{port}");
        table.Print();
        var zip = new FileInfo(Path.GetDirectoryName(executable) + ".zip");
        if (zip.Exists)
            Console.WriteLine($"{zip.Name}: {zip.Length / 1e6:F1} MB (budget 30 MB)");
        return 0;
    }

    private static async Task Add(Table table, string how, string executable, TemporaryFolder folder, string setting, Func<string, string> value)
    {
        List<double> times = [];
        var (memory, processor) = (0.0, 0.0);
        for (var i = 0; i < Starts; i++)
        {
            var port = Hosted.FreePort();
            var settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Data"] = folder.FullName,
                [setting] = value(port.ToString(CultureInfo.InvariantCulture)),
            };
            var began = Stopwatch.GetTimestamp();
            using var process = Published.Start(executable, folder.FullName, settings);
            await FirstAnswer(port);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (i == Starts - 1)
            {
                await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
                process.Refresh();
                (memory, processor) = (process.WorkingSet64 / 1e6, process.TotalProcessorTime.TotalSeconds);
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        times.Sort();
        table.Add(how, $"{times[Starts / 2]:F0}", $"{memory:F0}", $"{processor:F2}", "150 ms, 80 MB");
    }

    private static async Task FirstAnswer(int port)
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
                continue;
            }

            await socket.SendAsync("GET /api/health HTTP/1.1\r\nHost: app.example\r\n\r\n"u8.ToArray());
            if (await socket.ReceiveAsync(new byte[64]) > 0)
                return;
        }
    }
}
