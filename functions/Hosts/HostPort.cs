using System.Globalization;

namespace ContributionIngest.Functions.Hosts;

/// <summary>The port the Functions host has picked for its handler; that it is there tells that there is a host at all.</summary>
internal static class HostPort
{
    private static readonly string[] Names = ["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"];

    /// <summary>Null when the program stands alone.</summary>
    /// <exception cref="StartException">The host's own variable is no port.</exception>
    public static int? Find(IConfiguration configuration)
    {
        foreach (var name in Names)
        {
            var value = configuration[name];
            if (string.IsNullOrEmpty(value))
                continue;
            return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
                ? port
                : throw new StartException([$"{name} is '{value}', allowed is a port from 1 to 65535; the Functions host sets it."]);
        }

        return null;
    }
}
