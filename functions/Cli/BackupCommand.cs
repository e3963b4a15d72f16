using System.CommandLine;
using ContributionIngest.Core;
using ContributionIngest.Core.Backup;
using ContributionIngest.Functions.Api;
using ContributionIngest.Functions.Configuration;
using ContributionIngest.Functions.Security;

namespace ContributionIngest.Functions.Cli;

/// <summary><c>backup FILE</c>: copies the whole store, whatever its driver, into an archive.</summary>
internal static class BackupCommand
{
    /// <summary>Exit code if somebody is missing in the archive.</summary>
    private const int Incomplete = 2;

    public static Command Create(Option<string[]> set)
    {
        var file = new Argument<string>("FILE") { Description = "Where to write it; a file that is there already is not overwritten." };
        var withoutRaw = new Option<bool>("--without-raw") { Description = "Leaves out the raw answers of sources, which are kept for audit." };
        var week = new Option<string?>("--week") { Description = "Fetches the weekly backup of that day (yyyyMMdd) from Azure storage instead." };
        var passphrase = Passphrase.Option("Takes along the keys of what is secret in the store, protected by a passphrase in the first line of this file, or '-' to be asked for it. "
            + "Without, accounts are connected again after a restoration, and everybody signs in again.");
        var command = new Command("backup", "Writes the whole store into one file, a tar that other programs can read. Repeated after an interruption, it goes on. "
            + "Stop the server of an embedded store first; an app on Azure storage may run. Exit code 2: somebody who kept changing is missing.") { file, withoutRaw, passphrase, week };
        command.SetAction((parsed, cancel) => Interruptible.RunAsync(
            token => RunAsync(
                CommandSettings.Settings(parsed.GetValue(set)), Path.GetFullPath(parsed.GetValue(file)!), !parsed.GetValue(withoutRaw), parsed.GetValue(passphrase), parsed.GetValue(week), token), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Settings settings, string file, bool withRaw, string? passphraseFile, string? week, CancellationToken cancel)
    {
        if (settings.Storage is null && !Directory.Exists(settings.Data))
        {
            await Console.Error.WriteLineAsync($"There is no data folder {settings.Data}, so there is nothing to back up. Which one it is says the setting Data.");
            return 1;
        }

        var dependencies = AppDependencies.Of(settings);
        using var store = dependencies.Stores.Owner;
        await using var app = App.Build(settings, dependencies);
        if (week is not null)
        {
            await app.Services.GetRequiredService<WeeklyBackup>().FetchAsync(week, file, cancel);
            Console.WriteLine($"The weekly backup of {week} is in {file}.");
            return 0;
        }

        var passphrase = passphraseFile is null ? null : Passphrase.Read(passphraseFile, isNew: true);
        var request = new BackupRequest(file, NameOf(settings), ProductVersion.Text, withRaw, passphrase);
        var progress = new ProgressLine("backed up");
        ArchiveEnd end;
        try
        {
            end = await app.Services.GetRequiredService<ArchiveBackup>().RunAsync(request, app.Services.GetRequiredService<TravellingKeys>().ReadAsync, progress.Report, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException($"The backup '{file}' cannot be written: {FileErrors.Reason(e)}.", e);
        }

        progress.End();
        Console.WriteLine($"{request.Store} is backed up in {file}: {Quantity.People(end.People)}, {end.Rows:N0} rows, {end.Blobs:N0} blobs, {Math.Ceiling(new FileInfo(file).Length / 1024.0):N0} kB.");
        Console.WriteLine(passphrase is null
            ? "Without a passphrase nothing secret can be read in it."
            : "The keys of its secrets are in it, protected by the passphrase. Without the passphrase nobody can read them.");
        if (end.Changing.Count == 0)
            return 0;
        await Console.Error.WriteLineAsync($"These are missing, because they kept changing: {string.Join(", ", end.Changing)}. Back up again, or stop the app for it.");
        return Incomplete;
    }

    /// <summary>Which store it is, so that an archive of another one is not continued; without anything secret.</summary>
    private static string NameOf(Settings settings) => settings.Storage switch
    {
        null => $"the embedded store {settings.Data}",
        { Tables: { } tables } => $"the Azure storage {tables.Host}",
        { ConnectionString: { } text } => "the Azure storage " + Account(text),
        _ => "Azure storage",
    };

    private static string Account(string connectionString)
    {
        var parts = connectionString.Split(';').Select(part => part.Trim().Split('=', 2)).Where(part => part.Length == 2).ToDictionary(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        return parts.GetValueOrDefault("TableEndpoint") is { } address && Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Authority : parts.GetValueOrDefault("AccountName") ?? "of the emulator";
    }
}
