using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Standalone;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Drivers;
using ContributionIngest.Tests.Support;
using ContributionIngest.Tests.Support.FunctionsHost;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>
/// The whole app in one of its two hosts, over one of the two drivers: on a real port by itself, or as a worker of a small Functions host, for which the
/// test takes the messages from the queue.
/// </summary>
internal sealed class HostFixture : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Settings settings;
    private readonly WatchedQueue queue;
    private readonly ITable table;
    private readonly Azurite? azurite;
    private readonly SqliteStore? local;
    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly AppDependencies dependencies;
    private readonly bool hosted;
    private string? key;
    private WebApplication? alone;
    private WorkerApp? worker;
    private HostFront? front;
    private Task? exit;

    private HostFixture(HttpMessageHandler web, Azurite? azurite, bool hosted, StillClock clock, (string Name, string Value)[] more)
    {
        this.azurite = azurite;
        this.hosted = hosted;
        Clock = clock;
        settings = AppFixture.ReadSettings(
            [new("Data", folder.FullName), new("Listen", "http://127.0.0.1:0"), .. more.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))]);
        local = azurite is null ? new SqliteStore(folder.FullName, Clock) : null;
        var azure = azurite is null ? null : AzureStore.FromConnectionString(azurite.ConnectionString, Clock, Requests);
        table = local?.Table ?? azure!.Table;
        queue = new WatchedQueue(local?.Queue ?? azure!.Queue);
        var stores = new Stores(table, local?.Blobs ?? azure!.Blobs, queue, local?.Epoch ?? "shared", queue.ArrivalAsync);
        dependencies = AppFixture.Dependencies(stores, Clock, web) with { Server = Server };
    }

    public StillClock Clock { get; }

    public IServiceProvider Services => alone?.Services ?? worker!.App.Services;

    /// <summary>What the Azure drivers sent.</summary>
    public FaultTransport Requests { get; } = new();

    public static Task<HostFixture> StartAsync(HttpMessageHandler web, bool azure, bool hosted) => StartAsync(web, azure, hosted, new StillClock());

    public static async Task<HostFixture> StartAsync(HttpMessageHandler web, bool azure, bool hosted, StillClock clock, params (string Name, string Value)[] settings)
    {
        var emulator = azure ? new Azurite() : null;
        if (emulator is not null)
            await emulator.InitializeAsync();
        var entered = new HostFixture(web, emulator, hosted, clock, settings);
        try
        {
            if (hosted)
                entered.worker = await WorkerApp.StartAsync(entered.settings, entered.dependencies);
            else
                await entered.StandAloneAsync();
            entered.key = await entered.Services.GetRequiredService<Owner>().EnsureAsync(CancellationToken.None);
            return entered;
        }
        catch
        {
            await entered.DisposeAsync();
            throw;
        }
    }

    public bool IsHosted => hosted;

    /// <summary>Where browsers open it.</summary>
    public async Task<string> AddressAsync() => alone?.Urls.First() ?? (front ??= await HostFront.StartAsync(worker!.Host)).Address;

    /// <summary>What they sent to tables and blobs since <see cref="FaultTransport.Sent"/> was cleared.</summary>
    public IReadOnlyList<SentRequest> Stored() => [.. Requests.Sent.Where(request => request.Address.Port != azurite!.QueuePort)];

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, string? json = null, string type = "application/json", string? idempotency = null, string? secret = null)
    {
        using var request = new HttpRequestMessage(method, new Uri((alone?.Urls.First() ?? "https://app.example") + "/api" + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret ?? key);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, type);
        if (idempotency is not null)
            request.Headers.Add("Idempotency-Key", idempotency);
        using var response = worker is null
            ? await client.SendAsync(request, CancellationToken.None)
            : (await worker.Host.SendAsync(request, CancellationToken.None)).Answer;
        var text = await response.Content.ReadAsStringAsync();
        Assert(response.IsSuccessStatusCode, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default;
    }

    /// <summary>Until no message is left.</summary>
    public async Task WorkAsync()
    {
        if (!hosted)
        {
            await queue.IdleAsync();
            return;
        }

        for (var worked = 1; worked > 0;)
        {
            worked = 0;
            foreach (var function in TriggeredFunction.All.Where(f => f.Queue is not null))
            {
                foreach (var message in await queue.ReceiveAsync(function.Queue!, 16, TimeSpan.FromMinutes(10), CancellationToken.None))
                {
                    var ended = await worker!.Host.RunQueueAsync(function.Name, message.Body, message.Attempt, CancellationToken.None);
                    Assert(ended.Result.Status == StatusResult.Types.Status.Success, $"{function.Name} failed: {ended.Result.Exception?.Message}");
                    await queue.DeleteAsync(function.Queue!, message, CancellationToken.None);
                    worked++;
                }
            }
        }
    }

    /// <summary>Every row of the person's ledger, with what is random named by the order it came in.</summary>
    public async Task<IReadOnlyList<string>> LedgerAsync()
    {
        var person = (await Services.GetRequiredService<PeopleStore>().AllAsync(CancellationToken.None)).Single();
        var connections = await Services.GetRequiredService<ConnectionStore>().ListAsync(person, CancellationToken.None);
        return await table.RangeAsync("ledger", person, " ", "\uffff", null, CancellationToken.None)
            .Select(row => Known(connections.Select((c, i) => (c.Connection.Id, Name: $"connection{i}"))
                .Aggregate(Line(row).Replace(person, "person", StringComparison.Ordinal), (line, c) => line.Replace(c.Id, c.Name, StringComparison.Ordinal))))
            .Order(StringComparer.Ordinal)
            .ToListAsync();
    }

    /// <summary>Everything the store holds, decoded.</summary>
    public Task<IReadOnlyList<string>> ScanAsync() => azurite is null ? StoreScan.OfAsync(local!, folder.FullName) : StoreScan.OfAsync(azurite.ConnectionString);

    /// <summary>Lets time pass, also for the queues.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        if (azurite is not null)
            await azurite.AdvanceAsync(time);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (front is not null)
            await front.DisposeAsync();
        if (worker is not null)
            await worker.DisposeAsync();
        if (alone is not null)
        {
            alone.Lifetime.StopApplication();
            await exit!;
            await alone.DisposeAsync();
        }

        local?.Dispose();
        if (azurite is not null)
            await azurite.DisposeAsync();
        folder.Dispose();
    }

    private static void Server(WebApplicationBuilder builder, Settings read)
    {
        builder.Configuration.Sources.Clear();
        AppDependencies.Kestrel(builder, read);
    }

    private async Task StandAloneAsync()
    {
        alone = ContributionIngest.Functions.Configuration.App.Build(settings, dependencies);
        var started = new TaskCompletionSource();
        exit = StandaloneServer.RunAsync(alone, settings.Listen, () =>
        {
            started.SetResult();
            return Task.CompletedTask;
        });
        await await Task.WhenAny(started.Task, exit);
    }

    /// <summary>References of an address stand in the order of connections' ids, which are random.</summary>
    private static string Known(string line)
    {
        const string Start = " doc=[";
        var start = line.IndexOf(Start, StringComparison.Ordinal);
        if (!line.StartsWith("u|", StringComparison.Ordinal) || start < 0)
            return line;
        return line[..(start + Start.Length)] + string.Join("},", line[(start + Start.Length)..].TrimEnd(']').TrimEnd('}').Split("},").Order(StringComparer.Ordinal));
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Line(Row row) => $"{row.Key} " + string.Join(' ', row.Values.OrderBy(v => v.Key, StringComparer.Ordinal)
        .Select(v => $"{v.Key}={(v.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(v.Value, CultureInfo.InvariantCulture))}"));

    private static void Assert(bool isTrue, string otherwise)
    {
        if (!isTrue)
            throw new InvalidOperationException(otherwise);
    }
}
