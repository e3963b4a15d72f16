using System.Buffers;
using System.Text;

namespace ContributionIngest.Formats.Text;

/// <summary>
/// Converts HTML and other foreign text to plain text on one line: tags are removed, scripts and styles dropped, character references decoded once,
/// white space collapsed. Takes any input, in time linear in its length. The result is text, not HTML: encode it before showing it in a page.
/// </summary>
public static class PlainText
{
    private const int LongestName = 32;

    /// <summary>Bytes in which the end of an element of a title is looked for.</summary>
    private const int MaxBetween = 2048;

    /// <summary>HTML to text of at most <paramref name="maximum"/> UTF-16 units, never half a surrogate pair; null if nothing is left.</summary>
    public static string? FromHtml(string html, int maximum = int.MaxValue)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(html.Length));
        var text = FromHtml(bytes.AsSpan(0, Encoding.UTF8.GetBytes(html, bytes)), maximum);
        ArrayPool<byte>.Shared.Return(bytes);
        return text;
    }

    /// <inheritdoc cref="FromHtml(string, int)"/>
    /// <param name="keepUnknown">For titles: a tag without attributes that is not an HTML element (<c>List&lt;T&gt;</c>) is text.</param>
    public static string? FromHtml(ReadOnlySpan<byte> html, int maximum = int.MaxValue, bool keepUnknown = false)
    {
        var sink = new PlainTextBuilder(Math.Min(maximum, html.Length));
        var searched = default(SearchState);
        while (!html.IsEmpty && !sink.IsFull)
        {
            var at = html.IndexOfAny((byte)'<', (byte)'&');
            if (at < 0) at = html.Length;
            sink.Append(html[..at]);
            html = html[at..];
            if (html.IsEmpty) break;
            var length = html[0] == '&' ? Reference(html, ref sink) : Markup(html, ref sink, ref searched, keepUnknown);
            html = html[length..];
        }

        return sink.Build();
    }

    /// <summary>The same for HTML that may have been escaped once more than its place asks for: text that shows tags is read again.</summary>
    public static string? FromEscapedHtml(ReadOnlySpan<byte> html, int maximum, bool keepUnknown = false)
    {
        var text = FromHtml(html, maximum, keepUnknown);
        return text?.Contains('<', StringComparison.Ordinal) == true ? WithoutTags(text, html.Contains((byte)'<'), maximum, keepUnknown) : text;
    }

    /// <inheritdoc cref="FromEscapedHtml(ReadOnlySpan{byte}, int, bool)"/>
    public static string? FromEscapedHtml(string html, int maximum)
    {
        var text = FromHtml(html, maximum);
        return text?.Contains('<', StringComparison.Ordinal) == true ? WithoutTags(text, html.Contains('<', StringComparison.Ordinal), maximum, isTitle: false) : text;
    }

    /// <param name="hasTags">Beside tags that are tags, those that are shown are the subject.</param>
    private static string WithoutTags(string text, bool hasTags, int maximum, bool isTitle)
    {
        var isEscaped = isTitle ? !hasTags && EscapedTags.Format(text) : EscapedTags.Begin(text) || (!hasTags && EscapedTags.Enclose(text));
        return (isEscaped ? FromHtml(text, maximum) : null) ?? text;
    }

    /// <summary>Text that is not HTML, with white space collapsed, cut at <paramref name="maximum"/> UTF-16 units; null if nothing is left.</summary>
    public static string? Fold(ReadOnlySpan<byte> text, int maximum = int.MaxValue)
    {
        var sink = new PlainTextBuilder(Math.Min(maximum, text.Length));
        sink.Append(text);
        return sink.Build();
    }

    /// <inheritdoc cref="Fold(ReadOnlySpan{byte}, int)"/>
    public static string? Fold(string text, int maximum = int.MaxValue)
    {
        var sink = new PlainTextBuilder(Math.Min(maximum, text.Length));
        sink.Append(text.AsSpan());
        return sink.Build();
    }

    private static int Reference(ReadOnlySpan<byte> html, ref PlainTextBuilder sink)
    {
        var length = HtmlEntities.Decode(html, out var rune);
        sink.Append(length > 0 ? rune : new Rune('&'));
        return Math.Max(1, length);
    }

    private static int Markup(ReadOnlySpan<byte> html, ref PlainTextBuilder sink, ref SearchState searched, bool keepUnknown)
    {
        var next = html.Length > 1 ? html[1] : (byte)0;
        if (next == '!')
        {
            if (html.Length > 2 && html[2] is not ((byte)'-' or (byte)'[' or >= (byte)'A')) return Text(html, 1, ref sink);
            if (html.StartsWith("<![CDATA["u8) && SearchState.End(html, 9, "]]>"u8, ref searched.CharacterData) is > 0 and var data)
            {
                sink.Append(html[9..(data - 3)]);
                return data;
            }

            if (html.StartsWith("<!--"u8) && SearchState.End(html, 4, "-->"u8, ref searched.Comment) is > 0 and var comment) return comment;
        }

        var closing = next == '/';
        var name = Name(html[(closing ? 2 : 1)..]);
        if (name.IsEmpty && next is not ((byte)'!' or (byte)'?' or (byte)'/')) return Text(html, 1, ref sink);
        var end = searched.Tag ? 0 : EndOfTag(html);
        if (end == 0)
        {
            // A truncated tag, or a stray "<".
            searched.Tag = true;
            return HtmlElements.IsKnown(name) && html.IndexOf((byte)'=') >= 0 ? html.Length : Text(html, 1, ref sink);
        }

        if (name.IsEmpty) return end;
        if (keepUnknown && IsWord(html[..end], html[end..], name, closing)) return Text(html, end, ref sink);
        if (HtmlElements.IsBlock(name)) sink.Space();
        if (closing || html[end - 2] == '/' || !HtmlElements.HasNoText(name)) return end;
        return end + EndOfElement(html[end..], name);
    }

    /// <summary>
    /// A title that speaks of markup: a name in angle brackets that is no element of HTML, or an element without attributes that nothing closes, though it
    /// has to be closed.
    /// </summary>
    private static bool IsWord(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> rest, ReadOnlySpan<byte> name, bool closing)
    {
        if (!HtmlElements.IsKnown(name)) return tag.IndexOf((byte)'=') < 0 && tag[^2] != '/';
        if (closing || tag.Length != name.Length + 2 || HtmlElements.NeedsNoEnd(name)) return false;
        rest = rest[..Math.Min(rest.Length, MaxBetween)];
        return EndOfElement(rest, name) == rest.Length;
    }

    private static int Text(ReadOnlySpan<byte> html, int length, ref PlainTextBuilder sink)
    {
        sink.Append(html[..length]);
        return length;
    }

    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> html)
    {
        if (html.IsEmpty || (uint)((html[0] | 0x20) - 'a') > 'z' - 'a') return default;
        var end = 1;
        while (end < html.Length && end < LongestName && html[end] is not ((byte)' ' or (byte)'>' or (byte)'/' or (byte)'\t' or (byte)'\r' or (byte)'\n')) end++;
        return html[..end];
    }

    /// <summary>Position after the <c>&gt;</c> of a tag, over quoted values; 0 if there is none.</summary>
    private static int EndOfTag(ReadOnlySpan<byte> html)
    {
        var i = 1;
        while (true)
        {
            var at = html[i..].IndexOfAny((byte)'>', (byte)'=');
            if (at < 0) return 0;
            i += at + 1;
            if (html[i - 1] == '>') return i;
            while (i < html.Length && html[i] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') i++;
            if (i >= html.Length || html[i] is not ((byte)'"' or (byte)'\'')) continue;
            var close = html[(i + 1)..].IndexOf(html[i]);
            i += close < 0 ? 1 : close + 2;
        }
    }

    /// <summary>Position of <c>&lt;/name</c>, or the end.</summary>
    private static int EndOfElement(ReadOnlySpan<byte> html, ReadOnlySpan<byte> name)
    {
        var i = 0;
        while (html[i..].IndexOf("</"u8) is >= 0 and var at)
        {
            i += at + 2;
            if (html.Length - i >= name.Length && Ascii.EqualsIgnoreCase(html.Slice(i, name.Length), name)) return i - 2;
        }

        return html.Length;
    }

    /// <summary>What is known to be absent from the rest; searching again at every opening would not be linear.</summary>
    private ref struct SearchState
    {
        public bool Comment;
        public bool CharacterData;
        public bool Tag;

        /// <summary>Position after the closing mark, or 0.</summary>
        public static int End(ReadOnlySpan<byte> html, int opening, ReadOnlySpan<byte> close, ref bool missing)
        {
            var at = missing ? -1 : html[opening..].IndexOf(close);
            missing = at < 0;
            return at < 0 ? 0 : opening + at + close.Length;
        }
    }
}

