using System.Collections.Concurrent;
using System.Globalization;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>A queue and blobs that keep everything in sight, so that a test can watch what a host does with them.</summary>
internal sealed class MemoryStore(TimeProvider time) : IQueue, IBlobs
{
    private readonly Lock gate = new();
    private readonly List<Kept> messages = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int stamp;

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    /// <summary>The next receives and puts fail as a store does that is away.</summary>
    public int Outages { get; set; }

    /// <summary>The next calls with a receipt fail so.</summary>
    public int ReceiptOutages { get; set; }

    public int Receives { get; private set; }

    public Task PutAsync(string queue, string body, TimeSpan delay, CancellationToken cancel) =>
        ChangeAsync(() =>
        {
            cancel.ThrowIfCancellationRequested();
            BreakIfAway();
            messages.Add(new Kept(queue, Stamp(), body) { Visible = time.GetUtcNow() + delay });
        });

    public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibilityTimeout, CancellationToken cancel) =>
        ChangeAsync<IReadOnlyList<QueueMessage>>(() =>
        {
            Receives++;
            BreakIfAway();
            var due = messages.Where(m => m.Queue == queue && m.Visible <= time.GetUtcNow()).Take(count).ToList();
            foreach (var message in due)
            {
                message.Attempt++;
                message.Receipt = Stamp();
                message.Visible = time.GetUtcNow() + visibilityTimeout;
            }

            return [.. due.Select(m => new QueueMessage(m.Id, m.Receipt, m.Body, m.Attempt))];
        });

    public Task<QueueMessage?> ExtendAsync(string queue, QueueMessage message, TimeSpan visibilityTimeout, CancellationToken cancel) =>
        ChangeAsync(() =>
        {
            BreakReceipt();
            if (Find(message) is not { } kept)
                return null;
            kept.Receipt = Stamp();
            kept.Visible = time.GetUtcNow() + visibilityTimeout;
            return message with { Receipt = kept.Receipt };
        });

    public Task<bool> GiveBackAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        ChangeAsync(() =>
        {
            BreakReceipt();
            if (Find(message) is not { } kept)
                return false;
            kept.Receipt = "";
            kept.Attempt--;
            kept.Visible = time.GetUtcNow();
            return true;
        });

    public Task<bool> DeleteAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        ChangeAsync(() => Find(message) is { } kept && messages.Remove(kept));

    public Task<bool> DeadLetterAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        ChangeAsync(() =>
        {
            if (Find(message) is not { } kept)
                return false;
            messages.Remove(kept);
            messages.Add(new Kept(queue + "-poison", Stamp(), kept.Body) { Visible = time.GetUtcNow() });
            return true;
        });

    public Task<TimeSpan?> OldestAgeAsync(string queue, CancellationToken cancel) => Task.FromResult<TimeSpan?>(null);

    public Task<int> CountAsync(string queue, CancellationToken cancel) => Task.FromResult(Look(queue).Count);

    /// <summary>Body, attempts so far, and how long it stays hidden.</summary>
    public IReadOnlyList<(string Body, int Attempt, TimeSpan Hidden)> Look(string queue)
    {
        lock (gate)
            return [.. messages.Where(m => m.Queue == queue).Select(m => (m.Body, m.Attempt, m.Visible - time.GetUtcNow()))];
    }

    /// <summary>Another receiver takes all messages, whatever hides them.</summary>
    public void Steal() => _ = ChangeAsync(() => messages.ForEach(m => m.Receipt = Stamp()));

    public async Task UntilAsync(Func<bool> holds)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                if (holds())
                    return;
                change = changed.Task;
            }

            await change.WaitAsync(TimeSpan.FromMinutes(2));
        }
    }

    public Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        ChangeAsync(() => Blobs[container + "/" + name] = content.ToArray());

    public Task<bool> PutIfAbsentAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel) =>
        Task.FromResult(Blobs.TryAdd(container + "/" + name, content.ToArray()));

    public Task<byte[]?> GetAsync(string container, string name, CancellationToken cancel) =>
        Task.FromResult(Blobs.GetValueOrDefault(container + "/" + name));

    public Task<bool> DeleteAsync(string container, string name, CancellationToken cancel) =>
        Task.FromResult(Blobs.TryRemove(container + "/" + name, out _));

    public IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancel) =>
        Blobs.Keys.Order(StringComparer.Ordinal).ToAsyncEnumerable();

    private void BreakIfAway()
    {
        if (Outages == 0)
            return;
        Outages--;
        throw new StoreUnavailableException("away");
    }

    private void BreakReceipt()
    {
        if (ReceiptOutages == 0)
            return;
        ReceiptOutages--;
        throw new StoreUnavailableException("away");
    }

    private Kept? Find(QueueMessage message) => messages.Find(m => m.Id == message.Id && m.Receipt == message.Receipt);

    private string Stamp() => (++stamp).ToString(CultureInfo.InvariantCulture);

    private Task<object?> ChangeAsync(Action change) => ChangeAsync<object?>(() =>
    {
        change();
        return null;
    });

    private Task<T> ChangeAsync<T>(Func<T> change)
    {
        lock (gate)
        {
            try
            {
                return Task.FromResult(change());
            }
            catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
            {
                return Task.FromException<T>(e);
            }
            finally
            {
                changed.TrySetResult();
                changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private sealed record Kept(string Queue, string Id, string Body)
    {
        public string Receipt { get; set; } = "";

        public DateTimeOffset Visible { get; set; }

        public int Attempt { get; set; }
    }
}
