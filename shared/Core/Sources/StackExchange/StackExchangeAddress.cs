using System.Globalization;
using System.Text.RegularExpressions;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Sources.StackExchange;

/// <summary>An account on one site of the network.</summary>
/// <param name="Site">The site as the API calls it, such as <c>stackoverflow</c> or <c>dba</c>.</param>
internal sealed partial record SiteAccount(string Site, long User)
{
    /// <summary>Sites with a domain of their own; all others are below the last one. Their subdomains are sites, too.</summary>
    public static readonly IReadOnlyList<string> Domains =
        ["stackoverflow.com", "superuser.com", "serverfault.com", "askubuntu.com", "mathoverflow.net", "stackapps.com", "stackexchange.com"];

    public string Origin => string.Create(CultureInfo.InvariantCulture, $"{Site}/{User}");

    /// <summary>The page of the account.</summary>
    public string Page => string.Create(CultureInfo.InvariantCulture, $"https://{Host}/users/{User}");

    public string Host => Site.Contains('.', StringComparison.Ordinal) && Domains.Contains(Site, StringComparer.Ordinal) ? Site
        : Domains.Contains(Site + ".com", StringComparer.Ordinal) ? Site + ".com"
        : Site.EndsWith(".stackoverflow", StringComparison.Ordinal) ? Site + ".com"
        : Site + ".stackexchange.com";

    public static SiteAccount? OfOrigin(string origin) =>
        origin.Split('/') is [var site, var user] && SiteName().IsMatch(site) && OfId(user) is { } id ? new(site, id) : null;

    /// <summary>The page of an account on any site, or an id with the name of a site in either order; null for anything else.</summary>
    public static SiteAccount? Parse(string typed)
    {
        if (Words(typed) is { } account)
            return account;
        return Address(typed) is var (site, path) && UserPath().Match(path) is { Success: true } match && OfId(match.Groups["id"].Value) is { } user ? new(site, user) : null;
    }

    /// <summary>The account of the whole network that an address names (<c>stackexchange.com/users/4711</c>).</summary>
    public static long? Network(string typed) =>
        HttpAddressOf(typed) is { } address && HttpAddress.WithoutWww(address.Host) == "stackexchange.com" && UserPath().Match(address.AbsolutePath) is { Success: true } match
            ? OfId(match.Groups["id"].Value)
            : null;

    /// <summary>The answer that an address names, with its site.</summary>
    public static (string Site, long Answer)? AnswerAt(Uri address)
    {
        if (Address(address.AbsoluteUri) is not var (site, path))
            return null;
        var id = AnswerPath().Match(path) is { Success: true } match ? match.Groups["id"].Value : address.Fragment.TrimStart('#');
        var isPost = path.StartsWith("/a/", StringComparison.Ordinal) || path.StartsWith("/questions/", StringComparison.Ordinal);
        return isPost && OfId(id) is { } answer ? (site, answer) : null;
    }

    private static SiteAccount? Words(string typed)
    {
        var match = IdAndSite().Match(typed.Trim().ToLowerInvariant());
        return match.Success && OfId(match.Groups["id"].Value) is { } id ? new(NameOf(match.Groups["site"].Value), id) : null;
    }

    /// <summary>Site and path of an address in the network.</summary>
    private static (string Site, string Path)? Address(string typed)
    {
        if (HttpAddressOf(typed) is not { } address)
            return null;
        var host = HttpAddress.WithoutWww(address.Host).ToLowerInvariant();
        return host != "stackexchange.com" && Domains.Any(domain => host == domain || host.EndsWith("." + domain, StringComparison.Ordinal))
            ? (NameOf(host), address.AbsolutePath)
            : null;
    }

    private static Uri? HttpAddressOf(string typed)
    {
        var text = typed.Trim();
        if (!text.Contains('.', StringComparison.Ordinal) || text.Contains(' ', StringComparison.Ordinal))
            return null;
        return Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var address) && HttpAddress.IsHttp(address) ? address : null;
    }

    /// <summary>The API's name of a site: its host without the common endings.</summary>
    private static string NameOf(string host) =>
        host.EndsWith(".stackexchange.com", StringComparison.Ordinal) ? host[..^".stackexchange.com".Length]
        : host.EndsWith(".com", StringComparison.Ordinal) ? host[..^".com".Length]
        : host;

    private static long? OfId(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.\-]{1,60}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SiteName();

    [GeneratedRegex(@"^/users/(?<id>[0-9]{1,18})(/.*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UserPath();

    [GeneratedRegex(@"^/(a/(?<id>[0-9]{1,18})|questions/[0-9]{1,18}/[^/]*/(?<id>[0-9]{1,18}))(/[0-9]*)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AnswerPath();

    [GeneratedRegex(@"^((?<id>[0-9]{1,18})\s*[@/,\s]\s*(?<site>[a-z][a-z0-9.\-]{1,60})|(?<site>[a-z][a-z0-9.\-]{1,60})\s*[/,\s]\s*(?<id>[0-9]{1,18}))$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IdAndSite();
}
