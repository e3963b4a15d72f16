using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace ContributionIngest.Functions.Security;

/// <summary>Which proxies are trusted to name the client and the public address of a request.</summary>
internal static class Proxies
{
    /// <summary>Trusts only a process that connects over loopback.</summary>
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
