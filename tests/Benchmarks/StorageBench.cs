using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using ContributionIngest.Core.Ports;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Tests.Drivers;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// The Azure table driver against a bare HttpClient that sends the same bytes and only reads the answer's, both to the emulator, by turns in
/// one run: pages of 1,000 rows and transactions of 100. Medians of 21 rounds after twelve, in which both are compiled.
/// </summary>
internal static class StorageBench
{
    private const int Rows = 5_000;
    private const int Written = 1_000;
    private const int WarmUps = 12;
    private const int Rounds = 21;

    public static async Task<int> Run()
    {
        var azurite = new Azurite();
        await azurite.InitializeAsync();
        try
        {
            var account = azurite.Account;
            var store = new AzureStore(account, TimeProvider.System);
            using var bare = new BareClient(account);
            for (var first = 0; first < Rows; first += 100)
                await store.Table.Transact("bench", Batch(first), default);

            await Compare("rows read in pages of 1,000", "85 %", Rows, () => ReadPages(store.Table), () => bare.Walk("bench", "p"));
            await Compare("rows written by transactions of 100", "90 %", Written, () => WriteBatches(store.Table), () => WriteBatches(bare));
        }
        finally
        {
            await azurite.DisposeAsync();
        }

        return 0;
    }

    private static async Task Compare(string what, string budget, int items, Func<Task> ours, Func<Task> theirs)
    {
        var times = (Ours: new List<double>(), Bare: new List<double>());
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            // Who goes first changes from round to round.
            var (first, second) = round % 2 == 0 ? (ours, theirs) : (theirs, ours);
            var (one, two) = (await Time(first), await Time(second));
            if (round < WarmUps)
                continue;
            times.Ours.Add(round % 2 == 0 ? one : two);
            times.Bare.Add(round % 2 == 0 ? two : one);
        }

        var (driver, client) = (items / Median(times.Ours), items / Median(times.Bare));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-38} driver {driver,10:N0}/s   bare {client,10:N0}/s   {driver / client,6:P0} (budget {budget})"));
    }

    private static async Task<double> Time(Func<Task> run)
    {
        var started = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static async Task ReadPages(ITable table)
    {
        var seen = await table.Range("bench", "p", "", "~", null, default).CountAsync();
        if (seen != Rows)
            throw new InvalidOperationException($"{seen} rows came back.");
    }

    private static async Task WriteBatches(ITable table)
    {
        for (var first = 0; first < Written; first += 100)
            await table.Transact("bench", Batch(first), default);
    }

    private static async Task WriteBatches(BareClient bare)
    {
        for (var first = 0; first < Written; first += 100)
            await bare.Post(first);
    }

    private static TableWrite[] Batch(int first) => [.. Enumerable.Range(first, 100).Select(i => TableWrite.Put(LocalSpeed.Row(i)))];

    /// <summary>Nothing but requests made beforehand and answers read to their end.</summary>
    private sealed class BareClient : IDisposable
    {
        private readonly HttpClient client = new();
        private readonly StorageAccount account;
        private readonly Dictionary<int, (byte[] Body, string Type)> batches = [];

        public BareClient(StorageAccount account)
        {
            this.account = account;
            for (var first = 0; first < Written; first += 100)
            {
                var request = EntityBatch.Write(account.Table.AbsoluteUri + "/", "bench", Batch(first));
                batches.Add(first, (request.Body!.Value.ToArray(), request.Headers.First(h => h.Name == "Content-Type").Value));
            }
        }

        public async Task Walk(string table, string partition)
        {
            string? next = null;
            do
            {
                var path = TableAddress.Range(table, partition, "", "~", 1000, next);
                using var answer = await Send(new HttpRequestMessage(HttpMethod.Get, $"{account.Table}/{path}"));
                next = !answer.Headers.TryGetValues("x-ms-continuation-NextPartitionKey", out var partitions)
                    ? null
                    : Uri.EscapeDataString(partitions.First()) + "&" + Uri.EscapeDataString(answer.Headers.GetValues("x-ms-continuation-NextRowKey").First());
            }
            while (next is not null);
        }

        public async Task Post(int first)
        {
            var (body, type) = batches[first];
            var content = new ByteArrayContent(body);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            using var answer = await Send(new HttpRequestMessage(HttpMethod.Post, $"{account.Table}/$batch") { Content = content });
        }

        public void Dispose() => client.Dispose();

        private async Task<HttpResponseMessage> Send(HttpRequestMessage request)
        {
            var date = TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            var text = $"{date}\n/{account.Name}{request.RequestUri!.AbsolutePath}";
            var signature = Convert.ToBase64String(HMACSHA256.HashData(account.Key!, Encoding.UTF8.GetBytes(text)));
            request.Headers.TryAddWithoutValidation("Authorization", $"SharedKeyLite {account.Name}:{signature}");
            request.Headers.TryAddWithoutValidation("x-ms-date", date);
            request.Headers.TryAddWithoutValidation("x-ms-version", "2021-12-02");
            request.Headers.TryAddWithoutValidation("Accept", "application/json;odata=minimalmetadata");
            request.Headers.TryAddWithoutValidation("DataServiceVersion", "3.0");
            var answer = await client.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
            return answer;
        }
    }
}
