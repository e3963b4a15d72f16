using ContributionIngest.Formats.Text;

namespace ContributionIngest.Formats.Feeds;

/// <summary>The raw content of an element: a range of the document, not yet decoded.</summary>
/// <param name="Markup">It has child elements; its text is what remains without the tags.</param>
internal readonly record struct RawContent(int Start, int Length, bool Markup);

/// <summary>
/// A forgiving XML pull parser over UTF-8 that does not allocate and never fails: what is not well formed is counted and read as its author meant
/// it. A stack of open elements confines a missing or misspelled end tag to one element. Every byte is visited a bounded number of times.
/// </summary>
internal ref struct FeedXml
{
    private const int DeepestStack = 32;

    private readonly ReadOnlySpan<byte> _data;
    private readonly RepairLog _repairs;
    private readonly StartTag[] _open;
    private NamespaceScope _spaces;
    private StartTag _tag;
    private int _position;
    private int _tooDeep;
    private bool _noCharacterDataEnd;
    private bool _noCommentEnd;

    public FeedXml(ReadOnlySpan<byte> data, RepairLog repairs)
    {
        _data = data;
        _repairs = repairs;
        _open = new StartTag[DeepestStack];
        _spaces = new NamespaceScope(repairs);
    }

    /// <summary>Number of open elements at the current position.</summary>
    public int Depth { get; private set; }

    public FeedElement Element { get; private set; }
    public FeedNamespace Namespace { get; private set; }

    /// <summary>The current element has no content.</summary>
    public readonly bool IsEmpty => _tag.Empty;

    /// <summary>The document ended before its root did.</summary>
    public bool Truncated { get; private set; }

    public bool HasSeenElement { get; private set; }

    /// <summary>The document type declaration, if there was one.</summary>
    public RawContent Declaration { get; private set; }

    public readonly ReadOnlySpan<byte> Data => _data;

    public readonly ReadOnlySpan<byte> Name => _data[_tag.NameStart.._tag.NameEnd];

    /// <summary>Start of the current tag.</summary>
    public readonly int TagStart => _tag.Start;

    /// <summary>Whether the attributes of the current tag contain this text.</summary>
    public readonly bool TagContains(scoped ReadOnlySpan<byte> text) => _data[_tag.NameEnd.._tag.AttributesEnd].IndexOf(text) >= 0;

    /// <summary>Elements of this vocabulary count as <see cref="FeedNamespace.Core"/> from now on (Atom, in an Atom feed).</summary>
    public void TreatAsCore(FeedNamespace space) => _spaces.CoreNamespace = space;

    /// <summary>
    /// Moves to the next child of the element at <paramref name="depth"/> (0: the document), skipping what is unread of the previous one. False at the
    /// end of that element, or of the document.
    /// </summary>
    public bool NextChild(int depth)
    {
        while (Depth >= depth)
        {
            if (!ToNextTag(out var next))
            {
                if (Depth > 0) Truncate();
                return false;
            }

            if (next == '/')
            {
                ReadEndTag();
            }
            else if (IsNameStart(next))
            {
                if (!ScanTag(out var tag)) return false;
                var wanted = Depth == depth;
                if (wanted) Resolve(tag);
                if (!tag.Empty) Open(tag);
                if (wanted) return true;
            }
            else
            {
                SkipMisc();
            }
        }

        return false;
    }

    /// <summary>Moves to the next start tag at any depth, to find the root after junk.</summary>
    public bool NextElement()
    {
        while (!Truncated && _position < _data.Length)
        {
            if (NextChild(Depth)) return HasSeenElement = true;
        }

        return false;
    }

    /// <summary>Goes back before the current tag and closes every element deeper than <paramref name="depth"/>: an end tag was missing.</summary>
    public void CloseBefore(int depth)
    {
        _repairs.Add(RepairLog.MissingEndTag);
        _position = _tag.Start;
        Depth = depth;
    }

    /// <summary>Reads the content of the current element and moves past it. Null if the document ends inside.</summary>
    public RawContent? ReadContent()
    {
        if (_tag.Empty) return default(RawContent);
        var start = _position;
        var markup = false;
        var own = Name;
        var (deep, same) = (0, 0);
        while (ToNextTag(out var next))
        {
            if (next == '/')
            {
                var name = ReadName(_position + 2);
                if (name.SequenceEqual(own))
                {
                    if (same-- == 0) return Close(start, markup, repair: false, consume: true);
                }
                else if (IsOpenAbove(name))
                {
                    return Close(start, markup, repair: true, consume: false);
                }
                else if (deep == 0 && !HtmlElements.IsKnown(name))
                {
                    return Close(start, markup, repair: true, consume: true);
                }

                deep = Math.Max(0, deep - 1);
                SkipEndTag();
            }
            else if (IsNameStart(next))
            {
                var from = _position;
                if (!ScanTag(out var tag)) return null;
                var name = _data[tag.NameStart..tag.NameEnd];
                if (IsEntry(name) && IsOpenAbove(name))
                {
                    _position = from;
                    return Close(start, markup, repair: true, consume: false);
                }

                markup = true;
                if (tag.Empty) continue;
                deep++;
                if (name.SequenceEqual(own)) same++;
            }
            else
            {
                SkipMisc();
            }
        }

        Truncate();
        return null;
    }

    /// <summary>The raw value of an attribute of the current element, by name in any case; empty if absent.</summary>
    public readonly ReadOnlySpan<byte> Attribute(scoped ReadOnlySpan<byte> name)
    {
        if (!_tag.HasAttributes) return default;
        var rest = _data[_tag.NameEnd.._tag.AttributesEnd];
        while (XmlAttributes.Next(ref rest, out var found, out var value))
        {
            if (FeedVocabulary.Is(found, name)) return value;
        }

        return default;
    }

    private static bool IsNameStart(byte b) => (uint)((b | 0x20) - 'a') <= 'z' - 'a' || b is (byte)'_' or >= 0x80;

    private static bool EndsName(byte b) => b is (byte)'>' or (byte)' ' or (byte)'/' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'<';

    private static bool IsEntry(ReadOnlySpan<byte> name) => name.Length is 4 or 5 && FeedVocabulary.Find(name) is FeedElement.Item or FeedElement.Entry;

    /// <summary>Moves to the next <c>&lt;</c> and returns the byte after it; false at the end of the document.</summary>
    private bool ToNextTag(out byte next)
    {
        var at = _data[_position..].IndexOf((byte)'<');
        if (at < 0 || _position + at + 1 >= _data.Length)
        {
            _position = _data.Length;
            next = 0;
            return false;
        }

        _position += at;
        next = _data[_position + 1];
        return true;
    }

    private readonly ReadOnlySpan<byte> ReadName(int start)
    {
        var end = start;
        while (end < _data.Length && (_data[end] > '>' || !EndsName(_data[end]))) end++;
        return _data[start..end];
    }

    /// <summary>Reads the tag at the current position and moves past it; false if the document ends inside.</summary>
    private bool ScanTag(out StartTag tag)
    {
        var start = _position;
        var nameEnd = start + 1 + ReadName(start + 1).Length;
        _position = nameEnd;
        var end = _position < _data.Length && _data[_position] == '>' ? _position++ : ScanAttributes(nameEnd);
        if (end < 0)
        {
            tag = default;
            Truncate();
            return false;
        }

        var empty = end > nameEnd && _data[end - 1] == '/';
        tag = new StartTag(start, start + 1, nameEnd, empty ? end - 1 : end, empty);
        return true;
    }

    /// <summary>
    /// Moves past the tag and returns its end. An unclosed quote ends where the next tag begins, and so does its tag. -1 if the document ends inside.
    /// </summary>
    private int ScanAttributes(int nameEnd)
    {
        while (true)
        {
            var at = _data[_position..].IndexOfAny("\"'><"u8);
            if (at < 0) return -1;
            var found = _data[_position + at];
            _position += at + 1;
            if (found == '>') return _position - 1;
            if (found == '<') return EndBrokenTag(_position - 1, 0);
            if (!OpensValue(_position - 2, nameEnd)) continue;
            var close = _data[_position..].IndexOfAny(found, (byte)'<');
            if (close < 0) return -1;
            if (_data[_position + close] != found)
            {
                var end = _data.Slice(_position, close).IndexOf((byte)'>');
                return end < 0 ? EndBrokenTag(_position + close, 0) : EndBrokenTag(_position + end, 1);
            }

            _position += close + 1;
        }
    }

    private int EndBrokenTag(int end, int skip)
    {
        _repairs.Add(RepairLog.BrokenTag);
        _position = end + skip;
        return end;
    }

    /// <summary>Only a quote after <c>=</c> opens a value.</summary>
    private readonly bool OpensValue(int before, int nameEnd)
    {
        while (before > nameEnd && _data[before] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') before--;
        return _data[before] == '=';
    }

    private void Resolve(in StartTag tag)
    {
        _tag = tag;
        if (tag.HasAttributes) _spaces.Declare(_data, tag, Depth);
        else _spaces.CloseTo(Depth);
        var name = Name;
        var colon = name.IndexOf((byte)':');
        Element = FeedVocabulary.Find(name[(colon + 1)..]);
        Namespace = colon < 0 ? _spaces.Default : _spaces.Find(_data, name[..colon], isRoot: Depth == 0);
    }

    private void Open(in StartTag tag)
    {
        if (Depth < DeepestStack) _open[Depth++] = tag;
        else if (_tooDeep++ == 0) _repairs.Add(RepairLog.TooDeep);
    }

    private void ReadEndTag()
    {
        var name = ReadName(_position + 2);
        SkipEndTag();
        if (_tooDeep > 0)
        {
            _tooDeep--;
            return;
        }

        for (var i = Depth - 1; i >= 0; i--)
        {
            if (!IsOpen(i, name)) continue;
            if (i < Depth - 1) _repairs.Add(RepairLog.MissingEndTag, Depth - 1 - i);
            Depth = i;
            return;
        }

        _repairs.Add(RepairLog.StrayEndTag);
    }

    private void SkipEndTag()
    {
        var end = _data[(_position + 1)..].IndexOfAny((byte)'>', (byte)'<');
        if (end < 0) _position = _data.Length;
        else _position += end + (_data[_position + 1 + end] == '>' ? 2 : 1);
    }

    private readonly bool IsOpen(int i, ReadOnlySpan<byte> name)
    {
        ref readonly var tag = ref _open[i];
        return tag.NameEnd - tag.NameStart == name.Length && FeedVocabulary.Is(name, _data[tag.NameStart..tag.NameEnd]);
    }

    /// <summary>Whether an element of this name encloses the current one.</summary>
    private readonly bool IsOpenAbove(ReadOnlySpan<byte> name)
    {
        for (var i = Depth - 2; i >= 0; i--)
        {
            if (IsOpen(i, name)) return true;
        }

        return false;
    }

    private RawContent Close(int start, bool markup, bool repair, bool consume)
    {
        var field = new RawContent(start, _position - start, markup);
        if (repair) _repairs.Add(RepairLog.MissingEndTag);
        if (consume) SkipEndTag();
        Depth--;
        return field;
    }

    /// <summary>Skips a comment, an instruction, a declaration, character data, or a stray <c>&lt;</c>.</summary>
    private void SkipMisc()
    {
        var rest = _data[_position..];
        int end;
        if (rest.StartsWith("<![CDATA["u8)) end = EndOf(rest, "]]>"u8, 9, ref _noCharacterDataEnd);
        else if (rest.StartsWith("<!--"u8)) end = EndOf(rest, "-->"u8, 4, ref _noCommentEnd);
        else if (rest[1] == '?') end = rest.IndexOf((byte)'>') + 1;
        else if (rest[1] == '!' && Depth == 0) end = EndOfDeclaration(rest);
        else
        {
            if (Depth > 0) _repairs.Add(RepairLog.BareLessThan);
            end = 1;
        }

        _position = end > 0 ? _position + end : _data.Length;
    }

    /// <summary>Without an end, only the opening is skipped, and the end is not searched for again.</summary>
    private readonly int EndOf(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> close, int opening, ref bool missing)
    {
        var end = missing ? -1 : rest[opening..].IndexOf(close);
        if (end >= 0) return opening + end + close.Length;
        missing = true;
        _repairs.Add(RepairLog.BrokenTag);
        return opening;
    }

    private int EndOfDeclaration(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAny((byte)'[', (byte)'>');
        if (end >= 0 && rest[end] == '[')
        {
            var close = rest.IndexOf("]>"u8);
            end = close >= 0 ? close + 1 : rest.IndexOf((byte)'>');
        }

        Declaration = new RawContent(_position, end + 1, false);
        return end + 1;
    }

    private void Truncate()
    {
        _position = _data.Length;
        if (Truncated) return;
        Truncated = true;
        _repairs.Add(RepairLog.Truncated);
    }
}
