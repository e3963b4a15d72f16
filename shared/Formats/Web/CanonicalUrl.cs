using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ContributionIngest.Formats.Web;

/// <summary>
/// One spelling for all addresses of the same page, for keys and comparison. Not for display and not for asking: http and https, trailing
/// slashes, tracking parameters, parameter order, AMP copies and the many addresses of one video are folded away.
/// </summary>
public static class CanonicalUrl
{
    /// <param name="keepFragment">For places that tell their items apart by the fragment alone; <c>#!</c> is kept always.</param>
    /// <returns>Null for what is no absolute http(s) address.</returns>
    public static string? Of(string url, bool keepFragment = false)
    {
        // Removing one thing may uncover another (an escape within an escape, dots behind an ending), so it is done until nothing changes.
        var canonical = Once(url, keepFragment);
        for (var passes = 0; passes < 8 && canonical is not null && canonical != url; passes++)
            (url, canonical) = (canonical, Once(canonical, keepFragment));
        return canonical;
    }

    private static string? Once(string url, bool keepFragment)
    {
        if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri) || !IsWeb(uri))
            return null;

        // An AMP cache holds the page's own address in its path; a copy of a copy is unwrapped as well.
        for (var copies = 0; copies < 3 && Unwrapped(uri) is { } inner; copies++)
            uri = inner;

        var host = Host(uri);
        if (YouTubeVideoUrl.Of(uri) is { } video)
            return $"https://www.youtube.com/watch?v={video}";
        var port = uri.IsDefaultPort || uri.Port == 443 ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        var query = Query(uri.Query, host);
        var fragment = keepFragment || uri.Fragment.StartsWith("#!", StringComparison.Ordinal) ? Unreserved(uri.Fragment) : "";
        return $"https://{host}{port}{Path(uri.AbsolutePath)}{query}{(fragment.Length > 1 ? fragment : "")}";
    }

    private static bool IsWeb(Uri uri) => HttpAddress.IsHttp(uri) && uri.IdnHost.Length > 0;

    private static Uri? Unwrapped(Uri uri)
    {
        var path = uri.AbsolutePath;
        var isCache = uri.Host.Equals("cdn.ampproject.org", StringComparison.OrdinalIgnoreCase)
            || uri.Host.EndsWith(".cdn.ampproject.org", StringComparison.OrdinalIgnoreCase);
        if (!isCache || !path.StartsWith("/c/", StringComparison.Ordinal))
            return null;
        var inner = path.StartsWith("/c/s/", StringComparison.Ordinal) ? path[5..] : path[3..];
        return Uri.TryCreate("https://" + inner + uri.Query + uri.Fragment, UriKind.Absolute, out var found) && IsWeb(found) && found.Host.Contains('.', StringComparison.Ordinal)
            ? found
            : null;
    }

    private static string Host(Uri uri)
    {
        if (uri.HostNameType == UriHostNameType.IPv6)
            return uri.Host;
        var host = uri.IdnHost.ToLowerInvariant().TrimEnd('.');
        while (host.StartsWith("amp.", StringComparison.Ordinal) && host.IndexOf('.', 4) > 0)
            host = host[4..];
        return host;
    }

    private static string Path(string path)
    {
        path = Unreserved(path);
        while (Trimmed(path) is { } shorter)
            path = shorter;
        return path.Length == 0 ? "/" : path;
    }

    private static string? Trimmed(string path)
    {
        foreach (var end in (ReadOnlySpan<string>)["/", "/index.html", "/index.htm", "/index.php", "/amp", ".amp.html", ".amp"])
        {
            if (path.EndsWith(end, StringComparison.OrdinalIgnoreCase) && IsForm(end, path.AsSpan(0, path.Length - end.Length)))
                return path[..^end.Length];
        }

        return null;
    }

    /// <summary>A page named "amp" at the root, and dots before an ending, are no form of another page.</summary>
    private static bool IsForm(string end, ReadOnlySpan<char> before) => end[0] == '/'
        ? end != "/amp" || !before.IsEmpty
        : !before.IsEmpty && before[^1] is not ('/' or '.');

    private static string Query(string query, string host)
    {
        var kept = Unreserved(query.TrimStart('?'))
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(parameter => !TrackingParameters.Contains(parameter, host))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return kept.Length == 0 ? "" : "?" + string.Join('&', kept);
    }

    /// <summary>RFC 3986, 6.2.2: escapes of unreserved characters are resolved, the others written in upper case.</summary>
    private static string Unreserved(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                clean.Append(text[i]);
                continue;
            }

            var value = (char)byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~')
                clean.Append(value);
            else
                clean.Append('%').Append(text.AsSpan(i + 1, 2).ToString().ToUpperInvariant());
            i += 2;
        }

        return clean.ToString();
    }
}

