using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>Knows when every message that was put in was worked off, and wakes who waits for the next one.</summary>
internal sealed class WatchedQueue(IQueue inner) : IQueue
{
    private readonly Lock gate = new();
    private TaskCompletionSource arrival = New();
    private TaskCompletionSource idle = New();
    private int open;

    /// <summary>Completes at the next message of any queue.</summary>
    public Task ArrivalAsync(string queue, CancellationToken cancel)
    {
        lock (gate)
            return arrival.Task.WaitAsync(cancel);
    }

    /// <summary>Completes when no message is left.</summary>
    public Task IdleAsync()
    {
        lock (gate)
            return open == 0 ? Task.CompletedTask : idle.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
    }

    public async Task PutAsync(string queue, string body, TimeSpan delay, CancellationToken cancel)
    {
        lock (gate)
            open++;
        await inner.PutAsync(queue, body, delay, cancel);
        lock (gate)
        {
            arrival.TrySetResult();
            arrival = New();
        }
    }

    public async Task<bool> DeleteAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        var isDeleted = await inner.DeleteAsync(queue, message, cancel);
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

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibilityTimeout, CancellationToken cancel) =>
        inner.ReceiveAsync(queue, count, visibilityTimeout, cancel);

    public Task<QueueMessage?> ExtendAsync(string queue, QueueMessage message, TimeSpan visibilityTimeout, CancellationToken cancel) =>
        inner.ExtendAsync(queue, message, visibilityTimeout, cancel);

    public Task<bool> GiveBackAsync(string queue, QueueMessage message, CancellationToken cancel) => inner.GiveBackAsync(queue, message, cancel);

    public Task<bool> DeadLetterAsync(string queue, QueueMessage message, CancellationToken cancel) => inner.DeadLetterAsync(queue, message, cancel);

    public Task<TimeSpan?> OldestAgeAsync(string queue, CancellationToken cancel) => inner.OldestAgeAsync(queue, cancel);

    public Task<int> CountAsync(string queue, CancellationToken cancel) => inner.CountAsync(queue, cancel);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
