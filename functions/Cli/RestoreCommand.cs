using System.CommandLine;
using ContributionIngest.Core.Backup;
using ContributionIngest.Core.Maintenance;
using ContributionIngest.Drivers.Sqlite;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Cli;

/// <summary><c>restore FILE</c>: restores an archive into an empty store, whatever its driver, or one person into any.</summary>
internal static class RestoreCommand
{
    public static Command Create(Option<string[]> set)
    {
        var file = new Argument<string?>("FILE") { Description = "What backup wrote.", Arity = ArgumentArity.ZeroOrOne };
        var person = new Option<string?>("--person") { Description = "Restores only the person with this id or mail address. Whoever is there is replaced, and is first written to a file beside FILE." };
        var week = new Option<string?>("--week") { Description = "Takes the weekly backup of that day (yyyyMMdd) from Azure storage, and leaves it in the current folder." };
        var passphrase = Passphrase.Option("A file with the passphrase that the archive was made with, or '-' to be asked for it.");
        var command = new Command("restore", "Puts an archive into a store without people: an embedded one, or Azure storage. Repeated after an interruption, it goes on.") { file, person, passphrase, week };
        command.SetAction((parsed, cancel) => Interruptible.RunAsync(
            token => RunAsync(CommandSettings.Settings(parsed.GetValue(set)), parsed.GetValue(file), parsed.GetValue(person), parsed.GetValue(passphrase), parsed.GetValue(week), token), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Settings settings, string? typed, string? person, string? passphraseFile, string? week, CancellationToken cancel)
    {
        if ((typed is null) == (week is null))
        {
            await Console.Error.WriteLineAsync("Name a FILE, or a weekly backup by --week.");
            return 1;
        }

        var file = Path.GetFullPath(typed ?? $"week-{week}.archive");
        if (week is null && !File.Exists(file))
        {
            await Console.Error.WriteLineAsync($"There is no file '{file}' to restore.");
            return 1;
        }

        if (week is null && SqliteStore.IsFormerBackup(file))
            return RestoreFormer(settings, file);
        // Before a data folder is made.
        if (File.Exists(file))
            await ArchiveRestore.CheckAsync(file, cancel);
        var passphrase = passphraseFile is null ? null : Passphrase.Read(passphraseFile, isNew: false);
        var dependencies = AppDependencies.Of(settings);
        using var store = dependencies.Stores.Owner;
        await using var app = App.Build(settings, dependencies);
        if (week is not null && !File.Exists(file))
            await app.Services.GetRequiredService<WeeklyBackup>().FetchAsync(week, file, cancel);
        var progress = new ProgressLine("restored");
        var result = await app.Services.GetRequiredService<ArchiveRestore>().RunAsync(
            new RestoreRequest(file, passphrase, person), ProductVersion.Text, app.Services.GetRequiredService<TravellingKeys>().RestoreAsync, progress.Report, cancel);
        progress.End();
        if (person is null)
            await app.Services.GetRequiredService<MaintenanceRun>().StartDeletionsAsync(cancel);
        Console.WriteLine($"{file} is restored {(settings.Storage is null ? $"in {settings.Data}" : "in Azure storage")}: {Quantity.People(result.People)}, {result.Rows:N0} rows, {result.Blobs:N0} blobs.");
        if (result.Replaced is { } before)
            Console.WriteLine($"As they were until now they are in {before}, from which they can be restored in the same way.");
        if (result.Taken > 0)
            Console.WriteLine($"{result.Taken} rows were left as they are: an address, a page's name or an account is somebody else's by now, or a digest was sent.");
        if (person is null)
            Console.WriteLine(result.HasSecrets ? "Secrets are readable here. Start an app again that runs on this store." : "Accounts have to be connected again, hooks get new secrets, and everybody signs in again. API keys stay.");
        if (result.Changing.Count > 0)
            Console.WriteLine($"The archive is without {string.Join(", ", result.Changing)}, who kept changing while it was made.");
        return 0;
    }

    /// <summary>A backup that an earlier version made.</summary>
    private static int RestoreFormer(Settings settings, string file)
    {
        if (settings.Storage is not null)
        {
            Console.Error.WriteLine($"'{file}' was made by an earlier version, and can be restored in an embedded store alone. Restore it there, back that up, and restore the new file here.");
            return 1;
        }

        SqliteStore.Restore(file, settings.Data);
        Console.WriteLine($"{file} is restored in {settings.Data}.");
        if (!SecretKeyFile.Restore(file, settings.Data))
            Console.WriteLine($"There is no {SecretKeyFile.BackupOf(file)}, so unless SecretKeys is set as before, hooks get new secrets, everyone signs in again, and links in mails end.");
        return 0;
    }
}
