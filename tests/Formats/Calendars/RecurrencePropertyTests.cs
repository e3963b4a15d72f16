using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace ContributionIngest.Tests.Formats.Calendars;

/// <summary>Random rules against an oracle that walks every day or minute and asks of each whether the rule means it.</summary>
public sealed class RecurrencePropertyTests
{
    private static readonly string[] DayNames = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(400);

    [Fact]
    public void Dates_of_a_rule_match_a_brute_force_oracle() => Prop.ForAll(
        DayRules().ToArbitrary(),
        rule => Assert.Equal(rule.Oracle(), Ics.Starts(Ics.Event($"DTSTART:{rule.Start:yyyyMMdd}", $"RRULE:{rule}"), to: "2032-01-01", cap: 100_000))).Check(Config);

    [Fact]
    public void Times_of_a_rule_match_a_brute_force_oracle() => Prop.ForAll(
        TimeRules().ToArbitrary(),
        rule => Assert.Equal(
            rule.Oracle(),
            Ics.Starts(Ics.Event($"DTSTART:{rule.Start:yyyyMMdd'T'HHmmss'Z'}", $"RRULE:{rule}"), to: "2026-01-08", cap: 100_000))).Check(Config);

    [Fact]
    public void Time_window_is_an_ascending_slice_of_all_occurrences() => Prop.ForAll(
        DayRules().ToArbitrary(),
        Gen.Choose(0, 2_000).ToArbitrary(),
        Gen.Choose(0, 400).ToArbitrary(),
        (rule, skip, length) =>
        {
            var calendar = Ics.Event(
                $"DTSTART;TZID=Europe/Berlin:{rule.Start:yyyyMMdd}T023000",
                $"RRULE:{rule}",
                $"EXDATE;TZID=Europe/Berlin:{rule.Start.AddDays(7):yyyyMMdd}T023000",
                $"RDATE;TZID=Europe/Berlin:{rule.Start.AddDays(11):yyyyMMdd}T023000");
            var from = rule.Start.AddDays(skip - 100);
            var to = from.AddDays(length);
            var all = Ics.Starts(calendar, to: "2035-01-01", cap: 100_000);
            Assert.Equal(all.Order(StringComparer.Ordinal), all);
            Assert.Equal(all.Distinct(), all);
            var (first, last) = ($"{from:yyyy-MM-dd}T00:00:00Z", $"{to:yyyy-MM-dd}T00:00:00Z");
            var slice = all.Where(s => string.CompareOrdinal(s, first) >= 0 && string.CompareOrdinal(s, last) < 0);
            Assert.Equal(slice, Ics.Starts(calendar, $"{from:yyyy-MM-dd}", $"{to:yyyy-MM-dd}", cap: 100_000));
        }).Check(Config);

