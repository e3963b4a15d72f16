using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Xml;

namespace ContributionIngest.Tests.Benchmarks;

/// <summary>
/// <c>tests/bench speed</c>: our readers beside others, in one run, each figure from processes of its own, one thread, bytes in memory. Cold is
/// the median first pass of fresh processes, what a short-lived function sees; steady is the best pass after warming up.
/// </summary>
internal static class SpeedBench
{
    private const int Processes = 9;
    private const int SteadyProcesses = 3;

    public static async Task<int> Run(string[] arguments)
    {
        var real = ListReadable();
        var table = new Table("documents", "reader", "cold MB/s", "steady MB/s", "allocated bytes per byte");
        var verdicts = new Table("what", "measured", "wanted", "holds");
        foreach (var (name, set) in new[] { ("real feeds", real), ("synthetic RSS, 100 items", "synthetic") })
        {
            var bar = Measure("xmlreader", set);
            var ours = Measure("ours", set);
            Add(table, name, "XmlReader, text touched, no fields", bar);
            Add(table, name, "**this reader, all fields**", ours);
            Judge(verdicts, $"{name}: cold, against XmlReader", ours.Cold / bar.Cold, 1);
            Judge(verdicts, $"{name}: steady, against XmlReader", ours.Steady / bar.Steady, 0.6);
            if (Array.IndexOf(arguments, "--feedsmith") is >= 0 and var at && Feedsmith(arguments[at + 1], set) is { } smith)
            {
                Add(table, name, "feedsmith (Node)", smith);
                Judge(verdicts, $"{name}: steady, against feedsmith", ours.Steady / smith.Steady, 6);
            }

            verdicts.Add($"{name}: allocation per byte", ours.Allocated.ToString("0.00", CultureInfo.InvariantCulture), "< 1", ours.Allocated < 1 ? "yes" : "NO");
        }

        table.Print();
        verdicts.Print();
        Console.WriteLine("| a calendar of 5,000 events | | |");
        Console.WriteLine("|---|---|---|");
        await CalendarSpeed.WriteAsync(Console.Out, Array.IndexOf(arguments, "--calendars") is >= 0 and var rivals ? arguments[rivals + 1] : null);
        if (Array.IndexOf(arguments, "--app") is >= 0 and var app) PrintApp(arguments[app + 1], real);
        return 0;
    }

    private sealed record Speed(double Cold, double Steady, double Allocated);

    private static Speed Measure(string reader, string set)
    {
        var cold = Enumerable.Range(0, Processes).Select(_ => Figures(Start(Environment.ProcessPath!, ["speed-passes", reader, set, "0"]))).ToList();
        var steady = Enumerable.Range(0, SteadyProcesses).Select(_ => Figures(Start(Environment.ProcessPath!, ["speed-passes", reader, set, "3"]))).ToList();
        return new Speed(Median(cold, run => run[0] / run[1]), Median(steady, run => run[0] / run[2]), Median(steady, run => run[3] / run[0]));
    }

    private static Speed? Feedsmith(string folder, string set)
    {
        var file = set;
        if (set == "synthetic")
        {
            file = Path.GetTempFileName();
            File.WriteAllBytes(file + ".xml", SyntheticFeed.Create());
            File.WriteAllText(file, file + ".xml");
        }

        var runs = Enumerable.Range(0, SteadyProcesses).Select(_ => Figures(Start("node", [Path.Combine(folder, "feedsmith.mjs"), file, "3"]))).ToList();
        return new Speed(Median(runs, run => run[0] / run[1]), Median(runs, run => run[0] / run[2]), double.NaN);
    }

    /// <summary>What somebody sees who runs the published program.</summary>
    private static void PrintApp(string app, string real)
    {
        Console.WriteLine("The published program, `parse feed --timing --repeat 50`, over the same real feeds:");
        Start(app, ["parse", "feed", "--timing", "--repeat", "50", .. File.ReadAllLines(real)], echoErrors: true);
    }

    private static string ListReadable()
    {
        var readable = Directory.GetFiles(Path.Combine(Corpus.Folder, "real-feeds", "input")).Order(StringComparer.Ordinal).Where(IsReadable).ToArray();
        var list = Path.GetTempFileName();
        File.WriteAllLines(list, readable);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{readable.Length} real feeds that XmlReader can read, {readable.Sum(file => new FileInfo(file).Length) / 1e6:0.0} MB."));
        Console.WriteLine();
        return list;
    }

    private static bool IsReadable(string file)
    {
        try
        {
            return SpeedPasses.TouchText(File.ReadAllBytes(file)) > 0;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private static double Median(List<double[]> runs, Func<double[], double> figure)
    {
        var figures = runs.ConvertAll(run => figure(run));
        figures.Sort();
        return figures[figures.Count / 2];
    }

    private static double[] Figures(string line) => Array.ConvertAll(line.Trim().Split(' '), figure => double.Parse(figure, CultureInfo.InvariantCulture));

    private static string Start(string program, string[] arguments, bool echoErrors = false)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = echoErrors, StandardOutputEncoding = Encoding.UTF8 };
        using var process = Process.Start(start)!;
        var errors = echoErrors ? process.StandardError.ReadToEndAsync() : Task.FromResult("");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (echoErrors) Console.WriteLine(errors.GetAwaiter().GetResult().Trim());
        else if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        return output;
    }

    private static void Add(Table table, string documents, string reader, Speed speed) =>
        table.Add(documents, reader, Rate(speed.Cold), Rate(speed.Steady), double.IsNaN(speed.Allocated) ? "–" : speed.Allocated.ToString("0.00", CultureInfo.InvariantCulture));

    /// <summary>Bytes per millisecond → MB/s.</summary>
    private static string Rate(double speed) => (speed / 1000).ToString("N0", CultureInfo.InvariantCulture);

    private static void Judge(Table verdicts, string what, double measured, double wanted) =>
        verdicts.Add(what, string.Create(CultureInfo.InvariantCulture, $"{measured:0.00} ×"), string.Create(CultureInfo.InvariantCulture, $"≥ {wanted} ×"), measured >= wanted ? "yes" : "NO");
}
