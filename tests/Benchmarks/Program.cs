namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// Test discovery leaves this alone; <c>tests/bench NAME</c> runs it. A benchmark is a file here and a line below.
/// </summary>
internal static class Program
{
    public static int Main(string[] arguments) => arguments switch
    {
        ["corpora", .. var rest] => CorporaBench.Run(rest),
        ["speed", .. var rest] => SpeedBench.Run(rest),
        ["speed-passes", var reader, var set, var seconds] => SpeedPasses.Run(reader, set, seconds),
        _ => Usage(),
    };

    private static int Usage()
    {
        Console.Error.WriteLine("Benchmarks: corpora, speed. Run them by tests/bench NAME.");
        return 2;
    }
}