    private static Gen<DayRule> DayRules() =>
        from frequency in Gen.Elements("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
        from start in Gen.Choose(0, 1_500)
        from interval in Gen.Choose(1, 5)
        from weekStart in Gen.Choose(0, 6)
        from months in Some(Gen.Choose(1, 12))
        from monthDays in Some(Gen.OneOf(Gen.Choose(1, 31), Gen.Choose(-31, -1)))
        from days in Some(Gen.Choose(0, 6))
        from ordinal in Gen.Choose(-5, 5)
        from position in Gen.Choose(-3, 3)
        from end in Gen.Choose(0, 60)
        select new DayRule(
            frequency,
            Day(2020, 1, 1).AddDays(start),
            interval,
            weekStart,
            months,
            frequency == "WEEKLY" ? [] : monthDays,
            days,
            frequency == "MONTHLY" ? ordinal : 0,
            frequency == "MONTHLY" ? position : 0,
            end);

    private static Gen<TimeRule> TimeRules() =>
        from frequency in Gen.Elements("HOURLY", "MINUTELY")
        from start in Gen.Choose(0, 3_000)
        from interval in Gen.Choose(1, 50)
        from hours in Some(Gen.Choose(0, 23))
        from minutes in Some(Gen.Choose(0, 59))
        from days in Some(Gen.Choose(0, 6))
        select new TimeRule(frequency, Day(2026, 1, 1).AddMinutes(start), interval, hours, minutes, days);

    // Absent half of the time, otherwise up to four values, unordered and perhaps repeated.
    private static Gen<int[]> Some(Gen<int> value) => Gen.OneOf(Gen.Constant(Array.Empty<int>()), value.ArrayOf(1), value.ArrayOf(4));

    private static DateTime Day(int year, int month, int day) => new(year, month, day, 0, 0, 0, DateTimeKind.Utc);

    private static string Part(string name, IEnumerable<int> values) => values.Any() ? $";{name}={string.Join(',', values)}" : "";

    private sealed record DayRule(
        string Frequency, DateTime Start, int Interval, int WeekStart, int[] Months, int[] MonthDays, int[] Days, int Ordinal, int Position, int End)
    {
        // A third each: for ever, COUNT, UNTIL.
        private int? Count => End % 3 == 1 ? End : null;

        private DateTime? Until => End % 3 == 2 ? Start.AddDays(End * 10) : null;

        public override string ToString() =>
            $"FREQ={Frequency};INTERVAL={Interval};WKST={DayNames[WeekStart]}"
            + Part("BYMONTH", Months)
            + Part("BYMONTHDAY", MonthDays)
            + (Days.Length > 0 ? ";BYDAY=" + string.Join(',', Days.Select(d => (Ordinal == 0 ? "" : Ordinal.ToString(CultureInfo.InvariantCulture)) + DayNames[d])) : "")
            + (Position != 0 ? $";BYSETPOS={Position}" : "")
            + (Count is { } count ? $";COUNT={count}" : "")
            + (Until is { } until ? $";UNTIL={until:yyyyMMdd}" : "");

        public string[] Oracle()
        {
            var days = Enumerable.Range(-31, (Day(2032, 1, 1) - Start).Days + 31).Select(i => Start.AddDays(i)).Where(IsMeant);
            if (Position != 0)
            {
                days = days.GroupBy(d => (d.Year, d.Month)).SelectMany(month =>
                {
                    var set = month.ToList();
                    var index = Position > 0 ? Position - 1 : set.Count + Position;
                    return index >= 0 && index < set.Count ? [set[index]] : Array.Empty<DateTime>();
                });
            }

            days = days.Where(d => d >= Start && (Until is null || d <= Until));
            if (Count is { } count) days = days.Take(count);
            return [.. days.Select(d => $"{d:yyyy-MM-dd}")];
        }

        private bool IsMeant(DateTime day)
        {
            if (Months.Length > 0 && !Months.Contains(day.Month)) return false;
            var length = DateTime.DaysInMonth(day.Year, day.Month);
            var isMonthDay = MonthDays.Contains(day.Day) || MonthDays.Contains(day.Day - length - 1);
            var isWeekday = Days.Contains(Weekday(day))
                && (Ordinal == 0 || Ordinal == ((day.Day - 1) / 7) + 1 || Ordinal == -((length - day.Day) / 7) - 1);
            var byDays = MonthDays.Length > 0 ? isMonthDay && (Days.Length == 0 || isWeekday) : Days.Length > 0 ? isWeekday : (bool?)null;
            var months = ((day.Year - Start.Year) * 12) + day.Month - Start.Month;
            switch (Frequency)
            {
                case "DAILY": return (day - Start).Days % Interval == 0 && (byDays ?? true);
                case "WEEKLY": return (StartOfWeek(day) - StartOfWeek(Start)).Days / 7 % Interval == 0 && (byDays ?? Weekday(day) == Weekday(Start));
                case "MONTHLY": return months % Interval == 0 && (byDays ?? day.Day == Start.Day);
                default:
                    if ((day.Year - Start.Year) % Interval != 0) return false;
                    // Without months, only weekdays alone reach over the whole year; all else stays in the month of the start.
                    return (Months.Length > 0 || (MonthDays.Length == 0 && Days.Length > 0) || day.Month == Start.Month) && (byDays ?? day.Day == Start.Day);
            }
        }

        private DateTime StartOfWeek(DateTime day) => day.AddDays(-((Weekday(day) - WeekStart + 7) % 7));

        private static int Weekday(DateTime day) => ((int)day.DayOfWeek + 6) % 7;
    }

    private sealed record TimeRule(string Frequency, DateTime Start, int Interval, int[] Hours, int[] Minutes, int[] Days)
    {
        public override string ToString() =>
            $"FREQ={Frequency};INTERVAL={Interval}"
            + Part("BYHOUR", Hours)
            + Part("BYMINUTE", Minutes)
            + (Days.Length > 0 ? ";BYDAY=" + string.Join(',', Days.Select(d => DayNames[d])) : "");

        public string[] Oracle()
        {
            var minutes = Enumerable.Range(0, (int)(Day(2026, 1, 8) - Start).TotalMinutes).Select(i => Start.AddMinutes(i));
            return [.. minutes.Where(IsMeant).Select(m => $"{m:yyyy-MM-dd'T'HH:mm:ss'Z'}")];
        }

        private bool IsMeant(DateTime time)
        {
            if (Hours.Length > 0 && !Hours.Contains(time.Hour)) return false;
            if (Days.Length > 0 && !Days.Contains(((int)time.DayOfWeek + 6) % 7)) return false;
            if (Frequency == "MINUTELY")
                return (int)(time - Start).TotalMinutes % Interval == 0 && (Minutes.Length == 0 || Minutes.Contains(time.Minute));
            var hours = (int)(time.Date.AddHours(time.Hour) - Start.Date.AddHours(Start.Hour)).TotalHours;
            return hours % Interval == 0 && (Minutes.Length == 0 ? time.Minute == Start.Minute : Minutes.Contains(time.Minute));
        }
    }
}
