using ContributionIngest.Core.Storage;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// Gives every timer and queue invocation in the worker a deadline and log entries. When the host cancels an invocation, its message is queued again
/// with a fresh attempt count. Only then is success reported, which makes the host delete the original. If the host is gone by then, the original
/// reappears on its own.
/// </summary>
internal sealed partial class InvocationMiddleware(FunctionRunner runner, IQueue queue, TimeProvider time, ILogger<InvocationMiddleware> logger)
    : IFunctionsWorkerMiddleware
{
    private static readonly TimeSpan RequeueTimeout = TimeSpan.FromSeconds(5);

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var trigger = context.FunctionDefinition.InputBindings.Values.First();
        if (trigger.Type is "httpTrigger")
        {
            await next(context);
            return;
        }

        var (outcome, error) = await runner.RunAsync(context.FunctionDefinition.Name, Attempt(context), RunAsync, context.CancellationToken);
        if (outcome == InvocationOutcome.Done || (outcome == InvocationOutcome.Stopped && await RequeueAsync(context, trigger)))
            return;
        throw error ?? new OperationCanceledException("The host cancelled the invocation.");

        Task RunAsync(CancellationToken cancel)
        {
            context.Features.Set(new InvocationToken(cancel));
            return next(context);
        }
    }

    private async Task<bool> RequeueAsync(FunctionContext context, BindingMetadata trigger)
    {
        if (TriggeredFunction.Named(context.FunctionDefinition.Name).Queue is not { } name)
            return false;
        using var limit = new CancellationTokenSource(RequeueTimeout, time);
        try
        {
            var message = await context.BindInputAsync<string>(trigger);
            await queue.PutAsync(name, message.Value!, TimeSpan.Zero, limit.Token);
            return true;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException or ArgumentException)
        {
            Log.NotRequeued(logger, e, context.FunctionDefinition.Name);
            return false;
        }
    }

    // The message's own properties are merged into the binding data and win over the host's, so the value can be anything.
    private static int Attempt(FunctionContext context) =>
        context.BindingContext.BindingData.TryGetValue("DequeueCount", out var count) && int.TryParse(count?.ToString(), out var attempt) && attempt > 0
            ? attempt
            : 1;

    private static partial class Log
    {
        [LoggerMessage(133, LogLevel.Warning, "{Function} was cancelled and its message could not be requeued; the attempt counts.")]
        public static partial void NotRequeued(ILogger logger, Exception error, string function);
    }
}

/// <param name="Cancel">Cancelled at the deadline or by the host.</param>
internal sealed record InvocationToken(CancellationToken Cancel);

/// <summary>Binds a function's <see cref="CancellationToken"/> to the token that <see cref="InvocationMiddleware"/> set.</summary>
internal sealed class InvocationTokenConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => ValueTask.FromResult(
        context.TargetType == typeof(CancellationToken) && context.FunctionContext.Features.Get<InvocationToken>() is { } token
            ? ConversionResult.Success(token.Cancel)
            : ConversionResult.Unhandled());
}
