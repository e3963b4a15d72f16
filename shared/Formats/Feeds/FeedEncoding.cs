using System.Buffers;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// Converts a document to UTF-8 without byte order mark and control characters. Bytes that are valid UTF-8 are UTF-8, whatever is declared; then
/// the HTTP charset counts, then the declaration, and the rest is read as UTF-8 mixed with windows-1252.
/// </summary>
internal static class FeedEncoding
{
    /// <param name="rented">To be returned to the shared pool after use; null if the result is the input.</param>
    public static ReadOnlySpan<byte> ToUtf8(ReadOnlySpan<byte> bytes, string? charset, RepairLog repairs, out byte[]? rented)
    {
        rented = null;
        var known = DetectWide(ref bytes) ?? DetectStateful(bytes, charset);
        if (known is not null) bytes = Convert(bytes, known, out rented);
        else if (!Utf8.IsValid(bytes)) bytes = FromUnknown(bytes, charset, repairs, out rented);
        else if (Declared(bytes) is { } declared && ByName(declared) is not null && !Ascii.IsValid(bytes)) repairs.Add(RepairLog.Encoding);
        var controls = ControlCharacters.IndexIn(bytes);
        if (controls < 0) return bytes;
        var clean = ArrayPool<byte>.Shared.Rent(bytes.Length);
        var length = WithoutControls(bytes, controls, clean);
        repairs.Add(RepairLog.ControlCharacter, bytes.Length - length);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        rented = clean;
        return clean.AsSpan(0, length);
    }

    /// <summary>Detects UTF-16 and UTF-32 by byte order mark, or by the zeros around the first character; removes the mark of UTF-8.</summary>
    private static Encoding? DetectWide(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            bytes = bytes[3..];
            return null;
        }

        if (bytes.Length < 4) return null;
        var (encoding, mark) = (bytes[0], bytes[1], bytes[2], bytes[3]) switch
        {
            (0xFF, 0xFE, 0, 0) => (Encoding.UTF32, 4),
            (0, 0, 0xFE, 0xFF) => (new UTF32Encoding(bigEndian: true, byteOrderMark: false), 4),
            ((byte)'<' or (byte)'{', 0, 0, 0) => (Encoding.UTF32, 0),
            (0, 0, 0, (byte)'<' or (byte)'{') => (new UTF32Encoding(bigEndian: true, byteOrderMark: false), 0),
            (0xFF, 0xFE, _, _) => (Encoding.Unicode, 2),
            (0xFE, 0xFF, _, _) => (Encoding.BigEndianUnicode, 2),
            ((byte)'<' or (byte)'{' or (byte)'\n' or (byte)' ', 0, not 0, 0) => (Encoding.Unicode, 0),
            (0, (byte)'<' or (byte)'{' or (byte)'\n' or (byte)' ', 0, not 0) => (Encoding.BigEndianUnicode, 0),
            (0x4C, 0x6F, 0xA7, 0x94) => (ByName("IBM037"), 0),
            _ => ((Encoding?)null, 0),
        };
        bytes = bytes[mark..];
        return encoding;
    }

    /// <summary>Seven-bit encodings with shift sequences would pass as UTF-8; a declaration is believed if the escapes occur.</summary>
    private static Encoding? DetectStateful(ReadOnlySpan<byte> bytes, string? charset)
    {
        if (bytes.IndexOf((byte)0x1B) < 0 && bytes.IndexOf("~{"u8) < 0) return null;
        var name = charset ?? Declared(bytes);
        return name is not null && (name.StartsWith("iso-2022-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("hz", StringComparison.OrdinalIgnoreCase))
            ? ByName(name)
            : null;
    }

    private static ReadOnlySpan<byte> FromUnknown(ReadOnlySpan<byte> bytes, string? charset, RepairLog repairs, out byte[]? rented)
    {
        foreach (var name in (ReadOnlySpan<string?>)[charset, Declared(bytes)])
        {
            if (name is null || ByName(name) is not { } encoding) continue;
            var text = Convert(bytes, encoding, out rented);
            if (text.IndexOf("\uFFFD"u8) < 0) return text;
            ArrayPool<byte>.Shared.Return(rented!);
        }

        return FromMixed(bytes, repairs, out rented);
    }

    /// <summary>Valid sequences are UTF-8, every other byte is windows-1252.</summary>
    private static ReadOnlySpan<byte> FromMixed(ReadOnlySpan<byte> bytes, RepairLog repairs, out byte[]? rented)
    {
        rented = ArrayPool<byte>.Shared.Rent(bytes.Length * 3);
        var (written, invalid) = (0, 0);
        while (!bytes.IsEmpty)
        {
            var start = bytes.IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
            if (start < 0) start = bytes.Length;
            bytes[..start].CopyTo(rented.AsSpan(written));
            written += start;
            bytes = bytes[start..];
            if (bytes.IsEmpty) break;
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) != OperationStatus.Done)
            {
                (rune, length) = (new Rune(bytes[0] < 0xA0 ? HtmlEntities.Windows1252[bytes[0] - 0x80] : (char)bytes[0]), 1);
                invalid++;
            }

            written += rune.EncodeToUtf8(rented.AsSpan(written));
            bytes = bytes[length..];
        }

        repairs.Add(RepairLog.InvalidBytes, invalid);
        return rented.AsSpan(0, written);
    }

    private static ReadOnlySpan<byte> Convert(ReadOnlySpan<byte> bytes, Encoding encoding, out byte[]? rented)
    {
        var chars = ArrayPool<char>.Shared.Rent(encoding.GetMaxCharCount(bytes.Length));
        var count = encoding.GetChars(bytes, chars);
        rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(chars, 0, count) + 1);
        var written = Encoding.UTF8.GetBytes(chars, 0, count, rented, 0);
        ArrayPool<char>.Shared.Return(chars);
        return rented.AsSpan(0, written);
    }

    private static int WithoutControls(ReadOnlySpan<byte> text, int at, Span<byte> clean)
    {
        var written = 0;
        while (at >= 0)
        {
            text[..at].CopyTo(clean[written..]);
            written += at;
            text = text[(at + 1)..];
            at = ControlCharacters.IndexIn(text);
        }

        text.CopyTo(clean[written..]);
        return written + text.Length;
    }

    /// <summary>The name in <c>&lt;?xml … encoding="…"?&gt;</c>.</summary>
    private static string? Declared(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, 512)];
        var at = head.IndexOf("<?xml"u8);
        if (at < 0) return null;
        head = head[at..];
        var end = head.IndexOf((byte)'>');
        if (end >= 0) head = head[..end];
        at = head.IndexOf("encoding"u8);
        if (at < 0) return null;
        head = head[(at + 8)..].TrimStart(" \t\r\n="u8);
        if (head.IsEmpty || head[0] is not ((byte)'"' or (byte)'\'')) return null;
        end = head[1..].IndexOf(head[0]);
        return end < 0 ? null : Encoding.ASCII.GetString(head.Slice(1, end));
    }

    /// <summary>
    /// As browsers read names: Latin-1 and ASCII mean windows-1252. Null if unknown, already tried (UTF-8), or implausible without a byte order mark
    /// (UTF-16, UTF-32, UTF-7).
    /// </summary>
    private static Encoding? ByName(string name)
    {
        name = name.Trim().ToLowerInvariant();
        if (name.StartsWith("utf", StringComparison.Ordinal) || name.StartsWith("ucs", StringComparison.Ordinal) || name is "unicode" or "us") return null;
        return TextEncodings.ByName(name switch
        {
            "iso-8859-1" or "iso8859-1" or "latin1" or "latin-1" or "l1" or "us-ascii" or "ascii" or "cp1252" or "iso_8859-1" or "ansi" => "windows-1252",
            "iso-8859-9" or "latin5" => "windows-1254",
            "iso-8859-11" or "tis-620" => "windows-874",
            "gb2312" or "gbk" or "cp936" or "gb_2312-80" or "x-gbk" => "gb18030",
            "x-sjis" or "sjis" or "shift-jis" or "cp932" or "windows-31j" => "shift_jis",
            "ks_c_5601-1987" or "ksc5601" or "cp949" or "uhc" => "euc-kr",
            _ when name.StartsWith("cp125", StringComparison.Ordinal) => "windows-" + name[2..],
            _ => name,
        });
    }
}

