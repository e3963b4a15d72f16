using System.Text;
using System.Text.Unicode;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// Reads iCalendar documents (RFC 5545, RFC 7986) as found in practice: any encoding and line ends, missing ENDs, unescaped line breaks, unquoted
/// parameters, Windows and vendor-prefixed time zones. Damage is reported as <see cref="Repair"/>s. It never throws on input and takes time linear in
/// the input; <see cref="CalendarExpansion"/> expands the recurrences.
/// </summary>
public static class CalendarReader
{
    /// <summary>Reads a document. One that is not a calendar gives an error instead.</summary>
    /// <param name="bytes">The document as received, decompressed.</param>
    /// <param name="charset">The HTTP <c>charset</c> parameter, if there was one. Bytes that are valid UTF-8 are UTF-8 whatever it is.</param>
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

/// <summary>Exactly one of the two is set.</summary>
public sealed record CalendarResult(CalendarDocument? Calendar, CalendarError? Error);

/// <summary>Why a document is not a calendar.</summary>
/// <param name="Code">Stable: <c>empty</c>, <c>html</c>, <c>json</c>, <c>notACalendar</c>.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record CalendarError(string Code, string Message);

/// <summary>Converts a document to UTF-8 with line feeds.</summary>
internal static class CalendarEncoding
{
    /// <param name="transcoded">The bytes were in another encoding.</param>
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
