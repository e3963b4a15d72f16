using System.Globalization;
using System.Text;

namespace ContributionIngest.Core.Model;

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
        if (VideoAddress.Of(uri) is { } video)
            return $"https://www.youtube.com/watch?v={video}";
        var port = uri.IsDefaultPort || uri.Port == 443 ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        var query = Query(uri.Query, host);
        var fragment = keepFragment || uri.Fragment.StartsWith("#!", StringComparison.Ordinal) ? Unreserved(uri.Fragment) : "";
        return $"https://{host}{port}{Path(uri.AbsolutePath)}{query}{(fragment.Length > 1 ? fragment : "")}";
    }

    private static bool IsWeb(Uri uri) => (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.IdnHost.Length > 0;

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
            .Where(parameter => !TrackingParameters.Holds(parameter, host))
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
