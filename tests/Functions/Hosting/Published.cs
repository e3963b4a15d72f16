using System.Diagnostics;
using System.Text;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>
/// The program published as the README says, once for all tests that look at it, from a copy of the sources with things lying about in it that
/// must not be shipped.
/// </summary>
public sealed class Published : IAsyncLifetime
{
    public const string Collection = "Published";

    public const string Secret = "planted-secret";

    private static readonly string[] Planted =
    [
        "local.settings.json", "Triggers/local.settings.json", "wwwroot/local.settings.json", "data/store.db", "data/x.json", "outbox/1.eml",
        "Triggers/mail.eml", "wwwroot/mail.eml", "wwwroot/data/ledger.json", "ledger.db", "Triggers/data/x.json",
    ];

    private readonly string root = Directory.CreateTempSubdirectory("published-").FullName;

    public string Project => Path.Combine(root, "functions", "functions.csproj");

    public string Folder => Path.Combine(root, "artifacts", "functionapp");

    public string Zip => Folder + ".zip";

    public string Executable => Path.Combine(Folder, "functions");

    public async Task InitializeAsync()
    {
        CopySources();
        foreach (var file in Planted)
        {
            var path = Path.Combine(root, "functions", file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "{\"Values\":{\"Secret\":\"" + Secret + "\"}}");
        }

        await PublishAsync(null, "functions");
    }

    /// <param name="arguments">From the project on.</param>
    public async Task PublishAsync(IReadOnlyDictionary<string, string>? settings, params string[] arguments)
    {
        var (exit, output) = await RunAsync("dotnet", root, settings, ["publish", .. arguments, "-nodeReuse:false", "-p:UseSharedCompilation=false"]);
        Assert.True(exit == 0, output);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(root, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Starts a program as from a terminal of its own and waits for its end.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(
        string program, string folder, IReadOnlyDictionary<string, string>? settings, params string[] arguments)
    {
        using var process = Start(program, folder, settings, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    public static Process Start(string program, string folder, IReadOnlyDictionary<string, string>? settings, params string[] arguments)
    {
        // Whoever runs the tests in the background has SIGINT ignored, and so would every child.
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = folder;
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.StandardOutputEncoding = Encoding.UTF8;

        // The test runner's own build environment must not leak into another build.
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private void CopySources()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.Root))
            File.Copy(file, Path.Combine(root, Path.GetFileName(file)));
        foreach (var file in ((string[])["functions", "shared"]).SelectMany(folder => Files(Path.Combine(Repository.Root, folder))))
        {
            var to = Path.Combine(root, Path.GetRelativePath(Repository.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(sub => Path.GetFileName(sub) is not ("bin" or "obj")).SelectMany(Files));
}

[CollectionDefinition(Published.Collection)]
public sealed class PublishedTestsCollection : ICollectionFixture<Published>;
