using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using ContributionIngest.Functions.Hosts;
using Xunit;

namespace ContributionIngest.Tests.Hosts;

/// <summary>Looks at the published folder as the Functions host does, and starts what is in it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PublishedTests(Published published) : IClassFixture<Published>, IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("data-");

    public void Dispose() => data.Delete(recursive: true);

    [Fact]
    public void Nothing_but_the_program_and_its_definitions_is_shipped()
    {
        var files = Directory.EnumerateFiles(published.Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(published.Folder, file)).ToHashSet(StringComparer.Ordinal);
        var expected = FunctionDefinitions.Read().All.Select(f => f.Name + "/function.json").Concat(["functions", "host.json", "libe_sqlite3.so"]);
        Assert.Equal(expected.Order(StringComparer.Ordinal), files.Where(f => !f.StartsWith("wwwroot/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(files, f => f.EndsWith(".eml", StringComparison.Ordinal) || f.Contains("/data/", StringComparison.Ordinal) || f.Contains("local.settings", StringComparison.Ordinal));
        Assert.DoesNotContain(files.Where(f => f != "functions"), f => File.ReadAllText(Path.Combine(published.Folder, f)).Contains(Published.Secret, StringComparison.Ordinal));
        using var zip = ZipFile.OpenRead(published.Zip);
        Assert.Equal(files.Order(StringComparer.Ordinal), zip.Entries.Select(e => e.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_handler_may_be_executed_in_the_folder_and_out_of_the_zip()
    {
        const UnixFileMode Everybody = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Assert.Equal(Everybody, File.GetUnixFileMode(published.Executable) & Everybody);
        using var zip = ZipFile.OpenRead(published.Zip);
        foreach (var entry in zip.Entries)
        {
            var mode = (UnixFileMode)((entry.ExternalAttributes >> 16) & 0x1FF);
            Assert.Equal(entry.FullName == "functions" ? Everybody : UnixFileMode.None, mode & Everybody);
            Assert.True(mode.HasFlag(UnixFileMode.UserRead | UnixFileMode.OtherRead), entry.FullName);
        }
    }

    [Fact]
    public void The_zip_stays_small_enough_to_start_quickly() => Assert.InRange(new FileInfo(published.Zip).Length, 1, 30 * 1024 * 1024);

    [Fact]
    public void The_host_finds_every_function_with_its_trigger_in_the_right_order()
    {
        var shipped = FunctionDefinitions.Read(published.Folder);
        Assert.Equal(FunctionDefinitions.Read().All.Select(Describe), shipped.All.Select(Describe));
        Assert.Equal(("AAA-guard", "zz-site"), (shipped.All[0].Name, shipped.All[^1].Name));
        Assert.Equal(2, shipped.All.Count(f => f.Http is not null));
        Assert.Equal("", shipped.Host.RoutePrefix);
        // The table of the code is compared with these folders at every start, which the tests below do.
        Assert.NotEmpty(shipped.Triggered);

        static string Describe(FunctionDefinition f) =>
            $"{f.Name} {f.Timer?.Text} {f.Queue?.Queue} {f.Http?.Route} {f.Http?.AuthLevel} {string.Join(',', f.Http?.Methods ?? [])}";
    }

    [Fact]
    public async Task Started_by_the_host_it_answers_probe_calls_and_visitors_on_the_given_port_and_asks_to_be_started_again()
    {
        var (port, other) = (Hosted.FreePort(), Hosted.FreePort());
        using var process = Published.Start(published.Executable, published.Folder, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Data"] = data.FullName,
            ["FUNCTIONS_CUSTOMHANDLER_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{other}",
            ["ASPNETCORE_HTTP_PORTS"] = other.ToString(CultureInfo.InvariantCulture),
            ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true",
        });
        await Said(process, "listens for the Functions host.");
        Assert.Equal(200, (await Wire.Send(port, $"GET / HTTP/1.1\nHost: 127.0.0.1:{port}\n\n")).Status);
        var tick = await Wire.Send(port, "timer-without-monitor");
        Assert.Equal(200, tick.Status);
        Assert.True(tick.IsObject, tick.ToString());
        Assert.Equal(404, (await Wire.Send(port, "timer-without-monitor", head => head + "\nX-Forwarded-For: 203.0.113.9")).Status);
        Assert.Equal(404, (await Wire.Send(port, "timer-without-monitor", head => head.Replace($"127.0.0.1:{port}", "app.example", StringComparison.Ordinal))).Status);
        var health = await Wire.Send(port, "proxied-request", head => head.Replace("/api/where?a=1&a=2&flag", "/api/health", StringComparison.Ordinal));
        Assert.Equal(200, health.Status);
        using (var socket = new TcpClient())
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, other));

        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await Signal(process, "TERM");
        Assert.Equal(200, process.ExitCode);
        Assert.Equal("", await errors);
        var lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Count(line => line.StartsWith("warn: ", StringComparison.Ordinal) && line.Contains("did not come from the Functions host", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.Matches("^(info|warn): ", line));
    }

    [Fact]
    public async Task Started_alone_no_function_has_an_address_and_an_interrupt_ends_it_with_zero()
    {
        var port = Hosted.FreePort();
        using var process = Published.Start(published.Executable, data.FullName, Alone(port));
        await Said(process, $"  open   http://127.0.0.1:{port}");
        Assert.Equal(404, (await Wire.Send(port, "timer-without-monitor")).Status);
        Assert.Equal(200, (await Wire.Send(port, $"GET /api/health HTTP/1.1\nHost: 127.0.0.1:{port}\n\n")).Status);
        await Signal(process, "INT");
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task What_prevents_a_start_is_said_in_a_sentence_each_and_nothing_more()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var settings = Alone(((IPEndPoint)other.LocalEndpoint).Port);
        var busy = await Published.Run(published.Executable, data.FullName, settings);
        Assert.Equal((1, $"{settings["Listen"]} is in use by another program: stop that one, or set Listen to another address.\n"), busy);

        (settings["RawDays"], settings["OwnerZone"]) = ("x", "Berlin");
        var wrong = await Published.Run(published.Executable, data.FullName, settings);
        Assert.Equal(1, wrong.Exit);
        Assert.Equal(2, wrong.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private Dictionary<string, string> Alone(int port) => new(StringComparer.Ordinal)
    {
        ["Data"] = data.FullName,
        ["Listen"] = $"http://127.0.0.1:{port}",
    };

    private static async Task Said(Process process, string text)
    {
        for (string? line = ""; line is not null; line = await process.StandardOutput.ReadLineAsync())
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"It ended with {process.ExitCode}: {await process.StandardError.ReadToEndAsync()}");
    }

    private static async Task Signal(Process process, string signal)
    {
        await Published.Run("kill", "/", null, "-" + signal, process.Id.ToString(CultureInfo.InvariantCulture));
        await process.WaitForExitAsync();
    }
}
