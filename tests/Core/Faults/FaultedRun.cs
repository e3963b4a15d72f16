using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Connections;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Core.Faults;

/// <summary>
/// One run of a scenario, and everybody around the program: a client that repeats what was not answered, a host that delivers what failed again and
/// calls timers at their next tick, and an operator who starts the program again when it has ended. Time passes only by these.
/// </summary>
internal sealed class FaultedRun : IAsyncDisposable
{
    public const string Feed = "https://one.example/feed.xml";
    public const string Mirror = "https://two.example/feed.xml";
    public const string Listing = "https://community.example/events.ics";

    /// <summary>After so long, everything that was cut short has been gone on with.</summary>
    private const int MinutesToRest = 4;

    private const int MaxTries = 8;

    /// <summary>No two things happen at the same time.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(90);
    private static readonly QueueRules Rules = HostSettings.Read(AppContext.BaseDirectory).Queues;

    private static readonly Dictionary<string, string?> Settings = new(StringComparer.Ordinal)
    {
        ["PublicUrl"] = "https://me.example/ledger",
        ["OwnerEmail"] = "juna@example.com",
    };

    private readonly TemporaryFolder folder;

    private FaultedRun(TemporaryFolder folder, DateTimeOffset at, IReadOnlyDictionary<string, string> known)
    {
        this.folder = folder;
        Clock = new TestClock(at);
        Known = new Dictionary<string, string>(known, StringComparer.Ordinal);
        Hub = new ScriptedHub(Blogs);
    }

    public Blogs Blogs { get; } = new();

    public ScriptedHub Hub { get; }

    public RecordingMail Mail { get; } = new();

    public TestClock Clock { get; }

    public StoreFaults Faults { get; private set; } = new();

    public AppFixture App { get; private set; } = null!;

    public string Folder => folder.FullName;

    /// <summary>What the preparation learned, such as ids.</summary>
    public Dictionary<string, string> Known { get; }

    /// <summary>What did not come about although it was repeated, a sentence each.</summary>
    public List<string> Problems { get; } = [];

    public static async Task<FaultedRun> OpenAsync(Scenario scenario, TemporaryFolder folder, DateTimeOffset at, IReadOnlyDictionary<string, string> known)
    {
        var run = new FaultedRun(folder, at, known);
        scenario.Places(run);
        await run.StartAsync();
        return run;
    }

    /// <summary>A request of the owner's, sent again until it is answered.</summary>
    public async Task<JsonElement> AskAsync(HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var (status, body, _) = await SendAsync(method, "/api" + path, json is null ? null : Encoding.UTF8.GetBytes(json), "application/json", headers);

        // What is gone already was ended by a request whose answer was lost.
        if ((int)status >= 300 && !(method == HttpMethod.Delete && status == HttpStatusCode.NotFound))
            Problems.Add($"{method} {path} was answered {(int)status}: {body}");
        return body;
    }

