using ContributionIngest.Core;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Triggers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace ContributionIngest.Functions.Configuration;

/// <summary>Runs the program as an isolated worker of the Functions host, which provides timers, queues and the HTTP server.</summary>
internal static partial class FunctionsWorker
{
    // After exit code 0 the host never restarts its worker, and every invocation hangs until its timeout; after 200 it restarts at once.
    private const int RestartMe = 200;

    /// <summary>
    /// Whether the Functions host started this process: its address is among the arguments, or the platform loaded the program into a pre-warmed
    /// process, which has a value set.
    /// </summary>
    public static bool IsStartedByHost(string[] args) =>
        args.Contains("--functions-uri", StringComparer.Ordinal) || AppContext.GetData("AZURE_FUNCTIONS_NATIVE_HOST") is "1";

    /// <summary>Runs until the host stops it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">Settings are invalid.</exception>
    public static async Task<int> RunAsync(string[] args)
    {
        // No settings file needs watching here. The builder reads this from the environment only, before it parses arguments.
        Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
        var builder = FunctionsApplication.CreateBuilder(args);
        var settings = Settings.Read(builder.Configuration, isWorker: true);
        using var worker = Build(builder, settings, AppDependencies.Of(settings));
        foreach (var hint in settings.Hints.Value)
            Log.Hint(worker.Services.GetRequiredService<ILogger<Settings>>(), hint);
        await worker.RunAsync();
        return RestartMe;
    }

    internal static IHost Build(FunctionsApplicationBuilder builder, Settings settings, AppDependencies dependencies)
    {
        builder.ConfigureFunctionsWebApplication();
        foreach (var unused in builder.Services.Where(IsUnused).ToList())
            builder.Services.Remove(unused);
        TelemetryExport.Add(builder.Services, builder.Configuration, isWorker: true);
        App.Register(builder.Services, settings, dependencies);
        builder.Services.AddSingleton(services => new HttpPipeline(services, Routes.Map));
        builder.Services.Configure<WorkerOptions>(options => options.InputConverters.RegisterAt<InvocationTokenConverter>(0));
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RawBody.MaxRequestBytes;
        });
        builder.UseMiddleware<InvocationMiddleware>();
        return builder.Build();
    }

    /// <summary>
    /// Removes MVC, which the package brings. At each start it would write unused data protection keys in plain text to the instance's disk, and set up
    /// controllers, views and pages that do not exist (2 MB).
    /// </summary>
    private static bool IsUnused(ServiceDescriptor service) =>
        service.ImplementationType is { } type
        && (type.Name == "DataProtectionHostedService"
            || (service.ServiceType == typeof(MatcherPolicy) && type.Namespace!.StartsWith("Microsoft.AspNetCore.Mvc.", StringComparison.Ordinal)));

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Warning, "{Hint}")]
        public static partial void Hint(ILogger logger, string hint);
    }
}
