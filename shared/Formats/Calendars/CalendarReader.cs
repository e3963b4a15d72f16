using System.Text;
using System.Text.Unicode;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>Bytes of an iCalendar document → what it says. Never throws on input; a document that is no calendar is a value.</summary>
public static class CalendarReader
{
    /// <param name="charset">The HTTP charset parameter, if there was one. Bytes that are valid UTF-8 are UTF-8 whatever it says.</param>
    public static CalendarResult Read(ReadOnlySpan<byte> bytes, string? charset = null)
    {
        var text = CalendarEncoding.ToUtf8(bytes, charset, out var transcoded);
        var start = text.TrimStart(" \t\r\n\0"u8);
        if (start.IsEmpty) return Refusal("empty", "The document is empty.");
        if (new ComponentReader().Read(text, transcoded) is { } calendar) return new CalendarResult(calendar, null);
        return start[0] switch
        {
            (byte)'<' => Refusal("html", "This is a page or an XML document, not a calendar. Look for a link that ends in .ics."),
            (byte)'{' or (byte)'[' => Refusal("json", "This is JSON, not a calendar. Look for a link that ends in .ics."),
            _ => Refusal("notACalendar", "There is no BEGIN:VCALENDAR in the document."),
        };
    }

    private static CalendarResult Refusal(string code, string message) => new(null, new CalendarError(code, message));
}

/// <summary>Either a calendar or the reason why it is none.</summary>
public sealed record CalendarResult(CalendarDocument? Calendar, CalendarError? Error);

/// <param name="Code">Stable word: <c>empty</c>, <c>html</c>, <c>json</c>, <c>notACalendar</c>.</param>
public sealed record CalendarError(string Code, string Message);

/// <summary>The bytes as they came → UTF-8 with line feeds.</summary>
internal static class CalendarEncoding
{
    /// <param name="transcoded">True when the bytes were of another encoding.</param>
    public static ReadOnlySpan<byte> ToUtf8(ReadOnlySpan<byte> bytes, string? charset, out bool transcoded)
    {
        transcoded = false;
        if (DetectWide(bytes) is { } wide)
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
    private static Encoding? DetectWide(ReadOnlySpan<byte> bytes) => bytes switch
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
        return TextEncodings.ByName(charset);
    }
}
