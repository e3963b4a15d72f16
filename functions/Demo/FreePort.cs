using System.Net;
using System.Net.Sockets;

namespace ContributionIngest.Functions.Demo;

/// <summary>Where the demo can listen beside whatever listens already.</summary>
internal static class FreePort
{
    private const int MostTries = 200;

    /// <summary>The first port from this one on that nobody uses; 0, which is any, where that would take too long to find.</summary>
    public static int From(int first) => Enumerable.Range(first, MostTries).FirstOrDefault(IsFree);

    public static bool IsFree(int port)
    {
        // The second look finds those that listen on every address.
        return IsFree(new IPEndPoint(IPAddress.Loopback, port)) && IsFree(new IPEndPoint(IPAddress.Any, port));
    }

    private static bool IsFree(IPEndPoint place)
    {
        using var listener = new TcpListener(place) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
