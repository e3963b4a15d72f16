using System.Globalization;
using System.Text;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;

namespace ContributionIngest.Functions.Standalone;

/// <summary>
/// Calls one timer function at every tick of its schedule. Ticks that were missed, because the call before took longer or because the
/// program was not running, are caught up by one call. Waits go by elapsed time, and the wall clock is looked at again after each: when it was
/// set back, the next tick is the one nearest to where it would have been, so that no timer is silent until the clock has caught up.
/// </summary>
internal sealed class TimerLoop(TriggeredFunction function, IServiceProvider services, IBlobs blobs, FunctionRunner runner, TimeProvider time)
{
    private const string Container = "timers";

    // A machine that slept wakes with its timers late; looking at the clock once a minute keeps the delay that short.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly (DateTimeOffset Wall, long Elapsed) began = (time.GetUtcNow(), time.GetTimestamp());
    private DateTimeOffset? last;

    // By how much the wall clock is behind the time that elapsed since the loop began, and was at the last run.
    private TimeSpan behind;

    public async Task RunAsync(CancellationToken stopping, CancellationToken running)
    {
        last ??= await LastRunAsync(stopping) ?? time.GetUtcNow();
        while (true)
        {
            await WaitForTickAsync(stopping);
            last = time.GetUtcNow();
            behind = Behind(last.Value);
            // Noted after the call: one that was cut short or killed in its middle is a missed tick.
            var (end, _) = await runner.RunAsync(function.Name, 1, cancel => function.RunAsync(services, null, cancel), running);
            if (end == InvocationEnd.Stopped)
                return;
            await blobs.PutAsync(Container, function.Name, Encoding.ASCII.GetBytes(last.Value.ToString("O", CultureInfo.InvariantCulture)), running);
        }
    }

    private async Task WaitForTickAsync(CancellationToken stopping)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            var left = Tick(Behind(now) - behind) - now.UtcDateTime;
            if (left <= TimeSpan.Zero)
                break;
            await Task.Delay(left < LongestWait ? left : LongestWait, time, stopping);
        }

        stopping.ThrowIfCancellationRequested();
    }

    // A clock set back by a moment must not bring the tick of the last run again, one set back by a day must bring the tick of the same hour:
    // half a period from the last run, as that moment is called now, tells the two apart.
    private DateTime Tick(TimeSpan setBack)
    {
        var next = function.Schedule!.GetNextOccurrence(last!.Value.UtcDateTime);
        return setBack <= TimeSpan.Zero
            ? next
            : function.Schedule.GetNextOccurrence(last.Value.UtcDateTime - setBack + ((next - last.Value.UtcDateTime) / 2));
    }

    private TimeSpan Behind(DateTimeOffset now) => began.Wall + time.GetElapsedTime(began.Elapsed) - now;

    private async Task<DateTimeOffset?> LastRunAsync(CancellationToken cancel)
    {
        var content = await blobs.GetAsync(Container, function.Name, cancel);
        var known = DateTimeOffset.TryParse(
            Encoding.ASCII.GetString(content ?? []), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at);
        // A clock that was set back must not silence the timer until it has caught up.
        return known && at <= time.GetUtcNow() ? at : null;
    }
}
