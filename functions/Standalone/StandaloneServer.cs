using System.Net;
using System.Net.Sockets;
using ContributionIngest.Core;
using ContributionIngest.Core.Storage;
using ContributionIngest.Functions.Security;
using ContributionIngest.Functions.Triggers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;

namespace ContributionIngest.Functions.Standalone;

/// <summary>The program on its own: Kestrel, and timers and queues as the attributes of the functions say.</summary>
internal static class StandaloneServer
{
    public static void Configure(WebApplicationBuilder builder, ListenAddress address, Uri? publicUrl)
    {
        ConfigureLogging(builder.Logging);
        // Listening in code is what makes inherited settings such as ASPNETCORE_URLS count for nothing.
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, address);
        });
        builder.Services.AddSingleton<IHostedService>(services => new TriggerService(
            new Lazy<IReadOnlyList<TriggeredFunction>>(() => TriggeredFunction.All),
            services.GetRequiredService<HostSettings>(),
            services,
            services.GetRequiredService<FunctionRunner>(),
            services.GetRequiredService<IQueue>(),
            services.GetRequiredService<IBlobs>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>(),
            services.GetService<Func<string, CancellationToken, Task>>()));
        if (publicUrl is { } url)
            builder.Services.AddSingleton<IStartupFilter>(new ProxyFilter(url));
    }

    /// <summary>Serves until stopped.</summary>
    /// <param name="listening">Called once the program listens.</param>
    /// <exception cref="StartupException">The address cannot be listened on.</exception>
    public static async Task RunAsync(WebApplication app, ListenAddress address, Func<Task>? listening = null)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new StartupException([$"{address} is in use by another program: stop that one, or set Listen to another address."]);
        }
        catch (SocketException e)
        {
            throw new StartupException([$"{address} cannot be listened on ({e.SocketErrorCode})."]);
        }

        if (listening is not null)
            await listening();
        // Otherwise the first request that needs routing would wait for it to be made.
        _ = app.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        await app.WaitForShutdownAsync();
    }

    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        // What fails at start is thrown to the caller, who says it in a sentence; the frameworks' stack traces say it again.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // That and where it listens is said by the greeting.
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level is > LogLevel.Information and < LogLevel.Critical);
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address)
    {
        if (address.Host == "*")
            kestrel.ListenAnyIP(address.Port);
        else if (address.Host == "localhost")
            kestrel.ListenLocalhost(address.Port);
        else
            kestrel.Listen(address.Host == ListenAddress.Standard.Host ? IPAddress.Loopback : IPAddress.Parse(address.Host), address.Port);
    }
}

/// <summary>Somebody who names a public address while the program stands alone has put a proxy in front of it.</summary>
internal sealed class ProxyFilter(Uri publicUrl) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var options = Proxies.Loopback(ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost);
        options.AllowedHosts.Add(publicUrl.Host);
        app.UseForwardedHeaders(options);
        next(app);
    };
}

/// <param name="Host">An IP address, <c>localhost</c>, or <c>*</c> for every address of the machine.</param>
/// <param name="Port">0 for any free one.</param>
public sealed record ListenAddress(string Host, int Port)
{
    /// <summary>Where the Functions tools listen too.</summary>
    public static ListenAddress Standard { get; } = new("127.0.0.1", 7071);

    public override string ToString() => $"http://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";
}
