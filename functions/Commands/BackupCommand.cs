using System.CommandLine;
using ContributionIngest.Drivers.Local;

namespace ContributionIngest.Functions.Commands;

/// <summary><c>backup FILE</c>: the whole embedded store in one file.</summary>
internal static class BackupCommand
{
    public static Command Create(Option<string[]> set)
    {
        var file = new Argument<string>("FILE") { Description = "Where to write it; a file that is there already is not overwritten." };
        var command = new Command("backup", "Writes the whole store into one file. Stop the server first.") { file };
        command.SetAction((parsed, cancel) => RunAsync(Configured.Settings(parsed.GetValue(set)), parsed.GetValue(file)!, cancel));
        return command;
    }

    private static async Task<int> RunAsync(Settings settings, string file, CancellationToken cancel)
    {
        if (File.Exists(file))
        {
            Console.Error.WriteLine($"{file} is there already; name another file.");
            return 1;
        }

        if (!Directory.Exists(settings.Data))
        {
            Console.Error.WriteLine($"There is no data folder {settings.Data}, so there is nothing to back up. Which one it is says the setting Data.");
            return 1;
        }

        using var store = new LocalStore(settings.Data, TimeProvider.System);
        await store.BackupAsync(file, cancel);
        Console.WriteLine($"{settings.Data} is backed up in {file} ({Math.Ceiling(new FileInfo(file).Length / 1024.0):N0} kB).");
        return 0;
    }
}
