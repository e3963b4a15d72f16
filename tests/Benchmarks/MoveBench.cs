using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Tests.Core.Backup;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>What moving a store took.</summary>
internal sealed record Moved(long Bytes, double BackupSeconds, double BackupMegabytes, double RestoreSeconds, double RestoreMegabytes);

/// <summary><c>tests/bench move</c>: time and memory of <c>backup</c> and <c>restore</c>, the published program over embedded stores of several sizes.</summary>
internal static class MoveBench
{
    public static async Task<int> RunAsync(string executable)
    {
        var table = new Table("people and entries of each", "archive MB", "backup s", "backup MB", "restore s", "restore MB");
        foreach (var (people, entries) in ((int, int)[])[(20, 50), (20, 500), (1, 10_000), (20, 5_000), (1_000, 10)])
        {
            var moved = await MeasureAsync(executable, people, entries);
            table.Add(
                string.Create(CultureInfo.InvariantCulture, $"{people:N0} with {entries:N0}"), Text(moved.Bytes / 1_000_000.0), Text(moved.BackupSeconds), Text(moved.BackupMegabytes), Text(moved.RestoreSeconds), Text(moved.RestoreMegabytes));
        }

        table.Print();
        return 0;
    }

    /// <param name="heapMegabytes">What the program may use as heap; null for all there is.</param>
    public static async Task<Moved> MeasureAsync(string executable, int people, int entries, int? heapMegabytes = null)
    {
        using var folder = new TemporaryFolder();
        using var source = new TemporaryFolder(Directory.CreateDirectory(folder.File("source")).FullName);
        var app = await FilledStore.StartAsync(source);
        await FilledStore.FillAsync(app, people, entries);
        await app.CloseAsync();
        var archive = folder.File("archive");
        var backup = await ExecuteAsync(executable, Settings(source.FullName), "backup", archive);
        var restore = await ExecuteAsync(executable, Settings(folder.File("target")), "restore", archive);
        return new Moved(new FileInfo(archive).Length, backup.Seconds, backup.Megabytes, restore.Seconds, restore.Megabytes);

        Dictionary<string, string> Settings(string data)
        {
            var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Data"] = data };
            if (heapMegabytes is { } megabytes)
                settings["DOTNET_GCHeapHardLimit"] = (megabytes * 1024 * 1024).ToString("x", CultureInfo.InvariantCulture);
            return settings;
        }
    }

    /// <summary>Runs the program to its end. How long it took, and its peak of memory at the last progress that it told.</summary>
    public static async Task<(double Seconds, double Megabytes)> ExecuteAsync(string executable, Dictionary<string, string> settings, params string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        using var process = Published.Start(executable, Path.GetTempPath(), settings, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var (said, peak) = (new List<string>(), 0L);
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.Add(line);
            process.Refresh();
            peak = Math.Max(peak, process.HasExited ? 0 : process.PeakWorkingSet64);
        }

        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (Stopwatch.GetElapsedTime(start).TotalSeconds, peak / 1_000_000.0) : throw new InvalidOperationException(string.Join('\n', said) + await output);
    }

    private static string Text(double number) => number.ToString("N1", CultureInfo.InvariantCulture);
}
