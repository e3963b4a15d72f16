using System.Security.Cryptography;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;

namespace ContributionIngest.Functions.Standalone;

/// <summary>
/// Calls one queue function for every message of its queue, by the rules of the Functions host. A message is hidden while handled, deleted on
/// success, hidden for the retry delay on failure, and moved to the poison queue after the last attempt. The lease is short and renewed, so that
/// messages of a killed process are soon picked up. Stopping cancels the call and returns its message without counting the attempt.
/// </summary>
internal sealed partial class QueuePoller(
    TriggeredFunction function,
    IServiceProvider services,
    QueueRules rules,
    IQueue queue,
    FunctionRunner runner,
    TimeProvider time,
    Func<string, CancellationToken, Task>? wake,
    ILogger<QueuePoller> logger)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SignalLogInterval = TimeSpan.FromMinutes(5);

    // Kept short: the program is ending, and other components have to stop as well.
    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(5);

    private readonly string name = function.Queue!;
    private readonly List<Task> calls = [];
    private readonly PollingBackoff signalBackoff = new(rules.MaxPollingInterval);
    private long? signalLogged;

    /// <param name="stopping">Stops receiving messages.</param>
    /// <param name="running">Cancels the calls in progress and returns their messages to the queue.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken running)
    {
        var backoff = new PollingBackoff(rules.MaxPollingInterval);
        while (!stopping.IsCancellationRequested)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            // Subscribed before receiving, so that a message added in between is not missed.
            var signal = wake is null ? null : SignalAsync(wake, waiting.Token);
            var messages = await ReceiveAsync(running);
            foreach (var message in messages ?? [])
                calls.Add(HandleAsync(message, stopping, running));
            if (messages is null)
            {
                // If the store is unavailable, retry soon, however long the backoff has grown.
                await Task.Delay(StoreRetry, time, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (messages.Count > 0)
            {
                backoff.Reset();
                await WaitForCapacityAsync();
            }
            else
            {
                await WaitForSignalAsync(signal, Task.Delay(backoff.Next(), time, waiting.Token), waiting.Token);
            }

            await waiting.CancelAsync();
            // Failures of functions are return values; a call that throws is a bug in the poller and must surface.
            var ended = calls.FindAll(call => call.IsCompleted);
            calls.RemoveAll(ended.Contains);
            await Task.WhenAll(ended);
        }

        await Task.WhenAll(calls);

        // Needs no stop token: stopping cancels the calls within seconds.
        async Task WaitForCapacityAsync()
        {
            while (calls.Count(call => !call.IsCompleted) > rules.NewBatchThreshold)
                await Task.WhenAny(calls.Where(call => !call.IsCompleted));
        }
    }

    // Also turns what the store throws before it returns a task into a failed task.
    private async Task SignalAsync(Func<string, CancellationToken, Task> signal, CancellationToken cancel) => await signal(name, cancel);

    // A signal that fails says nothing about messages and may fail at once: the queue is then polled by a backoff of its own until signals work again.
    private async Task WaitForSignalAsync(Task? signal, Task delay, CancellationToken cancel)
    {
        await Task.WhenAny(delay, signal ?? delay);
        if (cancel.IsCancellationRequested)
            return;
        if (signal is not { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            signalBackoff.Reset();
            return;
        }

        if (signalLogged is not { } logged || time.GetElapsedTime(logged) >= SignalLogInterval)
        {
            signalLogged = time.GetTimestamp();
            Log.SignalFailed(logger, signal.Exception?.InnerException, name);
        }

        await Task.WhenAny(delay, Task.Delay(signalBackoff.Next(), time, cancel));
    }

    // Null when the store is unavailable.
    private async Task<IReadOnlyList<QueueMessage>?> ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            return await queue.ReceiveAsync(name, rules.BatchSize, Lease, cancel);
        }
        catch (StoreUnavailableException e)
        {
            Log.StoreFailed(logger, e, name);
            return null;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return [];
        }
    }

    private async Task HandleAsync(QueueMessage message, CancellationToken stopping, CancellationToken running)
    {
        using var done = new CancellationTokenSource();
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(running);
        // Started before the call gets a thread, so that a call waiting for one keeps its message hidden too.
        var lease = RenewLeaseAsync(message, lost, done.Token);
        var outcome = await Task.Run(() => stopping.IsCancellationRequested ? Task.FromResult(InvocationOutcome.Stopped) : InvokeAsync(message, lost.Token), CancellationToken.None);
        await done.CancelAsync();
        if (await lease is { } current)
            await SettleAsync(current, outcome);
        else
            Log.Lost(logger, function.Name, message.Id);
    }

    // Every renewal changes the receipt, and settling needs the latest one. If another receiver has taken the message, cancels the call and
    // returns null.
    private async Task<QueueMessage?> RenewLeaseAsync(QueueMessage message, CancellationTokenSource lost, CancellationToken until)
    {
        var wait = RenewalInterval;
        while (true)
        {
            await Task.Delay(wait, time, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (until.IsCancellationRequested)
                return message;
            try
            {
                // Not cancellable: if a renewal succeeded unobserved, our receipt would be stale.
                if (await queue.ExtendAsync(name, message, Lease, CancellationToken.None) is not { } renewed)
                {
                    await lost.CancelAsync();
                    return null;
                }

                message = renewed;
                wait = RenewalInterval;
            }
            catch (StoreUnavailableException e)
            {
                Log.StoreFailed(logger, e, name);
                wait = StoreRetry;
            }
        }
    }

    private async Task<InvocationOutcome> InvokeAsync(QueueMessage message, CancellationToken stop) =>
        (await runner.RunAsync(function.Name, message.Attempt, cancel => function.RunAsync(services, message.Body, cancel), stop)).Outcome;

    private async Task SettleAsync(QueueMessage message, InvocationOutcome outcome)
    {
        try
        {
            switch (outcome)
            {
                case InvocationOutcome.Done:
                    await queue.DeleteAsync(name, message, CancellationToken.None);
                    break;
                case InvocationOutcome.Stopped:
                    using (var limit = new CancellationTokenSource(ReturnTimeout, time))
                        await queue.GiveBackAsync(name, message, limit.Token);
                    break;
                // As in the Functions host, poison queues have no poison queue: a failed message stays hidden and is retried.
                case InvocationOutcome.Failed when QueueLimits.IsPoison(name):
                    break;
                case InvocationOutcome.Failed when message.Attempt >= rules.MaxDequeueCount:
                    Log.Poisoned(logger, function.Name, message.Id, message.Attempt);
                    await queue.DeadLetterAsync(name, message, CancellationToken.None);
                    break;
                default:
                    await queue.ExtendAsync(name, message, rules.VisibilityTimeout, CancellationToken.None);
                    break;
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            // The message reappears when its visibility timeout ends, and the work is safe to repeat.
            Log.StoreFailed(logger, e, name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "Queue {Queue} is unavailable; retrying.")]
        public static partial void StoreFailed(ILogger logger, Exception error, string queue);

        [LoggerMessage(111, LogLevel.Warning, "{Function} lost message {Id} to another receiver while processing it.")]
        public static partial void Lost(ILogger logger, string function, string id);

        [LoggerMessage(112, LogLevel.Error, "{Function} gave up on message {Id} after {Attempts} attempts and moved it to the poison queue.")]
        public static partial void Poisoned(ILogger logger, string function, string id, int attempts);

        [LoggerMessage(113, LogLevel.Warning, "The store cannot signal messages of queue {Queue}; it is polled meanwhile.")]
        public static partial void SignalFailed(ILogger logger, Exception? error, string queue);
    }
}

/// <summary>The delay before polling an empty queue again: starts at 100 ms and doubles up to a maximum, with 20 percent jitter either way.</summary>
internal sealed class PollingBackoff(TimeSpan max)
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(100);

    private TimeSpan wait = Min;

    public void Reset() => wait = Min;

    public TimeSpan Next()
    {
        var current = wait;
        wait = wait * 2 < max ? wait * 2 : max;
        var jittered = current * (RandomNumberGenerator.GetInt32(80, 121) / 100.0);
        return jittered < max ? jittered : max;
    }
}
