using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;

namespace ContributionIngest.Functions.Standalone;

/// <summary>
/// Runs timer and queue functions when there is no Functions host. It starts after the web server is listening, so that a second instance that
/// fails on a busy port changes nothing.
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
    private static readonly TimeSpan StopGracePeriod = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource running = new();
    private readonly ILogger<TriggerService> logger = loggers.CreateLogger<TriggerService>();
    private Task loops = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var pollerLog = loggers.CreateLogger<QueuePoller>();
        loops = Task.WhenAll(functions.Value.Select(function => RestartOnFailureAsync(function.Queue is null
            ? new TimerLoop(function, services, blobs, runner, time).RunAsync
            : new QueuePoller(function, services, host.Queues, queue, runner, time, wake, pollerLog).RunAsync)));
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => stopping.CancelAsync();

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAny(loops, Task.Delay(StopGracePeriod, time, cancellationToken));
        await running.CancelAsync();
        await Task.WhenAny(loops, Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken));
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        stopping.Dispose();
        running.Dispose();
    }

    // A temporarily unavailable store must not stop a timer or queue permanently.
    private async Task RestartOnFailureAsync(Func<CancellationToken, CancellationToken, Task> loop)
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
                Log.LoopFailed(logger, e, RestartDelay);
                await Task.Delay(RestartDelay, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Error, "A timer or queue loop failed; it restarts in {Retry}.")]
        public static partial void LoopFailed(ILogger logger, Exception error, TimeSpan retry);
    }
}
