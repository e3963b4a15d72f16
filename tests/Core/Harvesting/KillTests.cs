using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Tests.Support;
using Xunit;
using Xunit.Abstractions;

namespace ContributionIngest.Tests.Core.Harvesting;

/// <summary>A process killed anywhere leaves a store from which the next one comes to the same ledger.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Points = 100;

    [Fact]
    public async Task Harvest_of_twenty_blogs_killed_at_a_hundred_points_ends_in_the_same_ledger()
    {
        using var whole = new TemporaryFolder();
        var (expected, steps) = await TwentyBlogs.HarvestAsync(whole, 0);
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}, {steps} steps");
        var random = new Random(seed);
        var points = Enumerable.Range(1, steps).OrderBy(_ => random.Next()).Take(Points).ToList();
        Assert.Equal(Points, points.Count);

        await Parallel.ForEachAsync(points, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (point, _) =>
        {
            using var folder = new TemporaryFolder();
            Assert.NotEqual(0, await RunKilledAsync(folder.FullName, point));
            var (ledger, _) = await TwentyBlogs.HarvestAsync(folder, 0);
            Assert.True(expected == ledger, $"Killed at step {point} of {steps} (seed {seed}) it ends in another ledger.");
        });
    }

    private static async Task<int> RunKilledAsync(string folder, int point)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(KillTests).Assembly.Location, "twenty-blogs", folder, point.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());
        return process.ExitCode;
    }
}
