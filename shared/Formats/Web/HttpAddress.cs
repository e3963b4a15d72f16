namespace ContributionIngest.Formats.Web;

/// <summary>Checks of http(s) addresses and their hosts.</summary>
internal static class HttpAddress
{
    public static bool IsHttp(Uri address) => address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps;

    /// <summary>Whether the text is an absolute http(s) address.</summary>
    public static bool IsHttp(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && IsHttp(uri);

    public static string WithoutWww(string host) => host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host[4..] : host;
}