    /// <param name="path">Whole.</param>
    public async Task<(HttpStatusCode Status, JsonElement Body, string? ETag)> SendAsync(
        HttpMethod method, string path, byte[]? content, string type, params (string Name, string Value)[] headers)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            using var request = new HttpRequestMessage(method, path);
            if (content is not null)
            {
                request.Content = new ByteArrayContent(content);
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }

            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            if (await TrySendAsync(request) is { } answer)
                return answer;
            await RecoverAsync();
            Clock.Advance(TimeSpan.FromSeconds(2));
        }

        Problems.Add($"{method} {path} was not answered.");
        return default;
    }

    /// <summary>A tick of a timer; one that failed is called again at its next.</summary>
    public async Task TickAsync(string function)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            if (await RunAsync(TriggeredFunction.Named(function), null) is null)
                return;
            await RecoverAsync();
            Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Problems.Add($"{function} did not come to its end.");
    }

    /// <summary>Lets queues and timers go on until everything is idle.</summary>
    public async Task SettleAsync()
    {
        for (var minute = 0; minute <= MinutesToRest; minute++)
        {
            if (minute > 0)
            {
                Clock.Advance(TimeSpan.FromMinutes(1));
                await TickAsync("Plan");
            }

            await DrainAsync();
            if (await IsIdleAsync())
                return;
        }

        Problems.Add($"It is not idle after {MinutesToRest} minutes.");
    }

    /// <summary>Lets time pass undisturbed, every minute of the planner at once.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await TickAsync("Plan");
        await SettleAsync();
    }

    public async Task<string> ConnectAsync(string address, string source = "feed")
    {
        var connected = await AskAsync(HttpMethod.Post, "/connections", $$"""{"address":"{{address}}","source":"{{source}}"}""");
        return connected.ValueKind == JsonValueKind.Object && connected.TryGetProperty("id", out var id) ? id.GetString()! : "";
    }

    public Task HarvestAsync(string connection) => AskAsync(HttpMethod.Post, $"/connections/{connection}/harvest", "{}");

    public async ValueTask DisposeAsync()
    {
        await App.CloseAsync();
        folder.Dispose();
    }

    private async Task StartAsync()
    {
        Faults = new StoreFaults();
        App = await AppFixture.StartAsync(Blogs.Web, Clock, folder, Settings, Mail, faults: Faults);
    }

    /// <summary>Null when the request was cut short.</summary>
    private async Task<(HttpStatusCode Status, JsonElement Body, string? ETag)?> TrySendAsync(HttpRequestMessage request)
    {
        using var left = new CancellationTokenSource();
        Faults.Running = left;
        Clock.Advance(Moment);
        try
        {
            using var answer = await App.Client.SendAsync(request, left.Token);
            var text = await answer.Content.ReadAsStringAsync(left.Token);
            if ((int)answer.StatusCode < 500 && !Faults.HasEnded)
                return (answer.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default, answer.Headers.ETag?.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ProcessEndedException)
        {
            // It may have been carried out, or half of it.
        }
        finally
        {
            Faults.Running = null;
        }

        await App.Requests.NoneAsync();
        return null;
    }

    /// <summary>Null when the function came to its end.</summary>
    private async Task<Exception?> RunAsync(TriggeredFunction function, string? message)
    {
        using var stop = new CancellationTokenSource();
        Faults.Running = stop;
        Clock.Advance(Moment);
        try
        {
            await function.RunAsync(App.App.Services, message, stop.Token);
            return Faults.HasEnded ? new ProcessEndedException() : null;
        }
        catch (Exception e)
        {
            return e;
        }
        finally
        {
            Faults.Running = null;
        }
    }

    /// <summary>Works off what is visible.</summary>
    public async Task DrainAsync()
    {
        for (var worked = true; worked;)
        {
            worked = false;
            foreach (var function in TriggeredFunction.All.Where(f => f.Queue is not null))
            {
                foreach (var message in await App.Store.Queue.ReceiveAsync(function.Queue!, 32, Hidden, CancellationToken.None))
                {
                    worked = true;
                    await DeliverAsync(function, message);

                    // Of what was received with it, the process that has ended held the rest, too.
                    if (await RecoverAsync())
                        break;
                }
            }
        }
    }

    /// <summary>As the host does.</summary>
    private async Task DeliverAsync(TriggeredFunction function, QueueMessage message)
    {
        var (queue, failure) = (App.App.Services.GetRequiredService<IQueue>(), await RunAsync(function, message.Body));
        try
        {
            if (failure is null)
                await queue.DeleteAsync(function.Queue!, message, CancellationToken.None);
            else if (failure is OperationCanceledException)
                await queue.ExtendAsync(function.Queue!, message, TimeSpan.Zero, CancellationToken.None);
            else if (message.Attempt >= Rules.MaxDequeueCount && !function.Queue!.EndsWith(QueueLimits.PoisonSuffix, StringComparison.Ordinal))
                await queue.DeadLetterAsync(function.Queue, message, CancellationToken.None);
            else
                await queue.ExtendAsync(function.Queue!, message, Rules.VisibilityTimeout, CancellationToken.None);
        }
        catch (Exception e) when (e is StoreUnavailableException or ProcessEndedException)
        {
            // It comes again when it is no longer hidden.
        }
    }

    /// <summary>Starts the program again if it has ended.</summary>
    private async Task<bool> RecoverAsync()
    {
        if (!Faults.HasEnded)
            return false;
        await App.Requests.NoneAsync();
        await App.CloseAsync();
        await StartAsync();
        return true;
    }

    private async Task<bool> IsIdleAsync()
    {
        var now = Clock.GetUtcNow();
        foreach (var queue in TriggeredFunction.All.Select(f => f.Queue).OfType<string>())
        {
            if (await App.Store.Queue.CountAsync(queue, CancellationToken.None) > 0)
                return false;
        }

        var store = new ConnectionStore(App.Store.Table, Clock);
        return (await store.ListAsync(Known["me"], CancellationToken.None)).All(c => IsAtRest(c, now));
    }

    private static bool IsAtRest(ConnectionSnapshot connected, DateTimeOffset now) =>
        connected.Connection.Ending is null && (connected.Connection.Paused || (connected.State.Lease is null && !connected.State.Backfilling && !(connected.State.NextRun <= now)));
}
