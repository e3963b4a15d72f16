using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace ContributionIngest.Formats.Calendars;

internal enum Frequency : byte
{
    None,
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// <param name="Ordinal">The n-th of the month or year, from the end if negative; 0 for all.</param>
/// <param name="Day">0 is Monday.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WeekdayRule(int Ordinal, int Day);

/// <summary>A RECUR value (RFC 5545, 3.3.10). Lists are sorted and distinct; absent parts are empty.</summary>
internal sealed record RecurrenceRule
{
    // As many as a year has days. More are an attack, since each period looks at all of them.
    private const int MaxPositions = 366;
    private const int MaxNumbers = 2 * MaxPositions;

    public Frequency Frequency { get; private init; }
    public int Interval { get; private init; } = 1;
    public int? Count { get; private init; }
    public TimeValue Until { get; init; }

    /// <summary>0 is Monday.</summary>
    public int WeekStart { get; private init; }

    public int[] BySecond { get; init; } = [];
    public int[] ByMinute { get; init; } = [];
    public int[] ByHour { get; init; } = [];
    public WeekdayRule[] ByDay { get; private init; } = [];
    public int[] ByMonthDay { get; private init; } = [];
    public int[] ByYearDay { get; private init; } = [];
    public int[] ByWeekNo { get; private init; } = [];
    public int[] ByMonth { get; private init; } = [];
    public int[] BySetPos { get; private init; } = [];

    /// <summary>A value that makes no sense was left out: it does not cost the series.</summary>
    public bool IsRepaired { get; private init; }

