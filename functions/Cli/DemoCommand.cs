using System.CommandLine;
using System.Net.NetworkInformation;
using ContributionIngest.Core;

namespace ContributionIngest.Functions.Cli;

/// <summary>Finds a port that no other process listens on, on loopback or on all addresses.</summary>
internal static class FreePort
{
    private const int MaxTries = 200;

    /// <summary>The first free port from this one on; 0, meaning any, if none is found soon.</summary>
    public static int From(int first) => Enumerable.Range(first, MaxTries).Except(Busy()).FirstOrDefault();

    public static bool IsFree(int port) => !Busy().Contains(port);

    private static IEnumerable<int> Busy() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port);
}

/// <summary><c>demo</c>: a fictional person's year, harvested from bundled sites.</summary>
internal static class DemoCommand
{
    private const int UsualPort = 7071;

    public static Command Create(Option<string[]> set)
    {
        var port = new Option<int?>("--port") { Description = $"Where to listen; without it the next free one from {UsualPort} on." };
        var command = new Command("demo", "Runs with an invented person's year, harvested from bundled sites. Needs no network, and leaves nothing behind.") { port };
        command.Validators.Add(result =>
        {
            if (result.GetResult(set) is { Implicit: false })
                result.AddError("The demo takes no settings, so that it cannot touch anything real; --port says where it listens.");
            if (result.GetValue(port) is < 0 or > ushort.MaxValue)
                result.AddError("--port takes a number from 0 to 65535; 0 is any free port.");
        });
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(port), cancel));
        return command;
    }

    private static Task<int> RunAsync(int? asked, CancellationToken cancel)
    {
        if (asked > 0 && !FreePort.IsFree(asked.Value))
            throw new StartupException([$"Port {asked} is in use by another program. Without --port the demo takes the next free one."]);
        return DemoRun.RunAsync(Console.Out, asked ?? FreePort.From(UsualPort), cancel);
    }
}
