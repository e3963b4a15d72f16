using System.Net;
using System.Text;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ContributionIngest.Tests.Support.FunctionsHost;

/// <summary>
/// A small Azure Functions host for tests of an isolated worker: it listens for the worker, has it index and load its functions, and invokes them when a
/// test says so. Schedules, retries, poison queues, scale and keys are the real host's and not here; <see cref="QueueListener"/> has the rules of queues.
/// </summary>
public sealed class FunctionsTestHost : IAsyncDisposable
{
    private const int MaxConnects = 100;
    private static readonly TimeSpan ConnectAgain = TimeSpan.FromMilliseconds(20);

    private readonly WebApplication server;
    private readonly WorkerConnection worker;
    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    });

    private FunctionsTestHost(WebApplication server, WorkerConnection worker) => (this.server, this.worker) = (server, worker);

    /// <summary>What the worker said it has, in the order the host looks for the route of a request.</summary>
    public IReadOnlyList<HostedFunction> Functions { get; private set; } = [];

    /// <summary>What the worker can do, and by <c>HttpUri</c> where it takes HTTP requests.</summary>
    public IReadOnlyDictionary<string, string> Capabilities => worker.Capabilities;

    public IReadOnlyCollection<RpcLog> Logs => worker.Logs;

    /// <summary>Completes when the worker's side of the connection ends.</summary>
    public Task Disconnected => worker.Ended;

    /// <summary>Waits for a worker, which is started with the arguments the real host would give it, until its functions are loaded.</summary>
    /// <param name="folder">Where the worker lies, with its <c>host.json</c>.</param>
    /// <param name="start">Starts the worker.</param>
    public static async Task<FunctionsTestHost> StartAsync(string folder, Func<IReadOnlyList<string>, Task> start, CancellationToken cancel)
    {
        var connection = new WorkerConnection(folder);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options => (options.MaxReceiveMessageSize, options.MaxSendMessageSize) = (null, null));
        builder.Services.AddSingleton(connection);
        var app = builder.Build();
        app.MapGrpcService<WorkerConnection>();
        await app.StartAsync(cancel);
        var host = new FunctionsTestHost(app, connection);
        try
        {
            const string Worker = "worker";
            await start(
            [
                "--functions-uri", app.Urls.Single(), "--functions-worker-id", Worker, "--functions-request-id", "start",
                "--functions-grpc-max-message-length", "134217728",
            ]);
            host.Functions = [.. (await connection.LoadAsync(cancel)).OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)];
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public HostedFunction Function(string name) => Functions.Single(function => function.Name == name);

    public Task<InvocationResponse> RunTimerAsync(string function, CancellationToken cancel) => worker.InvokeAsync(
        Invocation(function, new TypedData { Json = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""" }), cancel);

    /// <summary>Delivers one message; when the token is cancelled, so is the invocation, and its answer is still waited for.</summary>
    public Task<InvocationResponse> RunQueueAsync(string function, string message, int dequeueCount, CancellationToken cancel)
    {
        var invocation = Invocation(function, new TypedData { String = message });
        invocation.TriggerMetadata.Add("DequeueCount", new TypedData { Json = $"{dequeueCount}" });
        invocation.TriggerMetadata.Add("QueueTrigger", new TypedData { String = message });
        return worker.InvokeAsync(invocation, cancel);
    }

    /// <summary>
    /// Hands an HTTP request to the first function whose route fits, as the real host does: the invocation by the connection, the request to the
    /// worker's own server.
    /// </summary>
    /// <returns>The answer, as soon as its head is there, and what becomes of the invocation.</returns>
    public async Task<(HttpResponseMessage Answer, Task<InvocationResponse> Invocation)> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var (answer, invocation) = Send(request, cancel);
        return (await answer, invocation);
    }

    /// <summary>As <see cref="SendAsync"/>, for whoever does not wait for the answer.</summary>
    /// <param name="cancel">The client leaves; the invocation goes on until the function ends.</param>
    public (Task<HttpResponseMessage> Answer, Task<InvocationResponse> Invocation) Send(HttpRequestMessage request, CancellationToken cancel)
    {
        const string Id = "x-ms-invocation-id";
        var (path, values) = (request.RequestUri!.AbsolutePath, new RouteValueDictionary());
        var function = Functions.First(candidate => candidate.Route is { } route && Matches(route, path, values));
        var invocation = Invocation(function.Name, new TypedData { Http = new RpcHttp() });
        foreach (var (name, value) in values)
            invocation.TriggerMetadata.Add(name, new TypedData { String = value?.ToString() ?? "" });
        var ended = worker.InvokeAsync(invocation, CancellationToken.None);

        request.Headers.Host = request.RequestUri.Authority;
        request.Headers.Remove(Id);
        request.Headers.Add(Id, invocation.InvocationId);
        request.RequestUri = new Uri(new Uri(Capabilities["HttpUri"]), request.RequestUri.PathAndQuery);
        return (ForwardAsync(request, cancel), ended);
    }

    /// <summary>The worker names its HTTP server a moment before that listens: a connection that is refused then is tried again.</summary>
    private async Task<HttpResponseMessage> ForwardAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await http.SendAsync(request, cancel);
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError && attempt < MaxConnects)
            {
                await Task.Delay(ConnectAgain, TimeProvider.System, cancel);
            }
        }
    }

    /// <summary>Tells the worker to end.</summary>
    public Task TerminateAsync(CancellationToken cancel) => worker.TerminateAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        worker.Close();
        using (var now = new CancellationTokenSource(TimeSpan.FromSeconds(1)))
            await server.StopAsync(now.Token);
        await server.DisposeAsync();
    }

    private InvocationRequest Invocation(string function, TypedData input)
    {
        var loaded = Function(function);
        var invocation = new InvocationRequest { InvocationId = Guid.NewGuid().ToString(), FunctionId = loaded.Id, TraceContext = new RpcTraceContext() };
        invocation.InputData.Add(new ParameterBinding { Name = loaded.Trigger, Data = input });
        return invocation;
    }

    private static bool Matches(string route, string path, RouteValueDictionary values) =>
        new TemplateMatcher(TemplateParser.Parse(route), []).TryMatch(path, values);
}
