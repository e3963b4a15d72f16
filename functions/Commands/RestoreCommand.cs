using System.CommandLine;
using ContributionIngest.Drivers.Local;

namespace ContributionIngest.Functions.Commands;

/// <summary><c>restore FILE</c>: a backup into an empty data folder.</summary>
internal static class RestoreCommand
{
    public static Command Create(Option<string[]> set)
    {
        var file = new Argument<string>("FILE") { Description = "What backup wrote." };
        var command = new Command("restore", "Puts a backup into the data folder, which must be empty.") { file };
        command.SetAction(parsed => Run(Configured.Settings(parsed.GetValue(set)), parsed.GetValue(file)!));
        return command;
    }

    private static int Run(Settings settings, string file)
    {
        LocalStore.Restore(file, settings.Data);
        Console.WriteLine($"{file} is restored in {settings.Data}.");
        return 0;
    }
}
