using ContributionIngest.Functions;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Support.FunctionsHost;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>The whole app as an isolated worker in this process, with a small Functions host at its other end.</summary>
internal sealed class WorkerApp : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>The worker package takes one port for the whole process, so that there is one worker at a time.</summary>
    private static readonly SemaphoreSlim Port = new(1);

    private WorkerApp(IHost app, FunctionsTestHost host) => (App, Host) = (app, host);

    public IHost App { get; }

    public FunctionsTestHost Host { get; }

    public static async Task<WorkerApp> StartAsync(Settings settings, AppDependencies dependencies)
    {
        // As the real host sets it for its worker.
        Environment.SetEnvironmentVariable("FUNCTIONS_APPLICATION_DIRECTORY", AppContext.BaseDirectory);
        await Port.WaitAsync();
        try
        {
            return await StartOnceAsync(settings, dependencies);
        }
        catch
        {
            Port.Release();
            throw;
        }
    }

    private static async Task<WorkerApp> StartOnceAsync(Settings settings, AppDependencies dependencies)
    {
        IHost? app = null;
        using var limit = new CancellationTokenSource(Longest);
        var host = await FunctionsTestHost.StartAsync(
            AppContext.BaseDirectory,
            async arguments =>
            {
                var builder = FunctionsApplication.CreateBuilder([]);
                // The worker reads its arguments from the command line of the process, which is that of the tests.
                builder.Configuration.AddCommandLine([.. arguments], new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["--functions-uri"] = "Functions:Worker:HostEndpoint",
                    ["--functions-worker-id"] = "Functions:Worker:WorkerId",
                    ["--functions-request-id"] = "Functions:Worker:RequestId",
                    ["--functions-grpc-max-message-length"] = "Functions:Worker:GrpcMaxMessageLength",
                });
                // Its generated code registers itself where the app is the program that was started.
                builder.Services.AddSingleton<IFunctionMetadataProvider, GeneratedFunctionMetadataProvider>();
                builder.Services.AddSingleton<IFunctionExecutor, DirectFunctionExecutor>();
                app = FunctionsWorker.Build(builder, settings, dependencies);
                try
                {
                    await app.StartAsync(limit.Token);
                }
                catch
                {
                    app.Dispose();
                    throw;
                }
            },
            limit.Token);
        return new WorkerApp(app!, host);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            using (var limit = new CancellationTokenSource(Longest))
                await App.StopAsync(limit.Token);
            App.Dispose();
            await Host.DisposeAsync();
        }
        finally
        {
            Port.Release();
        }
    }
}
