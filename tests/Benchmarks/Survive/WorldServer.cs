using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>
/// The places outside, on loopback. Every run has a <see cref="World"/> of its own under the same addresses, so that ids are the same in all runs;
/// a request says in its User-Agent, which carries the setting <c>Contact</c>, which world it is for.
/// </summary>
internal sealed class WorldServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, World> worlds = new(StringComparer.Ordinal);
    private readonly WebApplication app;

    private WorldServer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenAnyIP(0));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public int Port { get; private set; }

    public static async Task<WorldServer> StartAsync()
    {
        var server = new WorldServer();
        await server.app.StartAsync();
        server.Port = new Uri(server.app.Urls.First()).Port;
        return server;
    }

    public World Open(string name, int seed) => worlds[name] = new World(name, Port, seed);

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        var from = agent.IndexOf("(+", StringComparison.Ordinal) + 2;
        if (from < 2 || !worlds.TryGetValue(agent[from..^1], out var world))
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return;
        }

        await world.AnswerAsync(context);
    }
}
