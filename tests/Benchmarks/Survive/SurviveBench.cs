using System.Diagnostics;
using System.Globalization;
using ContributionIngest.Tests.Drivers;

namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>
/// <c>tests/bench survive [--seed N] [--rounds N] [--host standalone|standalone-azure|worker]</c>: the published program, stopped and killed at random
/// amid first, unchanged and changed harvests, deliveries, edits, ends of connections and changes of zone, ends with what the same script leaves behind
/// undisturbed. It stands alone over the embedded store or over the emulator of Azure storage, or is a worker over the latter.
/// </summary>
internal sealed class SurviveBench
{
    private const string Standalone = "standalone";
    private const string Worker = "worker";
    private const int DisturbancesPerRun = 40;
    private const int AtOnce = 6;
    private const int DifferencesShown = 6;

    private static readonly Ending?[] Endings = [Ending.Kill, Ending.Stop];
    private static readonly string[] Hosts = [Standalone, "standalone-azure", Worker];

    private readonly string executable;
    private readonly int seed;
    private readonly WorldServer server;
    private readonly List<Script> scripts;

    private SurviveBench(string executable, int seed, int rounds, WorldServer server)
    {
        (this.executable, this.seed, this.server) = (executable, seed, server);
        var runs = Math.Max(1, (int)Math.Round(rounds / (double)DisturbancesPerRun));
        scripts = [.. Enumerable.Range(0, runs).Select(number => Script.Of(SeedOf(number), (rounds / runs) + (number < rounds % runs ? 1 : 0)))];
    }

    public static async Task<int> RunAsync(string executable, string[] arguments)
    {
        var (seed, rounds, hosts) = (Environment.TickCount, 24, Hosts);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            switch (arguments[i])
            {
                case "--seed" when isNumber:
                    seed = number;
                    break;
                case "--rounds" when isNumber && number > 0:
                    rounds = number;
                    break;
                case "--host" when Hosts.Contains(value, StringComparer.Ordinal):
                    hosts = [value];
                    break;
                default:
                    Console.Error.WriteLine("usage: tests/bench survive [--seed N] [--rounds N] [--host standalone|standalone-azure|worker]");
                    return 2;
            }
        }

        Console.WriteLine($"Seed {seed}.");
        await using var outside = await WorldServer.StartAsync();
        return await new SurviveBench(executable, seed, rounds, outside).RunAsync(hosts);
    }

    private async Task<int> RunAsync(string[] hosts)
    {
        var began = Stopwatch.GetTimestamp();
        var undisturbed = await PlayAsync([.. scripts.Select((_, number) => new Turn(Standalone, null, number))], null);
        if (Print(undisturbed) > 0)
            return 1;
        var pictures = undisturbed.OrderBy(o => o.Turn.Number).Select(o => o.Outcome.Pictures).ToList();
        var table = new Table("host", "how", "times", "runs", "lost entries", "doubled entries", "rows that differ", "until idle after the last one, s: median", "longest");
        // Undisturbed as well: that what is left does not differ by itself, nor between the hosts. Those that take longest come first.
        var played = await PlayAsync(
            [
                .. hosts.Reverse().SelectMany(host => scripts.SelectMany((_, number) => Endings.Select(how => new Turn(host, how, number)))),
                .. hosts.Select(host => new Turn(host, null, 0)),
            ],
            pictures);
        var all = Print(played);
        foreach (var of in played.GroupBy(p => (p.Turn.Host, p.Turn.How)).OrderBy(of => hosts.IndexOf(of.Key.Host)).ThenBy(of => of.Key.How))
            Add(table, of.Key.Host, of.Key.How, [.. of.Select(p => p.Outcome)]);

        table.Print();
        Console.WriteLine($"Seed {seed}; {Stopwatch.GetElapsedTime(began).TotalMinutes.ToString("F1", CultureInfo.InvariantCulture)} minutes.");
        return all == 0 ? 0 : 1;
    }

    private static void Add(Table table, string host, Ending? how, List<Outcome> outcomes)
    {
        var idle = outcomes.SelectMany(o => o.Idle).Select(t => t.TotalSeconds).Order().ToList();
        table.Add(
            host,
            how switch
            {
                null => "undisturbed",
                Ending.Kill => "killed",
                _ => "stopped",
            },
            Text(outcomes.Sum(o => o.Disturbances)),
            Text(outcomes.Count),
            Text(outcomes.Sum(o => o.Lost)),
            Text(outcomes.Sum(o => o.Doubled)),
            Text(outcomes.Sum(o => o.Differences.Count)),
            idle.Count == 0 ? "-" : idle[idle.Count / 2].ToString("F1", CultureInfo.InvariantCulture),
            idle.Count == 0 ? "-" : idle[^1].ToString("F1", CultureInfo.InvariantCulture));
    }

    private async Task<List<(Turn Turn, Outcome Outcome)>> PlayAsync(IReadOnlyList<Turn> turns, IReadOnlyList<IReadOnlyList<Picture>>? expected)
    {
        var outcomes = new List<(Turn, Outcome)>();
        await Parallel.ForEachAsync(turns, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (turn, _) =>
        {
            var outcome = await PlayAsync(turn, expected?[turn.Number]);
            lock (outcomes)
                outcomes.Add((turn, outcome));
        });
        return outcomes;
    }

    private async Task<Outcome> PlayAsync(Turn turn, IReadOnlyList<Picture>? expected)
    {
        var azurite = turn.Host != Standalone ? new Azurite() : null;
        if (azurite is not null)
            await azurite.InitializeAsync();
        try
        {
            using var run = new Run(executable, server.Open(turn.Name, SeedOf(turn.Number)), scripts[turn.Number], turn.Host == Worker, azurite?.ConnectionString);
            var outcome = await run.PlayAsync(turn.How, expected);
            if (outcome.Differences.Count > 0)
                File.Copy(Path.Combine(run.Folder, "log"), Log(turn), overwrite: true);
            return outcome;
        }
        finally
        {
            if (azurite is not null)
                await azurite.DisposeAsync();
        }
    }

    /// <summary>Says what is different, and how many such rows there are.</summary>
    private static int Print(IEnumerable<(Turn Turn, Outcome Outcome)> played)
    {
        var sum = 0;
        foreach (var (turn, outcome) in played.Where(p => p.Outcome.Differences.Count > 0))
        {
            sum += outcome.Differences.Count;
            Console.WriteLine($"{turn.Name} ends otherwise in {outcome.Differences.Count} rows, the first of which are below; its log is {Log(turn)}");
            foreach (var difference in outcome.Differences.Take(DifferencesShown))
                Console.WriteLine($"  {difference}");
        }

        return sum;
    }

    private static string Log(Turn turn) => Path.Combine(Path.GetTempPath(), $"survive-{turn.Name}.log");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private int SeedOf(int number) => unchecked((seed * 1_000_003) + number);

    /// <param name="How">Null: undisturbed.</param>
    /// <param name="Number">Of the script.</param>
    private sealed record Turn(string Host, Ending? How, int Number)
    {
        public string Name => string.Create(CultureInfo.InvariantCulture, $"{Host}-{How?.ToString().ToLowerInvariant() ?? "undisturbed"}-{Number + 1}");
    }
}
