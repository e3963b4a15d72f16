using System.Globalization;
using ContributionIngest.Functions.Hosts;
using Microsoft.Extensions.Logging.Abstractions;
using NCrontab;

namespace ContributionIngest.Tests.Hosts;

/// <summary>A standalone door of one function over a store in memory and a clock that stands still.</summary>
internal sealed class Standing : IAsyncDisposable
{
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(20);

    private readonly StandaloneDoor door;

    private Standing(FunctionDefinition definition, Function code, HostClock clock, MemoryStore store, Func<string, CancellationToken, Task>? wake)
    {
        var rules = new QueueRules(BatchSize: 4, NewBatchThreshold: 2, MaxDequeueCount: 3, Retry, TimeSpan.FromSeconds(40));
        var host = new HostDefinition(Deadline + TimeSpan.FromSeconds(30), "", rules);
        var table = new FunctionTable(new Dictionary<string, Function>(StringComparer.Ordinal) { [definition.Name] = code });
        (Clock, Store) = (clock, store);
        door = new StandaloneDoor(new Lazy<FunctionDefinitions>(new FunctionDefinitions(host, [definition])), table, store, store, clock, NullLoggerFactory.Instance, wake);
    }

    public HostClock Clock { get; }

    public MemoryStore Store { get; }

    public static HostClock At(string utc) => new(DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    public static Task<Standing> Timer(
        string schedule, Func<FunctionCall, CancellationToken, Task> code, HostClock clock, MemoryStore? store = null)
    {
        var cron = CrontabSchedule.Parse(schedule, new() { IncludingSeconds = true });
        return Start(new("Tick", Timer: new TimerTrigger(schedule, cron)), code, clock, store ?? new MemoryStore(clock), null);
    }

    public static async Task<Standing> Queue(
        Func<FunctionCall, CancellationToken, Task> code, string queue = "work", Func<string, CancellationToken, Task>? wake = null, string[]? bodies = null)
    {
        var clock = At("2026-03-01T00:00:00Z");
        var store = new MemoryStore(clock);
        foreach (var body in bodies ?? [])
            await store.Put(queue, body, TimeSpan.Zero, CancellationToken.None);
        return await Start(new("Work", Queue: new QueueTrigger(queue)), code, clock, store, wake);
    }

    public async Task Stop()
    {
        await door.StoppingAsync(CancellationToken.None);
        await door.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await door.StopAsync(now.Token);
        door.Dispose();
    }

    private static async Task<Standing> Start(
        FunctionDefinition definition,
        Func<FunctionCall, CancellationToken, Task> code,
        HostClock clock,
        MemoryStore store,
        Func<string, CancellationToken, Task>? wake)
    {
        var standing = new Standing(definition, new Function(code), clock, store, wake);
        await standing.door.StartingAsync(CancellationToken.None);
        await standing.door.StartAsync(CancellationToken.None);
        await standing.door.StartedAsync(CancellationToken.None);
        return standing;
    }
}
