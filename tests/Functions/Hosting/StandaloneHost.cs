using System.Globalization;
using ContributionIngest.Functions.Standalone;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NCrontab;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>Timers and queues where there is no Functions host: one function over a store in memory and a clock that stands still.</summary>
internal sealed class StandaloneHost : IAsyncDisposable
{
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(20);

    private readonly TriggerService service;

    private StandaloneHost(TriggeredFunction function, TestClock clock, MemoryStore store, Func<string, CancellationToken, Task>? wake, RecordedLog? log)
    {
        var rules = new QueueRules(BatchSize: 4, NewBatchThreshold: 2, MaxDequeueCount: 3, Retry, TimeSpan.FromSeconds(40));
        var host = new HostSettings(Deadline + TimeSpan.FromSeconds(30), rules);
        var runner = new FunctionRunner(host, clock, NullLogger<FunctionRunner>.Instance);
        var services = new ServiceCollection().BuildServiceProvider();
        (Clock, Store) = (clock, store);
        service = new TriggerService(new Lazy<IReadOnlyList<TriggeredFunction>>([function]), host, services, runner, store, store, clock, log ?? (ILoggerFactory)NullLoggerFactory.Instance, wake);
    }

    public TestClock Clock { get; }

    public MemoryStore Store { get; }

    public static TestClock At(string utc) => new(DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)) { Skip = TimeSpan.Zero };

    public static Task<StandaloneHost> TimerAsync(
        string schedule, Func<string?, CancellationToken, Task> code, TestClock clock, MemoryStore? store = null)
    {
        var cron = CrontabSchedule.Parse(schedule, new() { IncludingSeconds = true });
        return StartAsync(new("Tick", cron, null, (_, message, cancel) => code(message, cancel)), clock, store ?? new MemoryStore(clock), null, null);
    }

    public static async Task<StandaloneHost> QueueAsync(
        Func<string, CancellationToken, Task> code,
        string queue = "work",
        Func<string, CancellationToken, Task>? wake = null,
        string[]? bodies = null,
        RecordedLog? log = null)
    {
        var clock = At("2026-03-01T00:00:00Z");
        var store = new MemoryStore(clock);
        foreach (var body in bodies ?? [])
            await store.PutAsync(queue, body, TimeSpan.Zero, CancellationToken.None);
        return await StartAsync(new("Work", null, queue, (_, message, cancel) => code(message!, cancel)), clock, store, wake, log);
    }

    public async Task StopAsync()
    {
        await service.StoppingAsync(CancellationToken.None);
        await service.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await service.StopAsync(now.Token);
        service.Dispose();
    }

    private static async Task<StandaloneHost> StartAsync(
        TriggeredFunction function, TestClock clock, MemoryStore store, Func<string, CancellationToken, Task>? wake, RecordedLog? log)
    {
        var started = new StandaloneHost(function, clock, store, wake, log);
        await started.service.StartingAsync(CancellationToken.None);
        await started.service.StartAsync(CancellationToken.None);
        await started.service.StartedAsync(CancellationToken.None);
        return started;
    }
}
