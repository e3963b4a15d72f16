using System.Net;
using System.Net.Sockets;
using ContributionIngest.Core.Ports;
using ContributionIngest.Functions;
using ContributionIngest.Functions.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Hosts;

public sealed class PortTests
{
    [Fact]
    public async Task A_busy_port_is_refused_in_one_sentence_before_any_timer_or_queue_has_run()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Listen", address)]).Build();
        var settings = Settings.Read(configuration);
        var definitions = FunctionDefinitions.Read();
        var clock = Standing.At("2026-03-01T00:00:00Z");
        var store = new MemoryStore(clock);

        var builder = App.Framework();
        Doors.Configure(builder, settings);
        builder.Services.AddSingleton<TimeProvider>(clock).AddSingleton<IQueue>(store).AddSingleton<IBlobs>(store);
        builder.Services.AddSingleton(new FunctionTable(definitions.Triggered.ToDictionary<FunctionDefinition, string, Function>(
            f => f.Name, _ => (_, _) => Task.CompletedTask, StringComparer.Ordinal)));
        await using var app = builder.Build();

        var refusal = await Assert.ThrowsAsync<StartException>(() => Doors.Run(app, settings));
        Assert.Equal($"{address} is in use by another program: stop that one, or set Listen to another address.", refusal.Message);
        Assert.Equal(0, store.Receives);
    }
}
