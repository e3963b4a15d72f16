using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using ContributionIngest.Core.Ports;
using ContributionIngest.Functions;
using ContributionIngest.Functions.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Hosts;

/// <summary>A small app behind one of the two doors, on a real port: its functions write down their calls, its site says what it saw.</summary>
internal sealed class Hosted : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Settings settings;
    private Task<int>? exit;

    private Hosted(int port, Func<FunctionCall, CancellationToken, Task>? code, TimeProvider? time, bool alone, string[] arguments)
    {
        Port = port;
        var door = alone ? $"--Listen=http://127.0.0.1:{port}" : $"--FUNCTIONS_CUSTOMHANDLER_PORT={port}";
        var builder = Functions.App.Framework();
        builder.Configuration.AddCommandLine([door, .. arguments]);
        var definitions = FunctionDefinitions.Read();
        settings = Settings.Read(builder.Configuration);
        Doors.Configure(builder, settings);
        var clock = time ?? TimeProvider.System;
        Store = new MemoryStore(clock);
        builder.Services.AddSingleton(clock).AddSingleton<IQueue>(Store).AddSingleton<IBlobs>(Store);
        builder.Services.AddSingleton(new FunctionTable(definitions.Triggered.ToDictionary<FunctionDefinition, string, Function>(
            f => f.Name, _ => Run, StringComparer.Ordinal)));
        app = builder.Build();
        app.Run(Site);

        async Task Run(FunctionCall call, CancellationToken cancel)
        {
            await Calls.Writer.WriteAsync(call, CancellationToken.None);
            await (code?.Invoke(call, cancel) ?? Task.CompletedTask);
        }
    }

    public int Port { get; }

    public IServiceProvider Services => app.Services;

    public MemoryStore Store { get; }

    public Channel<FunctionCall> Calls { get; } = Channel.CreateUnbounded<FunctionCall>();

    /// <summary>Lets the second half of a streamed answer go.</summary>
    public TaskCompletionSource Second { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Behind the door of the Functions host.</summary>
    public static Task<Hosted> Start(
        Func<FunctionCall, CancellationToken, Task>? code = null, TimeProvider? time = null, params string[] arguments) =>
        Start(new Hosted(FreePort(), code, time, alone: false, arguments));

    public static Task<Hosted> Alone(params string[] arguments) => Start(new Hosted(FreePort(), null, null, alone: true, arguments));

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Stops as a signal would.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> Stop()
    {
        app.Lifetime.StopApplication();
        return await exit!;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await app.DisposeAsync();
    }

    private static async Task<Hosted> Start(Hosted hosted)
    {
        hosted.exit = Doors.Run(hosted.app, hosted.settings);
        var started = new TaskCompletionSource();
        using var _ = hosted.app.Lifetime.ApplicationStarted.Register(started.SetResult);
        await await Task.WhenAny(started.Task, hosted.exit);
        return hosted;
    }

    private async Task Site(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/api/where":
                await context.Response.WriteAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}{context.Request.QueryString} {context.Connection.RemoteIpAddress}"), context.RequestAborted);
                break;
            case "/api/stream":
                await context.Response.WriteAsync("first ", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Second.Task;
                await context.Response.WriteAsync("second", context.RequestAborted);
                break;
            case "/api/cookies":
                context.Response.Headers.Append("Set-Cookie", "a=1");
                context.Response.Headers.Append("Set-Cookie", "b=2");
                context.Response.Redirect("/next");
                break;
            case "/api/echo":
                await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
                break;
            default:
                context.Response.StatusCode = 404;
                await context.Response.WriteAsync("no such page", context.RequestAborted);
                break;
        }
    }
}