/// <summary>Builds plain text with collapsed white space, up to a maximum length, in a rented buffer.</summary>
internal ref struct PlainTextBuilder
{
    private const int Slack = 256;

    private readonly char[] _buffer;
    private readonly int _maximum;
    private int _length;
    private bool _space;

    public PlainTextBuilder(int maximum)
    {
        _maximum = maximum;
        _buffer = ArrayPool<char>.Shared.Rent(maximum + Slack);
    }

    public readonly bool IsFull => _length >= _maximum;

    public void Space() => _space = true;

    public void Append(Rune rune)
    {
        if (IsFull) return;
        if (Rune.IsWhiteSpace(rune))
        {
            _space = true;
            return;
        }

        WritePendingSpace();
        _length += rune.EncodeToUtf16(_buffer.AsSpan(_length));
    }

    public void Append(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty && !IsFull)
        {
            // The slack leaves room for a pending space; decoding stops at the end of the buffer and continues if collapsing freed some.
            var room = _buffer.AsSpan(_length + 1);
            System.Text.Unicode.Utf8.ToUtf16(utf8, room, out var read, out var written);
            if (read == 0) return;
            utf8 = utf8[read..];
            Fold(room[..written]);
        }
    }

    public void Append(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && !IsFull)
        {
            var room = _buffer.AsSpan(_length + 1);
            var count = Math.Min(room.Length, text.Length);
            text[..count].CopyTo(room);
            text = text[count..];
            Fold(room[..count]);
        }
    }

    /// <summary>The text, or null if empty. Returns the buffer to the pool.</summary>
    public string? Build()
    {
        var length = Math.Min(_length, _maximum);
        if (length > 0 && length < _length && char.IsHighSurrogate(_buffer[length - 1])) length--;
        var text = length == 0 ? null : new string(_buffer, 0, length);
        ArrayPool<char>.Shared.Return(_buffer);
        return text;
    }

    /// <summary>Appends the characters just written after the next free position, collapsing white space.</summary>
    private void Fold(Span<char> added)
    {
        var i = 0;
        while (i < added.Length)
        {
            var c = added[i];
            if (IsSpace(c))
            {
                _space = true;
                i++;
                continue;
            }

            var word = i;
            i = EndOfRun(added, i);
            WritePendingSpace();
            var run = added[word..i];
            run.CopyTo(_buffer.AsSpan(_length));
            _length += run.Length;
        }
    }

    /// <summary>End of a run in which no white space needs collapsing: single spaces may stay. Control characters above 127 are unconverted windows-1252.</summary>
    private static int EndOfRun(Span<char> text, int i)
    {
        for (; i < text.Length; i++)
        {
            var c = text[i];
            if (c > ' ' && c < 0x80) continue;
            if (c == ' ' && i + 1 < text.Length && text[i + 1] > ' ' && !IsSpace(text[i + 1])) continue;
            if (IsSpace(c)) return i;
            if (c is >= '\u0080' and <= '\u009F') text[i] = HtmlEntities.Windows1252[c - 0x80];
        }

        return i;
    }

    private static bool IsSpace(char c) =>
        c <= ' ' ? c is ' ' or >= '\t' and <= '\r' : c >= '\u00A0' && (c < '\u1680' ? c == '\u00A0' : char.IsWhiteSpace(c));

    private void WritePendingSpace()
    {
        if (_space && _length > 0) _buffer[_length++] = ' ';
        _space = false;
    }
}
