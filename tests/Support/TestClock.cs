namespace ContributionIngest.Tests.Support;

/// <summary>
/// Time that moves only when told. Timers shorter than <see cref="Skip"/> come due the moment they are set, and take the clock with them,
/// so that pauses between attempts cost a test nothing while deadlines stay where they are.
/// </summary>
public sealed class TestClock(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = start ?? new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public TimeSpan Skip { get; init; } = TimeSpan.FromSeconds(10);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, callback, state, dueTime);

    public void SetUtcNow(DateTimeOffset value) => Advance(value - GetUtcNow());

    public void Advance(TimeSpan by)
    {
        Timer[] due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(timer => timer.Due <= now).OrderBy(timer => timer.Due)];
            timers.RemoveAll(timer => timer.Due <= now);
        }

        foreach (var timer in due)
            timer.Fire();
    }

    private sealed class Timer : ITimer
    {
        private readonly TestClock clock;
        private readonly TimerCallback callback;
        private readonly object? state;

        public Timer(TestClock clock, TimerCallback callback, object? state, TimeSpan due)
        {
            this.clock = clock;
            this.callback = callback;
            this.state = state;
            Change(due, Timeout.InfiniteTimeSpan);
        }

        public DateTimeOffset Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var skipped = dueTime >= TimeSpan.Zero && dueTime < clock.Skip;
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                if (dueTime < TimeSpan.Zero)
                    return true;
                Due = clock.now + dueTime;
                if (skipped)
                    clock.now = Due;
                else
                    clock.timers.Add(this);
            }

            if (skipped)
                ThreadPool.QueueUserWorkItem(_ => Fire());
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
                clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