/// <summary>
/// The characters below 32 that XML forbids, and 127. Vectorised by hand because <c>SearchValues</c> is compiled at first use, which dominates the
/// start of a short-lived process.
/// </summary>
internal static class ControlCharacters
{
    public static int IndexIn(ReadOnlySpan<byte> text)
    {
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var (space, tab, line, carriage, delete) = (
                Vector128.Create((byte)' '), Vector128.Create((byte)'\t'), Vector128.Create((byte)'\n'), Vector128.Create((byte)'\r'), Vector128.Create((byte)127));
            for (; i + Vector128<byte>.Count <= text.Length; i += Vector128<byte>.Count)
            {
                var bytes = Vector128.Create(text[i..]);
                var allowed = Vector128.Equals(bytes, tab) | Vector128.Equals(bytes, line) | Vector128.Equals(bytes, carriage);
                var controls = Vector128.AndNot(Vector128.LessThan(bytes, space), allowed) | Vector128.Equals(bytes, delete);
                if (controls != Vector128<byte>.Zero) break;
            }
        }

        for (; i < text.Length; i++)
        {
            if (text[i] is < (byte)' ' and not ((byte)'\t' or (byte)'\n' or (byte)'\r') or 127) return i;
        }

        return -1;
    }
}

/// <summary>
/// JSON escapes of half a surrogate pair (<c>\ud83d</c> alone), left by programs that cut text inside a character. JSON allows them (RFC 8259,
/// 8.2), but no string can contain them.
/// </summary>
internal static class UnpairedSurrogates
{
    private const int EscapeLength = 6;

    /// <summary>Replaces each with U+FFFD.</summary>
    /// <param name="clean">The result; null if nothing was replaced.</param>
    /// <returns>The number of replacements.</returns>
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

    /// <summary>The surrogate whose escape the text begins with; 0 if none.</summary>
    private static char Surrogate(ReadOnlySpan<byte> text)
    {
        if (text.Length < EscapeLength || text[0] != '\\' || text[1] != 'u') return '\0';
        return int.TryParse(text[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && char.IsSurrogate((char)code)
            ? (char)code
            : '\0';
    }
}
