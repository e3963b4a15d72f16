using ContributionIngest.Core;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Triggers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace ContributionIngest.Functions.Configuration;

/// <summary>The program as the Functions host starts it: an isolated worker, whose timers, queues and HTTP server are the host's.</summary>
internal static partial class FunctionsWorker
{
    // After 0 the host would never start its worker again, and leave every invocation hanging until its timeout; after 200 it does at once.
    private const int RestartMe = 200;

    /// <summary>
    /// Whether it is the host that started this process: by its address among the arguments, or, where the platform loads the program into a process it
    /// kept warm, by a value of that process.
    /// </summary>
    public static bool IsAskedFor(string[] args) =>
        args.Contains("--functions-uri", StringComparer.Ordinal) || AppContext.GetData("AZURE_FUNCTIONS_NATIVE_HOST") is "1";

    /// <summary>Works until the host ends it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">Settings are wrong.</exception>
    public static async Task<int> RunAsync(string[] args)
    {
        // No file holds settings here that would have to be watched; the builder asks the environment before it looks at arguments.
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
    /// What MVC, which the package brings, would do at each start: make keys and write them in clear to the disk of the instance, though nothing is
    /// protected by them; and set up its controllers, views and pages for a router that has none of them (2 MB).
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
