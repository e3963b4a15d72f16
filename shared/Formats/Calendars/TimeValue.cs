using System.Runtime.InteropServices;

namespace ContributionIngest.Formats.Calendars;

internal enum TimeKind : byte
{
    None,

    /// <summary>A date; ticks at midnight.</summary>
    Date,

    /// <summary>Local time without a zone.</summary>
    Floating,
    Utc,

    /// <summary>Local time in a zone.</summary>
    Zoned,
}

/// <summary>A DATE or DATE-TIME (RFC 5545, 3.3.4 and 3.3.5) as written: local ticks and their kind.</summary>
internal readonly record struct TimeValue(long Ticks, TimeKind Kind, CalendarTimeZone? Zone = null)
{
    public bool IsSet => Kind != TimeKind.None;

    /// <summary>UTC ticks. Floating times are read in the given zone; without one, and for dates, as UTC.</summary>
    public long ToUtc(CalendarTimeZone? floatingIn = null) => Kind switch
    {
        TimeKind.Zoned => Zone!.ToUtc(Ticks),
        TimeKind.Floating when floatingIn is not null => floatingIn.ToUtc(Ticks),
        _ => Ticks,
    };

    /// <summary>
    /// Parses <c>20260102</c>, <c>20260102T030405</c>, <c>20260102T030405Z</c>, and leniently ISO 8601 with dashes and colons, without seconds, or with
    /// a numeric offset.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, CalendarTimeZone? zone, out TimeValue value)
    {
        value = default;
        text = text.Trim(" \t\r\""u8);
        if (text.Length < 8) return false;
        if (text.Length is not (8 or 15 or 16) || text[4] == '-') return TryParseLoose(text, zone, out value);
        if (!TryDay(text, out var ticks)) return false;
        if (text.Length == 8)
        {
            value = new TimeValue(ticks, TimeKind.Date);
            return true;
        }

        if ((text[8] | 0x20) != 't' || !TrySeconds(text[9..15], out var seconds)) return TryParseLoose(text, zone, out value);
        if (text.Length == 16 && (text[15] | 0x20) != 'z') return TryParseLoose(text, zone, out value);
        var kind = text.Length == 16 ? TimeKind.Utc : zone is null ? TimeKind.Floating : TimeKind.Zoned;
        value = new TimeValue(ticks + (seconds * TimeSpan.TicksPerSecond), kind, kind == TimeKind.Zoned ? zone : null);
        return true;
    }

    private static bool TryParseLoose(ReadOnlySpan<byte> text, CalendarTimeZone? zone, out TimeValue value)
    {
        value = default;
        if (text.Length > 40) return false;
        Span<byte> digits = stackalloc byte[14];
        digits.Fill((byte)'0');
        var count = 0;
        var at = 0;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c is >= (byte)'0' and <= (byte)'9')
            {
                if (count == 14) return false;
                digits[count++] = c;
            }
            else if (!((c is (byte)'-' && count is 4 or 6) || (c is (byte)':' && count is 10 or 12) || ((c | 0x20) is 't' or ' ' && count == 8)))
            {
                break;
            }
        }

        if (at < text.Length && text[at] == '.')
        {
            at++;
            while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9') at++;
        }

        var tail = text[at..].Trim((byte)' ');
        if (count is not (8 or 10 or 12 or 14) || !TryDay(digits, out var day) || !TrySeconds(digits[8..], out var seconds)) return false;
        if (count == 8)
        {
            value = new TimeValue(day, TimeKind.Date);
            return tail.IsEmpty;
        }

        var ticks = day + (seconds * TimeSpan.TicksPerSecond);
        if (tail.IsEmpty) value = new TimeValue(ticks, zone is null ? TimeKind.Floating : TimeKind.Zoned, zone);
        else if (tail.Length == 1 && (tail[0] | 0x20) == 'z') value = new TimeValue(ticks, TimeKind.Utc);
        else if (TryOffset(tail, out var offset)) value = new TimeValue(Math.Max(0, ticks - (offset * TimeSpan.TicksPerSecond)), TimeKind.Utc);
        return value.IsSet;
    }

    /// <summary>A UTC-OFFSET (RFC 5545, 3.3.14) in seconds; less than a day.</summary>
    public static bool TryOffset(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        text = text.Trim((byte)' ');
        if (text.Length < 3 || text[0] is not ((byte)'+' or (byte)'-')) return false;
        Span<byte> digits = stackalloc byte[6];
        digits.Fill((byte)'0');
        var count = 0;
        foreach (var c in text[1..])
        {
            if (c == ':') continue;
            if (count == 6 || c is < (byte)'0' or > (byte)'9') return false;
            digits[count++] = c;
        }

        if (count is not (2 or 4 or 6) || !TrySeconds(digits, out var parsed) || parsed >= 86_400) return false;
        seconds = text[0] == '-' ? -parsed : parsed;
        return true;
    }

    private static bool TryDay(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (!TryNumber(text[..4], out var year) || !TryNumber(text[4..6], out var month) || !TryNumber(text[6..8], out var day)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        ticks = new DateOnly(year, month, day).DayNumber * TimeSpan.TicksPerDay;
        return true;
    }

    // 24:00:00 is the next midnight, and a leap second is the second before it.
    private static bool TrySeconds(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (!TryNumber(text[..2], out var hour) || !TryNumber(text[2..4], out var minute) || !TryNumber(text[4..6], out var second)) return false;
        if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && minute + second > 0)) return false;
        seconds = (hour * 3600) + (minute * 60) + Math.Min(second, 59);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var c in digits)
        {
            var digit = c - '0';
            if ((uint)digit > 9) return false;
            number = (number * 10) + digit;
        }

        return true;
    }
}

