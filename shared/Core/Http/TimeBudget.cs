namespace ContributionIngest.Core.Http;

/// <summary>The time one request may take over all its hops and attempts; it elapses only during a hop.</summary>
internal sealed class TimeBudget(TimeProvider time, TimeSpan total)
{
    private readonly TimeProvider time = time;
    private TimeSpan left = total;

    public Run Start(CancellationToken cancel) => new(this, cancel);

    internal sealed class Run : IDisposable
    {
        private readonly TimeBudget budget;
        private readonly long start;
        private readonly CancellationTokenSource clock;
        private readonly CancellationTokenSource linked;

        public Run(TimeBudget budget, CancellationToken cancel)
        {
            this.budget = budget;
            start = budget.time.GetTimestamp();
            clock = new CancellationTokenSource(budget.left > TimeSpan.Zero ? budget.left : TimeSpan.Zero, budget.time);
            linked = CancellationTokenSource.CreateLinkedTokenSource(cancel, clock.Token);
        }

        public CancellationToken Token => linked.Token;

        public void Dispose()
        {
            budget.left -= budget.time.GetElapsedTime(start);
            linked.Dispose();
            clock.Dispose();
        }
    }
}
