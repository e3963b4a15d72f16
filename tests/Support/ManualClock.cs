namespace ContributionIngest.Tests.Support;

/// <summary>
/// Time that only moves when a test says so. <see cref="Advance"/> fires due timers one after the other, each at its own moment. With
/// <see cref="JumpsUpTo"/> nobody waits for less than that: whoever sets such a timer finds the clock moved to its due moment and the timer
/// fired; longer ones (the time limits of what must not take long) wait as ever.
/// </summary>
public sealed class ManualClock(DateTimeOffset? start = null) : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = start ?? Start;
    private TimeSpan setBack;

    public TimeSpan JumpsUpTo { get; init; }

    /// <summary>How many timers wait for their moment: a test may wait for this before it advances.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
                return timers.Count;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now - setBack;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (gate)
            return now.UtcTicks;
    }

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public void Advance(TimeSpan by) => MoveTo(GetUtcNow() + by);

    public void MoveTo(DateTimeOffset target)
    {
        while (Next(target + setBack) is { } timer)
            timer.Fire();
    }

    /// <summary>The wall clock says an earlier time from now on; time elapses, and timers run, as before.</summary>
    public void SetBack(TimeSpan by)
    {
        lock (gate)
            setBack += by;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    // Moves the clock to the next due timer, or to the target when none is due before it.
    private Timer? Next(DateTimeOffset target)
    {
        lock (gate)
        {
            var next = timers.Where(t => t.Due <= target).MinBy(t => t.Due);
            now = Max(now, next?.Due ?? target);
            if (next is not null && next.Period > TimeSpan.Zero)
                next.Due += next.Period;
            else if (next is not null)
                timers.Remove(next);
            return next;
        }
    }

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock.now + dueTime;
                Period = period;
                if (dueTime > clock.JumpsUpTo || clock.JumpsUpTo == TimeSpan.Zero)
                {
                    clock.timers.Add(this);
                    return true;
                }

                clock.now = Due;
            }

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
