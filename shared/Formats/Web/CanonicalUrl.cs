using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ContributionIngest.Formats.Web;

/// <summary>
/// Maps all addresses of the same page to one, for keys and comparison, not for display or requests: it unifies http and https, escapes, default ports,
/// index pages and trailing slashes, removes tracking parameters, sorts the others, and unwraps AMP copies and the addresses of YouTube videos and of stories on Medium.
/// Idempotent. (RFC 3986, 6.2.)
/// </summary>
public static class CanonicalUrl
{
    /// <summary>The canonical form of an address.</summary>
    /// <param name="url">White space around it is ignored.</param>
    /// <param name="keepFragment">For sites whose items differ only in the fragment; <c>#!</c> is always kept.</param>
    /// <returns>An https address; null if <paramref name="url"/> is not an absolute http(s) address.</returns>
    public static string? Of(string url, bool keepFragment = false)
    {
        // One step may uncover another (an escape in an escape, dots after an ending), so this repeats until nothing changes.
        var canonical = Once(url, keepFragment);
        for (var passes = 0; passes < 8 && canonical is not null && canonical != url; passes++)
            (url, canonical) = (canonical, Once(canonical, keepFragment));
        return canonical;
    }

    private static string? Once(string url, bool keepFragment)
    {
        if (!Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri) || !IsWeb(uri))
            return null;

        // The path in an AMP cache is the page's own address; a copy of a copy is unwrapped as well.
        for (var copies = 0; copies < 3 && Unwrapped(uri) is { } inner; copies++)
            uri = inner;

        var host = Host(uri);
        if (YouTubeVideoUrl.Of(uri) is { } video)
            return $"https://www.youtube.com/watch?v={video}";
        if (MediumStoryUrl.Of(uri) is { } story)
            return $"https://medium.com/p/{story}";
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

    /// <summary>Excludes a page named "amp" at the root, and dots before an ending.</summary>
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

    /// <summary>RFC 3986, 6.2.2: decodes escapes of unreserved characters and writes others in upper case.</summary>
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

/// <summary>Query parameters that identify the referrer, not the page.</summary>
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

    /// <summary>Values of <c>ref</c> and <c>source</c>, which other sites use for content, that identify a channel.</summary>
    private static readonly FrozenSet<string> Channels = FrozenSet.ToFrozenSet(
        ["rss", "feed", "atom", "rss_feed", "rss-feed", "rssfeed", "newsletter"], StringComparer.OrdinalIgnoreCase);

    /// <param name="parameter"><c>name=value</c> or a bare name.</param>
    /// <param name="host">The host of the address.</param>
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

/// <summary>The YouTube video of an address: watch, shorts, live and embed pages, and youtu.be.</summary>
public static partial class YouTubeVideoUrl
{
    private static readonly string[] Hosts = ["youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com", "youtube-nocookie.com"];
    private static readonly string[] Pages = ["shorts", "live", "embed", "v", "e"];

    /// <summary>The id of the video.</summary>
    /// <returns>11 characters; null if the address is not that of a single video.</returns>
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

/// <summary>The story of an address on Medium, which has several: by the author's path, by their host, by a publication, and by the id alone.</summary>
internal static partial class MediumStoryUrl
{
    private const string Site = "medium.com";

    /// <summary>The id of the story; null if the address is not that of a single story.</summary>
    public static string? Of(Uri address)
    {
        var isSite = HttpAddress.WithoutWww(address.Host).Equals(Site, StringComparison.OrdinalIgnoreCase);
        if (!isSite && !address.Host.EndsWith("." + Site, StringComparison.OrdinalIgnoreCase))
            return null;
        var parts = address.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == (isSite || parts is ["p", _] ? 2 : 1) && Id().Match(parts[^1]) is { Success: true } id && (id.Index > 0 || parts.Length == 2)
            ? id.Value
            : null;
    }

    [GeneratedRegex("(?<=^|-)[0-9a-f]{10,12}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();
}
