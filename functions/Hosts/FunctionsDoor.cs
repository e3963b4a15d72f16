using System.Net;
using ContributionIngest.Core.Ports;
using Microsoft.AspNetCore.Http.Features;

namespace ContributionIngest.Functions.Hosts;

/// <summary>
/// The door for the Functions host: its readiness probe, and its calls of timer and queue functions, <c>POST /{function}</c>. Everything else
/// goes on to the site. The host waits for ever for an answer that is empty, so every answer of this door is a JSON object.
/// </summary>
internal sealed partial class FunctionsDoor(
    FunctionTable table,
    Lazy<FunctionDefinitions> definitions,
    FunctionRunner runner,
    IQueue queue,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    HostAddress address,
    ILogger<FunctionsDoor> logger)
{
    private static readonly TimeSpan GivingBack = TimeSpan.FromSeconds(5);

    // The host kills the process, and with it every other call, when one call takes longer than its timeout.
    private TimeSpan Latest => definitions.Value.Host.FunctionTimeout - TimeSpan.FromSeconds(10);

    private readonly HashSet<string> paths = new(table.Functions.Keys.Select(name => "/" + name), StringComparer.OrdinalIgnoreCase);

    public async Task Enter(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var path = request.Path.Value ?? "";
        if (paths.TryGetValue(path.Length > 1 ? path.TrimEnd('/') : path, out var named))
            await Answer(context, await Call(context, path, definitions.Value.All.First(f => "/" + f.Name == named)));
        else if (path == "/" && HttpMethods.IsGet(request.Method) && address.IsCalledByHost(context))
            await Answer(context, HttpStatusCode.OK);
        else
            await next(context);
    }

    private async Task<HttpStatusCode> Call(HttpContext context, string path, FunctionDefinition function)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || path != "/" + function.Name || !address.IsCalledByHost(context))
        {
            Log.Refused(logger, function.Name, context.Request.Method);
            return HttpStatusCode.NotFound;
        }

        // A message that comes while the program stops is read all the same, to be given back.
        if (await Read(context, function, context.RequestAborted) is not { } envelope)
        {
            Log.Unreadable(logger, function.Name);
            return HttpStatusCode.BadRequest;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var run = runner.Run(new FunctionCall(function.Name, envelope.Message, envelope.Attempt), stop.Token);
            var ran = await run.WaitAsync(Latest, time, CancellationToken.None);
            return ran == Ran.Done || (ran == Ran.Stopped && await GiveBack(context, function, envelope))
                ? HttpStatusCode.OK
                : HttpStatusCode.InternalServerError;
        }
        catch (TimeoutException)
        {
            Log.Abandoned(logger, function.Name);
            return HttpStatusCode.InternalServerError;
        }
    }

    // A failure would count as an attempt, and the host has the receipt: a copy goes into the queue, and the host, told of a success, deletes the
    // original. When the host does not listen any more, it brings the original again by itself.
    private async Task<bool> GiveBack(HttpContext context, FunctionDefinition function, Envelope envelope)
    {
        if (function.Queue is null || context.RequestAborted.IsCancellationRequested)
            return false;
        using var limit = new CancellationTokenSource(GivingBack, time);
        try
        {
            await queue.Put(function.Queue.Queue, envelope.Message!, TimeSpan.Zero, limit.Token);
            return true;
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException or ArgumentException)
        {
            Log.NotGivenBack(logger, e, function.Name);
            return false;
        }
    }

    private static async Task<Envelope?> Read(HttpContext context, FunctionDefinition function, CancellationToken cancel)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = Envelope.MaximumBytes;
        try
        {
            return await Envelope.Read(context.Request.Body, function, cancel);
        }
        catch (BadHttpRequestException)
        {
            return null;
        }
    }

    private static async Task Answer(HttpContext context, HttpStatusCode status)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = 2;
        await context.Response.Body.WriteAsync("{}"u8.ToArray(), context.RequestAborted);
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Warning, "A call of {Function} by {Method} did not come from the Functions host and was refused.")]
        public static partial void Refused(ILogger logger, string function, string method);

        [LoggerMessage(131, LogLevel.Error, "A call of {Function} by the Functions host could not be read.")]
        public static partial void Unreadable(ILogger logger, string function);

        [LoggerMessage(132, LogLevel.Critical, "{Function} did not end when it was cancelled; its call is answered as failed.")]
        public static partial void Abandoned(ILogger logger, string function);

        [LoggerMessage(133, LogLevel.Warning, "{Function} was cut short and its message could not be given back; the attempt counts.")]
        public static partial void NotGivenBack(ILogger logger, Exception error, string function);
    }
}
