using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

/// <summary>
/// The storage emulator as a process of its own, in memory, on free ports, with a clock that can be set ahead. <c>tests/run</c> installs it.
/// It ends with its standard input, so also when the tests are killed.
/// </summary>
public sealed class Azurite : IAsyncLifetime
{
    public const string Collection = "Azurite";

    /// <summary>Printed in the emulator's manual: everybody has it, and nothing real is opened by it.</summary>
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private Process? process;

    public string ConnectionString { get; private set; } = "";

    public int QueuePort { get; private set; }

    public async Task InitializeAsync()
    {
        var program = Path.Combine(Repository.Root, "artifacts", "azurite", "node_modules", "azurite", "dist", "src", "azurite.js");
        if (!File.Exists(program))
            throw new InvalidOperationException("The storage emulator is not installed. Run tests/run once: it installs it.");
        // Another process may take one of the ports before the emulator does.
        var attempts = 1;
        while (!await StartAsync(program))
        {
            if (++attempts > 5)
                throw new InvalidOperationException("The storage emulator ended by itself.");
        }
    }

    /// <returns>Whether it came up.</returns>
    private async Task<bool> StartAsync(string program)
    {
        var clock = Path.Combine(Repository.Root, "tests", "Drivers", "azurite-clock.js");
        var ports = FreePorts(3);
        string[] arguments =
        [
            "--require", clock, program, "--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            "--blobPort", ports[0], "--queuePort", ports[1], "--tablePort", ports[2],
        ];
        process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        if (!await ReadUntilAsync("Azurite Table service is successfully listening"))
            return false;
        QueuePort = int.Parse(ports[1], CultureInfo.InvariantCulture);
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={Key};" +
            $"BlobEndpoint=http://127.0.0.1:{ports[0]}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{ports[1]}/devstoreaccount1;" +
            $"TableEndpoint=http://127.0.0.1:{ports[2]}/devstoreaccount1;";
        return true;
    }

    public async Task AdvanceAsync(TimeSpan by)
    {
        await process!.StandardInput.WriteLineAsync(by.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        await process.StandardInput.FlushAsync();
        if (!await ReadUntilAsync("ahead"))
            throw new InvalidOperationException("The storage emulator ended by itself.");
    }

    public async Task DisposeAsync()
    {
        if (process is null)
            return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <returns>False when the process ended first.</returns>
    private async Task<bool> ReadUntilAsync(string start)
    {
        while (await process!.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static string[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)).ToArray();
        listeners.ForEach(l => l.Dispose());
        return ports;
    }
}

[CollectionDefinition(Azurite.Collection)]
public sealed class AzuriteTests : ICollectionFixture<Azurite>;
