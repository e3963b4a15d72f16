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
    public static void Configure(WebApplicationBuilder builder, Settings settings, FunctionDefinitions definitions)
    {
        builder.Services.AddSingleton(definitions);
        // What fails at start is thrown to the caller, who says it in a sentence; the frameworks' stack traces say it again.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level is > LogLevel.Information and < LogLevel.Critical);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Listen(kestrel, settings.Listen);
        });
        builder.Services.AddSingleton<IHostedService>(services => new StandaloneDoor(
            definitions,
            services.GetRequiredService<FunctionTable>(),
            services.GetRequiredService<IQueue>(),
            services.GetRequiredService<IBlobs>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>(),
            services.GetService<Func<string, CancellationToken, Task>>()));
    }

    /// <summary>Serves until stopped.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartException">The address cannot be listened on, or functions and folders do not match.</exception>
    /// <param name="listening">Called once it listens.</param>
    public static async Task<int> Run(WebApplication app, Settings settings, Func<Task>? listening = null)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new StartException([$"{settings.Listen} is in use by another program: stop that one, or set Listen to another address."]);
        }
        catch (SocketException e)
        {
            throw new StartException([$"{settings.Listen} cannot be listened on ({e.SocketErrorCode}): set Listen to another address."]);
        }

        if (listening is not null)
            await listening();
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address)
    {
        if (address.Host == "*")
            kestrel.ListenAnyIP(address.Port);
        else if (address.Host == "localhost")
            kestrel.ListenLocalhost(address.Port);
        else
            kestrel.Listen(IPAddress.Parse(address.Host), address.Port);
    }
}
