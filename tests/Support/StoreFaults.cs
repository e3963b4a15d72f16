using ContributionIngest.Core.Storage;

namespace ContributionIngest.Tests.Support;

/// <summary>What goes wrong in a store, or with whoever uses it.</summary>
internal enum StoreFault
{
    None,

    /// <summary>The n-th operation is not carried out; the store is back for the next one.</summary>
    FailsBefore,

    /// <summary>The n-th write is carried out and its answer is lost.</summary>
    FailsAfter,

    /// <summary>The token of what runs is cancelled when the n-th operation begins: a program that stops, a client that leaves.</summary>
    CancelledBefore,

    /// <summary>The same when the n-th write has been carried out, and before its answer is there.</summary>
    CancelledAfter,

    /// <summary>The process ends at its n-th write: this one and whatever it tries after it is not carried out.</summary>
    ProcessEnds,

    /// <summary>Ranges and lists are read in pieces of random length, n being the seed.</summary>
    ShortPages,
}

/// <summary>One fault for table, blobs and queue of an app together. Operations are counted from the moment it is armed.</summary>
internal sealed class StoreFaults
{
    private readonly Lock gate = new();
    private StoreFault fault;
    private int left;
    private Random? pieces;

    /// <summary>What is cancelled: of the function or the request under way.</summary>
    public CancellationTokenSource? Running { get; set; }

    /// <summary>The fault has come about.</summary>
    public bool HasHappened { get; private set; }

    /// <summary>The process has ended; what is left of it can do no harm any more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Called between two pieces of a range: anything may happen there.</summary>
    public Func<Task> Between { get; set; } = () => Task.CompletedTask;

    public void Arm(StoreFault which, int at)
    {
        lock (gate)
        {
            (fault, left) = (which, at);
            pieces = which == StoreFault.ShortPages ? new Random(at) : null;
        }
    }

    public void Disarm() => Arm(StoreFault.None, 0);

    /// <summary>How many names or rows the next piece has; null: as many as there are.</summary>
    public int? Piece()
    {
        lock (gate)
            return pieces?.Next(4);
    }

    public Task<T> ReadAsync<T>(Func<Task<T>> operation, CancellationToken cancel) => DoAsync(operation, isWrite: false, cancel);

    public Task<T> WriteAsync<T>(Func<Task<T>> operation, CancellationToken cancel) => DoAsync(operation, isWrite: true, cancel);

    private async Task<T> DoAsync<T>(Func<Task<T>> operation, bool isWrite, CancellationToken cancel)
    {
        if (HasEnded)
            throw new ProcessEndedException();
        cancel.ThrowIfCancellationRequested();
        switch (Next(isWrite))
        {
            case StoreFault.FailsBefore:
                throw new StoreUnavailableException("The store was away for a moment.");
            case StoreFault.FailsAfter:
                await operation();
                throw new StoreUnavailableException("The store's answer was lost.");
            case StoreFault.CancelledBefore:
                await CancelAsync();
                cancel.ThrowIfCancellationRequested();
                return await operation();
            case StoreFault.CancelledAfter:
                var result = await operation();
                await CancelAsync();
                cancel.ThrowIfCancellationRequested();
                return result;
            case StoreFault.ProcessEnds:
                HasEnded = true;
                throw new ProcessEndedException();
            default:
                return await operation();
        }
    }

    /// <summary>What happens to this operation.</summary>
    private StoreFault Next(bool isWrite)
    {
        lock (gate)
        {
            var isCounted = isWrite || fault is StoreFault.FailsBefore or StoreFault.CancelledBefore;
            if (!isCounted || left == 0 || --left > 0)
                return StoreFault.None;
            HasHappened = true;
            return fault;
        }
    }

    private async Task CancelAsync()
    {
        if (Running is { } running)
            await running.CancelAsync();
    }
}

/// <summary>What is thrown in a process that has ended, so that no code of it takes it for anything it knows.</summary>
internal sealed class ProcessEndedException() : Exception("The process ended here.");
