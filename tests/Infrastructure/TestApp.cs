using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Harvest;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Ports;
using ContributionIngest.Drivers.Local;
using ContributionIngest.Functions;
using ContributionIngest.Functions.Triggers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Infrastructure;

/// <summary>
/// The whole app in process, entered by its front door. Swapped are the server (calls come when a test says so), the store's place, the web
/// outside, the clock and mail; nothing else.
/// </summary>
internal sealed class TestApp : IAsyncDisposable
{
    /// <summary>With faults leases run out by themselves, as on a store that several processes share: that is the harder case.</summary>
    private const string SharedEpoch = "shared";

    private readonly TemporaryFolder folder;
    private readonly LocalStore store;
    private readonly bool ownsFolder;

    private TestApp(
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
        store = new LocalStore(this.folder.FullName, clock);
        Table = new WatchedTable(faults is null ? store.Table : new FaultyTable(store.Table, faults));
        var values = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            ["Data"] = this.folder.FullName,
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        var stores = faults is null
            ? new Stores(Table, store.Blobs, store.Queue, store.Epoch)
            : new Stores(Table, new FaultyBlobs(store.Blobs, faults), new FaultyQueue(store.Queue, faults), SharedEpoch);
        App = Functions.App.Build(Settings.Read(configuration), new Edges(Open, stores, web, clock, isMailed ? mail ?? Mail : null));
    }

    public TestClock Clock { get; }

    public WatchedTable Table { get; }

    public LocalStore Store => store;

    /// <summary>Where mail goes unless a test says otherwise.</summary>
    public RecordingMail Mail { get; } = new();

    public WebApplication App { get; }

    /// <summary>What of requests is still under way although whoever asked has left.</summary>
    public RequestsUnderWay Requests { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Failures of functions since the last look; a harvest that goes well leaves none.</summary>
    public List<Exception> Failures { get; } = [];

    public static async Task<TestApp> Start(
        HttpMessageHandler web,
        TestClock? clock = null,
        TemporaryFolder? folder = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        IMail? mail = null,
        bool isMailed = true,
        StoreFaults? faults = null)
    {
        var app = new TestApp(web, clock ?? new TestClock(), folder, settings, mail, isMailed, faults);
        await app.App.StartAsync();
        app.Client = app.App.GetTestClient();
        var owner = app.App.Services.GetRequiredService<Owner>();
        var key = await owner.Ensure(CancellationToken.None) ?? await app.AnotherKey(await owner.Find(CancellationToken.None));
        app.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return app;
    }

    /// <summary>Connects an address and works off what that brings. The connection's id.</summary>
    public async Task<string> Connect(string address, string source = "feed", IReadOnlyDictionary<string, string>? options = null)
    {
        var extra = options is null ? "" : $",\"options\":{{{string.Join(',', options.Select(o => $"\"{o.Key}\":\"{o.Value}\""))}}}";
        var (status, body) = await Post("/connections", $$"""{"address":"{{address}}","source":"{{source}}"{{extra}}}""");
        if (status is not (HttpStatusCode.Created or HttpStatusCode.OK))
            throw new InvalidOperationException($"{address} was not connected: {body}");
        await Drain();
        return body.GetProperty("id").GetString()!;
    }

    public async Task Harvest(string connection)
    {
        await Post($"/connections/{connection}/harvest", "{}");
        await Drain();
    }

    /// <summary>A look at one of the owner's connections that nobody asked for.</summary>
    public async Task Poll(string connection)
    {
        var owner = await App.Services.GetRequiredService<Owner>().Find(CancellationToken.None);
        await App.Services.GetRequiredService<HarvestStore>().Enqueue(new HarvestMessage(owner!.Id, connection), CancellationToken.None);
        await Drain();
    }

    /// <summary>Lets time pass as the timers would see it: a minute at a time is enough for the planner.</summary>
    public async Task Pass(TimeSpan time)
    {
        Clock.Advance(time);
        await Call("Plan");
        await Drain();
    }

    public Task Call(string function) => Run(TriggeredFunction.Named(function), null);

    /// <summary>Works off every visible message, a failed one again and again until it is poison; or only so many rounds.</summary>
    public async Task Drain(int? rounds = null)
    {
        const int Endless = 20_000;
        for (var round = 0; round < (rounds ?? Endless); round++)
        {
            var worked = 0;
            foreach (var function in TriggeredFunction.All.Where(f => f.Queue is not null))
            {
                foreach (var message in await store.Queue.Receive(function.Queue!, 32, TimeSpan.FromMinutes(10), CancellationToken.None))
                {
                    await Deliver(function, message);
                    worked++;
                }
            }

            if (worked == 0)
                return;
        }

        if (rounds is null)
            throw new InvalidOperationException("Something keeps asking for itself.");
    }

    public async Task<JsonElement> Get(string path)
    {
        using var response = await Client.GetAsync(new Uri("/api" + path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"GET {path} answered {(int)response.StatusCode}: {text}");
    }

    public async Task<List<JsonElement>> Ledger(string query = "review=all")
    {
        var items = new List<JsonElement>();
        string? next = null;
        do
        {
            var page = await Get($"/ledger?limit=500&{query}{(next is null ? "" : "&cursor=" + next)}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.TryGetProperty("next", out var n) ? n.GetString() : null;
        }
        while (next is not null);
        return items;
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> Post(string path, string json) => Send(HttpMethod.Post, path, json);

    public async Task<(HttpStatusCode Status, JsonElement Body)> Send(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, "/api" + path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    /// <summary>Every row of a table, etags included: two equal dumps mean that nothing was written.</summary>
    public Task<IReadOnlyList<string>> Dump(string table) => Dumps.Of(store.Table, table, folder.FullName);

    /// <summary>At the end of every scenario the counts that are kept equal the counts of the entries.</summary>
    public async ValueTask DisposeAsync()
    {
        Table.BreakIn = null;
        await Recounted.Check(this);
        await Close();
    }

    /// <summary>Ends without a look at what is left.</summary>
    public async Task Close()
    {
        await App.DisposeAsync();
        store.Dispose();
        if (ownsFolder)
            folder.Dispose();
    }

    private void Open(WebApplicationBuilder builder, Settings settings)
    {
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton<IStartupFilter>(Requests);
    }

    /// <summary>A store that was opened before has its owner, and nobody remembers the key.</summary>
    private async Task<string> AnotherKey(Person? owner) => (await App.Services.GetRequiredService<ApiKeys>()
        .Create(owner!.Id, "another", Scope.Read | Scope.Write | Scope.Operate, CancellationToken.None)).Secret;

    private async Task Deliver(TriggeredFunction function, QueueMessage message)
    {
        var queue = function.Queue!;
        try
        {
            await Run(function, message.Body);
            await store.Queue.Delete(queue, message, CancellationToken.None);
        }
        catch (Exception e)
        {
            Failures.Add(e);
            if (message.Attempt >= IQueue.MaximumAttempts)
                await store.Queue.DeadLetter(queue, message, CancellationToken.None);
            else
                await store.Queue.Extend(queue, message, TimeSpan.Zero, CancellationToken.None);
        }
    }

    private Task Run(TriggeredFunction function, string? message) => function.RunAsync(App.Services, message, CancellationToken.None);
}
