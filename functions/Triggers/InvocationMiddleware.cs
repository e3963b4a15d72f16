using ContributionIngest.Core.Storage;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// What the worker adds to every invocation of a timer or a queue function: its deadline, its lines in the log, and, when the host cuts it short, a copy
/// of its message whose attempts begin anew. The copy is put before the host is told of a success and deletes the original; where the host is gone
/// by then, the original comes again by itself.
/// </summary>
internal sealed partial class InvocationMiddleware(FunctionRunner runner, IQueue queue, TimeProvider time, ILogger<InvocationMiddleware> logger)
    : IFunctionsWorkerMiddleware
{
    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(5);

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var trigger = context.FunctionDefinition.InputBindings.Values.First();
        if (trigger.Type is "httpTrigger")
        {
            await next(context);
            return;
        }

        var (end, error) = await runner.RunAsync(context.FunctionDefinition.Name, Attempt(context), RunAsync, context.CancellationToken);
        if (end == InvocationEnd.Done || (end == InvocationEnd.Stopped && await GiveBackAsync(context, trigger)))
            return;
        throw error ?? new OperationCanceledException("The host cut the invocation short.");

        Task RunAsync(CancellationToken cancel)
        {
            context.Features.Set(new InvocationToken(cancel));
            return next(context);
        }
    }

    private async Task<bool> GiveBackAsync(FunctionContext context, BindingMetadata trigger)
    {
        if (TriggeredFunction.Named(context.FunctionDefinition.Name).Queue is not { } name)
            return false;
        using var limit = new CancellationTokenSource(GivingBack, time);
        try
        {
            var message = await context.BindInputAsync<string>(trigger);
            await queue.PutAsync(name, message.Value!, TimeSpan.Zero, limit.Token);
            return true;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException or ArgumentException)
        {
            Log.NotGivenBack(logger, e, context.FunctionDefinition.Name);
            return false;
        }
    }

    // Properties of the message stand among these and win over the host's, so anything may be here.
    private static int Attempt(FunctionContext context) =>
        context.BindingContext.BindingData.TryGetValue("DequeueCount", out var count) && int.TryParse(count?.ToString(), out var attempt) && attempt > 0
            ? attempt
            : 1;

    private static partial class Log
    {
        [LoggerMessage(133, LogLevel.Warning, "{Function} was cut short and its message could not be given back; the attempt counts.")]
        public static partial void NotGivenBack(ILogger logger, Exception error, string function);
    }
}

/// <param name="Cancel">Cancelled at the deadline as well as by the host.</param>
internal sealed record InvocationToken(CancellationToken Cancel);

/// <summary>Gives a function's <see cref="CancellationToken"/> the deadline that <see cref="InvocationMiddleware"/> has set.</summary>
internal sealed class InvocationTokenConverter : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) => ValueTask.FromResult(
        context.TargetType == typeof(CancellationToken) && context.FunctionContext.Features.Get<InvocationToken>() is { } token
            ? ConversionResult.Success(token.Cancel)
            : ConversionResult.Unhandled());
}
