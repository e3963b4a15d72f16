using ContributionIngest.Core.Ports;

namespace ContributionIngest.Functions.Hosts;

/// <summary>
/// Calls one queue function for every message of its queue, by the rules of the Functions host: hidden for ten minutes at a time while
/// handled, deleted when done, hidden for the retry delay when failed, moved to the poison queue at the last attempt.
/// </summary>
internal sealed partial class QueuePump(
    FunctionDefinition function,
    QueueRules rules,
    IQueue queue,
    FunctionRunner runner,
    TimeProvider time,
    Func<string, CancellationToken, Task>? wake,
    ILogger<QueuePump> logger)
{
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RenewalRetry = TimeSpan.FromMinutes(1);

    private readonly string name = function.Queue!.Queue;

    /// <param name="stopping">No further message is taken.</param>
    /// <param name="running">The calls under way are cut short, their messages become visible again.</param>
    public async Task Run(CancellationToken stopping, CancellationToken running)
    {
        List<Task> calls = [];
        var idle = new IdleWait(rules.MaxPollingInterval);
        while (!stopping.IsCancellationRequested)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            // Asked for before looking, so that a message put in between is not slept over.
            var signal = wake?.Invoke(name, waiting.Token);
            var messages = await Receive(running);
            foreach (var message in messages)
                calls.Add(Task.Run(() => stopping.IsCancellationRequested ? Release(message) : Handle(message, running), CancellationToken.None));
            if (messages.Count > 0)
            {
                idle.Reset();
                await LetRun(calls);
            }
            else
            {
                var delay = Task.Delay(idle.Next(), time, waiting.Token);
                await Task.WhenAny(delay, signal ?? delay);
            }

            await waiting.CancelAsync();
            // Functions fail as values; a call that throws is a fault of the door and must be heard.
            foreach (var ended in calls.FindAll(call => call.IsCompleted))
                await ended;
            calls.RemoveAll(call => call.IsCompleted);
        }

        await Task.WhenAll(calls);

        // A stop ends the calls soon enough: they are given seconds, then cancelled.
        async Task LetRun(List<Task> calls)
        {
            while (calls.Count(call => !call.IsCompleted) > rules.NewBatchThreshold)
                await Task.WhenAny(calls.Where(call => !call.IsCompleted));
        }
    }

    private async Task<IReadOnlyList<QueueMessage>> Receive(CancellationToken cancel)
    {
        try
        {
            return await queue.Receive(name, rules.BatchSize, Hidden, cancel);
        }
        catch (StoreUnavailableException e)
        {
            Log.StoreFailed(logger, e, name);
            return [];
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return [];
        }
    }

    private async Task Handle(QueueMessage message, CancellationToken running)
    {
        using var done = new CancellationTokenSource();
        var hiding = KeepHidden(message, done.Token);
        var ran = await runner.Run(new FunctionCall(function.Name, message.Body, message.Attempt), running);
        await done.CancelAsync();
        if (await hiding is { } current)
            await Settle(current, ran);
        else
            Log.Lost(logger, function.Name, message.Id);
    }

    // Every renewal changes the receipt, and the last one is needed to settle; null when another receiver has the message by now.
    private async Task<QueueMessage?> KeepHidden(QueueMessage message, CancellationToken until)
    {
        var wait = Hidden / 2;
        while (true)
        {
            await Task.Delay(wait, time, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (until.IsCancellationRequested)
                return message;
            try
            {
                // Not cancellable: a renewal that happened unseen would leave us with a stale receipt.
                if (await queue.Extend(name, message, Hidden, CancellationToken.None) is not { } renewed)
                    return null;
                message = renewed;
                wait = Hidden / 2;
            }
            catch (StoreUnavailableException e)
            {
                Log.StoreFailed(logger, e, name);
                wait = RenewalRetry;
            }
        }
    }

    private async Task Settle(QueueMessage message, Ran ran)
    {
        try
        {
            switch (ran)
            {
                case Ran.Done:
                    await queue.Delete(name, message, CancellationToken.None);
                    break;
                case Ran.Stopped:
                    await queue.Extend(name, message, TimeSpan.Zero, CancellationToken.None);
                    break;
                case Ran.Failed when function.Queue is { IsPoison: true }:
                    break;
                case Ran.Failed when message.Attempt >= rules.MaxDequeueCount:
                    Log.Poisoned(logger, function.Name, message.Id, message.Attempt);
                    await queue.DeadLetter(name, message, CancellationToken.None);
                    break;
                default:
                    await queue.Extend(name, message, rules.VisibilityTimeout, CancellationToken.None);
                    break;
            }
        }
        catch (StoreUnavailableException e)
        {
            // The message comes back when it is no longer hidden, and the work is safe to repeat.
            Log.StoreFailed(logger, e, name);
        }
    }

    private Task Release(QueueMessage message) => Settle(message, Ran.Stopped);

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
