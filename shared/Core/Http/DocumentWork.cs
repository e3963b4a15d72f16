using System.Threading.RateLimiting;

namespace ContributionIngest.Core.Http;

/// <summary>
/// One piece of work that reads documents of strangers, such as a preview or a page of a harvest. Only a few pieces of work have a large document in memory at
/// once. The turn is taken when a document proves to be large, and kept until the work ends: until then what was made of the document is in memory too, and
/// work that has its turn never waits for another's. Its requests follow one another.
/// </summary>
public sealed class DocumentWork : IDisposable
{
    /// <summary>Bytes from which a document is large.</summary>
    public const int LargeBytes = 128 * 1024;

    /// <summary>How long a delivery waits for a turn. Senders give up after ten seconds.</summary>
    public static readonly TimeSpan MaxDeliveryWait = TimeSpan.FromSeconds(5);

    /// <summary>How long a request to the API waits for a turn.</summary>
    public static readonly TimeSpan MaxRequestWait = TimeSpan.FromSeconds(20);

    private static readonly AsyncLocal<DocumentWork?> Ambient = new();

    private readonly DocumentWork? outer = Ambient.Value;
    private readonly TimeSpan maxWait;
    private RateLimitLease? turn;
    private bool isDisposed;

    private DocumentWork(TimeSpan maxWait)
    {
        this.maxWait = maxWait;
        Ambient.Value = this;
    }

    /// <summary>The work that the calling method is part of; null outside of any.</summary>
    internal static DocumentWork? Current => Ambient.Value is { isDisposed: false } current ? current : null;

    /// <summary>Until it is disposed, all requests that the caller makes are part of this work.</summary>
    /// <param name="maxWait">After which <see cref="TooBusyException"/> is thrown; null waits as long as it takes.</param>
    public static DocumentWork Begin(TimeSpan? maxWait = null) => new(maxWait ?? Timeout.InfiniteTimeSpan);

    /// <summary>Gives the turn back: nothing of the large document is needed any more.</summary>
    public void Release()
    {
        turn?.Dispose();
        turn = null;
    }

    public void Dispose()
    {
        Release();
        isDisposed = true;
        Ambient.Value = outer;
    }

    /// <returns>Whether the work has a turn now, without waiting.</returns>
    internal bool TryEnter(ConcurrencyLimiter turns)
    {
        if (turn is not null)
            return true;
        var lease = turns.AttemptAcquire();
        if (lease.IsAcquired)
            turn = lease;
        else
            lease.Dispose();
        return turn is not null;
    }

    /// <exception cref="TooBusyException">No turn came within the time that the work may wait.</exception>
    internal async Task EnterAsync(ConcurrencyLimiter turns, TimeProvider clock, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(maxWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            turn ??= await turns.AcquireAsync(1, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TooBusyException("The document is large, and others were first. Nothing was changed. Try again in half a minute.");
        }
    }
}

/// <summary>Too much is being read at the moment; the same request may succeed a little later.</summary>
/// <param name="message">Says to whoever asked what others were first with.</param>
public sealed class TooBusyException(string message) : Exception(message);

/// <summary>A document proved to be large, and its work has no turn for large documents yet.</summary>
internal sealed class NoTurnException() : Exception("The document is large and must wait for its turn.");
