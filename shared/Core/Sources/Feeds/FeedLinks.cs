namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>Links as documents write them → absolute http(s) addresses, otherwise left as they stand.</summary>
internal static class FeedLinks
{
    /// <summary>
    /// Null for what is no web address (<c>javascript:</c>, <c>mailto:</c>). What is relative and has nothing to be relative to stays so.
    /// </summary>
    public static string? Resolve(string? link, string? baseAddress, Repairs repairs)
    {
        if (string.IsNullOrEmpty(link)) return null;
        if (IsWeb(link)) return link;
        if (HasScheme(link))
        {
            repairs.Add(Repairs.RefusedLink);
            return null;
        }

        if (Join(baseAddress, link) is { } absolute) return absolute;
        repairs.Add(Repairs.RelativeLink);
        return link;
    }

    /// <summary>A base that is itself relative is resolved against the one around it.</summary>
    public static string? Base(string? inner, string? outer) =>
        string.IsNullOrEmpty(inner) ? outer : IsWeb(inner) ? inner : Join(outer, inner) ?? outer;

    /// <summary>
    /// A plain path is put behind the host as it stands; only what needs more (dot segments, queries, odd characters) goes through
    /// <see cref="Uri"/>, whose first use costs a short-lived process dearly.
    /// </summary>
    private static string? Join(string? around, string link)
    {
        if (around is null || !IsWeb(around)) return null;
        if (link[0] == '/' && IsPlain(link))
        {
            var host = around.IndexOf("//", StringComparison.Ordinal) + 2;
            if (link.StartsWith("//", StringComparison.Ordinal)) return string.Concat(around.AsSpan(0, host - 2), link);
            var length = around.AsSpan(host).IndexOfAny('/', '?', '#');
            return string.Concat(length < 0 ? around : around.AsSpan(0, host + length), link);
        }

        return Uri.TryCreate(around, UriKind.Absolute, out var root) && Uri.TryCreate(root, link, out var absolute) && IsWeb(absolute.AbsoluteUri)
            ? absolute.AbsoluteUri
            : null;
    }

    private static bool IsPlain(string link)
    {
        for (var i = 0; i < link.Length; i++)
        {
            var c = link[i];
            if (c is <= ' ' or > '~' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' || c == '.' && link[i - 1] == '/') return false;
        }

        return true;
    }

    public static bool IsWeb(string link) =>
        link.StartsWith("http", StringComparison.OrdinalIgnoreCase)
        && (link.AsSpan(4).StartsWith("://") || link.Length > 4 && link[4] is 's' or 'S' && link.AsSpan(5).StartsWith("://"))
        && link.Length > 8;

    /// <summary>RFC 3986: a letter, then letters, digits, plus, minus or dot, up to a colon.</summary>
    private static bool HasScheme(string link)
    {
        for (var i = 0; i < link.Length; i++)
        {
            var c = link[i];
            if (c == ':') return i > 0;
            if (!char.IsAsciiLetter(c) && (i == 0 || !char.IsAsciiDigit(c) && c is not ('+' or '-' or '.'))) return false;
        }

        return false;
    }
}
