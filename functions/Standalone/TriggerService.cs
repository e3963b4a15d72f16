using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;

namespace ContributionIngest.Functions.Standalone;

/// <summary>
/// Calls the functions of timers and queues where there is no Functions host. It begins once the web server listens, so that a second start that
/// fails on a busy port has touched nothing.
/// </summary>
internal sealed partial class TriggerService(
    Lazy<IReadOnlyList<TriggeredFunction>> functions,
    HostSettings host,
    IServiceProvider services,
    FunctionRunner runner,
    IQueue queue,
    IBlobs blobs,
    TimeProvider time,
    ILoggerFactory loggers,
    Func<string, CancellationToken, Task>? wake = null) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LoopRetry = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource running = new();
    private readonly ILogger<TriggerService> logger = loggers.CreateLogger<TriggerService>();
    private Task loops = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var pollerLog = loggers.CreateLogger<QueuePoller>();
        loops = Task.WhenAll(functions.Value.Select(function => KeepAsync(function.Queue is null
            ? new TimerLoop(function, services, blobs, runner, time).RunAsync
            : new QueuePoller(function, services, host.Queues, queue, runner, time, wake, pollerLog).RunAsync)));
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => stopping.CancelAsync();

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAny(loops, Task.Delay(Grace, time, cancellationToken));
        await running.CancelAsync();
        await Task.WhenAny(loops, Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken));
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        stopping.Dispose();
        running.Dispose();
    }

    // A store that is away for a while must not end a timer or a queue for good.
    private async Task KeepAsync(Func<CancellationToken, CancellationToken, Task> loop)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Run(() => loop(stopping.Token, running.Token), CancellationToken.None);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.LoopFailed(logger, e, LoopRetry);
                await Task.Delay(LoopRetry, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Error, "A timer or queue stopped working; it starts again after {Retry}.")]
        public static partial void LoopFailed(ILogger logger, Exception error, TimeSpan retry);
    }
}
