using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Mail;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Scheduling;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Api.Account;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Triggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ContributionIngest.Tests.Support;

/// <summary>
/// The whole app in process, entered by its front door. Swapped are the server (calls come when a test says so), the store's place, the web
/// outside, the clock and mail; nothing else.
/// </summary>
internal sealed class AppFixture : IAsyncDisposable
{
    /// <summary>With faults leases run out by themselves, as on a store that several processes share: that is the harder case.</summary>
    private const string SharedEpoch = "shared";

    private static readonly string[] SecretSettings = ["Token", "Secret", "Key", "Keys", "Password"];

    private readonly TemporaryFolder folder;
    private readonly SqliteStore store;
    private readonly bool ownsFolder;

    private AppFixture(
        HttpMessageHandler web,
        TestClock clock,
        TemporaryFolder? folder,
        IReadOnlyDictionary<string, string?>? settings,
        IMail? mail,
        bool isMailed,
        StoreFaults? faults)
    {
        (this.folder, ownsFolder) = (folder ?? new TemporaryFolder(), folder is null);
        Clock = clock;
        store = new SqliteStore(this.folder.FullName, clock);
        Table = new WatchedTable(faults is null ? store.Table : new FaultyTable(store.Table, faults));
        var values = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            ["Data"] = this.folder.FullName,
        };
        values.TryAdd("RequestsPerMinute", "0");
        foreach (var (_, secret) in values.Where(setting => SecretSettings.Any(end => setting.Key.EndsWith(end, StringComparison.Ordinal))))
            Log.Plant(secret ?? "");
        var stores = faults is null
            ? new Stores(Table, store.Blobs, store.Queue, store.Epoch)
            : new Stores(Table, new FaultyBlobs(store.Blobs, faults), new FaultyQueue(store.Queue, faults), SharedEpoch);
        App = ContributionIngest.Functions.Configuration.App.Build(
            ReadSettings(values), Dependencies(stores, clock, web, isMailed ? mail ?? Mail : null) with { Server = Open });
    }

    public TestClock Clock { get; }

    public WatchedTable Table { get; }

    public SqliteStore Store => store;

    /// <summary>Where the store is.</summary>
    public string Folder => folder.FullName;

    /// <summary>Where mail goes unless a test says otherwise.</summary>
    public RecordingMail Mail { get; } = new();

    public WebApplication App { get; }

    /// <summary>No secret of a test may be logged: the end of each says so.</summary>
    public SecretWatch Log { get; } = new();

    /// <summary>What of requests is still under way although whoever asked has left.</summary>
    public RequestsUnderWay Requests { get; } = new();

    public HttpClient Client { get; set; } = null!;

    /// <summary>Failures of functions since the last look; a harvest that goes well leaves none.</summary>
    public List<Exception> Failures { get; } = [];

    public static async Task<AppFixture> StartAsync(
        HttpMessageHandler web,
        TestClock? clock = null,
        TemporaryFolder? folder = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        IMail? mail = null,
        bool isMailed = true,
        StoreFaults? faults = null)
    {
        var app = new AppFixture(web, clock ?? new TestClock(), folder, settings, mail, isMailed, faults);
        await app.App.StartAsync();
        app.Client = app.App.GetTestClient();
        var owner = app.App.Services.GetRequiredService<Owner>();
        var key = await owner.EnsureAsync(CancellationToken.None) ?? await app.AnotherKeyAsync(await owner.FindAsync(CancellationToken.None));
        app.Log.Plant(key);
        app.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return app;
    }

    public static Settings ReadSettings(IEnumerable<KeyValuePair<string, string?>> values) =>
        Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());

    /// <summary>What an app in tests runs on; a host on a real port, or a worker, has another server.</summary>
    public static AppDependencies Dependencies(Stores stores, TimeProvider clock, HttpMessageHandler? web = null, IMail? mail = null) =>
        new((builder, _) => builder.WebHost.UseTestServer(), stores, web ?? new ScriptedWeb(), clock, mail);

    /// <summary>Connects an address and works off what that brings. The connection's id.</summary>
    public async Task<string> ConnectAsync(string address, string source = "feed", IReadOnlyDictionary<string, string>? options = null)
    {
        var extra = options is null ? "" : $",\"options\":{{{string.Join(',', options.Select(o => $"\"{o.Key}\":\"{o.Value}\""))}}}";
        var (status, body) = await PostAsync("/connections", $$"""{"address":"{{address}}","source":"{{source}}"{{extra}}}""");
        if (status is not (HttpStatusCode.Created or HttpStatusCode.OK))
            throw new InvalidOperationException($"{address} was not connected: {body}");
        await DrainAsync();
        return body.GetProperty("id").GetString()!;
    }

    public async Task HarvestAsync(string connection)
    {
        await PostAsync($"/connections/{connection}/harvest", "{}");
        await DrainAsync();
    }

    /// <summary>A look at one of the owner's connections that nobody asked for.</summary>
    public async Task PollAsync(string connection)
    {
        var owner = await App.Services.GetRequiredService<Owner>().FindAsync(CancellationToken.None);
        await App.Services.GetRequiredService<HarvestQueue>().PutAsync(new HarvestMessage(owner!.Id, connection), CancellationToken.None);
        await DrainAsync();
    }

    /// <summary>Lets time pass as the timers would see it: a minute at a time is enough for the planner.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await CallAsync("Plan");
        await DrainAsync();
    }

    public Task CallAsync(string function) => RunAsync(TriggeredFunction.Named(function), null);

    /// <summary>The night's maintenance, and nothing else that waits.</summary>
    public async Task MaintainAsync(string timer = "Prune")
    {
        await CallAsync(timer);
        var function = TriggeredFunction.Named("RunMaintenance");
        while (await store.Queue.ReceiveAsync(function.Queue!, 32, TimeSpan.FromMinutes(10), CancellationToken.None) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
                await DeliverAsync(function, message);
        }
    }

    /// <summary>Works off every visible message, a failed one again and again until it is poison; or only so many rounds.</summary>
    /// <param name="stopped">A queue that nobody takes messages from.</param>
    public async Task DrainAsync(int? rounds = null, string? stopped = null)
    {
        const int Endless = 20_000;
        for (var round = 0; round < (rounds ?? Endless); round++)
        {
            var worked = 0;
            foreach (var function in TriggeredFunction.All.Where(f => f.Queue is { } queue && queue != stopped))
            {
                foreach (var message in await store.Queue.ReceiveAsync(function.Queue!, 32, TimeSpan.FromMinutes(10), CancellationToken.None))
                {
                    await DeliverAsync(function, message);
                    worked++;
                }
            }

            if (worked == 0)
                return;
        }

        if (rounds is null)
            throw new InvalidOperationException("Something keeps asking for itself.");
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri("/api" + path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"GET {path} answered {(int)response.StatusCode}: {text}");
    }

    public async Task<List<JsonElement>> LedgerAsync(string query = "review=all")
    {
        var items = new List<JsonElement>();
        string? next = null;
        do
        {
            var page = await GetAsync($"/ledger?limit=500&{query}{(next is null ? "" : "&cursor=" + next)}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.TryGetProperty("next", out var n) ? n.GetString() : null;
        }
        while (next is not null);
        return items;
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json);

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, "/api" + path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    /// <summary>Every row of a table, etags included: two equal dumps mean that nothing was written.</summary>
    public Task<IReadOnlyList<string>> DumpAsync(string table) => Dumps.OfAsync(store.Table, table, folder.FullName);

    /// <summary>At the end of every scenario the counts that are kept equal the counts of the entries.</summary>
    public async ValueTask DisposeAsync()
    {
        Table.BreakIn = null;
        await Recounted.CheckAsync(this);
        await CloseAsync();
        if (!Log.Found.IsEmpty)
            throw new InvalidOperationException($"A secret was logged: {string.Join('\n', Log.Found)}");
    }

    /// <summary>Ends without a look at what is left.</summary>
    public async Task CloseAsync()
    {
        await App.DisposeAsync();
        store.Dispose();
        if (ownsFolder)
            folder.Dispose();
    }

    private void Open(WebApplicationBuilder builder, Settings settings)
    {
        builder.WebHost.UseTestServer();
        builder.Logging.AddProvider(Log);
        builder.Services.AddSingleton<IStartupFilter>(Requests);
    }

    /// <summary>A store that was opened before has its owner, and nobody remembers the key.</summary>
    private async Task<string> AnotherKeyAsync(Person? owner) => (await App.Services.GetRequiredService<ApiKeys>()
        .CreateAsync(owner!.Id, "another", Scope.Read | Scope.Write | Scope.Operate, CancellationToken.None)).Secret;

    private async Task DeliverAsync(TriggeredFunction function, QueueMessage message)
    {
        var queue = function.Queue!;
        try
        {
            await RunAsync(function, message.Body);
            await store.Queue.DeleteAsync(queue, message, CancellationToken.None);
        }
        catch (Exception e)
        {
            Failures.Add(e);
            if (message.Attempt >= IQueue.MaximumAttempts)
                await store.Queue.DeadLetterAsync(queue, message, CancellationToken.None);
            else
                await store.Queue.ExtendAsync(queue, message, TimeSpan.Zero, CancellationToken.None);
        }
    }

    private Task RunAsync(TriggeredFunction function, string? message) => function.RunAsync(App.Services, message, CancellationToken.None);
}
