using System.CommandLine;
using ContributionIngest.Core;
using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Storage;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;

namespace ContributionIngest.Functions.Cli;

/// <summary>The command line. Without a command the program serves, or runs as a worker if the Functions host started it.</summary>
internal static class CommandLineApp
{
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (FunctionsWorker.IsStartedByHost(args))
                return await FunctionsWorker.RunAsync(args);
            // Errors are printed below as sentences, and the host decides how long shutdown may take.
            if (args is [])
                return await ServeCommand.RunAsync(null, CancellationToken.None);
            return await RunCommandAsync(args);
        }
        catch (StartupException e)
        {
            return Refuse(e.Faults);
        }
        catch (Exception e) when (e is SqliteStoreException or ArchiveException)
        {
            return Refuse([e.Message]);
        }
        catch (StoreUnavailableException e)
        {
            return Refuse([$"The store cannot be used. {e.Message}"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var name = (e as FileNotFoundException)?.FileName;
            return Refuse([$"A file or folder cannot be used{(name is null ? "" : $", '{name}'")}: {FileErrors.Reason(e)}."]);
        }
    }

    // A separate method, so that a server does not load System.CommandLine.
    private static Task<int> RunCommandAsync(string[] args) => Root().Parse(args).InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    });

    private static RootCommand Root()
    {
        var root = new RootCommand(
            "Keeps the record of what a person gives to a technical community. Without a command it serves the API and harvests.")
        {
            TreatUnmatchedTokensAsErrors = true,
        };
        var settings = new Option<string[]>("--set")
        {
            Description = "A setting as NAME=VALUE, e.g. --set Listen=http://127.0.0.1:8080. May be repeated; see local.settings.sample.json.",
            Recursive = true,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };
        root.Options.Add(settings);
        root.Add(PreviewCommand.Create(settings));
        root.Add(ParseCommand.Create());
        root.Add(DemoCommand.Create(settings));
        root.Add(KeysCommand.Create(settings));
        root.Add(SecretsCommand.Create(settings));
        root.Add(BackupCommand.Create(settings));
        root.Add(RestoreCommand.Create(settings));
        root.SetAction((parsed, cancel) => ServeCommand.RunAsync(parsed.GetValue(settings), cancel));
        return root;
    }

    private static int Refuse(IReadOnlyList<string> faults)
    {
        foreach (var fault in faults)
            Console.Error.WriteLine(fault);
        return 1;
    }
}
