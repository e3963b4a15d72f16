using ContributionIngest.Core.Ports;

namespace ContributionIngest.Tests.Hosts;

/// <summary>Knows when every message that was put in was worked off, and wakes who waits for the next one.</summary>
internal sealed class WatchedQueue(IQueue inner) : IQueue
{
    private readonly Lock gate = new();
    private TaskCompletionSource arrival = New();
    private TaskCompletionSource idle = New();
    private int open;

    /// <summary>Completes at the next message of any queue.</summary>
    public Task Arrival(string queue, CancellationToken cancel)
    {
        lock (gate)
            return arrival.Task.WaitAsync(cancel);
    }

    /// <summary>Completes when no message is left.</summary>
    public Task Idle()
    {
        lock (gate)
            return open == 0 ? Task.CompletedTask : idle.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
    }

    public async Task Put(string queue, string body, TimeSpan delay, CancellationToken cancel)
    {
        lock (gate)
            open++;
        await inner.Put(queue, body, delay, cancel);
        lock (gate)
        {
            arrival.TrySetResult();
            arrival = New();
        }
    }

    public async Task<bool> Delete(string queue, QueueMessage message, CancellationToken cancel)
    {
        var isDeleted = await inner.Delete(queue, message, cancel);
        lock (gate)
        {
            if (isDeleted && --open == 0)
            {
                idle.TrySetResult();
                idle = New();
            }
        }

        return isDeleted;
    }

    public Task<IReadOnlyList<QueueMessage>> Receive(string queue, int count, TimeSpan hidden, CancellationToken cancel) =>
        inner.Receive(queue, count, hidden, cancel);

    public Task<QueueMessage?> Extend(string queue, QueueMessage message, TimeSpan hidden, CancellationToken cancel) =>
        inner.Extend(queue, message, hidden, cancel);

    public Task<bool> GiveBack(string queue, QueueMessage message, CancellationToken cancel) => inner.GiveBack(queue, message, cancel);

    public Task<bool> DeadLetter(string queue, QueueMessage message, CancellationToken cancel) => inner.DeadLetter(queue, message, cancel);

    public Task<TimeSpan?> OldestAge(string queue, CancellationToken cancel) => inner.OldestAge(queue, cancel);

    public Task<int> Count(string queue, CancellationToken cancel) => inner.Count(queue, cancel);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
