namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>A clock that stands still until told; waiting for it means waiting until somebody has set a timer on it.</summary>
public sealed class HostClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Alarm> alarms = [];
    private DateTimeOffset now = start;
    private TimeSpan wall;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now + wall;
    }

    public override long GetTimestamp()
    {
        lock (gate)
            return now.Ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Waits until a timer is set whose remaining time passes the test, and says how long it has left.</summary>
    public async Task<TimeSpan> ArmedAsync(Func<TimeSpan, bool> left)
    {
        while (true)
        {
            Task change;
            lock (gate)
            {
                var found = alarms.Select(a => a.Due - now).Where(left).Order().Take(1).ToList();
                if (found.Count == 1)
                    return found[0];
                change = changed.Task;
            }

            await change.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    public Task<TimeSpan> ArmedAsync(TimeSpan left) => ArmedAsync(l => l == left);

    /// <summary>Moves on, ringing what falls due on the way, in order.</summary>
    public void Advance(TimeSpan span)
    {
        DateTimeOffset end;
        lock (gate)
            end = now + span;
        while (true)
        {
            Alarm? next;
            lock (gate)
            {
                next = alarms.Where(a => a.Due <= end).MinBy(a => a.Due);
                now = next?.Due > now ? next.Due : now;
                if (next is null)
                {
                    now = end;
                    return;
                }

                alarms.Remove(next);
            }

            next.Ring();
        }
    }

    /// <summary>Moves on without a timer noticing, as a machine's sleep does.</summary>
    public void Sleep(TimeSpan span) => SetBack(-span);

    /// <summary>The wall clock says an earlier time from now on; time elapses as before.</summary>
    public void SetBack(TimeSpan by)
    {
        lock (gate)
            wall -= by;
    }

    private sealed class Alarm(HostClock clock, Action ring) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public Action Ring => ring;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.alarms.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = clock.now + dueTime;
                    clock.alarms.Add(this);
                }

                clock.changed.TrySetResult();
                clock.changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
                clock.alarms.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
