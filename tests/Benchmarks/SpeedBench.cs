namespace ContributionIngest.Tests.Benchmarks;
internal static class SpeedBench { public static int Run(string[] a) => 0; }
