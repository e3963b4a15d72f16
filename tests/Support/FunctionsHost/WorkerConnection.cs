using System.Collections.Concurrent;
using System.Threading.Channels;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;
using Grpc.Core;

namespace ContributionIngest.Tests.Support.FunctionsHost;

/// <summary>The host's end of the one stream a worker opens (FunctionRpc.EventStream). Answers carry the id of the request they belong to.</summary>
internal sealed class WorkerConnection(string folder) : FunctionRpc.FunctionRpcBase
{
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> waiting = new(StringComparer.Ordinal);
    private readonly Channel<StreamingMessage> toWorker = Channel.CreateUnbounded<StreamingMessage>();

    public ConcurrentQueue<RpcLog> Logs { get; } = new();

    public IReadOnlyDictionary<string, string> Capabilities { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public Task Ended => ended.Task;

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        var writing = WriteAsync(responseStream, context.CancellationToken);
        try
        {
            await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
                Take(message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The worker is gone.
        }

        Close();
        await writing;
    }

    /// <summary>Has the worker say what it can do and which functions it has, and load them.</summary>
    public async Task<IReadOnlyList<HostedFunction>> LoadAsync(CancellationToken cancel)
    {
        await started.Task.WaitAsync(cancel);
        var init = new WorkerInitRequest { HostVersion = "4.1040.0", FunctionAppDirectory = folder, WorkerDirectory = folder };
        var initialised = (await AskAsync(new StreamingMessage { WorkerInitRequest = init }, cancel)).WorkerInitResponse;
        Check(initialised.Result, "start");
        Capabilities = initialised.Capabilities.ToDictionary(StringComparer.Ordinal);
        var asked = new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = folder } };
        var indexed = (await AskAsync(asked, cancel)).FunctionMetadataResponse;
        Check(indexed.Result, "index its functions");
        foreach (var function in indexed.FunctionMetadataResults)
        {
            var load = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function };
            Check((await AskAsync(new StreamingMessage { FunctionLoadRequest = load }, cancel)).FunctionLoadResponse.Result, $"load {function.Name}");
        }

        return [.. indexed.FunctionMetadataResults.Select(HostedFunction.Read)];
    }

    public async Task<InvocationResponse> InvokeAsync(InvocationRequest invocation, CancellationToken cancel)
    {
        var answer = AskAsync(new StreamingMessage { InvocationRequest = invocation }, CancellationToken.None);
        await using var stop = cancel.Register(() =>
            toWorker.Writer.TryWrite(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = invocation.InvocationId } }));
        return (await answer).InvocationResponse;
    }

    public Task TerminateAsync(CancellationToken cancel) =>
        toWorker.Writer.WriteAsync(new StreamingMessage { WorkerTerminate = new WorkerTerminate() }, cancel).AsTask();

    /// <summary>Whoever still waits for an answer of the worker hears that none will come.</summary>
    public void Close()
    {
        toWorker.Writer.TryComplete();
        foreach (var (_, answer) in waiting)
            answer.TrySetException(new IOException("The worker is gone."));
        started.TrySetException(new IOException("The worker is gone."));
        ended.TrySetResult();
    }

    private async Task<StreamingMessage> AskAsync(StreamingMessage question, CancellationToken cancel)
    {
        question.RequestId = Guid.NewGuid().ToString();
        var answer = waiting.GetOrAdd(question.RequestId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!toWorker.Writer.TryWrite(question))
            answer.TrySetException(new IOException("The worker is gone."));
        return await answer.Task.WaitAsync(cancel);
    }

    private void Take(StreamingMessage message)
    {
        if (message.ContentCase == StreamingMessage.ContentOneofCase.StartStream)
            started.TrySetResult();
        else if (message.ContentCase == StreamingMessage.ContentOneofCase.RpcLog)
            Logs.Enqueue(message.RpcLog);
        else if (waiting.TryRemove(message.RequestId, out var answer))
            answer.TrySetResult(message);
    }

    private async Task WriteAsync(IServerStreamWriter<StreamingMessage> stream, CancellationToken cancel)
    {
        try
        {
            await foreach (var message in toWorker.Reader.ReadAllAsync(cancel))
                await stream.WriteAsync(message, cancel);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException or Grpc.Core.RpcException or IOException)
        {
            // The worker is gone.
        }
    }

    private static void Check(StatusResult result, string what)
    {
        if (result.Status != StatusResult.Types.Status.Success)
            throw new InvalidOperationException($"The worker could not {what}: {result.Exception?.Message ?? result.Result}");
    }
}
