using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;
using Mutant = ContributionIngest.Core.Mutant;

namespace ContributionIngest.Tests;

/// <summary>In the copy alone: runs tests in this process, one after another, without a test host.</summary>
internal static class MutantRunner
{
    /// <summary>Tests of other code, and those that take minutes: a mutant that only they notice counts as survived.</summary>
    private static readonly string[] LeftOut =
    [
        ".Tests.Drivers.", ".Tests.Conventions.", ".Tests.Infra.", ".Tests.Formats.",
        ".Tests.Core.Faults.FaultTests", ".Tests.Core.Digests.YearTests", ".Tests.Core.Harvesting.KillTests", ".Tests.Core.Mail.KilledMailTests", ".Tests.Demo.DemoProcessTests",
    ];

    public static int Main(string[] arguments) => arguments switch
    {
        ["reach", var part, var parts, var file] => Reach(Number(part), Number(parts), file),
        ["judge", var file] => Judge(File.ReadAllLines(file), isAtStart: false),
        ["judge-start", var file] => Judge(File.ReadAllLines(file), isAtStart: true),
        _ => Program.Main(arguments).GetAwaiter().GetResult(),
    };

    /// <summary>
    /// Runs one of so many parts of all tests, but those whose names stand in the file. Adds a line for each: name, milliseconds, whether it passed, numbers of
    /// the mutants it reached.
    /// </summary>
    private static int Reach(int part, int parts, string file)
    {
        using var framework = new XunitTestFramework(new NullMessageSink());
        var known = File.ReadLines(file).Select(line => line.Split('\t')[0]).ToHashSet(StringComparer.Ordinal);
        using var writer = new StreamWriter(file, append: true) { AutoFlush = true };

        // Classes of a collection share another program: a published app, an emulator or a mail server.
        var classes = Find(framework).GroupBy(Class)
            .Where(tests => !tests.First().TestMethod.TestClass.Class.GetCustomAttributes(typeof(CollectionAttribute)).Any())
            .Where(tests => !LeftOut.Any(name => tests.Key.Contains(name, StringComparison.Ordinal)))
            .OrderBy(tests => tests.Key, StringComparer.Ordinal);
        foreach (var test in classes.Where((_, i) => i % parts == part).SelectMany(tests => tests).Where(test => !known.Contains(Name(test))))
        {
            Mutant.TakeReached();
            var watch = Stopwatch.StartNew();
            var passed = Passes(framework, [test]);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Name(test)}\t{watch.ElapsedMilliseconds}\t{passed}\t{string.Join(',', Mutant.TakeReached())}"));
        }

        return Exit(0);
    }

    /// <summary>
    /// A line is a mutant: its number, and its tests in the order to run, each with the longest time it may take. Writes a line for each mutant: its
    /// number, what became of it, and the test that said so. A test says so if it fails with the mutant, passes without it, and fails with it again.
    /// </summary>
    /// <param name="isAtStart">What ran at the start of the process stays; that the test passes without the mutant is known from another process.</param>
    private static int Judge(string[] lines, bool isAtStart)
    {
        using var framework = new XunitTestFramework(new NullMessageSink());
        var all = Find(framework).ToLookup(Name);
        foreach (var line in lines.Select(line => line.Split('\t')))
        {
            var number = Number(line[0]);
            var (verdict, by) = ("Survived", "");
            foreach (var test in line.Skip(1).Select(test => test.Split(' ')))
            {
                using var watch = new Timer(_ => End($"{number}\tTimedOut\t{test[0]}"), null, Number(test[1]), Timeout.Infinite);
                if (PassesWith(number, test[0]))
                    continue;
                var isCertain = (isAtStart || PassesWith(0, test[0])) && !PassesWith(number, test[0]);
                (verdict, by) = isCertain ? ("Killed", test[0]) : ("Unclear", test[0]);
                if (isCertain)
                    break;
            }

            Say($"{number}\t{verdict}\t{by}");
        }

        return Exit(0);

        bool PassesWith(int number, string test)
        {
            Mutant.On = number;
            return Passes(framework, all[test]);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Past what tests write to the standard output.</summary>
    private static void Say(string line)
    {
        using var output = Console.OpenStandardOutput();
        output.Write(System.Text.Encoding.UTF8.GetBytes($"\n=\t{line}\n"));
    }

    /// <summary>Without waiting for what a mutant may have left running.</summary>
    private static int Exit(int code)
    {
        Environment.Exit(code);
        return code;
    }

    private static void End(string line)
    {
        Say(line);
        Process.GetCurrentProcess().Kill();
    }

    private static bool Passes(XunitTestFramework framework, IEnumerable<ITestCase> tests)
    {
        using var done = new ManualResetEventSlim();
        using var executor = framework.GetExecutor(Assembly.GetExecutingAssembly().GetName());
        var sink = new Sink(done);
        executor.RunTests(tests, sink, new Options());
        done.Wait();
        return sink.Passed;
    }

    private static List<ITestCase> Find(XunitTestFramework framework)
    {
        using var done = new ManualResetEventSlim();
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(Assembly.GetExecutingAssembly()));
        var sink = new Sink(done);
        discoverer.Find(includeSourceInformation: false, sink, new Options());
        done.Wait();
        return sink.Found;
    }

    private static string Class(ITestCase test) => test.TestMethod.TestClass.Class.Name;

    private static string Name(ITestCase test) => $"{Class(test)}.{test.TestMethod.Method.Name}";

    /// <summary>One test after another, in this process.</summary>
    private sealed class Options : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
    {
        private readonly Dictionary<string, object?> values = new()
        {
            ["xunit.execution.DisableParallelization"] = true,
            ["xunit.execution.SynchronousMessageReporting"] = true,
            ["xunit.discovery.PreEnumerateTheories"] = false,
        };

        public T GetValue<T>(string name) => values.GetValueOrDefault(name) is T value ? value : default!;

        public void SetValue<T>(string name, T value) => values[name] = value;
    }

    private sealed class Sink(ManualResetEventSlim done) : LongLivedMarshalByRefObject, IMessageSink
    {
        public List<ITestCase> Found { get; } = [];

        public bool Passed { get; private set; } = true;

        public bool OnMessage(IMessageSinkMessage message)
        {
            switch (message)
            {
                case ITestCaseDiscoveryMessage found:
                    Found.Add(found.TestCase);
                    break;
                case ITestFailed or ITestClassCleanupFailure or ITestAssemblyCleanupFailure:
                    Passed = false;
                    break;
                case ITestAssemblyFinished or IDiscoveryCompleteMessage:
                    done.Set();
                    break;
                default:
                    break;
            }

            return true;
        }
    }
}