    /// <summary>
    /// False for what RFC 5545 does not allow where leaving it out would give other occurrences than were meant, and for calendars other than the
    /// Gregorian (RFC 7529).
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out RecurrenceRule rule)
    {
        rule = new RecurrenceRule();
        text = text.Trim(" \t\r"u8);
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)';');
            var part = (end < 0 ? text : text[..end]).Trim((byte)' ');
            text = end < 0 ? default : text[(end + 1)..];
            var equals = part.IndexOf((byte)'=');
            if (equals < 0) continue;

            // Some programs write the property's name twice: RRULE:RRULE:FREQ=WEEKLY.
            var name = part[(part[..equals].LastIndexOf((byte)':') + 1)..equals].Trim((byte)' ');
            var value = part[(equals + 1)..].Trim((byte)' ');
            if (value.IsEmpty) continue;
            if (rule.With(name, value) is not { } next) return false;
            rule = next;
        }

        rule = rule.WithoutMisplaced();
        return rule.IsAllowed;
    }

    /// <summary>It has an end that cannot be read, and so may not go on for ever.</summary>
    private bool HasUnreadEnd { get; init; }

    private bool IsAllowed =>
        Frequency != Frequency.None
        && (!HasUnreadEnd || Count is not null || Until.IsSet)
        && (ByWeekNo.Length == 0 || Frequency == Frequency.Yearly)
        && (ByYearDay.Length == 0 || Frequency is Frequency.Yearly or Frequency.Hourly or Frequency.Minutely or Frequency.Secondly);

    /// <summary>Days by number mean nothing in a rule by days or weeks, where programs leave them over from another choice.</summary>
    private RecurrenceRule WithoutMisplaced()
    {
        var days = ByDay;
        if (Frequency != Frequency.Monthly && (Frequency != Frequency.Yearly || ByWeekNo.Length > 0) && Array.Exists(days, day => day.Ordinal != 0))
            days = [.. days.Select(day => day with { Ordinal = 0 }).Distinct()];
        return ReferenceEquals(days, ByDay) && (Frequency != Frequency.Weekly || ByMonthDay.Length == 0)
            ? this
            : this with { ByDay = days, ByMonthDay = Frequency == Frequency.Weekly ? [] : ByMonthDay, IsRepaired = true };
    }

    /// <summary>
    /// The rule with one more part; null for a value that is not allowed. Unknown parts are ignored, and so are values that make no sense, but not what
    /// says how often.
    /// </summary>
    private RecurrenceRule? With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<char> upper = stackalloc char[16];
        if (name.Length > upper.Length || Ascii.ToUpper(name, upper, out var length) != OperationStatus.Done) return this;
        var part = upper[..length];
        switch (part)
        {
            case "FREQ": return FrequencyOf(value) is not Frequency.None and var frequency ? this with { Frequency = frequency } : null;
            case "INTERVAL": return !TryInt(value, out var interval) || interval < 0 ? null : interval == 0 ? this with { IsRepaired = true } : this with { Interval = interval };
            case "COUNT": return TryInt(value, out var count) && count > 0 ? this with { Count = count } : this with { HasUnreadEnd = true, IsRepaired = true };
            case "UNTIL": return TimeValue.TryParse(value, zone: null, out var until) ? this with { Until = until } : this with { HasUnreadEnd = true, IsRepaired = true };
            case "RSCALE": return Ascii.EqualsIgnoreCase(value, "GREGORIAN"u8) ? this : null;
            case "SKIP": return Ascii.EqualsIgnoreCase(value, "OMIT"u8) ? this : null;
        }

        var ignored = IsRepaired;
        return part switch
        {
            "WKST" => DayOf(value) is >= 0 and var start ? this with { WeekStart = start } : this with { IsRepaired = true },
            "BYDAY" => this with { ByDay = Weekdays(value, ref ignored), IsRepaired = ignored },

            // A leap second is the second before it, as in times.
            "BYSECOND" => this with { BySecond = [.. List(value, 0, 60, ref ignored).Select(s => Math.Min(s, 59)).Distinct()], IsRepaired = ignored },
            "BYMINUTE" => this with { ByMinute = List(value, 0, 59, ref ignored), IsRepaired = ignored },
            "BYHOUR" => this with { ByHour = List(value, 0, 23, ref ignored), IsRepaired = ignored },
            "BYMONTHDAY" => this with { ByMonthDay = List(value, 1, 31, ref ignored, fromEnd: true), IsRepaired = ignored },
            "BYYEARDAY" => this with { ByYearDay = List(value, 1, 366, ref ignored, fromEnd: true), IsRepaired = ignored },
            "BYWEEKNO" => this with { ByWeekNo = List(value, 1, 53, ref ignored, fromEnd: true), IsRepaired = ignored },
            "BYMONTH" => this with { ByMonth = List(value, 1, 12, ref ignored), IsRepaired = ignored },

            // A set of a year by the second has more than 366 members.
            "BYSETPOS" => List(value, 1, 366 * 86_400, ref ignored, fromEnd: true) is { Length: <= MaxPositions } positions
                ? this with { BySetPos = positions, IsRepaired = ignored }
                : null,
            _ => this,
        };
    }

    private static Frequency FrequencyOf(ReadOnlySpan<byte> value)
    {
        Span<char> upper = stackalloc char[8];
        if (value.Length > upper.Length || Ascii.ToUpper(value, upper, out var length) != OperationStatus.Done) return Frequency.None;
        return upper[..length] switch
        {
            "SECONDLY" => Frequency.Secondly,
            "MINUTELY" => Frequency.Minutely,
            "HOURLY" => Frequency.Hourly,
            "DAILY" => Frequency.Daily,
            "WEEKLY" => Frequency.Weekly,
            "MONTHLY" => Frequency.Monthly,
            "YEARLY" => Frequency.Yearly,
            _ => Frequency.None,
        };
    }

    private static bool TryInt(ReadOnlySpan<byte> text, out int number) =>
        Utf8Parser.TryParse(text[(text is [(byte)'+', ..] ? 1 : 0)..], out number, out var used)
        && used == text.Length - (text is [(byte)'+', ..] ? 1 : 0);

    /// <summary>The numbers that are allowed, sorted and distinct.</summary>
    /// <param name="fromEnd">Negative numbers count from the end.</param>
    private static int[] List(ReadOnlySpan<byte> text, int least, int most, ref bool ignored, bool fromEnd = false)
    {
        var numbers = new SortedSet<int>();
        foreach (var range in text.Split((byte)','))
        {
            var item = text[range].Trim((byte)' ');
            if (item.IsEmpty) continue;
            var size = TryInt(item, out var number) ? fromEnd ? Math.Abs((long)number) : number : long.MaxValue;
            if (size >= least && size <= most) numbers.Add(number);
            else ignored = true;
            if (numbers.Count > MaxNumbers) break;
        }

        return [.. numbers];
    }

    /// <summary>Each is an optional number and a day, of which two letters count. Number 0 is written for every such day.</summary>
    private static WeekdayRule[] Weekdays(ReadOnlySpan<byte> text, ref bool ignored)
    {
        var found = new HashSet<WeekdayRule>();
        foreach (var range in text.Split((byte)','))
        {
            var item = text[range].Trim((byte)' ');
            if (item.IsEmpty) continue;
            var letters = item.IndexOfAnyExceptInRange((byte)' ', (byte)'9');
            var ordinal = 0;
            var day = letters < 0 || item.Length - letters < 2 ? -1 : DayOf(item.Slice(letters, 2));
            if (day >= 0 && (letters == 0 || TryInt(item[..letters].Trim((byte)' '), out ordinal)) && ordinal is >= -53 and <= 53)
            {
                found.Add(new WeekdayRule(ordinal, day));
                ignored |= letters > 0 && ordinal == 0;
            }
            else
            {
                ignored = true;
            }
        }

        return [.. found];
    }

    private static int DayOf(ReadOnlySpan<byte> text) => text.Length != 2 ? -1 : ((text[0] & ~0x20) << 8 | (text[1] & ~0x20)) switch
    {
        'M' << 8 | 'O' => 0,
        'T' << 8 | 'U' => 1,
        'W' << 8 | 'E' => 2,
        'T' << 8 | 'H' => 3,
        'F' << 8 | 'R' => 4,
        'S' << 8 | 'A' => 5,
        'S' << 8 | 'U' => 6,
        _ => -1,
    };
}
