using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Support;

/// <summary>Queues with which things go wrong.</summary>
internal sealed class FaultyQueue(IQueue inner, StoreFaults faults) : IQueue
{
    public Task PutAsync(string queue, string body, TimeSpan delay, CancellationToken cancel) => faults.WriteAsync(
        async () =>
        {
            await inner.PutAsync(queue, body, delay, cancel);
            return true;
        },
        cancel);

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibilityTimeout, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.ReceiveAsync(queue, count, visibilityTimeout, cancel), cancel);

    public Task<QueueMessage?> ExtendAsync(string queue, QueueMessage message, TimeSpan visibilityTimeout, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.ExtendAsync(queue, message, visibilityTimeout, cancel), cancel);

    public Task<bool> DeleteAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.DeleteAsync(queue, message, cancel), cancel);

    public Task<bool> DeadLetterAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.DeadLetterAsync(queue, message, cancel), cancel);

    public Task<bool> GiveBackAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        faults.WriteAsync(() => inner.GiveBackAsync(queue, message, cancel), cancel);

    public Task<TimeSpan?> OldestAgeAsync(string queue, CancellationToken cancel) => faults.ReadAsync(() => inner.OldestAgeAsync(queue, cancel), cancel);

    public Task<int> CountAsync(string queue, CancellationToken cancel) => faults.ReadAsync(() => inner.CountAsync(queue, cancel), cancel);
}
