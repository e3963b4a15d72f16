using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ContributionIngest.Core.Http;

/// <summary>Resolves a host name to its addresses.</summary>
public delegate Task<IPAddress[]> Resolver(string host, CancellationToken cancel);

/// <summary>Opens a connection to a vetted address.</summary>
public delegate ValueTask<Stream> ConnectionOpener(IPEndPoint address, CancellationToken cancel);

/// <summary>The outbound handler. It connects only to addresses it has vetted, without resolving the name a second time.</summary>
public static class GuardedHandler
{
    public static SocketsHttpHandler Create(AddressPolicy policy, Resolver? resolve = null, ConnectionOpener? dial = null)
    {
        resolve ??= Dns.GetHostAddressesAsync;
        dial ??= DialAsync;
        return new SocketsHttpHandler
        {
            // With a proxy, the callback below would see the proxy's address instead of the host's.
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

            // Validators are returned unchanged, even if the server put non-ASCII bytes into them.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ConnectCallback = (context, cancel) => ConnectAsync(context.DnsEndPoint, policy, resolve, dial, cancel),
        };
    }

    private static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint endpoint, AddressPolicy policy, Resolver resolve, ConnectionOpener dial, CancellationToken cancel)
    {
        var host = endpoint.Host.Trim('[', ']');
        var resolved = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancel);
        var vetted = Array.FindAll(resolved, address => policy.Allows(address, endpoint.Port));
        if (resolved.Length > 0 && vetted.Length == 0)
            throw new RefusedAddressException(host);

        SocketException? lastError = null;
        foreach (var address in vetted)
        {
            try
            {
                return await dial(new IPEndPoint(address, endpoint.Port), cancel);
            }
            catch (SocketException e)
            {
                lastError = e;
            }
        }

        throw lastError ?? new SocketException((int)SocketError.HostNotFound);
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

/// <summary>The name resolved, but only to addresses that the policy does not allow.</summary>
public sealed class RefusedAddressException(string host) : IOException($"{host} does not lead to a public address.");
