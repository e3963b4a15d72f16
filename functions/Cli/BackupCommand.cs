using System.CommandLine;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Cli;

/// <summary><c>backup FILE</c>: copies the whole embedded store into one file.</summary>
internal static class BackupCommand
{
    public static Command Create(Option<string[]> set)
    {
        var file = new Argument<string>("FILE") { Description = "Where to write it; a file that is there already is not overwritten." };
        var command = new Command("backup", "Writes the whole store into one file. Stop the server first.") { file };
        command.SetAction((parsed, cancel) => RunAsync(CommandSettings.Settings(parsed.GetValue(set)), parsed.GetValue(file)!, cancel));
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

        using var store = new SqliteStore(settings.Data, TimeProvider.System);
        await store.BackupAsync(file, cancel);
        Console.WriteLine($"{settings.Data} is backed up in {file} ({Math.Ceiling(new FileInfo(file).Length / 1024.0):N0} kB).");
        if (SecretKeyFile.Copy(settings.Data, file))
            Console.WriteLine($"The keys of its secrets are in {SecretKeyFile.BackupOf(file)}. Keep that file elsewhere: who has both can read the secrets, and without it nobody can.");
        return 0;
    }
}

/// <summary><c>restore FILE</c>: restores a backup into an empty data folder.</summary>
internal static class RestoreCommand
{
    public static Command Create(Option<string[]> set)
    {
        var file = new Argument<string>("FILE") { Description = "What backup wrote." };
        var command = new Command("restore", "Puts a backup into the data folder, which must be empty.") { file };
        command.SetAction(parsed => Run(CommandSettings.Settings(parsed.GetValue(set)), parsed.GetValue(file)!));
        return command;
    }

    private static int Run(Settings settings, string file)
    {
        SqliteStore.Restore(file, settings.Data);
        Console.WriteLine($"{file} is restored in {settings.Data}.");
        if (!SecretKeyFile.Restore(file, settings.Data))
            Console.WriteLine($"There is no {SecretKeyFile.BackupOf(file)}, so unless SecretKeys is set as before, hooks get new secrets, everyone signs in again, and links in mails end.");
        return 0;
    }
}
