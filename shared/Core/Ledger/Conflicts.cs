using Polly;
using Polly.Retry;

namespace ContributionIngest.Core.Ledger;

/// <summary>Two writers of one person always meet at the month row: the loser reads again and rebuilds.</summary>
internal static class Conflicts
{
    private const int Attempts = 8;

    /// <param name="attempt">Null when it lost.</param>
    /// <exception cref="LedgerBusyException">It lost eight times.</exception>
    public static async Task<T> Retry<T>(TimeProvider clock, Func<Task<T?>> attempt, CancellationToken cancel)
        where T : struct
    {
        if (await attempt() is { } first)
            return first;
        var pipeline = new ResiliencePipelineBuilder<object?> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<object?>
            {
                ShouldHandle = static a => ValueTask.FromResult(a.Outcome.Exception is null && a.Outcome.Result is null),
                MaxRetryAttempts = Attempts - 2,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(20),
                MaxDelay = TimeSpan.FromSeconds(2),
                UseJitter = true,
            })
            .Build();
        return (T?)await pipeline.ExecuteAsync<object?>(async _ => await attempt(), cancel) ?? throw new LedgerBusyException();
    }
}