/// <summary>Query parameters that say who sent a reader, not which page is meant.</summary>
internal static class TrackingParameters
{
    private static readonly string[] Prefixes = ["utm_", "mtm_", "pk_", "piwik_", "hsa_"];

    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        [
            "fbclid", "gclid", "dclid", "gbraid", "wbraid", "gclsrc", "msclkid", "twclid", "ttclid", "li_fat_id", "igshid", "igsh", "yclid",
            "ysclid", "_openstat", "mc_cid", "mc_eid", "mc_tc", "mkt_tok", "vero_id", "vero_conv", "_hsenc", "_hsmi", "__hssc", "__hstc",
            "__hsfp", "hsctatracking", "oly_anon_id", "oly_enc_id", "rb_clickid", "wickedid", "sc_cid", "s_cid", "srsltid", "_bhlid",
            "_branch_match_id", "_branch_referrer", "__readwiselocation", "campaign_id", "campaign_medium", "campaign_name",
            "campaign_source", "campaign_term", "campaign_content", "itm_campaign", "itm_medium", "itm_source", "hmb_campaign", "hmb_medium",
            "hmb_source", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "fb_comment_id", "at_medium", "at_campaign",
            "ns_mchannel", "cmpid", "ref_src", "ref_url",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>These words mean something on many sites, so they go only with a value that names a channel or the site itself.</summary>
    private static readonly FrozenSet<string> Channels = FrozenSet.ToFrozenSet(
        ["rss", "feed", "atom", "rss_feed", "rss-feed", "rssfeed", "newsletter"], StringComparer.OrdinalIgnoreCase);

    /// <param name="parameter"><c>name=value</c> or a bare name.</param>
    /// <param name="host">The host of the address it stands in.</param>
    public static bool Contains(string parameter, string host)
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? parameter : parameter[..equals];
        var value = equals < 0 ? "" : parameter[(equals + 1)..];
        if (Names.Contains(name) || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            return true;
        return name.ToLowerInvariant() switch
        {
            "ref" or "source" => Channels.Contains(value) || HttpAddress.WithoutWww(value).Equals(HttpAddress.WithoutWww(host), StringComparison.OrdinalIgnoreCase),
            "amp" => value is "" or "1" or "true",
            _ => false,
        };
    }
}

/// <summary>The id of the YouTube video an address shows: watch, short, live and embed pages, and the short host.</summary>
public static partial class YouTubeVideoUrl
{
    private static readonly string[] Hosts = ["youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com", "youtube-nocookie.com"];
    private static readonly string[] Pages = ["shorts", "live", "embed", "v", "e"];

    /// <returns>The 11 characters, or null where the address is no single video.</returns>
    public static string? Of(Uri address) => Shown(address) is { } id && Id().IsMatch(id) ? id : null;

    private static string? Shown(Uri address)
    {
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (address.Host.Equals("youtu.be", StringComparison.OrdinalIgnoreCase))
            return parts.FirstOrDefault();
        if (!Hosts.Contains(address.Host, StringComparer.OrdinalIgnoreCase))
            return null;
        return parts switch
        {
            ["watch"] => Parameter(address.Query),
            [var page, var id, ..] when Pages.Contains(page, StringComparer.Ordinal) => id,
            _ => null,
        };
    }

    private static string? Parameter(string query) => query.TrimStart('?').Split('&')
        .Where(pair => pair.StartsWith("v=", StringComparison.Ordinal)).Select(pair => pair[2..]).FirstOrDefault();

    [GeneratedRegex("^[A-Za-z0-9_-]{11}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();
}
