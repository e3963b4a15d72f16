using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>Looks at the published folder as the platform does, and starts what is in it.</summary>
[Collection(Published.Collection)]
[UnsupportedOSPlatform("windows")]
public sealed class PublishedTests(Published published) : IDisposable
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("data-");

    public void Dispose() => data.Delete(recursive: true);

    [Fact]
    public void Package_contains_only_the_program_and_the_extensions_of_the_host()
    {
        var files = Directory.EnumerateFiles(published.Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(published.Folder, file)).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "functions", "functions.dll", "host.json", "worker.config.json", "functions.metadata", "extensions.json", "libe_sqlite3.so", ".azurefunctions/function.deps.json",
            },
            files);
        Assert.All(files, file => Assert.Matches(@"(^functions|\.dll|\.so|\.json|\.metadata|^\.azurefunctions/.*\.pdb)$", file));
        Assert.DoesNotContain(files, file => file.Contains("local.settings", StringComparison.Ordinal) || file.Contains("data/", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => File.ReadAllText(Path.Combine(published.Folder, file)).Contains(Published.Secret, StringComparison.Ordinal));
        using var zip = ZipFile.OpenRead(published.Zip);
        Assert.Equal(files.Order(StringComparer.Ordinal), zip.Entries.Where(entry => entry.Name.Length > 0).Select(entry => entry.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Folder_that_azd_names_gets_the_whole_app_and_the_project_stays_as_it_is()
    {
        var (project, zip) = (await File.ReadAllTextAsync(published.Project), File.GetLastWriteTimeUtc(published.Zip));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["AZURE_ENV_NAME"] = "ledger", ["AZURE_LOCATION"] = "northeurope", ["SERVICE_APP_NAME"] = "x", ["LEDGER_MAIL"] = "none" };
        await published.PublishAsync(environment, published.Project, "-c", "Release", "--output", data.FullName);

        Assert.Equal(Sizes(published.Folder), Sizes(data.FullName));
        Assert.Equal((project, zip), (await File.ReadAllTextAsync(published.Project), File.GetLastWriteTimeUtc(published.Zip)));

        static IEnumerable<(string File, long Length)> Sizes(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(folder, file), new FileInfo(file).Length)).OrderBy(file => file.Item1, StringComparer.Ordinal).ToList();
    }

    [Fact]
    public void Package_can_be_loaded_into_a_prewarmed_worker_process()
    {
        using var worker = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(published.Folder, "worker.config.json")));
        var description = worker.RootElement.GetProperty("description");
        Assert.Equal(("dotnet", "functions.dll"), (description.GetProperty("defaultExecutablePath").GetString(), description.GetProperty("defaultWorkerPath").GetString()));
        Assert.True(description.GetProperty("canUsePlaceholder").GetBoolean());
        using var runtime = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(published.Folder, "functions.runtimeconfig.json")));
        Assert.True(runtime.RootElement.GetProperty("runtimeOptions").TryGetProperty("frameworks", out _));
    }

    [Fact]
    public void Package_stays_small_enough_to_start_quickly() => Assert.InRange(new FileInfo(published.Zip).Length, 1, 30 * 1024 * 1024);

    [Fact]
    public async Task Standalone_server_exposes_no_function_endpoints_and_exits_with_0_on_interrupt()
    {
        var port = Ports.Free();
        using var process = Published.Start(published.Executable, data.FullName, Alone(port));
        await SaidAsync(process, $"  open   http://127.0.0.1:{port}");
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, HttpMethod.Post, $"http://127.0.0.1:{port}/Plan"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, HttpMethod.Get, $"http://127.0.0.1:{port}/api/health"));
        await SignalAsync(process, "INT");
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Each_startup_error_is_printed_as_one_sentence_and_nothing_else()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var settings = Alone(((IPEndPoint)other.LocalEndpoint).Port);
        var busy = await Published.RunAsync(published.Executable, data.FullName, settings);
        Assert.Equal((1, $"{settings["Listen"]} is in use by another program: stop that one, or set Listen to another address.\n"), busy);

        (settings["RawDays"], settings["OwnerZone"]) = ("x", "Berlin");
        var wrong = await Published.RunAsync(published.Executable, data.FullName, settings);
        Assert.Equal(1, wrong.Exit);
        Assert.Equal(2, wrong.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Output_of_the_standalone_server_has_none_of_the_secrets_that_it_was_given()
    {
        await using var secrets = await SecretScenario.StartAsync();
        var (port, settings) = (Ports.Free(), secrets.Settings());
        foreach (var (name, value) in Alone(port))
            settings[name] = value;
        using var process = Published.Start(published.Executable, data.FullName, settings);
        var errors = process.StandardError.ReadToEndAsync();
        var greeting = new StringBuilder();
        for (string? line = ""; line?.StartsWith("  curl ", StringComparison.Ordinal) == false; line = await process.StandardOutput.ReadLineAsync())
            greeting.AppendLine(line);
        var key = greeting.ToString().Split("KEY=")[1].Split('\n')[0].Trim();
        var rest = process.StandardOutput.ReadToEndAsync();
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
        await secrets.UseAsync(
            key,
            request =>
            {
                request.RequestUri = new Uri($"http://127.0.0.1:{port}{request.RequestUri}");
                return client.SendAsync(request, CancellationToken.None);
            },
            () => Task.CompletedTask);
        await SignalAsync(process, "INT");

        secrets.AssertUnknownTo(await rest + await errors);
    }

    private Dictionary<string, string> Alone(int port) => new(StringComparer.Ordinal)
    {
        ["Data"] = data.FullName,
        ["Listen"] = $"http://127.0.0.1:{port}",
    };

    private static async Task<HttpStatusCode> StatusAsync(HttpMessageInvoker client, HttpMethod method, string address)
    {
        using var request = new HttpRequestMessage(method, address);
        using var answer = await client.SendAsync(request, CancellationToken.None);
        return answer.StatusCode;
    }

    private static async Task SaidAsync(Process process, string text)
    {
        for (string? line = ""; line is not null; line = await process.StandardOutput.ReadLineAsync())
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"It ended with {process.ExitCode}: {await process.StandardError.ReadToEndAsync()}");
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        await Published.RunAsync("kill", "/", null, "-" + signal, process.Id.ToString(CultureInfo.InvariantCulture));
        await process.WaitForExitAsync();
    }
}
