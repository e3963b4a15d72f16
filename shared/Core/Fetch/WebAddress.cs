using System.Globalization;

namespace ContributionIngest.Core.Fetch;

/// <summary>
/// The parts of an http(s) address as text. Stricter than <see cref="Uri"/>, which accepts a dozen spellings of one host: whatever two
/// parsers might read differently is refused here. A fragment is dropped: it never leaves the reader's side.
/// </summary>
internal readonly record struct WebAddress(bool Secure, string Host, int Port, string Rest)
{
    private const string NotFull = "The address is not a full web address: it has to start with http:// or https://.";

    public static bool TryParse(string text, out WebAddress address, out string? problem)
    {
        address = default;
        var rest = Unwrap(text.Trim());
        problem = null;
        if (rest.AsSpan().ContainsAnyInRange('\0', '\x1F') || rest.Contains('\x7F', StringComparison.Ordinal))
            problem = "The address holds control characters.";

        var secure = rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!secure && !rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            problem ??= NotFull;
        if (problem is not null)
            return false;

        rest = rest[(secure ? 8 : 7)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        rest = end < 0 ? "/" : rest[end..];
        if (rest.IndexOf('#', StringComparison.Ordinal) is var fragment and >= 0)
            rest = rest[..fragment];

        if (authority.Contains('@', StringComparison.Ordinal))
            problem = "Addresses with a user name or password are not asked.";
        else if (authority.AsSpan().IndexOfAny("\\%") >= 0 || authority.Any(char.IsWhiteSpace))
            problem = "The address has no usable host name.";
        else if (!TrySplitPort(authority, secure, out var host, out var port))
            problem = NotFull;
        else
            address = new(secure, host, port, rest);
        return problem is null;
    }

    /// <summary><c>feed://host/path</c> and <c>feed:https://host/path</c>, which browsers once handed to feed readers.</summary>
    private static string Unwrap(string text)
    {
        if (!text.StartsWith("feed:", StringComparison.OrdinalIgnoreCase))
            return text;
        var inner = text[5..];
        return inner.StartsWith("//", StringComparison.Ordinal) ? "http:" + inner : inner;
    }

    private static bool TrySplitPort(string authority, bool secure, out string host, out int port)
    {
        var bracket = authority.LastIndexOf(']');
        var colon = authority.IndexOf(':', Math.Max(bracket, 0));
        host = colon < 0 ? authority : authority[..colon];
        port = secure ? 443 : 80;
        var digits = colon < 0 ? "" : authority[(colon + 1)..];
        return host.Length > 0
            && (digits.Length == 0
                || (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535));
    }
}
