using System.Net;
using System.Net.Sockets;
using ContributionIngest.Core.Ports;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ContributionIngest.Functions.Hosts;

/// <summary>
/// Chooses the door this process is entered by. App.cs registers the function table, the ports, the clock, and, when the local store can
/// tell, a <c>Func&lt;string, CancellationToken, Task&gt;</c> that completes at the next message of a queue.
/// </summary>
internal static class Doors
{
    // A graceful end has code 0, after which the host would never start its handler again; after 200 it does, and counts no error.
    private const int RestartMe = 200;

    public static void Configure(WebApplicationBuilder builder, Settings settings)
    {
        // Read when the first function is called or the web server listens, whichever comes first.
        builder.Services.AddSingleton(services => new Lazy<FunctionDefinitions>(() => Definitions(services.GetRequiredService<FunctionTable>())));
        ConfigureLogging(builder.Logging);
        var port = HostPort.Find(builder.Configuration);
        // Listening in code is what makes inherited settings such as ASPNETCORE_URLS, which may name the host's own port, count for nothing.
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, port is null ? settings.Listen : ListenAddress.Standard with { Port = port.Value });
        });
        if (port is not null)
        {
            builder.Services.AddSingleton(new HostAddress(port.Value));
            builder.Services.AddSingleton<FunctionRunner>().AddSingleton<FunctionsDoor>();
            builder.Services.AddSingleton<IStartupFilter, DoorFilter>();
            return;
        }

        builder.Services.AddSingleton<IHostedService>(services => new StandaloneDoor(
            services.GetRequiredService<Lazy<FunctionDefinitions>>(),
            services.GetRequiredService<FunctionTable>(),
            services.GetRequiredService<IQueue>(),
            services.GetRequiredService<IBlobs>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>(),
            services.GetService<Func<string, CancellationToken, Task>>()));
        if (settings.PublicUrl is { } url)
            builder.Services.AddSingleton<IStartupFilter>(new ProxyFilter(url));
    }

    /// <summary>Serves until stopped.</summary>
    /// <param name="listening">
    /// Called once the program listens, with whether it does for the Functions host: its log is no place for what a person at a terminal is told.
    /// </param>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartException">The address cannot be listened on, or functions and folders do not match.</exception>
    public static async Task<int> Run(WebApplication app, Settings settings, Func<bool, Task>? listening = null)
    {
        var hosted = app.Services.GetService<FunctionsDoor>() is not null;
        var (address, remedy) = hosted
            ? ("The port given by the Functions host", "the host picks another at its next start")
            : (settings.Listen.ToString(), "stop that one, or set Listen to another address");
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new StartException([$"{address} is in use by another program: {remedy}."]);
        }
        catch (SocketException e)
        {
            throw new StartException([$"{address} cannot be listened on ({e.SocketErrorCode})."]);
        }

        if (listening is not null)
            await listening(hosted);
        // Otherwise the first call and the first request that needs routing would wait for these to be made.
        _ = app.Services.GetRequiredService<Lazy<FunctionDefinitions>>().Value;
        _ = app.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        await app.WaitForShutdownAsync();
        return hosted ? RestartMe : 0;
    }

    private static FunctionDefinitions Definitions(FunctionTable table)
    {
        var definitions = FunctionDefinitions.Read();
        table.Check(definitions);
        return definitions;
    }

    // The host takes all of standard error for errors.
    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.Services.AddSingleton<ILoggerProvider, LateConsole>();
        // What fails at start is thrown to the caller, who says it in a sentence; the frameworks' stack traces say it again.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // That and where it listens is said by the greeting, or to the Functions host by answering.
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
