using System.Globalization;
using System.Text;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Triggers;

namespace ContributionIngest.Functions.Standalone;

/// <summary>
/// Calls one timer function at every tick of its schedule. One call makes up for all ticks missed during a long call or while the program
/// was not running. Waits use elapsed time, and the wall clock is read again after each. If it was set back, the next tick is the one nearest
/// to the expected moment, so that no timer stays silent until the clock catches up.
/// </summary>
internal sealed class TimerLoop(TriggeredFunction function, IServiceProvider services, IBlobs blobs, FunctionRunner runner, TimeProvider time)
{
    private const string Container = "timers";

    // After a machine sleeps, its timers fire late; reading the clock every minute limits that delay to a minute.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);

    private readonly (DateTimeOffset Wall, long Elapsed) began = (time.GetUtcNow(), time.GetTimestamp());
    private DateTimeOffset? last;

    // How far the wall clock lagged behind elapsed time at the last run, measured since the loop started.
    private TimeSpan lag;

    public async Task RunAsync(CancellationToken stopping, CancellationToken running)
    {
        last ??= await LastRunAsync(stopping) ?? time.GetUtcNow();
        while (true)
        {
            await WaitForTickAsync(stopping);
            last = time.GetUtcNow();
            lag = ClockLag(last.Value);
            // Saved after the call, so that a cancelled or killed call counts as a missed tick.
            var (end, _) = await runner.RunAsync(function.Name, 1, cancel => function.RunAsync(services, null, cancel), running);
            if (end == InvocationOutcome.Stopped)
                return;
            await blobs.PutAsync(Container, function.Name, Encoding.ASCII.GetBytes(last.Value.ToString("O", CultureInfo.InvariantCulture)), running);
        }
    }

    private async Task WaitForTickAsync(CancellationToken stopping)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            var left = NextTick(ClockLag(now) - lag) - now.UtcDateTime;
            if (left <= TimeSpan.Zero)
                break;
            await Task.Delay(left < MaxWait ? left : MaxWait, time, stopping);
        }

        stopping.ThrowIfCancellationRequested();
    }

    // A clock set back by a moment must not repeat the last tick; one set back by a day must bring the tick of the same hour. The search
    // therefore starts half a period after the last run, in terms of the adjusted clock.
    private DateTime NextTick(TimeSpan setBack)
    {
        var next = function.Schedule!.GetNextOccurrence(last!.Value.UtcDateTime);
        return setBack <= TimeSpan.Zero
            ? next
            : function.Schedule.GetNextOccurrence(last.Value.UtcDateTime - setBack + ((next - last.Value.UtcDateTime) / 2));
    }

    private TimeSpan ClockLag(DateTimeOffset now) => began.Wall + time.GetElapsedTime(began.Elapsed) - now;

    private async Task<DateTimeOffset?> LastRunAsync(CancellationToken cancel)
    {
        var content = await blobs.GetAsync(Container, function.Name, cancel);
        var isValid = DateTimeOffset.TryParse(
            Encoding.ASCII.GetString(content ?? []), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at);
        // A run in the future means the clock was set back; it must not silence the timer until the clock catches up.
        return isValid && at <= time.GetUtcNow() ? at : null;
    }
}
