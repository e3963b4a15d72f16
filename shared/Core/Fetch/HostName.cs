using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ContributionIngest.Core.Fetch;

/// <summary>
/// A host as it stands in an address → its one spelling, by the rules browsers follow (WHATWG URL, "host parsing"): compatibility forms
/// and case folded, IDNA applied, and every way to write an IPv4 address as a number recognised.
/// </summary>
internal static class HostName
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = false };

    /// <param name="name">Lower-case ASCII without a trailing dot; an IPv6 address in brackets.</param>
    /// <param name="literal">The address itself if the host is one rather than a name.</param>
    public static bool TryNormalise(string host, out string name, out IPAddress? literal)
    {
        name = "";
        literal = null;
        if (host.StartsWith('['))
            return TryBracketed(host, ref name, ref literal);
        if (!TryAscii(host, out name))
            return false;

        var labels = name.Split('.');
        if (IsNumber(labels[^1]))
        {
            literal = Number(labels);
            name = literal?.ToString() ?? "";
            return literal is not null;
        }

        return name.Length <= 253 && Array.TrueForAll(labels, IsLabel);
    }

    private static bool TryBracketed(string host, ref string name, ref IPAddress? literal)
    {
        if (!host.EndsWith(']') || !IPAddress.TryParse(host[1..^1], out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        literal = address;
        name = $"[{address}]";
        return true;
    }

    private static bool TryAscii(string host, out string name)
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

    /// <summary>One to four parts in decimal, octal or hex; the last fills the bytes that are left.</summary>
    private static IPAddress? Number(string[] labels)
    {
        if (labels.Length > 4)
            return null;
        ulong address = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var isLast = i == labels.Length - 1;
            var limit = isLast ? 1UL << (8 * (5 - labels.Length)) : 256UL;
            if (!TryPart(labels[i], out var part) || part >= limit)
                return null;
            address += isLast ? part : part << (8 * (3 - i));
        }

        return new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
    }

    private static bool TryPart(string text, out ulong part)
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
