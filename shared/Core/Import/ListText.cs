using System.Text;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Import;

/// <summary>Bytes of a text file of unknown encoding, and text of people's lists.</summary>
internal static class ListText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>By its byte order mark; else UTF-8 if it is that, UTF-16 if every other byte is zero, and the code page of western Windows.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            return Encoding.UTF8.GetString(bytes[3..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return Encoding.Unicode.GetString(bytes[2..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        if (WithoutMark(bytes) is { } wide)
            return wide.GetString(bytes);
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(bytes);
        }
    }

    /// <summary>A title of a list as plain text: tags and entities decoded, a Markdown link as its text.</summary>
    public static string Plain(string text, int maximum)
    {
        if (!text.Contains('<', StringComparison.Ordinal) && !text.Contains('&', StringComparison.Ordinal))
            return text;
        return PlainText.FromHtml(Encoding.UTF8.GetBytes(text), maximum, keepUnknown: true) ?? text;
    }

    /// <summary>Of <c>[text](address)</c> the text and the address.</summary>
    public static (string Text, string? Url) Unlinked(string text)
    {
        if (text is not ['[', .., ')'] || text.IndexOf("](", StringComparison.Ordinal) is not (> 1 and var middle))
            return (text, null);
        return (text[1..middle], text[(middle + 2)..^1]);
    }

    /// <summary>UTF-16 without a mark, of mostly Latin text: half of the first bytes are zero.</summary>
    private static Encoding? WithoutMark(ReadOnlySpan<byte> bytes)
    {
        var start = bytes[..Math.Min(bytes.Length & ~1, 1000)];
        var (even, odd) = (0, 0);
        for (var index = 0; index < start.Length; index += 2)
        {
            even += start[index] == 0 ? 1 : 0;
            odd += start[index + 1] == 0 ? 1 : 0;
        }

        var enough = Math.Max(2, start.Length / 4);
        if (odd >= enough && even == 0)
            return Encoding.Unicode;
        return even >= enough && odd == 0 ? Encoding.BigEndianUnicode : null;
    }
}
