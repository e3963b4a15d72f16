using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ContributionIngest.Core.Http;

/// <summary>
/// The parts of an http(s) address as text. Stricter than <see cref="Uri"/>, which accepts a dozen spellings of one host: anything that two
/// parsers might read differently is refused. A fragment is dropped, since clients never send it.
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
            problem = "The address contains control characters.";

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
            problem = "Addresses with a user name or password are not supported.";
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

/// <summary>
/// Normalizes a host by the rules browsers follow (WHATWG URL, "host parsing"): compatibility forms and case are folded,
/// IDNA is applied, and every numeric way to write an IPv4 address is recognised.
/// </summary>
internal static class HostName
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = false };

    /// <param name="name">Lower-case ASCII without a trailing dot; an IPv6 address in brackets.</param>
    /// <param name="literal">The IP address, if the host is one rather than a name.</param>
    public static bool TryNormalise(string host, out string name, out IPAddress? literal)
    {
        name = "";
        literal = null;
        if (host.StartsWith('['))
            return TryParseV6(host, ref name, ref literal);
        if (!TryToAscii(host, out name))
            return false;

        var labels = name.Split('.');
        if (IsNumber(labels[^1]))
        {
            literal = ParseV4(labels);
            name = literal?.ToString() ?? "";
            return literal is not null;
        }

        return name.Length <= 253 && Array.TrueForAll(labels, IsLabel);
    }

    private static bool TryParseV6(string host, ref string name, ref IPAddress? literal)
    {
        if (!host.EndsWith(']') || !IPAddress.TryParse(host[1..^1], out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        literal = address;
        name = $"[{address}]";
        return true;
    }

    private static bool TryToAscii(string host, out string name)
    {
        name = "";
        try
        {
            var folded = Ascii.IsValid(host) ? host : host.Normalize(NormalizationForm.FormKC).Replace('\u3002', '.');
            folded = folded.ToLowerInvariant();
            if (folded.EndsWith('.'))
                folded = folded[..^1];
            name = Ascii.IsValid(folded) ? folded : Idn.GetAscii(folded).ToLowerInvariant();
            return name.Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsLabel(string label)
    {
        if (label.Length is 0 or > 63 || !label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
            return false;
        if (!label.StartsWith("xn--", StringComparison.Ordinal))
            return true;
        try
        {
            return string.Equals(Idn.GetAscii(Idn.GetUnicode(label)), label, StringComparison.OrdinalIgnoreCase);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsNumber(string label) =>
        label.Length > 0 && (label.All(char.IsAsciiDigit) || (IsHex(label) && label.Skip(2).All(char.IsAsciiHexDigit)));

    private static bool IsHex(string label) => label.StartsWith("0x", StringComparison.Ordinal);

    /// <summary>Parses one to four parts in decimal, octal or hex; the last fills the remaining bytes.</summary>
    private static IPAddress? ParseV4(string[] labels)
    {
        if (labels.Length > 4)
            return null;
        ulong address = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var isLast = i == labels.Length - 1;
            var limit = isLast ? 1UL << (8 * (5 - labels.Length)) : 256UL;
            if (!TryParsePart(labels[i], out var part) || part >= limit)
                return null;
            address += isLast ? part : part << (8 * (3 - i));
        }

        return new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
    }

    private static bool TryParsePart(string text, out ulong part)
    {
        part = 0;
        if (text.Length == 0)
            return false;
        var (digits, radix) = IsHex(text) ? (text[2..], 16u) : text is ['0', _, ..] ? (text[1..], 8u) : (text, 10u);
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c) || Convert.ToUInt32(c.ToString(), 16) >= radix)
                return false;
            part = (part * radix) + Convert.ToUInt32(c.ToString(), 16);
            if (part > uint.MaxValue)
                return false;
        }

        return true;
    }
}
