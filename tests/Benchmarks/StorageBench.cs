using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Drivers;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// The Azure table driver against a bare HttpClient that sends the same requests and only reads the bytes of the answers, both to the emulator, by
/// turns in one run: pages of 1,000 rows, transactions of 100, rows one by one. Medians of 21 rounds after twelve, in which both are compiled.
/// </summary>
internal static class StorageBench
{
    private const string Table = "bench";
    private const int Rows = 5_000;
    private const int Written = 1_000;
    private const int Got = 200;
    private const int WarmUps = 12;
    private const int Rounds = 21;

    public static async Task<int> RunAsync()
    {
        var azurite = new Azurite();
        await azurite.InitializeAsync();
        try
        {
            var transport = new FaultTransport();
            var store = AzureStore.FromConnectionString(azurite.ConnectionString, TimeProvider.System, transport);
            for (var first = 0; first < Rows; first += 100)
                await store.Table.TransactAsync(Table, Batch(first), default);

            Console.WriteLine($"{"",-36} {"CPU µs a row",22} {"bytes a row",22} {"rows a second",24}");
            Console.WriteLine($"{"",-36} {"driver",11}{"bare",11} {"driver",11}{"bare",11} {"driver",12}{"bare",12}");
            await CompareAsync("read in pages of 1,000", Rows, () => ReadPagesAsync(store.Table), transport);
            await CompareAsync("written by transactions of 100", Written, () => WriteBatchesAsync(store.Table), transport);
            await CompareAsync("read one by one", Got, () => GetRowsAsync(store.Table), transport);
        }
        finally
        {
            await azurite.DisposeAsync();
        }

        return 0;
    }

    private static async Task CompareAsync(string what, int items, Func<Task> driver, FaultTransport transport)
    {
        using var bare = await Replay.OfAsync(driver, transport);
        var ours = new List<Cost>();
        var theirs = new List<Cost>();
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            // Who goes first changes from round to round.
            var (first, second) = round % 2 == 0 ? (driver, bare.SendAsync) : ((Func<Task>)bare.SendAsync, driver);
            var (one, two) = (await MeasureAsync(first), await MeasureAsync(second));
            if (round < WarmUps)
                continue;
            ours.Add(round % 2 == 0 ? one : two);
            theirs.Add(round % 2 == 0 ? two : one);
        }

        double A(Func<Cost, double> of) => Median(ours, of);
        double B(Func<Cost, double> of) => Median(theirs, of);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-36} {A(c => c.Processor) / items,11:N1}{B(c => c.Processor) / items,11:N1} {A(c => c.Bytes) / items,11:N0}{B(c => c.Bytes) / items,11:N0} "
            + $"{items / A(c => c.Seconds),12:N0}{items / B(c => c.Seconds),12:N0}"));
    }

    private static async Task<Cost> MeasureAsync(Func<Task> run)
    {
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var processor = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        await run();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Cost((Environment.CpuUsage.TotalTime - processor).TotalMicroseconds, GC.GetTotalAllocatedBytes(precise: true) - bytes, seconds);
    }

    private static double Median(List<Cost> costs, Func<Cost, double> of) => costs.Select(of).Order().ElementAt(costs.Count / 2);

    private static async Task ReadPagesAsync(ITable table)
    {
        var seen = await table.RangeAsync(Table, "p", "", "~", null, default).CountAsync();
        if (seen != Rows)
            throw new InvalidOperationException($"{seen} rows came back.");
    }

    private static async Task WriteBatchesAsync(ITable table)
    {
        for (var first = 0; first < Written; first += 100)
            await table.TransactAsync(Table, Batch(first), default);
    }

    private static async Task GetRowsAsync(ITable table)
    {
        for (var i = 0; i < Got; i++)
            _ = await table.GetAsync(Table, "p", LocalSpeed.Row(i).Key, default) ?? throw new InvalidOperationException("A row is missing.");
    }

    private static TableWrite[] Batch(int first) => [.. Enumerable.Range(first, 100).Select(i => TableWrite.Put(LocalSpeed.Row(i)))];

    private sealed record Cost(double Processor, double Bytes, double Seconds);

    /// <summary>Nothing but the requests the driver sent, signed anew, and answers read to their end.</summary>
    private sealed class Replay : IDisposable
    {
        private const string Account = "devstoreaccount1";

        private readonly HttpClient client = new();
        private readonly List<(SentRequest Sent, byte[]? Body)> script = [];

        public static async Task<Replay> OfAsync(Func<Task> driver, FaultTransport transport)
        {
            var replay = new Replay();
            transport.Sent.Clear();
            var bodies = new List<byte[]?>();
            Fault record = async (message, network) =>
            {
                using var body = new MemoryStream();
                if (message.Request.Content is { } content)
                    await content.WriteToAsync(body, CancellationToken.None);
                bodies.Add(body.Length == 0 ? null : body.ToArray());
                await network.ProcessAsync(message);
            };
            transport.Next(Enumerable.Repeat(record, Got));
            await driver();
            replay.script.AddRange(transport.Sent.Zip(bodies));
            transport.Forget();
            return replay;
        }

        public async Task SendAsync()
        {
            foreach (var (sent, body) in script)
            {
                using var request = new HttpRequestMessage(HttpMethod.Parse(sent.Method), sent.Address);
                if (body is not null)
                    request.Content = new ByteArrayContent(body);
                foreach (var (name, value) in sent.Headers.Where(h => h.Key is not ("Authorization" or "x-ms-date" or "Content-Length")))
                {
                    if (!request.Headers.TryAddWithoutValidation(name, value))
                        request.Content?.Headers.TryAddWithoutValidation(name, value);
                }

                Sign(request);
                using var answer = await client.SendAsync(request);
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
            }
        }

        public void Dispose() => client.Dispose();

        private static void Sign(HttpRequestMessage request)
        {
            var date = TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            var text = $"{date}\n/{Account}{request.RequestUri!.AbsolutePath}";
            var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Azurite.Key), Encoding.UTF8.GetBytes(text)));
            request.Headers.TryAddWithoutValidation("Authorization", $"SharedKeyLite {Account}:{signature}");
            request.Headers.TryAddWithoutValidation("x-ms-date", date);
        }
    }
}
