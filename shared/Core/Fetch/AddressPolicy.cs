using System.Globalization;
using System.Net;

namespace ContributionIngest.Core.Fetch;

/// <summary>
/// Which addresses may be asked. The text is checked first (<see cref="Check"/>), the address a name resolves to again when the connection
/// is made (<see cref="Allows"/>); only the second can be trusted for a name.
/// </summary>
public sealed class AddressPolicy
{
    private static readonly string[] InsideNames =
        ["localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "svc", "home.arpa"];

    private readonly IPNetwork[] allowed;
    private readonly int[] ports;

    /// <param name="allowNetworks">Networks the operator opens although they are not public, on any port.</param>
    /// <param name="alternatePorts">Whether 8080 and 8443 are asked beside 80 and 443.</param>
    public AddressPolicy(IEnumerable<IPNetwork> allowNetworks, bool alternatePorts = true)
    {
        allowed = [.. allowNetworks];
        ports = alternatePorts ? [80, 443, 8080, 8443] : [80, 443];
    }

    /// <summary>The public internet and nothing else.</summary>
    public static AddressPolicy PublicOnly { get; } = new([]);

    /// <summary>
    /// Reads the setting <c>AllowNetworks</c>: networks as <c>10.1.0.0/16</c> or <c>fd00::/8</c>, or single addresses, separated by commas or
    /// spaces.
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
                problem = $"'{part}' is no network: write it as 10.1.0.0/16 or fd00::/8.";
        }

        policy = problem is null ? new AddressPolicy(networks) : PublicOnly;
        return problem is null;
    }

    /// <summary>
    /// Text of an address → the one address it means, its host in the only spelling that is dialled later, or why it is refused.
    /// <c>feed:</c> becomes http or https first.
    /// </summary>
    public AddressVerdict Check(string text)
    {
        if (!WebAddress.TryParse(text, out var parts, out var problem))
            return new(null, problem);
        if (!HostName.TryNormalise(parts.Host, out var host, out var literal))
            return new(null, "The address has no usable host name.");

        // Where the operator opened a network, names of inside hosts and odd ports wait for what the name resolves to.
        if (literal is not null && !Allows(literal, parts.Port))
            return new(null, $"{host} is not a public address, or its port is not a web port. The operator can open a network by the setting AllowNetworks.");
        if (literal is null && allowed.Length == 0 && IsInside(host))
            return new(null, $"{host} is a name inside a network, not a public web address.");
        if (literal is null && allowed.Length == 0 && !ports.Contains(parts.Port))
            return new(null, $"Port {parts.Port} is not a web port.");

        var port = parts.Port == (parts.Secure ? 443 : 80) ? "" : string.Create(CultureInfo.InvariantCulture, $":{parts.Port}");
        var rebuilt = $"{(parts.Secure ? "https" : "http")}://{host}{port}{parts.Rest}";
        return Uri.TryCreate(rebuilt, UriKind.Absolute, out var address)
            ? new(address, null)
            : new(null, "The address is not a full web address.");
    }

    /// <summary>Whether a connection may be made to this very address.</summary>
    public bool Allows(IPAddress address, int port) =>
        IsOpened(address) || (ports.Contains(port) && SpecialRanges.IsPublic(address));

    private bool IsOpened(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(allowed, network => network.Contains(plain));
    }

    private static bool IsInside(string host) =>
        !host.Contains('.', StringComparison.Ordinal)
        || Array.Exists(InsideNames, name => host.EndsWith('.' + name, StringComparison.Ordinal));
}

/// <param name="Address">The address to ask, or null when it is refused.</param>
/// <param name="Problem">Why it is refused, in one sentence for people.</param>
public readonly record struct AddressVerdict(Uri? Address, string? Problem);
