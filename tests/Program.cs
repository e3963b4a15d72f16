using ContributionIngest.Tests.Drivers;

namespace ContributionIngest.Tests;

/// <summary>What the test project does when it is started as a program: the other processes of process tests, and benchmarks.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        ["storage"] => await Benchmarks.StorageBench.Run(),
        ["local"] => await Benchmarks.LocalSpeed.Run(),
        ["store-writer", var folder] => await StoreWriter.Run(folder),
        _ => Unknown(args),
    };

    private static int Unknown(string[] args)
    {
        Console.Error.WriteLine($"Nothing to do for '{string.Join(' ', args)}'. Tests are run by tests/run, benchmarks by tests/bench.");
        return 2;
    }
}
