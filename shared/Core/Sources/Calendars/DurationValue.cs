using System.Runtime.InteropServices;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// A DURATION of RFC 5545, 3.3.6. Weeks and days are nominal (the same wall clock time so many days later), the rest is exact time.
/// </summary>
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

        // Beyond a thousand years it is no duration of anything.
        if (number >= 0 || days > 366_000 || seconds > 366_000L * 86_400) return false;
        value = new DurationValue((int)days * sign, seconds * sign * TimeSpan.TicksPerSecond);
        return true;
    }

    /// <summary>The UTC end of what starts at a time (RFC 5545: days first, on the wall clock, then exact time).</summary>
    public long EndOf(long startUtc, Zone? zone)
    {
        var end = startUtc;
        if (Days != 0)
        {
            var days = Days * TimeSpan.TicksPerDay;
            end = zone is null ? startUtc + days : zone.ToUtc(Zone.Clamp(zone.ToLocal(startUtc) + days));
        }

        return Zone.Clamp(end + Ticks);
    }
}
