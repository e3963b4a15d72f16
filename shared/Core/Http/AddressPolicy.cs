using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ContributionIngest.Core.Http;

/// <summary>
/// Which addresses may be requested. The text is checked first (<see cref="Check"/>). The address a name resolves to is checked again when
/// connecting (<see cref="Allows"/>); for a name, only the second check can be trusted.
/// </summary>
public sealed class AddressPolicy
{
    private static readonly string[] InternalNames =
        ["localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "svc", "home.arpa"];

    private readonly IPNetwork[] allowed;
    private readonly int[] ports;

    /// <param name="allowNetworks">Networks that the operator allows although they are not public, on any port.</param>
    /// <param name="alternatePorts">Whether 8080 and 8443 are allowed besides 80 and 443.</param>
    public AddressPolicy(IEnumerable<IPNetwork> allowNetworks, bool alternatePorts = true)
    {
        allowed = [.. allowNetworks];
        ports = alternatePorts ? [80, 443, 8080, 8443] : [80, 443];
    }

    /// <summary>The public internet and nothing else.</summary>
    public static AddressPolicy PublicOnly { get; } = new([]);

    /// <summary>
    /// Parses the setting <c>AllowNetworks</c>: networks such as <c>10.1.0.0/16</c> or <c>fd00::/8</c>, or single addresses, separated by commas
    /// or spaces.
    /// </summary>
    public static bool TryParse(string? setting, out AddressPolicy policy, out string? problem)
    {
        var networks = new List<IPNetwork>();
        problem = null;
        foreach (var part in (setting ?? "").Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPNetwork.TryParse(part, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(part, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                problem = $"'{part}' is not a network; write it as 10.1.0.0/16 or fd00::/8.";
        }

        policy = problem is null ? new AddressPolicy(networks) : PublicOnly;
        return problem is null;
    }

    /// <summary>
    /// Parses an address. Returns it with its host in the normalized spelling used to connect, or the reason it is refused.
    /// <c>feed:</c> is first replaced by http or https.
    /// </summary>
    public AddressVerdict Check(string text)
    {
        if (!WebAddress.TryParse(text, out var parts, out var problem))
            return new(null, problem);
        if (!HostName.TryNormalise(parts.Host, out var host, out var literal))
            return new(null, "The address has no usable host name.");

        // If the operator allows a network, internal names and unusual ports are decided by what the name resolves to.
        if (literal is not null && !Allows(literal, parts.Port))
            return new(null, $"{host} is not a public address, or its port is not a web port. The operator can allow a network with the setting AllowNetworks.");
        if (literal is null && allowed.Length == 0 && IsInternal(host))
            return new(null, $"{host} is an internal name, not a public web address.");
        if (literal is null && allowed.Length == 0 && !ports.Contains(parts.Port))
            return new(null, $"Port {parts.Port} is not a web port.");

        var port = parts.Port == (parts.Secure ? 443 : 80) ? "" : string.Create(CultureInfo.InvariantCulture, $":{parts.Port}");
        var rebuilt = $"{(parts.Secure ? "https" : "http")}://{host}{port}{parts.Rest}";
        return Uri.TryCreate(rebuilt, UriKind.Absolute, out var address)
            ? new(address, null)
            : new(null, "The address is not a full web address.");
    }

    /// <summary>Whether a connection to this IP address and port is allowed.</summary>
    public bool Allows(IPAddress address, int port) =>
        IsInAllowedNetwork(address) || (ports.Contains(port) && SpecialRanges.IsPublic(address));

    private bool IsInAllowedNetwork(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(allowed, network => network.Contains(plain));
    }

    private static bool IsInternal(string host) =>
        !host.Contains('.', StringComparison.Ordinal)
        || Array.Exists(InternalNames, name => host.EndsWith('.' + name, StringComparison.Ordinal));
}

/// <param name="Address">The address to request, or null if it is refused.</param>
/// <param name="Problem">Why it is refused, in one readable sentence.</param>
public readonly record struct AddressVerdict(Uri? Address, string? Problem);

/// <summary>
/// Address ranges that are not on the public internet: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890 and updates), and
/// the one public address that Azure reserves for its own machines.
/// </summary>
internal static class SpecialRanges
{
    private static readonly IPNetwork[] V4 = Parse(
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

    // Everything outside 2000::/3 is refused: loopback, IPv4-mapped and -compatible forms, NAT64, unique local, link-local,
    // site-local, discard, segment routing, multicast.
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] V6 = Parse(
        "2001::/23", // IETF protocol assignments, Teredo
        "2001:db8::/32", // documentation
        "2002::/16", // 6to4: carries any IPv4 address
        "3fff::/20"); // documentation

    public static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Array.Exists(V4, range => range.Contains(address)),

        // Mapped addresses are tested explicitly, because IPNetwork treats them specially.
        AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6
            && address.ScopeId == 0
            && GlobalV6.Contains(address)
            && !Array.Exists(V6, range => range.Contains(address)),
        _ => false,
    };

    private static IPNetwork[] Parse(params string[] ranges) => Array.ConvertAll(ranges, IPNetwork.Parse);
}
