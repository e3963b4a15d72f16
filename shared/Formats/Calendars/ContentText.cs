using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace ContributionIngest.Formats.Calendars;

/// <summary>Decodes values of type TEXT (RFC 5545, 3.3.11) and parameter values (3.2, RFC 6868).</summary>
internal static class ContentText
{
    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>Unescaped text; null if empty.</summary>
    public static string? Of(ReadOnlySpan<byte> value, RepairLog repairs)
    {
        if (value.IsEmpty) return null;
        if (!value.Contains((byte)'\\')) return Decode(value, repairs);
        var room = ArrayPool<byte>.Shared.Rent(value.Length);
        var text = Decode(room.AsSpan(0, Unescape(value, room)), repairs);
        ArrayPool<byte>.Shared.Return(room);
        return text;
    }

    /// <summary>The same for text that stays UTF-8 for now.</summary>
    public static Utf8Text? Long(ReadOnlySpan<byte> value, RepairLog repairs)
    {
        if (value.IsEmpty) return null;
        if (!Utf8.IsValid(value)) return new Utf8Text(Encoding.UTF8.GetBytes(Of(value, repairs)!));
        var room = ArrayPool<byte>.Shared.Rent(value.Length);
        var text = new Utf8Text(room.AsSpan(0, Unescape(value, room)).ToArray());
        ArrayPool<byte>.Shared.Return(room);
        return text;
    }

    /// <summary>The parts of a comma-separated list of texts.</summary>
    public static void AddList(ReadOnlySpan<byte> value, List<string> parts, RepairLog repairs)
    {
        while (!value.IsEmpty)
        {
            var end = 0;
            while (end < value.Length && value[end] != ',') end += value[end] == '\\' ? 2 : 1;
            end = Math.Min(end, value.Length);
            if (Of(value[..end].Trim((byte)' '), repairs) is { } part) parts.Add(part);
            value = end < value.Length ? value[(end + 1)..] : default;
        }
    }

    /// <summary>
    /// A parameter's value without quotes and with caret escapes (RFC 6868) resolved; empty if absent. <paramref name="parameters"/> starts with a
    /// semicolon.
    /// </summary>
    public static ReadOnlySpan<byte> Parameter(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> name)
    {
        while (parameters.Length > name.Length + 1)
        {
            var at = 1;
            while (at < parameters.Length && parameters[at] != ';')
            {
                var close = parameters[at] == '"' ? parameters[(at + 1)..].IndexOf((byte)'"') : -1;
                at += close < 0 ? 1 : close + 2;
            }

            var one = parameters[1..Math.Min(at, parameters.Length)];
            var equals = one.IndexOf((byte)'=');
            if (equals > 0 && Ascii.EqualsIgnoreCase(one[..equals].Trim((byte)' '), name)) return Uncaret(one[(equals + 1)..].Trim(" \""u8));
            parameters = parameters[Math.Min(at, parameters.Length)..];
        }

        return default;
    }

    public static string Decode(ReadOnlySpan<byte> bytes, RepairLog repairs)
    {
        // Nearly everything is ASCII, which needs a single pass.
        if (Ascii.IsValid(bytes)) return string.Create(bytes.Length, bytes, static (text, ascii) => Ascii.ToUtf16(ascii, text, out _));
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        repairs.Add("encoding");
        var text = Encoding.UTF8.GetString(bytes);
        // With some valid sequences it is damaged UTF-8; with none it never was UTF-8, which in practice means windows-1252.
        return text.AsSpan().ContainsAnyExceptInRange('\0', '\u007f') && text.Any(c => c is > '\u007f' and not '\ufffd')
            ? text
            : Windows1252.GetString(bytes);
    }

    // The result is never longer. Returns its length.
    private static int Unescape(ReadOnlySpan<byte> value, Span<byte> room)
    {
        var escape = value.IndexOf((byte)'\\');
        var length = 0;
        while (escape >= 0 && escape + 1 < value.Length)
        {
            value[..escape].CopyTo(room[length..]);
            length += escape;
            var escaped = value[escape + 1];
            switch (escaped)
            {
                case (byte)'n' or (byte)'N':
                    room[length++] = (byte)'\n';
                    break;
                case (byte)',' or (byte)';' or (byte)':' or (byte)'"' or (byte)'\\':
                    room[length++] = escaped;
                    break;
                default:
                    // Not an escape of TEXT: a literal backslash.
                    room[length++] = (byte)'\\';
                    room[length++] = escaped;
                    break;
            }

            value = value[(escape + 2)..];
            escape = value.IndexOf((byte)'\\');
        }

        value.CopyTo(room[length..]);
        return length + value.Length;
    }

    private static ReadOnlySpan<byte> Uncaret(ReadOnlySpan<byte> value)
    {
        if (!value.Contains((byte)'^')) return value;
        var plain = new byte[value.Length];
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var replacement = value[i] == '^' && i + 1 < value.Length ? value[i + 1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'\'' => (byte)'"',
                (byte)'^' => (byte)'^',
                _ => (byte)0,
            } : (byte)0;
            if (replacement != 0) i++;
            plain[length++] = replacement == 0 ? value[i] : replacement;
        }

        return plain.AsSpan(0, length);
    }
}
