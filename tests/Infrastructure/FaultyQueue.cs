using ContributionIngest.Core.Ports;

namespace ContributionIngest.Tests.Infrastructure;

/// <summary>Queues with which things go wrong.</summary>
internal sealed class FaultyQueue(IQueue inner, StoreFaults faults) : IQueue
{
    public Task Put(string queue, string body, TimeSpan delay, CancellationToken cancel) => faults.Write(
        async () =>
        {
            await inner.Put(queue, body, delay, cancel);
            return true;
        },
        cancel);

    public Task<IReadOnlyList<QueueMessage>> Receive(string queue, int count, TimeSpan hidden, CancellationToken cancel) =>
        faults.Write(() => inner.Receive(queue, count, hidden, cancel), cancel);

    public Task<QueueMessage?> Extend(string queue, QueueMessage message, TimeSpan hidden, CancellationToken cancel) =>
        faults.Write(() => inner.Extend(queue, message, hidden, cancel), cancel);

    public Task<bool> Delete(string queue, QueueMessage message, CancellationToken cancel) =>
        faults.Write(() => inner.Delete(queue, message, cancel), cancel);

    public Task<bool> DeadLetter(string queue, QueueMessage message, CancellationToken cancel) =>
        faults.Write(() => inner.DeadLetter(queue, message, cancel), cancel);

    public Task<bool> GiveBack(string queue, QueueMessage message, CancellationToken cancel) =>
        faults.Write(() => inner.GiveBack(queue, message, cancel), cancel);

    public Task<TimeSpan?> OldestAge(string queue, CancellationToken cancel) => faults.Read(() => inner.OldestAge(queue, cancel), cancel);

    public Task<int> Count(string queue, CancellationToken cancel) => faults.Read(() => inner.Count(queue, cancel), cancel);
}
