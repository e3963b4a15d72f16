namespace ContributionIngest.Functions.Hosts;

internal enum Ran
{
    Done,
    Failed,

    /// <summary>Cut short by the caller: the program stops, or the message is another receiver's by now. Nobody's fault.</summary>
    Stopped,
}

/// <summary>Calls a function's code by name, within its deadline. The one place where a function's failure becomes a value.</summary>
internal sealed partial class FunctionRunner(
    FunctionTable table, Lazy<FunctionDefinitions> definitions, TimeProvider time, ILogger<FunctionRunner> logger)
{
    public async Task<Ran> Run(FunctionCall call, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(definitions.Value.Host.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        var began = time.GetTimestamp();
        try
        {
            await table.Functions[call.Name](call, either.Token);
            Log.Ended(logger, call.Name, time.GetElapsedTime(began).TotalMilliseconds);
            return Ran.Done;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Stopped(logger, call.Name);
            return Ran.Stopped;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            Log.Late(logger, call.Name, definitions.Value.Host.Deadline);
            return Ran.Failed;
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, call.Name, call.Attempt);
            return Ran.Failed;
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
