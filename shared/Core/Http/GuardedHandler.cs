using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ContributionIngest.Core.Http;

/// <summary>A name → its addresses.</summary>
public delegate Task<IPAddress[]> Resolver(string host, CancellationToken cancel);

/// <summary>Opens the connection to an address that was vetted.</summary>
public delegate ValueTask<Stream> Dialler(IPEndPoint address, CancellationToken cancel);

/// <summary>The outbound handler: it connects to vetted addresses only, and to the very ones it looked at.</summary>
public static class GuardedHandler
{
    public static SocketsHttpHandler Create(AddressPolicy policy, Resolver? resolve = null, Dialler? dial = null)
    {
        resolve ??= Dns.GetHostAddressesAsync;
        dial ??= DialAsync;
        return new SocketsHttpHandler
        {
            // A proxy would make the callback below see the proxy's address in place of the host's.
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            MaxConnectionsPerServer = 2,
            MaxResponseHeadersLength = 64,
            MaxResponseDrainSize = 64 * 1024,

            // Validators are returned as they came, also where a server put bytes beyond ASCII into them.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ConnectCallback = (context, cancel) => ConnectAsync(context.DnsEndPoint, policy, resolve, dial, cancel),
        };
    }

    private static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint place, AddressPolicy policy, Resolver resolve, Dialler dial, CancellationToken cancel)
    {
        var host = place.Host.Trim('[', ']');
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancel);
        var vetted = Array.FindAll(found, address => policy.Allows(address, place.Port));
        if (found.Length > 0 && vetted.Length == 0)
            throw new RefusedAddressException(host);

        SocketException? last = null;
        foreach (var address in vetted)
        {
            try
            {
                return await dial(new IPEndPoint(address, place.Port), cancel);
            }
            catch (SocketException e)
            {
                last = e;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static async ValueTask<Stream> DialAsync(IPEndPoint address, CancellationToken cancel)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The name resolved, but only to addresses the policy does not open.</summary>
public sealed class RefusedAddressException(string host) : IOException($"{host} does not lead to a public address.");
