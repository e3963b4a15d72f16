using System.Diagnostics;
using System.Net;
using Azure.Storage.Queues;
using ContributionIngest.Functions.Triggers;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support.FunctionsHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NCrontab;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>
/// The published program as a worker behind the tests' Functions host, which lives on while workers are ended and started: it holds requests and ticks of
/// timers until there is a worker, answers 500 to those whose worker died, and hides the messages a worker died with for the retry delay.
/// </summary>
internal sealed class PublishedWorker : IProgram
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);

    private readonly string folder;
    private readonly IReadOnlyDictionary<string, string> settings;
    private readonly QueueServiceClient queues;
    private readonly QueueRules rules;
    private readonly ProcessLog log;
    private readonly WebApplication front;
    private readonly CancellationTokenSource closing = new();
    private readonly List<Task> timers = [];
    private TaskCompletionSource<FunctionsTestHost> ready = Pending();
    private Worker? worker;

    private PublishedWorker(string folder, string logFolder, Uri address, IReadOnlyDictionary<string, string> settings, string storage)
    {
        (this.folder, Address) = (folder, address);
        this.settings = new Dictionary<string, string>(settings, StringComparer.Ordinal)
        {
            ["FUNCTIONS_APPLICATION_DIRECTORY"] = folder,
            // As the real host passes its own on.
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:1",
        };
        queues = new QueueServiceClient(storage, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
        rules = HostSettings.Read(folder).Queues;
        log = new ProcessLog(Path.Combine(logFolder, "log"));
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, address.Port));
        front = builder.Build();
        front.Run(ForwardAsync);
    }

    public Uri Address { get; }

    /// <param name="folder">Where the worker lies.</param>
    /// <param name="logFolder">For what it says.</param>
    public static async Task<PublishedWorker> OpenAsync(string folder, string logFolder, Uri address, IReadOnlyDictionary<string, string> settings, string storage)
    {
        var program = new PublishedWorker(folder, logFolder, address, settings, storage);
        await program.front.StartAsync();
        return program;
    }

    public void Start() => worker = new Worker(this);

    public async Task ReadyAsync(HttpMessageInvoker client)
    {
        try
        {
            await NextAsync(CancellationToken.None).WaitAsync(LongestStart, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"No worker was ready within {LongestStart}.", e);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "/api/health"));
        using var answer = await client.SendAsync(request, CancellationToken.None);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"The worker answered {answer.StatusCode}.");
    }

    public async Task EndAsync(Ending how)
    {
        using var ending = worker;
        worker = null;
        if (ending is not null)
            await ending.EndAsync(how);
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await EndAsync(Ending.Kill);
        await Task.WhenAll(timers);
        ready.TrySetCanceled(CancellationToken.None);
        await front.DisposeAsync();
        closing.Dispose();
        log.Dispose();
    }

    private static TaskCompletionSource<FunctionsTestHost> Pending() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The worker that takes invocations, as soon as there is one.</summary>
    private Task<FunctionsTestHost> NextAsync(CancellationToken cancel) => ready.Task.WaitAsync(cancel);

    /// <summary>From here on requests and ticks wait for the next worker.</summary>
    private void Hold()
    {
        if (ready.Task.IsCompleted)
            ready = Pending();
    }

    /// <summary>The timers of the first worker are those of all.</summary>
    private void Schedule(FunctionsTestHost host)
    {
        if (timers.Count == 0)
            timers.AddRange(host.Functions.Where(function => function.Schedule is not null).Select(TickAsync));
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        try
        {
            var host = await NextAsync(cancel);
            using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(Address, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, cancel);
            request.Content = new ByteArrayContent(body.ToArray());
            foreach (var (name, values) in context.Request.Headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                    request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }

            using var answer = await host.Send(request, cancel).Answer;
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Transfer-Encoding"))
                context.Response.Headers[name] = values.ToArray();
            await answer.Content.CopyToAsync(context.Response.Body, cancel);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            if (context.Response.HasStarted)
                context.Abort();
            else
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private async Task TickAsync(HostedFunction timer)
    {
        var schedule = CrontabSchedule.Parse(timer.Schedule, new() { IncludingSeconds = true });
        while (!closing.IsCancellationRequested)
        {
            try
            {
                var now = TimeProvider.System.GetUtcNow().UtcDateTime;
                await Task.Delay(schedule.GetNextOccurrence(now) - now, TimeProvider.System, closing.Token);
                var host = await NextAsync(closing.Token);
                await host.RunTimerAsync(timer.Name, closing.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The worker died; the next tick is another's.
            }
        }
    }

    /// <summary>One process, and what the host does with it.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly PublishedWorker program;
        private readonly TaskCompletionSource<Process> launched = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource starting = new(LongestStart);
        private readonly CancellationTokenSource listening = new();
        private readonly Task<FunctionsTestHost> started;
        private readonly Task listened;

        public Worker(PublishedWorker program)
        {
            this.program = program;
            started = FunctionsTestHost.StartAsync(program.folder, LaunchAsync, starting.Token);
            listened = ListenAsync();
        }

        public async Task EndAsync(Ending how)
        {
            using var process = await launched.Task;
            try
            {
                if (how == Ending.Stop)
                    await TerminateAsync();
                else
                    process.Kill();
                program.Hold();
                await starting.CancelAsync();
                await process.WaitForExitAsync(CancellationToken.None).WaitAsync(LongestStop, TimeProvider.System, CancellationToken.None);
                await listened;
            }
            catch (Exception e) when (e is TimeoutException or IOException or OperationCanceledException)
            {
                process.Kill();
                if (how == Ending.Stop)
                    throw new InvalidOperationException("The worker did not start, or did not stop in time.", e);
            }

            // One that was ready at the very end.
            program.Hold();
            if (started.IsCompletedSuccessfully)
                await (await started).DisposeAsync();
        }

        public void Dispose()
        {
            starting.Dispose();
            listening.Dispose();
        }

        /// <summary>As the real host ends: nothing new is given to the worker, its invocations are cancelled and waited for.</summary>
        private async Task TerminateAsync()
        {
            var host = await started;
            program.Hold();
            await listening.CancelAsync();
            await listened;
            await host.TerminateAsync(CancellationToken.None);
        }

        private Task LaunchAsync(IReadOnlyList<string> arguments)
        {
            var process = Published.Start("dotnet", program.folder, program.settings, [Path.Combine(program.folder, "functions.dll"), .. arguments]);
            program.log.Follow(process);
            launched.SetResult(process);
            return Task.CompletedTask;
        }

        private async Task ListenAsync()
        {
            var host = await started;
            program.ready.TrySetResult(host);
            program.Schedule(host);
            var rules = program.rules;
            await new QueueListener(host, program.queues, rules.MaxDequeueCount, rules.VisibilityTimeout)
                .RunAsync(rules.BatchSize, rules.NewBatchThreshold, rules.MaxPollingInterval, listening.Token);
        }
    }
}
