using ContributionIngest.Tests.Benchmarks;
using ContributionIngest.Tests.Benchmarks.Survive;
using ContributionIngest.Tests.Core.Harvesting;
using ContributionIngest.Tests.Core.Mail;
using ContributionIngest.Tests.Drivers;

namespace ContributionIngest.Tests;

/// <summary>
/// What the test project does when it is started as a program: the other processes of process tests, and benchmarks (<c>tests/bench NAME</c>).
/// A benchmark is a file in <c>Benchmarks/</c> and a line below.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments) => arguments switch
    {
        ["corpora", .. var rest] => CorporaBench.Run(rest),
        ["digest", .. var rest] => await DigestBench.RunAsync(rest),
        ["exports", var executable] => await ExportBench.RunAsync(executable),
        ["fuzz", .. var rest] => await FuzzBench.RunAsync(rest),
        ["hooks", var executable] => await HooksBench.RunAsync(executable),
        ["hostile", var executable, .. var only] => await HostileBench.RunAsync(executable, only),
        ["ledger"] => await LedgerBench.RunAsync(),
        ["local"] => await LocalSpeed.RunAsync(),
        ["move", var executable] => await MoveBench.RunAsync(executable),
        ["office"] => await OfficeBench.RunAsync(),
        ["page", var executable] => await PageBench.RunAsync(executable),
        ["readiness"] => await ReadinessBench.RunAsync(),
        ["twenty-blogs", var folder, var step] => await TwentyBlogs.RunAsync(folder, int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)),
        ["send-letter", var security, var port, var user, var password] => await SendLetter.RunAsync(security, port, user, password),
        ["weekly-mail", var folder, var step] => await WeeklyMail.RunAsync(folder, int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)),
        ["start", var program, var empty, .. var starts] => await StartBench.RunAsync(
            program, empty, starts is [var number] ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 20),
        ["storage"] => await StorageBench.RunAsync(),
        ["survive", var executable, .. var rest] => await SurviveBench.RunAsync(executable, rest),
        ["store-writer", var folder] => await StoreWriter.RunAsync(folder),
        _ => Usage(),
    };

    private static int Usage()
    {
        Console.Error.WriteLine("Benchmarks: corpora, digest, exports, fuzz, hooks, hostile, ledger, move, office, page, readiness, start, storage, survive, local (and speed, which is published for it). Run them by tests/bench NAME; tests by tests/run.");
        return 2;
    }
}
