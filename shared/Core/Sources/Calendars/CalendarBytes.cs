using System.Text;
using System.Text.Unicode;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>The bytes as they came → UTF-8 with line feeds.</summary>
internal static class CalendarBytes
{
    /// <param name="transcoded">True when the bytes were of another encoding.</param>
    public static ReadOnlySpan<byte> ToUtf8(ReadOnlySpan<byte> bytes, string? charset, out bool transcoded)
    {
        transcoded = false;
        if (Wide(bytes) is { } wide)
        {
            transcoded = true;
            bytes = Encoding.Convert(wide, Encoding.UTF8, bytes.ToArray());
        }
        else if (Declared(charset) is { } declared && !Utf8.IsValid(bytes))
        {
            transcoded = true;
            bytes = Encoding.Convert(declared, Encoding.UTF8, bytes.ToArray());
        }

        while (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (bytes.Contains((byte)'\n') || !bytes.Contains((byte)'\r')) return bytes;
        var lines = bytes.ToArray();
        lines.AsSpan().Replace((byte)'\r', (byte)'\n');
        return lines;
    }

    // By byte order mark, or by the zeros between the letters of BEGIN.
    private static Encoding? Wide(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, 0, 0, ..] => Encoding.UTF32,
        [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        [not 0, 0, not 0, 0, ..] => Encoding.Unicode,
        [0, not 0, 0, not 0, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    private static Encoding? Declared(string? charset)
    {
        charset = charset?.Trim().Trim('"', '\'');
        if (string.IsNullOrEmpty(charset) || charset.StartsWith("utf-8", StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
