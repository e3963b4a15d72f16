using System.Buffers;
using System.Text;

namespace ContributionIngest.Core.Model;

/// <summary>Collects plain text with white space folded to single spaces, up to a number of characters, in a rented buffer.</summary>
internal ref struct TextSink
{
    private const int Slack = 256;

    private readonly char[] _buffer;
    private readonly int _maximum;
    private int _length;
    private bool _space;

    public TextSink(int maximum)
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

        TakeSpace();
        _length += rune.EncodeToUtf16(_buffer.AsSpan(_length));
    }

    public void Append(ReadOnlySpan<byte> utf8)
    {
        while (!utf8.IsEmpty && !IsFull)
        {
            // The buffer's slack leaves room for a pending space; decoding stops where the buffer ends and goes on if folding freed some.
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

    /// <summary>The text, or null when there is none. Gives the buffer back.</summary>
    public string? Finish()
    {
        var length = Math.Min(_length, _maximum);
        if (length > 0 && length < _length && char.IsHighSurrogate(_buffer[length - 1])) length--;
        var text = length == 0 ? null : new string(_buffer, 0, length);
        ArrayPool<char>.Shared.Return(_buffer);
        return text;
    }

    /// <summary>Takes up the characters just written behind the next free place, without their white space.</summary>
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
            TakeSpace();
            var run = added[word..i];
            run.CopyTo(_buffer.AsSpan(_length));
            _length += run.Length;
        }
    }

    /// <summary>
    /// To the end of a run in which no white space needs folding: single spaces may stay. Control characters above 127 are windows-1252
    /// that somebody copied without converting.
    /// </summary>
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

    private void TakeSpace()
    {
        if (_space && _length > 0) _buffer[_length++] = ' ';
        _space = false;
    }
}
