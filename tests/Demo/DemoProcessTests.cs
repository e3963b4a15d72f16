using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Demo;

public sealed class DemoProcessTests
{
    /// <summary>Each of these would hinder it, or lead it to something real, if it counted.</summary>
    private static readonly (string Name, string Value)[] Surroundings =
    [
        ("Data", "/dev/null/data"), ("Listen", "nowhere"), ("OwnerEmail", "nobody"), ("OwnerZone", "Nowhere/Land"), ("AllowNetworks", "all"),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true"), ("FUNCTIONS_CUSTOMHANDLER_PORT", "1"), ("ASPNETCORE_URLS", "http://127.0.0.1:1"),
        ("HTTP_PROXY", "http://127.0.0.1:1"), ("Logging__LogLevel__Default", "Trace"),
    ];

    [Fact]
    public async Task Ctrl_C_exits_with_0_and_leaves_no_files()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("local.settings.json"), """{ "Values": { "Data": "/dev/null/data", "Listen": "nowhere" } }""");
        using var process = Start(folder.FullName, "--port", "0");
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line.EndsWith("/api/preview'", StringComparison.Ordinal))
                break;
        }

        var rest = process.StandardOutput.ReadToEndAsync();
        Assert.True(lines.Count > 20, string.Join('\n', lines) + await ErrorAsync(process, lines.Count > 20));
        Assert.DoesNotContain(lines, line => line.Contains("fail:", StringComparison.Ordinal) || line.Contains("warn:", StringComparison.Ordinal));
        Assert.Single(Directory.GetDirectories(folder.FullName, "contributioningest-demo-*"));

        using var signal = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await signal.WaitForExitAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.Empty(Directory.GetDirectories(folder.FullName, "contributioningest-demo-*"));
        Assert.Empty((await rest).Trim());
    }

    [Fact]
    public async Task Settings_are_rejected()
    {
        using var folder = new TemporaryFolder();
        using var process = Start(folder.FullName, "--set", "Data=" + folder.FullName);
        var output = process.StandardOutput.ReadToEndAsync();
        Assert.Contains("The demo takes no settings", await process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        await output;
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
    }

    private static Process Start(string folder, params string[] arguments)
    {
        // Whoever runs the tests in the background has SIGINT ignored, and so would every child.
        var program = Path.Combine(AppContext.BaseDirectory, "functions.dll");
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", program, "demo", .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["TMPDIR"] = folder;
        foreach (var (name, value) in Surroundings)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<string> ErrorAsync(Process process, bool isWell) => isWell ? "" : await process.StandardError.ReadToEndAsync();
}
