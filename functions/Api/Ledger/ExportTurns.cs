using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using ContributionIngest.Core.Http;

namespace ContributionIngest.Functions.Api.Ledger;

/// <summary>
/// Exports of whole ledgers: only a few run at once in a process, since each keeps a processor busy and remembers what it has returned. A client that
/// takes nothing, or almost nothing, is cut off, so that others get their turn.
/// </summary>
internal sealed class ExportTurns(TimeProvider clock) : IDisposable
{
    public const int MaxAtOnce = 4;

    /// <summary>How long a request waits for its turn.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    /// <summary>How long a client may take nothing.</summary>
    public static readonly TimeSpan MaxStall = TimeSpan.FromSeconds(60);

    /// <summary>How much longer a client may take altogether for each entry that it has taken.</summary>
    public static readonly TimeSpan MaxTimePerEntry = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrencyLimiter turns = new(new ConcurrencyLimiterOptions { PermitLimit = MaxAtOnce, QueueLimit = int.MaxValue });

    /// <exception cref="TooBusyException">No turn came in time.</exception>
    public async Task<ExportTurn> EnterAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        using var limit = new CancellationTokenSource(MaxWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            return new ExportTurn(await turns.AcquireAsync(1, either.Token), context, clock);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TooBusyException("Other exports were first. Try again in half a minute.");
        }
    }

    public void Dispose() => turns.Dispose();
}

/// <summary>The turn of one export, until it is disposed.</summary>
internal sealed class ExportTurn : IDisposable
{
    private readonly RateLimitLease lease;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource limit;
    private readonly CancellationTokenRegistration abort;

    public ExportTurn(RateLimitLease lease, HttpContext context, TimeProvider clock)
    {
        (this.lease, this.clock) = (lease, clock);
        limit = new CancellationTokenSource(ExportTurns.MaxStall, clock);
        abort = limit.Token.Register(context.Abort);
    }

    /// <summary>The same items. The request is aborted if its client takes too long for them; the time that reading them takes does not count.</summary>
    public async IAsyncEnumerable<T> WatchAsync<T>(IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancel)
    {
        var left = ExportTurns.MaxStall;
        limit.CancelAfter(Timeout.InfiniteTimeSpan);
        await foreach (var item in items.WithCancellation(cancel))
        {
            limit.CancelAfter(left < ExportTurns.MaxStall ? left : ExportTurns.MaxStall);
            var start = clock.GetTimestamp();
            yield return item;
            limit.CancelAfter(Timeout.InfiniteTimeSpan);
            left += ExportTurns.MaxTimePerEntry - clock.GetElapsedTime(start);
            if (left < TimeSpan.Zero)
                left = TimeSpan.Zero;
        }

        // The end of the answer may still be on its way.
        limit.CancelAfter(ExportTurns.MaxStall);
    }

    public void Dispose()
    {
        abort.Dispose();
        limit.Dispose();
        lease.Dispose();
    }
}
