using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContributionIngest.Mutations;

internal enum Verdict
{
    /// <summary>A test fails with it, passes without it, and fails with it again.</summary>
    Killed,

    /// <summary>A test took more than ten times its time and half a minute, twice.</summary>
    TimedOut,

    /// <summary>All tests that reach it pass, or fail only now and then.</summary>
    Survived,

    /// <summary>No test reaches it.</summary>
    NotCovered,
}

/// <param name="By">The test that failed.</param>
internal sealed record Judgement(Mutant Mutant, Verdict Verdict, string By);

/// <summary>
/// Runs the tests that reach a mutant up to the first failure, those of its own folder first, then the quickest; many mutants in a process.
/// </summary>
internal sealed class Judge(Workspace workspace, string folder)
{
    private const int AtOnce = 2;

    private const int InOneProcess = 16;

    /// <summary>How long the tests of one mutant may usually take together: the others count as if they had passed.</summary>
    private const int MostMilliseconds = 90_000;

    /// <summary>Beside ten times the usual time of a test.</summary>
    private const int SpareMilliseconds = 30_000;

    private readonly List<Test> tests = [];

    /// <summary>Runs all tests once without a mutant; of the same mutants only those that are new or run again.</summary>
    public void FindReach(IReadOnlyList<Mutant> mutants, string again)
    {
        string[] parts = [.. Enumerable.Range(0, AtOnce).Select(part => Path.Combine(folder, $"reach-{part}.txt"))];
        var (file, kept) = (Path.Combine(folder, "reach.txt"), new List<string>());
        var head = string.Join('\n', mutants.Select(mutant => $"{mutant.Number}\t{mutant.Candidate.Place}"));
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(head)));
        if (File.Exists(file) && File.ReadLines(file).FirstOrDefault() == key)
            kept = [.. File.ReadLines(file).Skip(1).Where(line => again.Length == 0 || !line.Split('\t')[0].Contains(again, StringComparison.Ordinal))];
        foreach (var part in parts)
            File.WriteAllLines(part, kept);
        Parallel.For(0, AtOnce, part => Start(["reach", $"{part}", $"{AtOnce}", parts[part]], mutant: 0, _ => { }));
        string[] all = [.. parts.SelectMany(File.ReadLines).Distinct(StringComparer.Ordinal)];
        File.WriteAllLines(file, all.Prepend(key));
        foreach (var line in all.Select(line => line.Split('\t')))
            tests.Add(new Test(line[0], Number(line[1]), bool.Parse(line[2]), line[3].Length == 0 ? [] : [.. line[3].Split(',').Select(Number)]));
        foreach (var failed in tests.Where(test => !test.Passed))
            Console.WriteLine($"Left out, as it fails without a mutant: {failed.Name}");
        Console.WriteLine($"{tests.Count(test => test.Passed)} tests take {tests.Sum(test => test.Milliseconds) / 1000} s.");
    }

    public IEnumerable<Judgement> JudgeAll(IReadOnlyList<Mutant> mutants, IReadOnlyList<Mutant> all)
    {
        var sites = all.ToLookup(m => Path.GetDirectoryName(m.Candidate.File), m => m.Number);
        var tasks = mutants.Select(mutant => (Mutant: mutant, Line: Line(mutant, mutant.Candidate.IsAtStart ? [.. sites[Path.GetDirectoryName(mutant.Candidate.File)]] : [mutant.Number]))).ToList();
        foreach (var (mutant, _) in tasks.Where(task => task.Line is null))
            yield return new Judgement(mutant, Verdict.NotCovered, "");
        var judged = new BlockingCollection<Judgement>();
        var work = Task.Run(() =>
        {
            try
            {
                // What runs once in a process has one of its own.
                var chunks = tasks.Where(task => task is { Line: not null, Mutant.Candidate.IsAtStart: false }).Chunk(InOneProcess)
                    .Concat(tasks.Where(task => task is { Line: not null, Mutant.Candidate.IsAtStart: true }).Chunk(1));
                Parallel.ForEach(
                    Partitioner.Create(chunks, EnumerablePartitionerOptions.NoBuffering),
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
                    chunk => JudgeInTurn(chunk, judged.Add));
            }
            finally
            {
                judged.CompleteAdding();
            }
        });
        foreach (var judgement in judged.GetConsumingEnumerable())
            yield return judgement;
        work.GetAwaiter().GetResult();
    }

    /// <summary>What is not certain is judged again, alone in a process: an earlier mutant may have left something behind.</summary>
    private void JudgeInTurn(IEnumerable<(Mutant Mutant, string? Line)> chunk, Action<Judgement> judged)
    {
        var left = chunk.ToList();
        var uncertain = new List<(Mutant Mutant, string? Line)>();
        while (left.Count > 0)
        {
            Ask([.. left], (mutant, verdict, by) =>
            {
                var task = left.Find(task => task.Mutant == mutant);
                left.Remove(task);
                if (verdict is nameof(Verdict.Killed) or nameof(Verdict.Survived))
                    judged(new(mutant, Enum.Parse<Verdict>(verdict), by));
                else
                    uncertain.Add(task);
            });
        }

        foreach (var task in uncertain)
        {
            Ask([task], (mutant, verdict, by) => judged(verdict switch
            {
                "Unclear" => new(mutant, Verdict.Survived, $"fails now and then: {by}"),
                "Ended" => new(mutant, Verdict.Killed, "the process of the tests ends"),
                _ => new(mutant, Enum.Parse<Verdict>(verdict), by),
            }));
        }
    }

    /// <summary>One process; it answers for all mutants, or up to the one that ended it.</summary>
    private void Ask(IReadOnlyList<(Mutant Mutant, string? Line)> tasks, Action<Mutant, string, string> answer)
    {
        var list = Path.Combine(folder, $"tests-{tasks[0].Mutant.Number}.txt");
        File.WriteAllLines(list, tasks.Select(task => task.Line!));
        var (answered, last) = (0, "");
        Start([tasks[0].Mutant.Candidate.IsAtStart ? "judge-start" : "judge", list], tasks.Count == 1 ? tasks[0].Mutant.Number : 0, line =>
        {
            if (line.Split('\t') is not ["=", var number, var verdict, var by])
                return;
            (answered, last) = (answered + 1, verdict);
            answer(tasks.First(task => task.Mutant.Number == Number(number)).Mutant, verdict, by);
        });
        File.Delete(list);
        if (answered < tasks.Count && last != nameof(Verdict.TimedOut))
            answer(tasks[answered].Mutant, "Ended", "");
    }

    /// <param name="sites">A static initializer runs in one test of many, so tests count that reach anything in its folder.</param>
    private string? Line(Mutant mutant, HashSet<int> sites)
    {
        var spent = 0;
        var own = "ContributionIngest.Tests." + Path.GetDirectoryName(mutant.Candidate.File)!["shared/".Length..].Replace('/', '.') + ".";
        var reaching = tests.Where(test => test.Passed && test.Reached.Overlaps(sites))
            .OrderByDescending(test => test.Name.StartsWith(own, StringComparison.Ordinal)).ThenBy(test => test.Milliseconds)
            .TakeWhile(test => (spent += test.Milliseconds) <= MostMilliseconds).ToList();
        return reaching.Count == 0
            ? null
            : string.Join('\t', reaching.Select(test => $"{test.Name} {(test.Milliseconds * 10) + SpareMilliseconds}").Prepend($"{mutant.Number}"));
    }

    private void Start(IEnumerable<string> arguments, int mutant, Action<string> said) => Workspace.Run(
        "dotnet", [workspace.Program, .. arguments], folder, said, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["MUTANT"] = mutant.ToString(CultureInfo.InvariantCulture),
            ["DOTNET_GCHeapHardLimit"] = "0xC0000000",
            ["DOTNET_DbgEnableMiniDump"] = "0",
        });

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Test(string Name, int Milliseconds, bool Passed, HashSet<int> Reached);
}
