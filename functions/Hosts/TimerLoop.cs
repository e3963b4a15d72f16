using System.Globalization;
using System.Text;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Functions.Hosts;

/// <summary>
/// Calls one timer function at every tick of its schedule. Ticks that were missed, because the call before took longer or because the
/// program was not running, are caught up by one call.
/// </summary>
internal sealed class TimerLoop(FunctionDefinition function, IBlobs blobs, FunctionRunner runner, TimeProvider time)
{
    private const string Container = "timers";

    // A machine that slept wakes with its timers late; looking at the clock once a minute keeps the delay that short.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private DateTimeOffset? last;

    public async Task Run(CancellationToken stopping, CancellationToken running)
    {
        last ??= await LastRun(stopping) ?? time.GetUtcNow();
        while (true)
        {
            await WaitFor(function.Timer!.Schedule.GetNextOccurrence(last.Value.UtcDateTime), stopping);
            last = time.GetUtcNow();
            // Noted after the call: one that was cut short or killed in its middle is a missed tick.
            if (await runner.Run(new FunctionCall(function.Name, null, 1), running) == Ran.Stopped)
                return;
            await blobs.Put(Container, function.Name, Encoding.ASCII.GetBytes(last.Value.ToString("O", CultureInfo.InvariantCulture)), running);
        }
    }

    private async Task WaitFor(DateTime tick, CancellationToken stopping)
    {
        while (tick - time.GetUtcNow().UtcDateTime is var left && left > TimeSpan.Zero)
            await Task.Delay(left < LongestWait ? left : LongestWait, time, stopping);
        stopping.ThrowIfCancellationRequested();
    }

    private async Task<DateTimeOffset?> LastRun(CancellationToken cancel)
    {
        var content = await blobs.Get(Container, function.Name, cancel);
        var known = DateTimeOffset.TryParse(
            Encoding.ASCII.GetString(content ?? []), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at);
        // A clock that was set back must not silence the timer until it has caught up.
        return known && at <= time.GetUtcNow() ? at : null;
    }
}
