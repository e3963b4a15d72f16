using ContributionIngest.Tests.Benchmarks;
using ContributionIngest.Tests.Drivers;

namespace ContributionIngest.Tests;

/// <summary>
/// What the test project does when it is started as a program: the other processes of process tests, and benchmarks (<c>tests/bench NAME</c>).
/// A benchmark is a file in <c>Benchmarks/</c> and a line below.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments) => arguments switch
    {
        ["corpora", .. var rest] => CorporaBench.Run(rest),
        ["local"] => await LocalSpeed.Run(),
        ["store-writer", var folder] => await StoreWriter.Run(folder),
        _ => Usage(),
    };

    private static int Usage()
    {
        Console.Error.WriteLine("Benchmarks: corpora, local. Run them by tests/bench NAME; tests by tests/run.");
        return 2;
    }
}
