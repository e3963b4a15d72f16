using System.Text.Json.Nodes;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Functions.Hosting;

/// <summary>
/// The program itself, started with something wrong. It runs without the framework's texts, so that a message of the framework shows as its name, such
/// as IO_FileNotFound_FileName.
/// </summary>
public sealed class StartErrorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("/sys", "The data folder '/sys' cannot be written: ")]
    [InlineData("/sys/data", "The data folder '/sys/data' cannot be created: ")]
    [InlineData("/proc/data", "The data folder '/proc/data' cannot be created: ")]
    [InlineData("/dev/null/data", "The data folder '/dev/null/data' cannot be created: ")]
    [InlineData("/dev/null", "Data is '/dev/null', allowed is a folder")]
    public async Task Data_folder_that_cannot_be_written_is_named_and_not_said_to_be_in_use(string data, string sentence) =>
        await RefusedAsync(sentence, new() { ["Data"] = data });

    [Fact]
    public async Task Data_folder_of_a_running_program_is_said_to_be_in_use()
    {
        using var store = new SqliteStore(folder.File("data"), TimeProvider.System);
        await RefusedAsync($"The data folder '{folder.File("data")}' is in use by another process. Stop that one", new() { ["Data"] = folder.File("data") });
    }

    [Fact]
    public async Task Store_that_is_damaged_or_no_file_is_named()
    {
        Directory.CreateDirectory(folder.File("a"));
        await File.WriteAllTextAsync(Path.Combine(folder.File("a"), "store.db"), new string('x', 5000));
        await RefusedAsync($"The store '{folder.File("a")}/store.db' cannot be read: ", new() { ["Data"] = folder.File("a") });
        Directory.CreateDirectory(Path.Combine(folder.File("b"), "store.db"));
        await RefusedAsync($"The store '{folder.File("b")}/store.db' cannot be opened: ", new() { ["Data"] = folder.File("b") });
        Directory.CreateDirectory(Path.Combine(folder.File("c"), "lock"));
        await RefusedAsync($"The data folder '{folder.File("c")}' cannot be written: ", new() { ["Data"] = folder.File("c") });
    }

    [Fact]
    public async Task Address_of_another_machine_is_refused()
    {
        await RefusedAsync("Cannot listen on http://192.0.2.1:80: this machine has no such address.", new() { ["Listen"] = "http://192.0.2.1:80" });
    }

    [Fact]
    public async Task Telemetry_settings_that_cannot_be_used_are_named()
    {
        await RefusedAsync("APPLICATIONINSIGHTS_CONNECTION_STRING is no connection string", new() { ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = "nonsense" });
        await RefusedAsync(
            "OTEL_EXPORTER_OTLP_CERTIFICATE is '/no/file', allowed is the path of a file",
            new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://127.0.0.1:1", ["OTEL_EXPORTER_OTLP_CERTIFICATE"] = "/no/file" });
    }

    [Fact]
    public async Task Backup_that_is_missing_or_none_is_not_restored()
    {
        var data = new Dictionary<string, string> { ["Data"] = folder.File("new") };
        await RefusedAsync($"There is no file '{folder.File("none")}' to restore.", data, "restore", folder.File("none"));
        await File.WriteAllTextAsync(folder.File("text"), "no backup");
        await RefusedAsync($"'{folder.File("text")}' is not an archive of this program, or is damaged: ", data, "restore", folder.File("text"));
        await RefusedAsync("The data folder '/proc/new.unfinished' cannot be created: ", new() { ["Data"] = "/proc/new" }, "restore", Repository.Path("tests/Drivers/store-format-1.backup"));
        Assert.False(Directory.Exists(folder.File("new")));
        new SqliteStore(folder.File("old"), TimeProvider.System).Dispose();

        await RefusedAsync("The backup '/proc/backup' cannot be written: ", new() { ["Data"] = folder.File("old") }, "backup", "/proc/backup");
    }

    [Fact]
    public async Task Demo_without_a_place_for_its_folder_says_so() =>
        await RefusedAsync("The demo cannot make a folder in '/no/folder/': ", new() { ["TMPDIR"] = "/no/folder" }, "demo", "--port", "0");

    /// <summary>One line and nothing else, and not exit code 0.</summary>
    private async Task RefusedAsync(string sentence, Dictionary<string, string> settings, params string[] arguments)
    {
        settings.TryAdd("Listen", "http://127.0.0.1:0");
        settings.TryAdd("Data", folder.File("data"));
        var (exit, output) = await Published.RunAsync(
            "dotnet", folder.FullName, settings, ["exec", "--runtimeconfig", await WithoutTextsAsync(), Path.Combine(AppContext.BaseDirectory, "functions.dll"), .. arguments]);
        Assert.StartsWith(sentence, output, StringComparison.Ordinal);
        Assert.Equal(1, exit);
        var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotMatch(@"\b(IO|Arg|Argument|Unauthorized\w*|net|InvalidOperation)_[A-Za-z]", line);
        Assert.EndsWith(".", line, StringComparison.Ordinal);
    }

    private async Task<string> WithoutTextsAsync()
    {
        var path = folder.File("without-texts.json");
        var options = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "functions.runtimeconfig.json")))!;
        options["runtimeOptions"]!["configProperties"]!["System.Resources.UseSystemResourceKeys"] = true;
        await File.WriteAllTextAsync(path, options.ToJsonString());
        return path;
    }
}
