using System.Buffers;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// Walks the content lines of RFC 5545, 3.1 over raw bytes. Finding the next line costs two vectorised searches; only a line that somebody
/// wants (<see cref="Load"/>) is unfolded and split, so the many properties nobody keeps are stepped over.
/// </summary>
internal ref struct ContentLines
{
    private static readonly SearchValues<byte> NameEnd = SearchValues.Create(":;"u8);
    private static readonly SearchValues<byte> QuoteOrColon = SearchValues.Create("\":"u8);
    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly ArrayBufferWriter<byte> _unfolded;
    private int _start;
    private int _next;
    private ReadOnlySpan<byte> _line;
    private int _nameLength;

    public ContentLines(ReadOnlySpan<byte> text)
    {
        _text = text;
        _unfolded = new ArrayBufferWriter<byte>(1024);
    }

    /// <summary>Without trailing blanks; empty when the line has neither colon nor semicolon, or what precedes them is no name.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>What stands between name and value, from the first semicolon on; set by <see cref="Load"/>.</summary>
    public ReadOnlySpan<byte> Parameters { get; private set; }

    /// <summary>Set by <see cref="Load"/>.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The whole line as it stands; unfolded once <see cref="Load"/> was called.</summary>
    public readonly ReadOnlySpan<byte> Line => _line;

    public bool Next()
    {
        SkipFolds();
        do
        {
            if (_next >= _text.Length) return false;
            _start = _next;
            _line = TakeLine();
        }
        while (_line.IsEmpty);

        var end = _line.IndexOfAny(NameEnd);
        if (end < 0 && Folded)
        {
            Unfold();
            end = _line.IndexOfAny(NameEnd);
        }

        _nameLength = Math.Max(end, 0);
        Name = _line[.._nameLength];
        if (Name is [.., (byte)' ' or (byte)'\t']) Name = Name.TrimEnd(" \t"u8);
        return true;
    }

    /// <summary>True when <see cref="Name"/> could be the name of a property; not worth asking of a name that is known.</summary>
    public readonly bool NameIsPlausible => Name.Length > 0 && !Name.ContainsAnyExcept(NameBytes);

    public void Load()
    {
        if (Folded) Unfold();
        var rest = _line[_nameLength..];
        var colon = rest.Length > 0 && rest[0] == ':' ? 0 : ValueStart(rest);
        Parameters = colon < 0 ? rest : rest[..colon];
        Value = colon < 0 ? default : rest[(colon + 1)..];
    }

    /// <summary>For values that never hold a colon: a parameter does, and nobody quoted it.</summary>
    public void SplitAtLastColon()
    {
        var colon = _line.LastIndexOf((byte)':');
        if (colon < _nameLength) return;
        Parameters = _line[_nameLength..colon];
        Value = _line[(colon + 1)..];
    }

    /// <summary>
    /// The lines from here on that are no content lines at all, as one block: what a writer left behind that forgot to escape the line
    /// breaks of a text. The current line is its first.
    /// </summary>
    public ReadOnlySpan<byte> TakeBrokenLines()
    {
        SkipFolds();
        var end = _next;
        while (_next < _text.Length)
        {
            var ahead = _next;
            var line = TakeLine();
            var colon = line.IndexOfAny(NameEnd);
            if (colon > 0 && !line[..colon].ContainsAnyExcept(NameBytes))
            {
                _next = ahead;
                break;
            }

            SkipFolds();
            end = _next;
        }

        return _text[_start..end].TrimEnd("\r\n"u8);
    }

    private readonly bool Folded => _next < _text.Length && _text[_next] is (byte)' ' or (byte)'\t';

    // A quoted parameter value may hold colons. A quote that is never closed is an ordinary character.
    private static int ValueStart(ReadOnlySpan<byte> rest)
    {
        var at = 0;
        while (true)
        {
            var found = rest[at..].IndexOfAny(QuoteOrColon);
            if (found < 0) return -1;
            at += found;
            if (rest[at] == ':') return at;
            var close = rest[(at + 1)..].IndexOf((byte)'"');
            at += close < 0 ? 1 : close + 2;
        }
    }

    private ReadOnlySpan<byte> TakeLine()
    {
        var rest = _text[_next..];
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            _next = _text.Length;
            end = rest.Length;
        }
        else
        {
            _next += end + 1;
        }

        while (end > 0 && rest[end - 1] == '\r') end--;
        return rest[..end];
    }

    private void SkipFolds()
    {
        while (Folded)
        {
            var end = _text[_next..].IndexOf((byte)'\n');
            _next = end < 0 ? _text.Length : _next + end + 1;
        }
    }

    // Octets, not characters: a fold may stand inside a UTF-8 sequence.
    private void Unfold()
    {
        _unfolded.ResetWrittenCount();
        _unfolded.Write(_line);
        while (Folded) _unfolded.Write(TakeLine()[1..]);
        _line = _unfolded.WrittenSpan;
    }
}
