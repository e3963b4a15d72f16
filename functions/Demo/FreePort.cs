using System.Net.NetworkInformation;

namespace ContributionIngest.Functions.Demo;

/// <summary>Where the demo can listen beside whatever listens already, on loopback or on every address.</summary>
internal static class FreePort
{
    private const int MostTries = 200;

    /// <summary>The first port from this one on that nobody uses; 0, which is any, where that would take too long to find.</summary>
    public static int From(int first) => Enumerable.Range(first, MostTries).Except(Busy()).FirstOrDefault();

    public static bool IsFree(int port) => !Busy().Contains(port);

    private static IEnumerable<int> Busy() => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port);
}
