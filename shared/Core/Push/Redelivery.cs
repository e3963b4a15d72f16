using ContributionIngest.Core.Sources;
using ContributionIngest.Core.Sources.GitHub;

namespace ContributionIngest.Core.Push;

/// <summary>What came of looking for failed deliveries.</summary>
/// <param name="Failed">Deliveries of the last three days that never arrived.</param>
/// <param name="Asked">How many of them GitHub was asked to try again.</param>
/// <param name="Problem">Why not all; null when nothing stood in the way.</param>
public sealed record RedeliveryRun(DateTimeOffset At, int Failed, int Asked, string? Problem = null);

/// <summary>
/// Has GitHub repeat what the app's hook did not take, because GitHub does not do so by itself. Whatever comes twice does no harm, and what is
/// not repeated is found by polling, so that nothing hangs on this.
/// </summary>
/// <param name="app">Null where none is configured, or without a key to ask with.</param>
public sealed class Redelivery(GitHubApp? app, WebhookStore store, TimeProvider clock)
{
    /// <summary>As long as GitHub keeps them.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(3);

    /// <summary>What fails so often fails for a reason that will not go away.</summary>
    private const int MostAttempts = 6;

    /// <summary>In one run; GitHub asks for far less than this many requests a minute that change something.</summary>
    private const int MostAsked = 200;

    public async Task RunAsync(CancellationToken cancel)
    {
        if (app is null)
            return;
        var run = new RedeliveryRun(clock.GetUtcNow(), 0, 0);
        try
        {
            var failed = Failed(await app.AttemptsAsync(run.At - Kept, cancel));
            run = run with { Failed = failed.Count };

            // The oldest are forgotten first.
            foreach (var attempt in failed.OrderBy(attempt => attempt.At).Take(MostAsked))
            {
                if (await app.RedeliverAsync(attempt.Id, cancel))
                    run = run with { Asked = run.Asked + 1 };
            }
        }
        catch (SourceException e)
        {
            run = run with { Problem = e.Message };
        }

        await store.KeepAsync(run, cancel);
    }

    /// <summary>The newest attempt at each delivery that has arrived by none. Other events than pull requests are not missed.</summary>
    private static List<AppDelivery> Failed(IReadOnlyList<AppDelivery> attempts) =>
    [
        .. attempts.Where(attempt => attempt.Event == WebhookReceiver.PullRequest)
            .GroupBy(attempt => attempt.Guid, StringComparer.Ordinal)
            .Where(group => group.Count() < MostAttempts && !group.Any(attempt => attempt.IsDelivered))
            .Select(group => group.MaxBy(attempt => attempt.At)!),
    ];
}
