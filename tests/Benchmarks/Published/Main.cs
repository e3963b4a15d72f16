namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// What tests/bench publishes, as the product is published, to measure in processes of its own; the tests do not compile it. SHOWJIT tells
/// how much had to be compiled at run time before the first pass ended.
/// </summary>
internal static class Published
{
    public static Task<int> Main(string[] arguments) => arguments switch
    {
        ["speed", .. var rest] => SpeedBench.Run(rest),
        ["speed-passes", var reader, var set, var seconds] => Task.FromResult(SpeedPasses.Run(reader, set, seconds)),
        _ => Task.FromResult(2),
    };
}
