using System.Diagnostics;
using ContributionIngest.Core;

namespace ContributionIngest.Functions.Triggers;

public enum InvocationEnd
{
    Done,
    Failed,

    /// <summary>Cut short by the caller: the program stops, or the message is another receiver's by now. Nobody's fault.</summary>
    Stopped,
}

/// <summary>Runs an invocation of a function within its deadline, for both hosts. The one place where a function's failure becomes a value.</summary>
public sealed partial class FunctionRunner(HostSettings host, TimeProvider time, ILogger<FunctionRunner> logger)
{
    /// <param name="attempt">1 at the first delivery of a message, and for timers.</param>
    /// <param name="code">Its token is cancelled at the deadline, or when <paramref name="stop"/> is.</param>
    public async Task<(InvocationEnd End, Exception? Error)> RunAsync(string function, int attempt, Func<CancellationToken, Task> code, CancellationToken stop)
    {
        // The worker's telemetry has one of its own for each invocation.
        using var activity = Activity.Current is null ? Telemetry.Source.StartActivity($"function {function}") : null;
        using var deadline = new CancellationTokenSource(host.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        var began = time.GetTimestamp();
        try
        {
            await code(either.Token);
            Log.Ended(logger, function, time.GetElapsedTime(began).TotalMilliseconds);
            return (InvocationEnd.Done, null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Stopped(logger, function);
            return (InvocationEnd.Stopped, null);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            Log.Late(logger, function, host.Deadline);
            return (InvocationEnd.Failed, e);
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, function, attempt);
            return (InvocationEnd.Failed, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Debug, "{Function} ended after {Milliseconds} ms.")]
        public static partial void Ended(ILogger logger, string function, double milliseconds);

        [LoggerMessage(101, LogLevel.Information, "{Function} was cut short.")]
        public static partial void Stopped(ILogger logger, string function);

        [LoggerMessage(102, LogLevel.Error, "{Function} was not done after {Deadline} and was cancelled.")]
        public static partial void Late(ILogger logger, string function, TimeSpan deadline);

        [LoggerMessage(103, LogLevel.Error, "{Function} failed at attempt {Attempt}.")]
        public static partial void Failed(ILogger logger, Exception error, string function, int attempt);
    }
}
