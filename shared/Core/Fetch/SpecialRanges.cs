using System.Net;
using System.Net.Sockets;

namespace ContributionIngest.Core.Fetch;

/// <summary>
/// The address ranges that are not the public internet: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890 and updates), and
/// the one public address a cloud keeps for its own machines.
/// </summary>
internal static class SpecialRanges
{
    private static readonly IPNetwork[] Four = Parse(
        "0.0.0.0/8", // this network
        "10.0.0.0/8", // private
        "100.64.0.0/10", // carrier NAT
        "127.0.0.0/8", // loopback
        "168.63.129.16/32", // Azure's wire server
        "169.254.0.0/16", // link-local, metadata services
        "172.16.0.0/12", // private
        "192.0.0.0/24", // IETF protocol assignments
        "192.0.2.0/24", // documentation
        "192.88.99.0/24", // 6to4 relays
        "192.168.0.0/16", // private
        "198.18.0.0/15", // benchmarks
        "198.51.100.0/24", // documentation
        "203.0.113.0/24", // documentation
        "224.0.0.0/4", // multicast
        "240.0.0.0/4"); // reserved, broadcast

    // Everything outside 2000::/3 is refused as a whole: loopback, IPv4-mapped and -compatible forms, NAT64, unique local, link-local,
    // site-local, discard, segment routing, multicast.
    private static readonly IPNetwork GlobalSix = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Six = Parse(
        "2001::/23", // IETF protocol assignments, Teredo
        "2001:db8::/32", // documentation
        "2002::/16", // 6to4: carries any IPv4 address
        "3fff::/20"); // documentation

    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Array.Exists(Four, range => range.Contains(address)),

        // Mapped addresses by name: IPNetwork compares them in a way of its own.
        AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6
            && address.ScopeId == 0
            && GlobalSix.Contains(address)
            && !Array.Exists(Six, range => range.Contains(address)),
        _ => false,
    };

    private static IPNetwork[] Parse(params string[] ranges) => Array.ConvertAll(ranges, IPNetwork.Parse);
}
