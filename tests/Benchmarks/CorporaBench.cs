namespace ContributionIngest.Tests.Benchmarks;
internal static class CorporaBench { public static int Run(string[] a) => 0; }
