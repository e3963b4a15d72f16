namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Which GitHub, and with what rights.</summary>
/// <param name="Api">REST; GraphQL is its <c>graphql</c>. On an Enterprise server <c>https://HOST/api/v3</c>, whose GraphQL is <c>/api/graphql</c>.</param>
/// <param name="Site">What people type and open.</param>
/// <param name="Token">Reads public data for everybody; null: only what can be read without.</param>
public sealed record GitHubOptions(Uri Api, Uri Site, string? Token)
{
    public Uri GraphQl => Api.AbsolutePath.EndsWith("/v3", StringComparison.Ordinal)
        ? new Uri(Api.AbsoluteUri[..^"v3".Length] + "graphql")
        : new Uri(Api.AbsoluteUri.TrimEnd('/') + "/graphql");

    /// <summary>Without the token.</summary>
    public override string ToString() => Api.AbsoluteUri;

    /// <summary>The parts of an address' path below the site; null for one that lies elsewhere.</summary>
    internal string[]? Below(string typed)
    {
        var text = typed.Contains("://", StringComparison.Ordinal) ? typed : "https://" + typed;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) ? Below(address) : null;
    }

    internal string[]? Below(Uri address)
    {
        var isHere = string.Equals(address.Authority, Site.Authority, StringComparison.OrdinalIgnoreCase)
            || string.Equals(address.Authority, "www." + Site.Authority, StringComparison.OrdinalIgnoreCase);
        var root = Site.AbsolutePath.TrimEnd('/') + "/";
        return isHere && (address.AbsolutePath + "/").StartsWith(root, StringComparison.Ordinal)
            ? (address.AbsolutePath + "/")[root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries)
            : null;
    }
}
