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

/// <summary>Runs without the Functions host: on Kestrel, with timers and queues driven by the functions' attributes.</summary>
internal static class StandaloneServer
{
    public static void Configure(WebApplicationBuilder builder, ListenAddress address, Uri? publicUrl)
    {
        ConfigureLogging(builder.Logging);
        // Endpoints set in code override inherited settings such as ASPNETCORE_URLS.
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
    /// <param name="listening">Called once the server is listening.</param>
    /// <exception cref="StartupException">The server cannot listen on the address.</exception>
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
            throw new StartupException([Unavailable(address, e.SocketErrorCode)]);
        }
        catch (IOException e) when (e.InnerException is AggregateException { InnerException: SocketException { SocketErrorCode: var code } })
        {
            throw new StartupException([Unavailable(address, code)]);
        }

        if (listening is not null)
            await listening();
        // Builds the endpoints now; otherwise the first routed request would wait for it.
        _ = app.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        await app.WaitForShutdownAsync();
    }

    private static string Unavailable(ListenAddress address, SocketError error) => error switch
    {
        SocketError.AddressNotAvailable => $"Cannot listen on {address}: this machine has no such address. Set Listen to one of its own, or to http://*:{address.Port} for all of them.",
        SocketError.AccessDenied => $"Cannot listen on {address}: this user may not use port {address.Port}. Set Listen to a port from 1024 on, or allow it.",
        _ => $"Cannot listen on {address} ({error}). Set Listen to another address.",
    };

    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        // Startup failures are thrown to the caller, which prints one sentence; the framework would also log a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // The startup banner already shows that the server runs, and where.
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
            kestrel.Listen(address.Host == ListenAddress.Default.Host ? IPAddress.Loopback : IPAddress.Parse(address.Host), address.Port);
    }
}

/// <summary>Trusts forwarded headers: a public address on a standalone server implies a reverse proxy in front of it.</summary>
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

/// <param name="Host">An IP address, <c>localhost</c>, or <c>*</c> for all addresses of the machine.</param>
/// <param name="Port">0 for any free port.</param>
public sealed record ListenAddress(string Host, int Port)
{
    /// <summary>The default of the Azure Functions Core Tools, too.</summary>
    public static ListenAddress Default { get; } = new("127.0.0.1", 7071);

    public override string ToString() => $"http://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";
}
