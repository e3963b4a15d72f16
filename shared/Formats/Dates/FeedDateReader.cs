namespace ContributionIngest.Formats.Dates;

/// <summary>
/// Reads a date from left to right, with its parts in any order: numbers, names, a time, a zone. It fails on anything it cannot interpret rather
/// than ignoring it; but what follows a day with a time is taken for a zone, and one that it does not know leaves the day.
/// </summary>
internal ref struct FeedDateReader(ReadOnlySpan<char> text)
{
    private const int Unset = -1;
    private const int KoreanMinutes = 9 * 60;

    private readonly ReadOnlySpan<char> _text = text;
    private int _at;
    private int _year = Unset;
    private int _month = Unset;
    private int _day = Unset;
    private int _dayOfYear = Unset;
    private TimeSpan _clock;
    private bool _hasClock;
    private bool _isMonthName;
    private int? _offset;
    private int? _impliedOffset;
    private string? _zone;
    private bool _hasUnknownZone;
    private int _afternoon = Unset;
    private bool _hasName;

    public FeedDate? Read()
    {
        while (_at < _text.Length)
        {
            var start = _at;
            if (ReadPart()) continue;
            if (!_hasClock || !HasDay || HasYear(_text[start..])) return null;
            _hasUnknownZone = true;
            break;
        }

        return Finish();
    }

    private readonly bool HasDay => _year != Unset && (_dayOfYear != Unset || _month != Unset && _day != Unset);

    private bool ReadPart()
    {
        var c = _text[_at];
        if (char.IsAsciiDigit(c)) return ReadNumber();
        if (char.IsLetter(c)) return ReadWord();
        if (c is '+' or '-' or '\u2212') return ReadSign();
        if (c == '(') SkipComment();
        else if (c == '[') ReadZoneInBrackets();
        else if (char.IsWhiteSpace(c) || c is ',' or ';' or '.' or ')' or '\u200e' or '\u200f') _at++;
        else return false;
        return true;
    }

    /// <summary>Text with a year is another date and no zone.</summary>
    private static bool HasYear(ReadOnlySpan<char> text)
    {
        for (var i = 0; i + 4 <= text.Length; i++)
        {
            if (text[i] is '1' or '2' && text[i + 1] is '9' or '0' && char.IsAsciiDigit(text[i + 2]) && char.IsAsciiDigit(text[i + 3])
                && (i == 0 || !char.IsAsciiDigit(text[i - 1])) && (i + 4 == text.Length || !char.IsAsciiDigit(text[i + 4])))
                return true;
        }

        return false;
    }

    private readonly FeedDate? Finish()
    {
        if (_year == Unset || _dayOfYear != Unset && (_month != Unset || _day != Unset)) return null;
        var found = _dayOfYear != Unset
            ? FeedDates.OrdinalDay(_year, _dayOfYear)
            : FeedDates.Day(_year, _month == Unset && _day == Unset ? 1 : _month, _day == Unset ? 1 : _day);
        if (found is not { } day) return null;
        if (!_hasClock) return day with { IsVague = _dayOfYear == Unset && (_month == Unset || _day == Unset) };
        if (_day == Unset && _dayOfYear == Unset) return null;
        if (_hasUnknownZone) return day;
        var local = day.Instant.Ticks + (_clock + Afternoon()).Ticks;
        if (local > DateTime.MaxValue.Ticks) return null;
        if (_zone is not null)
            return FeedDates.InZone(_zone, new DateTime(local, DateTimeKind.Unspecified)) is { } zoned ? new FeedDate(zoned.ToUniversalTime(), false) : day;
        var utc = local - (_offset ?? _impliedOffset ?? 0) * TimeSpan.TicksPerMinute;
        return utc < 0 || utc > DateTime.MaxValue.Ticks ? null
            : new FeedDate(new DateTimeOffset(utc, TimeSpan.Zero), false) { IsLocal = _offset is null && _impliedOffset is null };
    }

    private readonly TimeSpan Afternoon() =>
        _afternoon == 1 && _clock.Hours < 12 && _clock.Days == 0 ? TimeSpan.FromHours(12)
        : _afternoon == 0 && _clock.Hours == 12 ? TimeSpan.FromHours(-12)
        : TimeSpan.Zero;

    private void SkipComment()
    {
        // "(UTC+1)" is no comment unless there is an offset already.
        var rest = _text[(_at + 1)..];
        if (_hasClock && _offset is null && rest.Length > 4 && (rest.StartsWith("UTC") || rest.StartsWith("GMT")) && rest[3] is '+' or '-')
        {
            _at++;
            return;
        }

        var end = _text[_at..].IndexOf(')');
        _at = end < 0 ? _text.Length : _at + end + 1;
    }

    /// <summary><c>2026-05-20T18:00+02:00[Europe/Berlin]</c> (RFC 9557): the zone, unless there is an offset.</summary>
    private void ReadZoneInBrackets()
    {
        var rest = _text[(_at + 1)..];
        var end = rest.IndexOf(']');
        if (_hasClock && _offset is null) _zone ??= (end < 0 ? rest : rest[..end]).ToString();
        _at = end < 0 ? _text.Length : _at + end + 2;
    }

    private bool ReadNumber()
    {
        var start = _at;
        var number = Digits(9);
        var length = _at - start;
        var next = Peek();
        if (!_hasClock && (next == ':' || next is 'h' or 'H' && char.IsAsciiDigit(Peek(1)))) return length <= 2 && ReadClock(number);
        if (next is '/' or '.' && length <= 4 && char.IsAsciiDigit(Peek(1)) && !_hasClock) return ReadNumericDate(number, length, next);
        switch (next)
        {
            case '년' or '年':
                _at++;
                if (next == '년') _impliedOffset = KoreanMinutes;
                return Set(ref _year, number);
            case '월' or '月':
                _at++;
                return Set(ref _month, number);
            case '일' or '日':
                _at++;
                return Set(ref _day, number);
        }

        if (next is 'T' or 't' && char.IsAsciiDigit(Peek(1))) _at++;
        else if (length <= 2 && char.IsAsciiLetter(next)) SkipOrdinal();
        return Assign(number, length);
    }

    /// <summary>Four digits are a year; month and day follow a year, otherwise the day comes first and a two-digit year last.</summary>
    private bool Assign(int number, int length)
    {
        if (length == 4) return Set(ref _year, number);
        if (length == 3) return _year != Unset && _month == Unset && Set(ref _dayOfYear, number);
        if (length == 8 && _year == Unset && !_hasClock)
            return Set(ref _year, number / 10000) && Set(ref _month, number / 100 % 100) && Set(ref _day, number % 100);
        if (length == 6 && _year != Unset && _day != Unset && !_hasClock) return SetClock(number / 10000, number / 100 % 100, number % 100);
        if (length > 2) return false;
        if (_year != Unset && _month == Unset) return Set(ref _month, number);
        if (_day == Unset) return Set(ref _day, number);
        return _month != Unset && Set(ref _year, FeedDates.Century(number));
    }

    private static bool Set(ref int part, int value)
    {
        if (part != Unset) return false;
        part = value;
        return true;
    }

    private void SkipOrdinal()
    {
        var rest = _text[_at..];
        var length = rest.StartsWith("st", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("nd", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWith("rd", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("th", StringComparison.OrdinalIgnoreCase) ? 2
            : rest.StartsWith("er", StringComparison.OrdinalIgnoreCase) ? 2 : 0;
        if (length > 0 && !char.IsLetter(Peek(length))) _at += length;
    }

    /// <summary><c>3/30/2020</c>, <c>26/06/2020</c>, <c>2020/06/26</c>, <c>26.06.2020</c>; fails if day and month could be confused.</summary>
    private bool ReadNumericDate(int first, int length, char separator)
    {
        _at++;
        var second = Digits(2);
        if (Peek() != separator)
            return separator == '.' && length <= 2 && Set(ref _day, first) && Set(ref _month, second);
        _at++;
        var start = _at;
        var third = Digits(4);
        var digits = _at - start;
        if (length == 4) return Set(ref _year, first) && Set(ref _month, second) && Set(ref _day, third);
        if (digits is not (2 or 4) || !Set(ref _year, digits == 2 ? FeedDates.Century(third) : third)) return false;
        if (separator == '.' || first > 12 || first == second) return Set(ref _day, first) && Set(ref _month, second);
        return second > 12 && Set(ref _day, second) && Set(ref _month, first);
    }

    private bool ReadClock(int hour)
    {
        _at++;
        var start = _at;
        var minute = Digits(2);
        if (_at - start != 2) return false;
        var second = 0;
        if (Peek() == ':')
        {
            _at++;
            start = _at;
            second = Digits(2);
            if (_at == start) return false;
        }

        if (!SetClock(hour, minute, second)) return false;
        if (Peek() is '.' or ',' && char.IsAsciiDigit(Peek(1))) ReadFraction();
        return true;
    }

    /// <summary>24:00 is the end of a day and 60 a leap second; other values out of range are invalid.</summary>
    private bool SetClock(int hour, int minute, int second)
    {
        if (_hasClock || minute > 59 || second > 60 || hour > 24 || hour == 24 && minute + second > 0) return false;
        _hasClock = true;
        _clock = new TimeSpan(hour, minute, second);
        return true;
    }

    private void ReadFraction()
    {
        _at++;
        for (var unit = TimeSpan.TicksPerSecond / 10; char.IsAsciiDigit(Peek()); unit /= 10, _at++)
            _clock += TimeSpan.FromTicks((Peek() - '0') * unit);
    }

    private bool ReadSign()
    {
        var negative = Peek() != '+';
        _at++;
        if (!_hasClock || !char.IsAsciiDigit(Peek())) return negative;
        var start = _at;
        var hours = Digits(4);
        var length = _at - start;
        var minutes = 0;
        if (length > 2) (hours, minutes) = (hours / 100, hours % 100);
        else if (Peek() == ':')
        {
            _at++;
            start = _at;
            minutes = Digits(2);
            if (_at - start != 2) return false;
        }

        if (minutes > 59 || hours * 60 + minutes > 14 * 60)
        {
            _hasUnknownZone = true;
            return true;
        }

        _offset = negative ? -(hours * 60 + minutes) : hours * 60 + minutes;
        _hasUnknownZone = false;
        return true;
    }

    private bool ReadWord()
    {
        var start = _at;
        while (_at < _text.Length && IsWordPart(_text[_at])) _at++;
        var word = _text[start.._at];
        if (word.Contains('/'))
        {
            _zone = word.ToString();
            return _hasClock;
        }

        Span<char> lower = stackalloc char[32];
        if (word.Length > lower.Length) return false;
        lower = lower[..word.TrimEnd('.').ToLowerInvariant(lower)];
        var first = !_hasName;
        _hasName = true;
        if (lower is "am" or "a.m" or "오전") return SetHalf(0, lower[0] == '오');
        if (lower is "pm" or "p.m" or "오후") return SetHalf(1, lower[0] == '오');
        if (_hasClock && FeedDateNames.Zone(lower) is { } offset)
        {
            _offset ??= offset;
            return true;
        }

        if (lower is "t" && _day != Unset && !_hasClock || FeedDateNames.IsFiller(lower)) return true;

        var month = FeedDateNames.Month(lower);
        if (month > 0 && (_month == Unset || _isMonthName && _year == Unset))
        {
            // "mar., 01 déc." is a Tuesday in December: the last name is the month.
            _month = month;
            _isMonthName = true;
            return true;
        }

        if (first && _year == Unset && _day == Unset) return true;

        // A zone nobody knows, or that means several: the day is still what the date says, give or take one. The year may follow.
        if (!_hasClock || _day == Unset || _month == Unset || word.Length is < 2 or > 6 || word.ContainsAnyExceptInRange('A', 'Z')) return false;
        _hasUnknownZone = true;
        return true;
    }

    private bool SetHalf(int half, bool korean)
    {
        if (korean) _impliedOffset = KoreanMinutes;
        _afternoon = half;
        return true;
    }

    private readonly bool IsWordPart(char c) =>
        char.IsLetter(c) || c is '_' or '/' && _hasClock || c == '.' && _at + 1 < _text.Length && (char.IsLetter(_text[_at + 1]) || !char.IsAsciiDigit(_text[_at + 1]));

    private int Digits(int most)
    {
        var (value, end) = (0, Math.Min(_text.Length, _at + most));
        for (; _at < end && char.IsAsciiDigit(_text[_at]); _at++) value = value * 10 + (_text[_at] - '0');
        return value;
    }

    private readonly char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';
}

/// <summary>Names of months and zones in the dates of feeds, in lower case and without a final dot.</summary>
internal static class FeedDateNames
{
    private const string EnglishMonths = "jan feb mar apr may jun jul aug sep oct nov dec";

    /// <summary>First letters of the months' names in the languages that publishing tools write.</summary>
    private static readonly string[] Months =
    [
        "jän ene gen stycz led oca ιαν янв",
        "fév fev úno lut şub φεβ фев",
        "mär már mrt maa bře μάρ μαρ мар",
        "avr abr ápr dub kwi nis απρ апр",
        "mai maj mag mei máj květ mayıs μάι μαΐ μαι μάϊ мая май",
        "juin giu jún červ czerw haz ιούν ιουν июн",
        "juil lug júl lip tem ιούλ ιουλ июл",
        "aoû aou ago sier srp ağu αύγ αυγ авг",
        "set sze wrz zář eyl σεπ сен",
        "okt out ott paź říj eki οκτ окт",
        "list kas νοέ νοε ноя",
        "déc dez dic dek des gru pro ara δεκ дек",
    ];

    /// <summary>1 to 12; 0 if it is not a month.</summary>
    public static int Month(ReadOnlySpan<char> word)
    {
        if (word.Length < 3) return 0;
        var at = EnglishMonths.AsSpan().IndexOf(word[..3]);
        if (at >= 0) return (at / 4) + 1;
        if (IsEnglishWeekday(word)) return 0;
        for (var month = 0; month < Months.Length; month++)
        {
            foreach (var range in Months[month].AsSpan().Split(' '))
            {
                if (word.StartsWith(Months[month].AsSpan()[range])) return month + 1;
            }
        }

        return 0;
    }

    private static bool IsEnglishWeekday(ReadOnlySpan<char> word) => word[..3] is "mon" or "tue" or "wed" or "thu" or "fri" or "sat" or "sun";

    /// <summary>Offset of a zone in minutes; null if unknown or ambiguous. Military letters as RFC 822 defines A, M, N and Y.</summary>
    public static int? Zone(ReadOnlySpan<char> word) => word switch
    {
        "z" or "ut" or "utc" or "gmt" or "wet" => 0,
        "a" => -60,
        "m" => -12 * 60,
        "n" => 60,
        "y" => 12 * 60,
        "nst" => -210,
        "ndt" => -150,
        "adt" or "brt" or "art" => -3 * 60,
        "ast" or "at" or "edt" => -4 * 60,
        "est" or "et" or "cdt" => -5 * 60,
        "cst" or "ct" or "mdt" => -6 * 60,
        "mst" or "mt" or "pdt" => -7 * 60,
        "pst" or "pt" or "akdt" => -8 * 60,
        "akst" => -9 * 60,
        "hst" => -10 * 60,
        "cet" or "met" or "mez" or "west" or "bst" => 60,
        "cest" or "mest" or "mesz" or "eet" or "sast" => 2 * 60,
        "eest" or "msk" => 3 * 60,
        "awst" or "hkt" or "sgt" => 8 * 60,
        "jst" or "kst" => 9 * 60,
        "acst" => 570,
        "aest" => 10 * 60,
        "acdt" => 630,
        "aedt" => 11 * 60,
        "nzst" => 12 * 60,
        "nzdt" => 13 * 60,
        _ => null,
    };

    /// <summary>Words between the parts of a date that can be ignored.</summary>
    public static bool IsFiller(ReadOnlySpan<char> word) =>
        word is "at" or "of" or "the" or "de" or "del" or "le" or "à" or "um" or "uhr" or "den" or "den" or "kl" or "г" or "ora";
}
