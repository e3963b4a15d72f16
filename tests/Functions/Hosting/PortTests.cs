using System.Net;
using System.Net.Sockets;
using ContributionIngest.Core;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Standalone;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

public sealed class PortTests
{
    [Fact]
    public async Task Busy_port_is_reported_in_one_sentence_before_any_timer_or_queue_runs()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        var settings = AppFixture.ReadSettings([new("Listen", address)]);
        using var folder = new TemporaryFolder();
        var clock = StandaloneHost.At("2026-03-01T00:00:00Z");
        var store = new MemoryStore(clock);
        using var local = new SqliteStore(folder.FullName, clock);
        await using var app = App.Build(settings, AppFixture.Dependencies(new Stores(local.Table, store, store, "one"), clock) with { Server = AppDependencies.Kestrel });

        var refusal = await Assert.ThrowsAsync<StartupException>(() => StandaloneServer.RunAsync(app, settings.Listen));
        Assert.Equal($"{address} is in use by another program: stop that one, or set Listen to another address.", refusal.Message);
        Assert.Equal(0, store.Receives);
    }
}