/// <summary>A DURATION (RFC 5545, 3.3.6). Weeks and days are nominal (the same local time so many days later), the rest is exact.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DurationValue(int Days, long Ticks)
{
    public static bool TryParse(ReadOnlySpan<byte> text, out DurationValue value)
    {
        value = default;
        text = text.Trim((byte)' ');
        var sign = 1;
        if (text is [(byte)'+' or (byte)'-', ..])
        {
            sign = text[0] == '-' ? -1 : 1;
            text = text[1..];
        }

        if (text.Length < 3 || (text[0] | 0x20) != 'p') return false;
        long days = 0, seconds = 0, number = -1;
        foreach (var c in text[1..])
        {
            if (c is >= (byte)'0' and <= (byte)'9')
            {
                number = (Math.Max(number, 0) * 10) + (c - '0');
                if (number > 100_000_000) return false;
                continue;
            }

            if ((c | 0x20) == 't') continue;
            if (number < 0) return false;
            switch (c | 0x20)
            {
                case 'w': days += number * 7; break;
                case 'd': days += number; break;
                case 'h': seconds += number * 3600; break;
                case 'm': seconds += number * 60; break;
                case 's': seconds += number; break;
                default: return false;
            }

            number = -1;
        }

        // More than a thousand years is not a duration.
        if (number >= 0 || days > 366_000 || seconds > 366_000L * 86_400) return false;
        value = new DurationValue((int)days * sign, seconds * sign * TimeSpan.TicksPerSecond);
        return true;
    }

    /// <summary>The UTC end for a start (RFC 5545: days first, in local time, then exact time).</summary>
    public long EndOf(long startUtc, CalendarTimeZone? zone)
    {
        var end = startUtc;
        if (Days != 0)
        {
            var days = Days * TimeSpan.TicksPerDay;
            end = zone is null ? startUtc + days : zone.ToUtc(CalendarTimeZone.Clamp(zone.ToLocal(startUtc) + days));
        }

        return CalendarTimeZone.Clamp(end + Ticks);
    }
}
