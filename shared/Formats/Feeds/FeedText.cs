using System.Buffers;
using System.Buffers.Text;
using System.Text;
using ContributionIngest.Formats.Dates;
using ContributionIngest.Formats.Text;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Formats.Feeds;

/// <summary>How the content of an element is to be decoded.</summary>
internal enum TextKind
{
    /// <summary>Plain text.</summary>
    Plain,

    /// <summary>HTML, escaped or in a CDATA section.</summary>
    Html,

    /// <summary>Child elements whose text counts (XHTML).</summary>
    Markup,

    Base64,
}

/// <summary>Decodes the raw content of one document's elements and attributes.</summary>
internal readonly ref struct FeedText(ReadOnlySpan<byte> data, ReadOnlySpan<byte> declaration, RepairLog repairs)
{
    /// <summary>Longer texts are cut.</summary>
    public const int LongestSummary = 1500;
    public const int LongestTitle = 1000;
    private const int LongestValue = 4000;
    private const int LongestCredit = 1000;
    private const int ShortDate = 64;

    /// <summary>Most contents yield all the text that is kept within this many bytes; more is decoded only if needed.</summary>
    private const int FirstBytes = 8 * 1024;

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly ReadOnlySpan<byte> _declaration = declaration;

    public string? Title(RawContent field, TextKind kind = TextKind.Html) => Read(field, kind, LongestTitle, title: true);

    public string? Summary(RawContent field, TextKind kind = TextKind.Html) => Read(field, kind, LongestSummary, title: false);

    /// <summary>The page that the end of a text names as "originally published at", as Medium writes under imported posts.</summary>
    public string? OriginalAddress(RawContent field)
    {
        var text = _data.Slice(field.Start, field.Length);
        text = text[^Math.Min(text.Length, LongestCredit)..];
        var at = text.LastIndexOf("riginally published "u8);
        if (at < 0) return null;
        text = text[at..];
        var start = text.IndexOf("http"u8);
        if (start < 0) return null;
        text = text[start..];
        var end = text.IndexOfAny((byte)'"', (byte)'\'', (byte)'<');
        if (end >= 0) text = text[..end];
        end = text.IndexOfAny((byte)' ', (byte)'\n', (byte)'>');
        if (end >= 0) text = text[..end];
        end = text.IndexOf("&quot;"u8);
        if (end >= 0) text = text[..end];
        return Value(text) is { } address && Uri.TryCreate(address, UriKind.Absolute, out var uri) && HttpAddress.IsHttp(uri) && uri.AbsolutePath.Length > 1 ? address : null;
    }

    /// <summary>An id, an address or a name: decoded and trimmed.</summary>
    public string? Value(RawContent field) => Value(_data.Slice(field.Start, field.Length));

    /// <inheritdoc cref="Value(RawContent)"/>
    public string? Value(ReadOnlySpan<byte> raw)
    {
        raw = raw.Trim(" \t\r\n"u8);
        if (raw.IsEmpty) return null;
        if (raw.Length > LongestValue)
        {
            repairs.Add(RepairLog.TooLong);
            return null;
        }

        if (raw.IndexOfAny((byte)'&', (byte)'<') < 0) return Encoding.UTF8.GetString(raw);
        var buffer = ArrayPool<byte>.Shared.Rent(XmlText.BufferSize(raw.Length));
        var decoded = buffer.AsSpan(0, XmlText.Decode(raw, buffer, _declaration, repairs)).Trim(" \t\r\n"u8);
        var word = decoded.IsEmpty ? null : Encoding.UTF8.GetString(decoded);
        ArrayPool<byte>.Shared.Return(buffer);
        return word;
    }

    public FeedDate? Date(RawContent field)
    {
        if (field.Length == 0) return null;
        Span<char> buffer = stackalloc char[ShortDate];
        var raw = _data.Slice(field.Start, field.Length).Trim(" \t\r\n"u8);
        if (raw.IsEmpty) return null;
        var date = raw.Length <= ShortDate && raw.IndexOfAny((byte)'&', (byte)'<') < 0
            ? FeedDates.Parse(buffer[..Encoding.UTF8.GetChars(raw, buffer)])
            : FeedDates.Parse(Value(field));
        if (date is null) repairs.Add(RepairLog.UnreadableDate);
        return date;
    }

    /// <summary>Decodes only as much of a long content as is needed.</summary>
    private string? Read(RawContent field, TextKind kind, int maximum, bool title)
    {
        var raw = _data.Slice(field.Start, field.Length).Trim(" \t\r\n"u8);
        if (raw.IsEmpty) return null;
        if (field.Markup) kind = TextKind.Markup;
        for (var take = FirstBytes; take < raw.Length; take *= 8)
        {
            var text = Read(Cut(raw, take), kind, maximum, title);
            if (text?.Length >= maximum) return text;
        }

        return Read(raw, kind, maximum, title);
    }

    private string? Read(ReadOnlySpan<byte> raw, TextKind kind, int maximum, bool title)
    {
        if (kind == TextKind.Markup) return PlainText.FromEscapedHtml(raw, maximum);
        if (raw.IndexOfAny((byte)'&', (byte)'<') < 0) return FromDecoded(raw, kind, maximum, title);
        if (raw.StartsWith("<![CDATA["u8) && raw.IndexOf("]]>"u8) is var end && (end < 0 || end == raw.Length - 3))
            return FromDecoded(end < 0 ? raw[9..] : raw[9..end], kind, maximum, title);
        var buffer = ArrayPool<byte>.Shared.Rent(XmlText.BufferSize(raw.Length));
        var text = FromDecoded(buffer.AsSpan(0, XmlText.Decode(raw, buffer, _declaration, repairs)), kind, maximum, title);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    private static string? FromDecoded(ReadOnlySpan<byte> text, TextKind kind, int maximum, bool title)
    {
        if (kind == TextKind.Plain)
        {
            // HTML whose type was forgotten.
            var plain = PlainText.Fold(text, maximum);
            return !title && plain?[0] == '<' && EscapedTags.Begin(plain) ? PlainText.FromHtml(plain, maximum) : plain;
        }

        if (kind == TextKind.Html) return PlainText.FromEscapedHtml(text, maximum, keepUnknown: title);
        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        var status = Base64.DecodeFromUtf8(text, buffer, out _, out var written);
        var decoded = status == OperationStatus.Done ? buffer.AsSpan(0, written) : text;
        var result = PlainText.FromEscapedHtml(decoded, maximum);
        ArrayPool<byte>.Shared.Return(buffer);
        return result;
    }

    /// <summary>Cuts neither inside a character nor inside a reference.</summary>
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> raw, int length)
    {
        var last = raw.Slice(length - 16, 16).LastIndexOf((byte)'&');
        if (last >= 0) return raw[..(length - 16 + last)];
        while (length > 0 && (raw[length] & 0xC0) == 0x80) length--;
        return raw[..length];
    }
}
