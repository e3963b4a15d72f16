using System.Text;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>
/// Decodes XML character data. References are decoded once; a document's own entities count only if their value is short and plain, and are not
/// expanded further, so that text cannot outgrow its buffer.
/// </summary>
internal static class XmlText
{
    private const int LongestValue = 200;
    private const int Growth = 1024;

    /// <summary>Size of the buffer for so many raw bytes.</summary>
    public static int BufferSize(int length) => length + Growth + LongestValue;

    /// <summary>Returns the number of bytes written. Comments are dropped.</summary>
    public static int Decode(ReadOnlySpan<byte> raw, Span<byte> to, ReadOnlySpan<byte> declaration, RepairLog repairs)
    {
        var (written, grown) = (0, 0);
        var noCommentEnd = false;
        while (!raw.IsEmpty)
        {
            var at = raw.IndexOfAny((byte)'&', (byte)'<');
            if (at < 0) at = raw.Length;
            raw[..at].CopyTo(to[written..]);
            written += at;
            raw = raw[at..];
            if (raw.IsEmpty) break;
            if (raw[0] == '<')
            {
                written += DecodeMarkup(ref raw, to[written..], ref noCommentEnd);
                continue;
            }

            var length = HtmlEntities.Decode(raw, out var rune);
            if (length > 0)
            {
                if (raw[1] != '#' && length > 5 && !raw.StartsWith("&quot;"u8) && !raw.StartsWith("&apos;"u8)) repairs.Add(RepairLog.HtmlEntity);
                if (rune == Rune.ReplacementChar) repairs.Add(RepairLog.ControlCharacter);
                else written += rune.EncodeToUtf8(to[written..]);
                raw = raw[length..];
            }
            else if (grown < Growth && Declared(raw, declaration, out length) is { IsEmpty: false } value)
            {
                value.CopyTo(to[written..]);
                written += value.Length;
                grown += value.Length;
                raw = raw[length..];
            }
            else
            {
                repairs.Add(RepairLog.BareAmpersand);
                to[written++] = (byte)'&';
                raw = raw[1..];
            }
        }

        return written;
    }

    private static int DecodeMarkup(ref ReadOnlySpan<byte> raw, Span<byte> to, ref bool noCommentEnd)
    {
        if (raw.StartsWith("<![CDATA["u8))
        {
            var end = raw.IndexOf("]]>"u8);
            var text = end < 0 ? raw[9..] : raw[9..end];
            text.CopyTo(to);
            raw = end < 0 ? default : raw[(end + 3)..];
            return text.Length;
        }

        if (!noCommentEnd && raw.StartsWith("<!--"u8))
        {
            var end = raw.IndexOf("-->"u8);
            if (end >= 0)
            {
                raw = raw[(end + 3)..];
                return 0;
            }

            noCommentEnd = true;
        }

        to[0] = raw[0];
        raw = raw[1..];
        return 1;
    }

    /// <summary>The value of an entity such as <c>&lt;!ENTITY id "tag:example.com,"&gt;</c>, unless it has references or markup.</summary>
    private static ReadOnlySpan<byte> Declared(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> declaration, out int length)
    {
        length = raw[..Math.Min(raw.Length, 32)].IndexOf((byte)';') + 1;
        if (length < 3 || declaration.IsEmpty) return default;
        var name = raw[1..(length - 1)];
        var rest = declaration;
        while (rest.IndexOf("<!ENTITY"u8) is >= 0 and var at)
        {
            rest = rest[(at + 8)..].TrimStart(" \t\r\n"u8);
            if (!rest.StartsWith(name) || rest.Length <= name.Length || rest[name.Length] is not ((byte)' ' or (byte)'\t')) continue;
            var value = rest[name.Length..].TrimStart(" \t\r\n"u8);
            if (value.IsEmpty || value[0] is not ((byte)'"' or (byte)'\'')) return default;
            var end = value[1..].IndexOf(value[0]);
            if (end is < 0 or > LongestValue) return default;
            value = value.Slice(1, end);
            return value.IndexOfAny("&%<"u8) >= 0 ? default : value;
        }

        return default;
    }
}

/// <summary>Positions of a start tag's parts in the document.</summary>
internal readonly record struct StartTag(int Start, int NameStart, int NameEnd, int AttributesEnd, bool Empty)
{
    public bool HasAttributes => AttributesEnd > NameEnd;
}

/// <summary>Iterates over the attributes of a tag. Quotes may be missing; values are not decoded.</summary>
internal static class XmlAttributes
{
    public static bool Next(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        rest = rest.TrimStart(" \t\r\n/"u8);
        if (rest.IsEmpty) return false;
        var end = rest.IndexOfAny("= \t\r\n"u8);
        if (end < 0) end = rest.Length;
        name = rest[..end];
        rest = rest[end..].TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty || rest[0] != '=') return true;
        rest = rest[1..].TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty) return true;
        if (rest[0] is (byte)'"' or (byte)'\'')
        {
            end = rest[1..].IndexOf(rest[0]);
            if (end < 0) end = rest.Length - 1;
            value = rest.Slice(1, end);
            rest = rest[Math.Min(rest.Length, end + 2)..];
            return true;
        }

        end = rest.IndexOfAny(" \t\r\n"u8);
        if (end < 0) end = rest.Length;
        value = rest[..end];
        rest = rest[end..];
        return true;
    }
}
