namespace ContributionIngest.Core.Fetch;

/// <summary>The time one request may take over all its hops and attempts; it runs only while a hop runs.</summary>
internal sealed class Allowance(TimeProvider time, TimeSpan most)
{
    private readonly TimeProvider time = time;
    private TimeSpan left = most;

    public Run Start(CancellationToken cancel) => new(this, cancel);

    internal sealed class Run : IDisposable
    {
        private readonly Allowance allowance;
        private readonly long start;
        private readonly CancellationTokenSource clock;
        private readonly CancellationTokenSource linked;

        public Run(Allowance allowance, CancellationToken cancel)
        {
            this.allowance = allowance;
            start = allowance.time.GetTimestamp();
            clock = new CancellationTokenSource(allowance.left > TimeSpan.Zero ? allowance.left : TimeSpan.Zero, allowance.time);
            linked = CancellationTokenSource.CreateLinkedTokenSource(cancel, clock.Token);
        }

        public CancellationToken Token => linked.Token;

        public void Dispose()
        {
            allowance.left -= allowance.time.GetElapsedTime(start);
            linked.Dispose();
            clock.Dispose();
        }
    }
}
