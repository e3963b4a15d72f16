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

    /// <summary>False for what RFC 5545 does not allow, and for calendars other than the Gregorian (RFC 7529).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out RecurrenceRule rule)
    {
        rule = new RecurrenceRule();
        text = text.Trim(" \t\r"u8);
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)';');
            var part = (end < 0 ? text : text[..end]).Trim((byte)' ');
            text = end < 0 ? default : text[(end + 1)..];
            if (part.IsEmpty) continue;
            var equals = part.IndexOf((byte)'=');
            if (equals < 0 || rule.With(part[..equals].Trim((byte)' '), part[(equals + 1)..].Trim((byte)' ')) is not { } next) return false;
            rule = next;
        }

        return rule.IsAllowed;
    }

    private bool IsAllowed =>
        Frequency != Frequency.None
        && (ByWeekNo.Length == 0 || Frequency == Frequency.Yearly)
        && (ByYearDay.Length == 0 || Frequency is Frequency.Yearly or Frequency.Hourly or Frequency.Minutely or Frequency.Secondly)
        && (ByMonthDay.Length == 0 || Frequency != Frequency.Weekly)
        && (ByDay.All(d => d.Ordinal == 0)
            || Frequency == Frequency.Monthly
            || (Frequency == Frequency.Yearly && ByWeekNo.Length == 0));

    /// <summary>The rule with one more part; null for a value that is not allowed. Unknown parts are ignored.</summary>
    private RecurrenceRule? With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<char> upper = stackalloc char[16];
        if (name.Length > upper.Length || Ascii.ToUpper(name, upper, out var length) != OperationStatus.Done) return this;
        return upper[..length] switch
        {
            "FREQ" => FrequencyOf(value) is not Frequency.None and var frequency ? this with { Frequency = frequency } : null,
            "INTERVAL" => TryInt(value, out var interval) && interval > 0 ? this with { Interval = interval } : null,
            "COUNT" => TryInt(value, out var count) && count > 0 ? this with { Count = count } : null,
            "UNTIL" => TimeValue.TryParse(value, zone: null, out var until) ? this with { Until = until } : null,
            "WKST" => DayOf(value) is >= 0 and var start ? this with { WeekStart = start } : null,
            "BYDAY" => TryWeekdays(value, out var days) ? this with { ByDay = days } : null,

            // A leap second is the second before it, as in times.
            "BYSECOND" => List(value, 0, 60) is { } seconds ? this with { BySecond = [.. seconds.Select(s => Math.Min(s, 59)).Distinct()] } : null,
            "BYMINUTE" => List(value, 0, 59) is { } minutes ? this with { ByMinute = minutes } : null,
            "BYHOUR" => List(value, 0, 23) is { } hours ? this with { ByHour = hours } : null,
            "BYMONTHDAY" => List(value, 1, 31, fromEnd: true) is { } monthDays ? this with { ByMonthDay = monthDays } : null,
            "BYYEARDAY" => List(value, 1, 366, fromEnd: true) is { } yearDays ? this with { ByYearDay = yearDays } : null,
            "BYWEEKNO" => List(value, 1, 53, fromEnd: true) is { } weeks ? this with { ByWeekNo = weeks } : null,
            "BYMONTH" => List(value, 1, 12) is { } months ? this with { ByMonth = months } : null,

            // A set of a year by the second has more than 366 members.
            "BYSETPOS" => List(value, 1, 366 * 86_400, fromEnd: true) is { Length: <= MaxPositions } positions ? this with { BySetPos = positions } : null,
            "RSCALE" => Ascii.EqualsIgnoreCase(value, "GREGORIAN"u8) ? this : null,
            "SKIP" => Ascii.EqualsIgnoreCase(value, "OMIT"u8) ? this : null,
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

    /// <summary>The numbers, sorted and distinct; null if there are none, or one is not allowed.</summary>
    /// <param name="fromEnd">Negative numbers count from the end.</param>
    private static int[]? List(ReadOnlySpan<byte> text, int least, int most, bool fromEnd = false)
    {
        var numbers = new SortedSet<int>();
        foreach (var range in text.Split((byte)','))
        {
            var item = text[range].Trim((byte)' ');
            if (item.IsEmpty) continue;
            if (!TryInt(item, out var number)) return null;
            var size = fromEnd ? Math.Abs((long)number) : number;
            if (size < least || size > most) return null;
            numbers.Add(number);
            if (numbers.Count > MaxNumbers) return null;
        }

        return numbers.Count == 0 ? null : [.. numbers];
    }

    private static bool TryWeekdays(ReadOnlySpan<byte> text, out WeekdayRule[] days)
    {
        days = [];
        var found = new HashSet<WeekdayRule>();
        foreach (var range in text.Split((byte)','))
        {
            var item = text[range].Trim((byte)' ');
            if (item.IsEmpty) continue;
            var day = item.Length < 2 ? -1 : DayOf(item[^2..]);
            var ordinal = 0;
            if (day < 0 || (item.Length > 2 && (!TryInt(item[..^2], out ordinal) || ordinal is 0 or < -53 or > 53))) return false;
            found.Add(new WeekdayRule(ordinal, day));
        }

        days = [.. found];
        return days.Length > 0;
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
