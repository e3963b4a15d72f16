using System.Globalization;

namespace ContributionIngest.Core.Sources.Feeds;

/// <summary>
/// Escapes in JSON that stand for half a surrogate pair (<c>\ud83d</c> without its second half), which programs leave when they cut a text
/// inside a character. JSON allows them (RFC 8259, 8.2), but no text can hold them.
/// </summary>
internal static class LoneSurrogates
{
    private const int EscapeLength = 6;

    /// <summary>Puts U+FFFD in the place of each.</summary>
    /// <param name="clean">The text after that; null where there was nothing to replace.</param>
    /// <returns>How many there were.</returns>
    public static int Replace(ReadOnlySpan<byte> json, out byte[]? clean)
    {
        clean = null;
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0) return 0;
        var count = 0;
        for (var at = Next(json, 0); at >= 0; at = Next(json, at + EscapeLength))
        {
            clean ??= json.ToArray();
            "FFFD"u8.CopyTo(clean.AsSpan(at + 2));
            count++;
        }

        return count;
    }

    private static int Next(ReadOnlySpan<byte> json, int from)
    {
        while (from < json.Length && json[from..].IndexOf((byte)'\\') is var found and >= 0)
        {
            from += found;
            var escape = Surrogate(json[from..]);
            if (escape == 0) from += 2;
            else if (!char.IsHighSurrogate(escape) || !char.IsLowSurrogate(Surrogate(json[(from + EscapeLength)..]))) return from;
            else from += 2 * EscapeLength;
        }

        return -1;
    }

    /// <summary>The surrogate that the text begins with as an escape; 0 where it begins with anything else.</summary>
    private static char Surrogate(ReadOnlySpan<byte> text)
    {
        if (text.Length < EscapeLength || text[0] != '\\' || text[1] != 'u') return '\0';
        return int.TryParse(text[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && char.IsSurrogate((char)code)
            ? (char)code
            : '\0';
    }
}
