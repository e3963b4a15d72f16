using System.Globalization;
using ContributionIngest.Mutations;

const string Usage = """
    tests/bench mutations [--seed N] [--count N] [--resume] [--only N,N…] [--tests PART]

    Draws small changes of the core by a seed, builds a copy of the checkout (artifacts/mutations/copy) with all of them, of which one at a time is on, and
    runs the tests that reach it, those of its folder and then the quickest first, up to the first that notices. A test notices a change if it fails with
    it, passes without it, and fails with it again.

      --seed N      what is drawn (2026)
      --count N     how many (320)
      --resume      judge only what an earlier run with this seed has not seen noticed
      --only N,N…   judge these alone, by their numbers; what is known stays as it is
      --tests PART  find out again what tests with this in their full names reach; known ones are not run again while the changes are the same

    What is noticed stands in artifacts/mutations/results-SEED.txt. Changes that change nothing are listed with the reason in tests/Mutations/equivalent.md.
    """;
string[] folders = ["Contributions", "Harvesting", "Connections", "Scheduling", "Http", "Digests"];
var options = new Dictionary<string, string>(StringComparer.Ordinal) { ["--seed"] = "2026", ["--count"] = "320", ["--only"] = "", ["--tests"] = "" };
for (var i = 0; i < args.Length; i++)
{
    if (args[i] is not "--resume" && (!options.ContainsKey(args[i]) || i + 1 == args.Length))
    {
        Console.Error.WriteLine(Usage);
        return args[i] == "--help" ? 0 : 2;
    }

    options[args[i]] = args[i] == "--resume" ? "" : args[++i];
}

var (seed, count) = (int.Parse(options["--seed"], CultureInfo.InvariantCulture), int.Parse(options["--count"], CultureInfo.InvariantCulture));
var isResumed = options.ContainsKey("--resume");

var checkout = Directory.GetCurrentDirectory();
var folder = Directory.CreateDirectory(Path.Combine(checkout, "artifacts", "mutations")).FullName;
var workspace = new Workspace(checkout, Path.Combine(folder, "copy"));
var files = folders.SelectMany(name => Directory.EnumerateFiles(Path.Combine(checkout, "shared", "Core", name), "*.cs", SearchOption.AllDirectories))
    .Select(path => Path.GetRelativePath(checkout, path)).Order(StringComparer.Ordinal).ToList();

// Drawn in one order, in which each file comes up as often as its length asks for; refused ones are replaced by the next. What is drawn of a file
// depends on the seed and on the file alone.
var drawn = new Queue<Candidate>(files.SelectMany(file =>
{
    var random = new Random(file.Aggregate(seed, (hash, c) => unchecked((hash * 31) + c)));
    var lines = (double)workspace.Read(file).Count(c => c == '\n');
    var candidates = CandidateFinder.Find(file, workspace.Read(file)).ToArray();
    random.Shuffle(candidates);
    var offset = random.NextDouble();
    return candidates.Select((candidate, i) => (Candidate: candidate, At: (i + offset) / lines));
}).OrderBy(pair => pair.At).Select(pair => pair.Candidate).DistinctBy(candidate => candidate.Place));
Console.WriteLine($"{drawn.Count} possible changes in {files.Count} files.");

workspace.Copy(files.ToHashSet(StringComparer.Ordinal));
var refusals = Path.Combine(folder, $"refused-{seed}.txt");
var known = isResumed && File.Exists(refusals) ? File.ReadLines(refusals).ToHashSet(StringComparer.Ordinal) : [];
var mutants = new List<Mutant>();
var number = 0;
IReadOnlyList<Mutant>? refused = [];
while (refused is not null)
{
    mutants = [.. mutants.Except(refused)];
    known.UnionWith(refused.Select(mutant => mutant.Candidate.Place));
    while (mutants.Count < count && drawn.TryDequeue(out var next))
    {
        number++;
        if (!known.Contains(next.Place))
            mutants.Add(new Mutant(number, next));
    }

    foreach (var file in files)
        workspace.Write(file, mutants.Where(mutant => mutant.Candidate.File == file));
    refused = workspace.Build("shared/Core");
    Console.WriteLine(refused is null ? $"{mutants.Count} mutants compile." : $"{refused.Count} do not compile.");
}

File.WriteAllLines(refusals, known.Order(StringComparer.Ordinal));
if (workspace.Build("tests") is not null)
    throw new InvalidOperationException("The tests do not compile.");
var judge = new Judge(workspace, folder);
judge.FindReach(mutants, options["--tests"]);

// Known results by place; those that are judged now replace them.
var results = Path.Combine(folder, $"results-{seed}.txt");
var only = options["--only"].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToHashSet();
var byPlace = mutants.ToDictionary(mutant => mutant.Candidate.Place, StringComparer.Ordinal);
var judged = (isResumed || only.Count > 0) && File.Exists(results)
    ? File.ReadLines(results).Select(line => line.Split('\t')).Where(line => byPlace.ContainsKey(line[1]))
        .Select(line => new Judgement(byPlace[line[1]], Enum.Parse<Verdict>(line[0]), line[2])).ToDictionary(judgement => judgement.Mutant)
    : [];
var wanted = mutants.Where(mutant => only.Count > 0 ? only.Contains(mutant.Number) : !judged.TryGetValue(mutant, out var j) || j.Verdict is Verdict.Survived or Verdict.NotCovered).ToList();
var done = 0;
foreach (var judgement in judge.JudgeAll(wanted, mutants))
{
    judged[judgement.Mutant] = judgement;
    Console.WriteLine($"{++done}/{wanted.Count}  {DateTime.Now:HH:mm:ss}  {judgement.Verdict,-10} {judgement.Mutant}  {judgement.By}");
    File.WriteAllLines(results, judged.Values.Select(j => $"{j.Verdict}\t{j.Mutant.Candidate.Place}\t{j.By}"));
}

var equivalent = File.ReadAllText(Path.Combine(checkout, "tests", "Mutations", "equivalent.md"));
var left = judged.Values.Where(j => j.Verdict is Verdict.Survived or Verdict.NotCovered)
    .OrderBy(j => j.Mutant.Candidate.File, StringComparer.Ordinal).ThenBy(j => j.Mutant.Candidate.Line).ToList();
Console.WriteLine();
foreach (var one in left)
    Console.WriteLine($"{one.Verdict,-10} {one.Mutant}{(ChangesNothing(one) ? "  (changes nothing)" : "")}  {one.By}");
var noticed = Of(Verdict.Killed) + Of(Verdict.TimedOut);
Console.WriteLine();
Console.WriteLine("| seed | mutants | killed | timed out | survived | not covered | of these two change nothing | killed or timed out |");
Console.WriteLine("|---|---|---|---|---|---|---|---|");
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"| {seed} | {judged.Count} | {Of(Verdict.Killed)} | {Of(Verdict.TimedOut)} | {Of(Verdict.Survived)} | {Of(Verdict.NotCovered)} | {left.Count(ChangesNothing)} | {100.0 * noticed / Math.Max(1, judged.Count):F1} % |"));
return 0;

int Of(Verdict verdict) => judged.Values.Count(j => j.Verdict == verdict);

bool ChangesNothing(Judgement judgement) => equivalent.Contains(judgement.Mutant.Candidate.Name, StringComparison.Ordinal);
