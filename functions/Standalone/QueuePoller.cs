using System.Security.Cryptography;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;

namespace ContributionIngest.Functions.Standalone;

/// <summary>
/// Calls one queue function for every message of its queue, by the rules of the Functions host: hidden while handled, deleted when done, hidden
/// for the retry delay when failed, moved to the poison queue at the last attempt. The hiding is short and renewed, so that what a killed
/// process had is taken up soon; a call that a stop cuts short gives its message back with the attempt not counted.
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
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(5);

    // The program is about to end, and others have to stop as well.
    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(5);

    private readonly string name = function.Queue!;
    private readonly List<Task> calls = [];

    /// <param name="stopping">No further message is taken.</param>
    /// <param name="running">The calls under way are cut short, their messages given back.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken running)
    {
        var idle = new IdleWait(rules.MaxPollingInterval);
        while (!stopping.IsCancellationRequested)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            // Asked for before looking, so that a message put in between is not slept over.
            var signal = wake?.Invoke(name, waiting.Token);
            var messages = await ReceiveAsync(running);
            foreach (var message in messages ?? [])
                calls.Add(HandleAsync(message, stopping, running));
            if (messages is null)
            {
                // However long the queue was idle before: whoever finds the store away asks again soon.
                await Task.Delay(StoreRetry, time, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (messages.Count > 0)
            {
                idle.Reset();
                await LetRunAsync();
            }
            else
            {
                var delay = Task.Delay(idle.Next(), time, waiting.Token);
                await Task.WhenAny(delay, signal ?? delay);
            }

            await waiting.CancelAsync();
            // Functions fail as values; a call that throws is a fault of the poller and must be heard.
            var ended = calls.FindAll(call => call.IsCompleted);
            calls.RemoveAll(ended.Contains);
            await Task.WhenAll(ended);
        }

        await Task.WhenAll(calls);

        // A stop ends the calls soon enough: they are given seconds, then cancelled.
        async Task LetRunAsync()
        {
            while (calls.Count(call => !call.IsCompleted) > rules.NewBatchThreshold)
                await Task.WhenAny(calls.Where(call => !call.IsCompleted));
        }
    }

    // Null when the store is away.
    private async Task<IReadOnlyList<QueueMessage>?> ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            return await queue.ReceiveAsync(name, rules.BatchSize, Hidden, cancel);
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
        // Begun before the call has a thread of its own: one that has to wait for it stays hidden too.
        var hiding = KeepHiddenAsync(message, lost, done.Token);
        var end = await Task.Run(() => stopping.IsCancellationRequested ? Task.FromResult(InvocationEnd.Stopped) : InvokeAsync(message, lost.Token), CancellationToken.None);
        await done.CancelAsync();
        if (await hiding is { } current)
            await SettleAsync(current, end);
        else
            Log.Lost(logger, function.Name, message.Id);
    }

    // Every renewal changes the receipt, and the last one is needed to settle. When another receiver has the message by now, the call is cancelled
    // and the answer null.
    private async Task<QueueMessage?> KeepHiddenAsync(QueueMessage message, CancellationTokenSource lost, CancellationToken until)
    {
        var wait = Renewal;
        while (true)
        {
            await Task.Delay(wait, time, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (until.IsCancellationRequested)
                return message;
            try
            {
                // Not cancellable: a renewal that happened unseen would leave us with a stale receipt.
                if (await queue.ExtendAsync(name, message, Hidden, CancellationToken.None) is not { } renewed)
                {
                    await lost.CancelAsync();
                    return null;
                }

                message = renewed;
                wait = Renewal;
            }
            catch (StoreUnavailableException e)
            {
                Log.StoreFailed(logger, e, name);
                wait = StoreRetry;
            }
        }
    }

    private async Task<InvocationEnd> InvokeAsync(QueueMessage message, CancellationToken stop) =>
        (await runner.RunAsync(function.Name, message.Attempt, cancel => function.RunAsync(services, message.Body, cancel), stop)).End;

    private async Task SettleAsync(QueueMessage message, InvocationEnd end)
    {
        try
        {
            switch (end)
            {
                case InvocationEnd.Done:
                    await queue.DeleteAsync(name, message, CancellationToken.None);
                    break;
                case InvocationEnd.Stopped:
                    using (var limit = new CancellationTokenSource(GivingBack, time))
                        await queue.GiveBackAsync(name, message, limit.Token);
                    break;
                // The Functions host keeps no poison queue for a poison queue: a message that fails there stays hidden and is tried again.
                case InvocationEnd.Failed when QueueLimits.IsPoison(name):
                    break;
                case InvocationEnd.Failed when message.Attempt >= rules.MaxDequeueCount:
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
            // The message comes back when it is no longer hidden, and the work is safe to repeat.
            Log.StoreFailed(logger, e, name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "Queue {Queue} could not be used; trying again.")]
        public static partial void StoreFailed(ILogger logger, Exception error, string queue);

        [LoggerMessage(111, LogLevel.Warning, "{Function} lost message {Id} to another receiver while working on it.")]
        public static partial void Lost(ILogger logger, string function, string id);

        [LoggerMessage(112, LogLevel.Error, "{Function} gave up message {Id} after {Attempts} attempts; it is in the poison queue.")]
        public static partial void Poisoned(ILogger logger, string function, string id, int attempts);
    }
}

/// <summary>How long to wait before asking an empty queue again: from 100 ms, doubling, a fifth of it at random, up to the longest.</summary>
internal sealed class IdleWait(TimeSpan longest)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private TimeSpan wait = Shortest;

    public void Reset() => wait = Shortest;

    public TimeSpan Next()
    {
        var now = wait;
        wait = wait * 2 < longest ? wait * 2 : longest;
        var spread = now * (RandomNumberGenerator.GetInt32(80, 121) / 100.0);
        return spread < longest ? spread : longest;
    }
}
