using System.Buffers;
using System.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// Iterates over content lines (RFC 5545, 3.1) in raw bytes. Finding the next line costs two vectorised searches; only a line that is needed
/// (<see cref="Load"/>) is unfolded and split.
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

    /// <summary>Without trailing blanks; empty if the line has neither colon nor semicolon.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The text between name and value, from the first semicolon on; set by <see cref="Load"/>.</summary>
    public ReadOnlySpan<byte> Parameters { get; private set; }

    /// <summary>Set by <see cref="Load"/>.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The whole line; unfolded after <see cref="Load"/>.</summary>
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

    /// <summary><see cref="Name"/> could be the name of a property; need not be checked for known names.</summary>
    public readonly bool NameIsPlausible => Name.Length > 0 && !Name.ContainsAnyExcept(NameBytes);

    public void Load()
    {
        if (Folded) Unfold();
        var rest = _line[_nameLength..];
        var colon = rest.Length > 0 && rest[0] == ':' ? 0 : ValueStart(rest);
        Parameters = colon < 0 ? rest : rest[..colon];
        Value = colon < 0 ? default : rest[(colon + 1)..];
    }

    /// <summary>For values without colons, if a parameter has an unquoted one.</summary>
    public void SplitAtLastColon()
    {
        var colon = _line.LastIndexOf((byte)':');
        if (colon < _nameLength) return;
        Parameters = _line[_nameLength..colon];
        Value = _line[(colon + 1)..];
    }

    /// <summary>
    /// The following lines that are not content lines, as one block: the rest of a text whose line breaks were not escaped. Starts with the current line.
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

    // A quoted parameter value may have colons. An unclosed quote is an ordinary character.
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

    // Octets, not characters: a fold may split a UTF-8 sequence.
    private void Unfold()
    {
        _unfolded.ResetWrittenCount();
        _unfolded.Write(_line);
        while (Folded) _unfolded.Write(TakeLine()[1..]);
        _line = _unfolded.WrittenSpan;
    }
}

/// <summary>The properties that are read; all others are <see cref="Other"/>.</summary>
internal enum PropertyName : byte
{
    Other, Begin, End, Uid, Start, EndTime, Duration, Summary, Description, Location, Url, Status, Sequence, LastModified, Categories, RecurrenceId,
    Rule, ExceptRule, Dates, ExceptDates, Name, TimeZone, RefreshInterval, ZoneId, OffsetFrom, OffsetTo,
}

internal static class PropertyNames
{
    /// <summary>In any case. The length leaves few candidates.</summary>
    public static PropertyName Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 => Is(name, "END"u8) ? PropertyName.End : Is(name, "UID"u8) ? PropertyName.Uid : Is(name, "URL"u8) ? PropertyName.Url : default,
        4 => Is(name, "TZID"u8) ? PropertyName.ZoneId : Is(name, "NAME"u8) ? PropertyName.Name : default,
        5 => OfFive(name),
        6 => Is(name, "STATUS"u8) ? PropertyName.Status
            : Is(name, "EXDATE"u8) ? PropertyName.ExceptDates
            : Is(name, "EXRULE"u8) ? PropertyName.ExceptRule
            : default,
        7 => Is(name, "DTSTART"u8) ? PropertyName.Start : Is(name, "SUMMARY"u8) ? PropertyName.Summary : default,
        8 => Is(name, "LOCATION"u8) ? PropertyName.Location
            : Is(name, "SEQUENCE"u8) ? PropertyName.Sequence
            : Is(name, "DURATION"u8) ? PropertyName.Duration
            : default,
        10 => Is(name, "CATEGORIES"u8) ? PropertyName.Categories : Is(name, "TZOFFSETTO"u8) ? PropertyName.OffsetTo : default,
        11 => Is(name, "DESCRIPTION"u8) ? PropertyName.Description : default,
        12 => Is(name, "X-WR-CALNAME"u8) ? PropertyName.Name : Is(name, "TZOFFSETFROM"u8) ? PropertyName.OffsetFrom : default,
        13 => Is(name, "LAST-MODIFIED"u8) ? PropertyName.LastModified
            : Is(name, "RECURRENCE-ID"u8) ? PropertyName.RecurrenceId
            : Is(name, "X-WR-TIMEZONE"u8) ? PropertyName.TimeZone
            : default,
        15 => Is(name, "X-PUBLISHED-TTL"u8) ? PropertyName.RefreshInterval : default,
        16 => Is(name, "REFRESH-INTERVAL"u8) ? PropertyName.RefreshInterval : default,
        _ => default,
    };

    private static PropertyName OfFive(ReadOnlySpan<byte> name) => (name[0] | 0x20) switch
    {
        'b' => Is(name, "BEGIN"u8) ? PropertyName.Begin : default,
        'd' => Is(name, "DTEND"u8) ? PropertyName.EndTime : default,
        'r' => Is(name, "RRULE"u8) ? PropertyName.Rule : Is(name, "RDATE"u8) ? PropertyName.Dates : default,
        _ => default,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);
}
