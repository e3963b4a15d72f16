using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Core.Faults;

/// <summary>
/// Every scenario under every fault at each of its operations: it ends with the rows it leaves behind when nothing goes wrong. No operation is left
/// out; only pieces of random length are a sample, by the seeds 1 and following.
/// </summary>
public sealed class FaultTests(Scenarios scenarios) : IClassFixture<Scenarios>
{
    private const int AtOnce = 4;
    private const int Shown = 8;

    /// <summary>Runs in which ranges and lists come in pieces.</summary>
    private const int Seeds = 6;

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var name in Scenarios.Names)
        {
            foreach (var fault in Enum.GetValues<StoreFault>().Where(f => f != StoreFault.None))
                cases.Add(name, fault.ToString());
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Failure_at_any_storage_operation_leads_to_the_undisturbed_end_state(string scenario, string fault)
    {
        var prepared = await scenarios.GetAsync(scenario);
        var which = Enum.Parse<StoreFault>(fault);
        var wrong = new SortedDictionary<int, string>();
        var isOver = false;
        for (var from = 1; !isOver; from += AtOnce)
        {
            await Parallel.ForEachAsync(Enumerable.Range(from, AtOnce), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (n, _) =>
            {
                var (end, hasHappened) = await PlayAsync(prepared, which, n);
                var differences = end.Differences(prepared.Undisturbed).Take(Shown).ToList();
                lock (wrong)
                {
                    if (differences.Count > 0)
                        wrong[n] = string.Join("\n    ", differences);
                    isOver |= which == StoreFault.ShortPages ? n >= Seeds : !hasHappened;
                }
            });
        }

        Assert.True(wrong.Count == 0, $"{scenario}, {fault} at {string.Join(", ", wrong.Keys)}:\n" + string.Join('\n', wrong.Take(Shown).Select(w => $"  at {w.Key}: {w.Value}")));
    }

    /// <summary>The end of a run in which that went wrong at the n-th operation, and whether there were so many.</summary>
    internal static async Task<(EndState End, bool HasHappened)> PlayAsync(Prepared prepared, StoreFault fault, int n)
    {
        var folder = new TemporaryFolder();
        Copy(prepared.Folder.FullName, folder.FullName);
        await using var run = await FaultedRun.OpenAsync(prepared.Scenario, folder, prepared.At, prepared.Known);
        var faults = run.Faults;
        faults.Arm(fault, n);
        await prepared.Scenario.Act(run);
        faults.Disarm();
        return (await EndState.OfAsync(run, prepared.Scenario), faults.HasHappened);
    }

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
