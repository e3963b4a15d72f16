using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace ContributionIngest.Functions.Security;

/// <summary>Whose word about the client and the public address of a request counts.</summary>
internal static class Proxies
{
    /// <summary>Believes the process on the other end of a loopback connection, and nobody else.</summary>
    public static ForwardedHeadersOptions Loopback(ForwardedHeaders headers)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = headers };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        options.KnownProxies.Add(IPAddress.Loopback);
        options.KnownProxies.Add(IPAddress.IPv6Loopback);
        return options;
    }
}
