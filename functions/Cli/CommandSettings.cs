using ContributionIngest.Core;
using ContributionIngest.Functions.Configuration;

namespace ContributionIngest.Functions.Cli;

/// <summary>This process's settings: the command line overrides the environment, which overrides <c>local.settings.json</c>.</summary>
internal static class CommandSettings
{
    /// <exception cref="StartupException">Lists every invalid setting.</exception>
    public static Settings Settings(IReadOnlyList<string>? typed)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables();
        // The file is read from the current folder and the output folder; the build copies functions/local.settings.json there, as the Functions tools expect.
        LocalSettings.Add(configuration, Directory.GetCurrentDirectory());
        LocalSettings.Add(configuration, AppContext.BaseDirectory);
        if (typed is null or [])
            return ContributionIngest.Functions.Configuration.Settings.Read(configuration.Build());
        List<string> faults = [];
        var known = ContributionIngest.Functions.Configuration.Settings.Names().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in typed)
        {
            var parts = text.Split('=', 2);
            if (parts.Length == 2 && !known.Contains(parts[0].Trim()))
                faults.Add($"There is no setting '{parts[0].Trim()}'{Nearest(parts[0].Trim(), known)} Known are {string.Join(", ", known)}.");
            else if (parts.Length == 2)
                values[parts[0].Trim().Replace("__", ":", StringComparison.Ordinal)] = parts[1];
            else
                faults.Add($"--set takes NAME=VALUE, not '{text}'.");
        }

        return faults.Count == 0 ? ContributionIngest.Functions.Configuration.Settings.Read(configuration.AddInMemoryCollection(values).Build()) : throw new StartupException(faults);
    }

    private static string Nearest(string name, IEnumerable<string> known) => SettingReader.Near(name, known) is { } near ? $"; did you mean {near}?" : ".";
}
