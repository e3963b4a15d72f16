using System.Diagnostics;
using ContributionIngest.Core;

namespace ContributionIngest.Functions.Triggers;

public enum InvocationOutcome
{
    Done,
    Failed,

    /// <summary>Cancelled by the caller: the program is stopping, or another receiver now has the message. Not a failure.</summary>
    Stopped,
}

/// <summary>Runs a function within its deadline, for both hosts. This is the only place where a failure becomes a return value.</summary>
public sealed partial class FunctionRunner(HostSettings host, TimeProvider time, ILogger<FunctionRunner> logger)
{
    /// <param name="attempt">1 for the first delivery of a message and for timers.</param>
    /// <param name="body">Its token is cancelled at the deadline or when <paramref name="stop"/> is cancelled.</param>
    public async Task<(InvocationOutcome Outcome, Exception? Error)> RunAsync(string function, int attempt, Func<CancellationToken, Task> body, CancellationToken stop)
    {
        // The Functions worker starts its own activity for each invocation.
        using var activity = Activity.Current is null ? Telemetry.Source.StartActivity($"function {function}") : null;
        using var deadline = new CancellationTokenSource(host.Deadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        var started = time.GetTimestamp();
        try
        {
            await body(linked.Token);
            Log.Completed(logger, function, time.GetElapsedTime(started).TotalMilliseconds);
            return (InvocationOutcome.Done, null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Stopped(logger, function);
            return (InvocationOutcome.Stopped, null);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            Log.TimedOut(logger, function, host.Deadline);
            return (InvocationOutcome.Failed, e);
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, function, attempt);
            return (InvocationOutcome.Failed, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Debug, "{Function} completed in {Milliseconds} ms.")]
        public static partial void Completed(ILogger logger, string function, double milliseconds);

        [LoggerMessage(101, LogLevel.Information, "{Function} was cancelled.")]
        public static partial void Stopped(ILogger logger, string function);

        [LoggerMessage(102, LogLevel.Error, "{Function} did not finish within {Deadline} and was cancelled.")]
        public static partial void TimedOut(ILogger logger, string function, TimeSpan deadline);

        [LoggerMessage(103, LogLevel.Error, "{Function} failed on attempt {Attempt}.")]
        public static partial void Failed(ILogger logger, Exception error, string function, int attempt);
    }
}
