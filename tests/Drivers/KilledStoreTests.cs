using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class KilledStoreTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(37)]
    [InlineData(400)]
    public async Task Acknowledged_writes_survive_a_kill(int rounds)
    {
        using var folder = new TemporaryFolder();
        var acknowledged = await RunAndKillAsync(folder.FullName, rounds);
        Assert.InRange(acknowledged, rounds, int.MaxValue);

        using var store = new SqliteStore(folder.FullName, TimeProvider.System);
        for (var round = 0; round <= acknowledged; round++)
        {
            foreach (var what in new[] { "a", "b" })
                Assert.NotNull(await store.Table.GetAsync("rounds", "p", StoreWriter.Key(round, what), default));
            Assert.Equal(BitConverter.GetBytes(round), await store.Blobs.GetAsync("rounds", StoreWriter.Key(round, "blob"), default));
        }

        Assert.InRange((int)(await store.Table.GetAsync("rounds", "p", "last", default))!.Values["Round"]!, acknowledged, acknowledged + 1);
        Assert.InRange(await store.Queue.CountAsync("rounds", default), acknowledged + 1, acknowledged + 2);

        // The round that was cut off is there as far as it came, its transaction whole or not at all.
        var next = acknowledged + 1;
        var a = await store.Table.GetAsync("rounds", "p", StoreWriter.Key(next, "a"), default);
        var b = await store.Table.GetAsync("rounds", "p", StoreWriter.Key(next, "b"), default);
        Assert.Equal(a is null, b is null);
    }

    private static async Task<int> RunAndKillAsync(string folder, int rounds)
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "ContributionIngest.Tests.exe" : "ContributionIngest.Tests");
        using var process = Process.Start(new ProcessStartInfo(program, ["store-writer", folder]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var last = -1;
        while (last < rounds)
            last = Number(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The writer ended by itself."));
        process.Kill();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            last = Number(line);
        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
        return last;
    }

    private static int Number(string line) => int.Parse(line, CultureInfo.InvariantCulture);
}
