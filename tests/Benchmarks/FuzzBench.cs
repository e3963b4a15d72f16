using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Tests.Functions.Security;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary><c>tests/bench fuzz [--count N] [--seed N]</c>: made-up requests by every role against the whole app in process, and what was wrong with the answers.</summary>
internal static class FuzzBench
{
    private const int AtOnce = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (count, seed) = (Argument(arguments, "--count", 100_000), Argument(arguments, "--seed", 2026));
        var clock = Stopwatch.StartNew();
        var parts = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(part => Task.Run(() => Fuzzer.RunAsync(seed + part, count / AtOnce))));
        var table = new Table("status", "answers");
        foreach (var status in parts.SelectMany(part => part.Statuses).GroupBy(pair => pair.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            table.Add(status.Key, status.Sum(pair => pair.Value).ToString("N0", CultureInfo.InvariantCulture));
        table.Print();
        var faults = parts.SelectMany(part => part.Faults).ToList();
        foreach (var fault in faults.Take(50))
            Console.WriteLine(fault);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} requests, seed {seed}, {clock.Elapsed.TotalSeconds:N0} s: {faults.Count} with 5xx or a stack trace"));
        return faults.Count == 0 ? 0 : 1;
    }

    private static int Argument(string[] arguments, string name, int fallback) =>
        Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : fallback;
}
