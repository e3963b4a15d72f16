using Microsoft.Extensions.Time.Testing;

namespace ContributionIngest.Tests.Support;

/// <summary>
/// The framework's fake time, which moves only when told, with three things it lacks: timers shorter than <see cref="Skip"/> come due the moment
/// they are set and take the clock with them, so that pauses between attempts cost a test nothing; a test may wait until a timer is set; and the wall clock alone may be set back.
/// </summary>
public sealed class TestClock : FakeTimeProvider
{
    public static readonly DateTimeOffset Begin = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock gate = new();
    private readonly HashSet<Timer> timers = [];
    private TimeSpan wall;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestClock(DateTimeOffset? start = null)
        : base(start ?? Begin)
    {
    }

    public TimeSpan Skip { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many timers wait for their moment.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
                return timers.Count;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + wall;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    /// <summary>The wall clock says an earlier time from now on; time elapses, and timers run, as before.</summary>
    public void SetBack(TimeSpan by) => wall -= by;

    /// <summary>Moves on without a timer noticing, as a machine's sleep does.</summary>
    public void Sleep(TimeSpan span) => wall += span;

    /// <summary>Waits until a timer is set whose remaining time passes the test; the remaining time of the soonest.</summary>
    public async Task<TimeSpan> ArmedAsync(Func<TimeSpan, bool> left)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                var found = timers.Select(timer => timer.Due - GetTimestamp()).Select(ticks => new TimeSpan(ticks)).Where(left).Order().Take(1).ToList();
                if (found.Count == 1)
                    return found[0];
                change = changed.Task;
            }

            await change.WaitAsync(TimeSpan.FromMinutes(2));
        }
    }

    public Task<TimeSpan> ArmedAsync(TimeSpan left) => ArmedAsync(l => l == left);

    private void Note(Timer timer, bool isSet)
    {
        lock (gate)
        {
            _ = isSet ? timers.Add(timer) : timers.Remove(timer);
            changed.TrySetResult();
            changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class Timer : ITimer
    {
        private readonly TestClock clock;
        private readonly TimerCallback callback;
        private readonly object? state;
        private readonly ITimer inner;
        private bool isOnce;

        public Timer(TestClock clock, TimerCallback callback, object? state)
        {
            (this.clock, this.callback, this.state) = (clock, callback, state);
            inner = clock.CreateFakeTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        /// <summary>By <see cref="TimeProvider.GetTimestamp"/>.</summary>
        public long Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime >= TimeSpan.Zero && dueTime < clock.Skip)
            {
                inner.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                clock.Note(this, isSet: false);
                clock.Advance(dueTime);
                ThreadPool.QueueUserWorkItem(_ => callback(state));
                return true;
            }

            isOnce = period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero;
            Due = clock.GetTimestamp() + dueTime.Ticks;
            clock.Note(this, isSet: dueTime != Timeout.InfiniteTimeSpan);
            return inner.Change(dueTime, period);
        }

        public void Dispose()
        {
            clock.Note(this, isSet: false);
            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            if (isOnce)
                clock.Note(this, isSet: false);
            callback(state);
        }
    }

    private ITimer CreateFakeTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, dueTime, period);
}
