using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Drivers.Azure;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Tests.Benchmarks;
using ContributionIngest.Tests.Drivers;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Backup;

/// <summary>A store moves between drivers by the program itself, which is killed on the way.</summary>
public sealed class MoveTests
{
    [Fact]
    public async Task A_store_of_10000_entries_moves_from_embedded_to_Azure_storage_and_back_with_equal_exports_though_it_is_killed_three_times()
    {
        using var folder = new TemporaryFolder();
        using var source = new TemporaryFolder(Directory.CreateDirectory(folder.File("source")).FullName);
        var app = await FilledStore.StartAsync(source);
        var keys = await FilledStore.FillAsync(app, people: 20, entries: 500);
        await app.CloseAsync();

        var emulator = new Azurite();
        await emulator.InitializeAsync();
        await using var end = new Ending(emulator);
        var embedded = new Dictionary<string, string>(StringComparer.Ordinal) { ["Data"] = source.FullName };
        var azure = new Dictionary<string, string>(StringComparer.Ordinal) { ["Storage"] = "azure", ["AzureWebJobsStorage"] = emulator.ConnectionString, ["Data"] = folder.File("unused") };
        var back = new Dictionary<string, string>(StringComparer.Ordinal) { ["Data"] = folder.File("back") };
        var (there, home) = (folder.File("there.archive"), folder.File("home.archive"));

        await KilledAsync(embedded, 4, "backup", there);
        Assert.False(File.Exists(there));
        await DoneAsync(embedded, "backup", there);
        await KilledAsync(azure, 3, "restore", there);
        await DoneAsync(azure, "restore", there);
        await DoneAsync(azure, "backup", home);
        await KilledAsync(back, 6, "restore", home);
        await DoneAsync(back, "restore", home);

        IReadOnlyList<string> rows, exports;
        using (var store = new SqliteStore(source.FullName, TimeProvider.System))
            (rows, exports) = (await FilledStore.DumpAsync(store.Table, store.Blobs), await FilledStore.ExportsAsync(Of(store), keys.Values));
        Assert.True(rows.Count > 10_000 * 3, rows.Count.ToString(CultureInfo.InvariantCulture));
        var cloud = AzureStore.FromConnectionString(emulator.ConnectionString, TimeProvider.System);
        Assert.Equal(rows, await FilledStore.DumpAsync(cloud.Table, cloud.Blobs));
        Assert.Equal(exports, await FilledStore.ExportsAsync(new Stores(cloud.Table, cloud.Blobs, cloud.Queue, "shared"), keys.Values));
        using var returned = new SqliteStore(back["Data"], TimeProvider.System);
        Assert.Equal(rows, await FilledStore.DumpAsync(returned.Table, returned.Blobs));
        Assert.Equal(exports, await FilledStore.ExportsAsync(Of(returned), keys.Values));

        static Stores Of(SqliteStore store) => new(store.Table, store.Blobs, store.Queue, store.Epoch);
    }

    [Fact]
    public async Task Memory_does_not_grow_with_the_store()
    {
        // The program gets a heap that is smaller than the rows, and ends when it is full.
        const int Heap = 32;
        await MoveBench.MeasureAsync(Executable, people: 1, entries: 1_000, Heap);
        await MoveBench.MeasureAsync(Executable, people: 1, entries: 10_000, Heap);
    }

    [Fact]
    public async Task Interrupted_backup_says_that_it_goes_on_and_a_store_with_people_is_not_overwritten()
    {
        using var folder = new TemporaryFolder();
        using var source = new TemporaryFolder(Directory.CreateDirectory(folder.File("source")).FullName);
        var app = await FilledStore.StartAsync(source);
        await FilledStore.FillAsync(app, people: 20, entries: 100);
        await app.CloseAsync();

        var embedded = new Dictionary<string, string>(StringComparer.Ordinal) { ["Data"] = source.FullName };
        using (var process = Published.Start(Executable, folder.FullName, embedded, "backup", folder.File("a")))
        {
            _ = await process.StandardError.ReadLineAsync();
            using var signal = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            var said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(130, process.ExitCode);
            Assert.Contains("the same command goes on from there", said, StringComparison.Ordinal);
        }

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("a.unfinished")));
        await DoneAsync(embedded, "backup", folder.File("a"));
        var (exit, output) = await Published.RunAsync(Executable, folder.FullName, embedded, "restore", folder.File("a"));
        Assert.Equal(1, exit);
        Assert.Contains("This store has people already.", output, StringComparison.Ordinal);
        (exit, output) = await Published.RunAsync(Executable, folder.FullName, embedded, "backup", folder.File("a"));
        Assert.Equal(1, exit);
        Assert.Contains("is there already", output, StringComparison.Ordinal);
    }

    private static string Executable => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "functions.exe" : "functions");

    /// <summary>Runs it until it has said so many tenths of the people, and kills it.</summary>
    private static async Task KilledAsync(Dictionary<string, string> settings, int tenths, params string[] arguments)
    {
        using var process = Published.Start(Executable, Path.GetTempPath(), settings, arguments);
        var said = "";
        for (var reached = -1; reached < tenths;)
        {
            said = await process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException($"It ended by itself: {said}");
            var match = Regex.Match(said, @"^(?<done>\d+) of (?<all>\d+) ", RegexOptions.ExplicitCapture, Timeout.InfiniteTimeSpan);
            reached = match.Success ? int.Parse(match.Groups["done"].Value, CultureInfo.InvariantCulture) * 10 / int.Parse(match.Groups["all"].Value, CultureInfo.InvariantCulture) : reached;
        }

        process.Kill();
        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
    }

    private static async Task DoneAsync(Dictionary<string, string> settings, params string[] arguments) => await MoveBench.ExecuteAsync(Executable, settings, arguments);

    private sealed class Ending(Azurite emulator) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await emulator.DisposeAsync();
    }
}
