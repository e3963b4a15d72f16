namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// The days a rule selects in one of its periods (expand and limit in the table of RFC 5545, 3.3.10). Days are <see cref="DateOnly.DayNumber"/>s, of
/// which 0 is a Monday.
/// </summary>
internal sealed class RuleDays(RecurrenceRule rule, DateOnly start)
{
    private const int LastDay = 3_652_058;
    private readonly int _startWeekday = start.DayNumber % 7;

    /// <summary>Ascending, without repetition.</summary>
    public List<int> Days { get; } = [];

    public void OfYear(int year)
    {
        Days.Clear();
        if (rule.ByWeekNo.Length > 0) AddWeeks(year);
        else if (rule.ByYearDay.Length > 0) AddYearDays(year);
        else if (rule.ByMonth.Length > 0) foreach (var month in rule.ByMonth) AddMonth(year, month);
        else if (rule.ByMonthDay.Length > 0 || rule.ByDay.Length == 0) AddMonth(year, start.Month);
        else AddWeekdays(FirstOf(year, 1), FirstOf(year, 1) + YearLength(year) - 1);
        SortDistinct();
    }

    public void OfMonth(int year, int month)
    {
        Days.Clear();
        if (!Allows(rule.ByMonth, month)) return;
        AddMonth(year, month);
        SortDistinct();
    }

    /// <param name="firstDay">First day of the week; may be before day 0.</param>
    public void OfWeek(int firstDay)
    {
        Days.Clear();
        for (var day = Math.Max(firstDay, 0); day < firstDay + 7 && day <= LastDay; day++)
        {
            if (!(rule.ByDay.Length == 0 ? day % 7 == _startWeekday : HasWeekday(day))) continue;
            if (Allows(rule.ByMonth, DateOnly.FromDayNumber(day).Month)) Days.Add(day);
        }
    }

    public void OfDay(int day)
    {
        Days.Clear();
        if (Limits(day)) Days.Add(day);
    }

    /// <summary>Whether the limits of DAILY and shorter frequencies allow the day.</summary>
    public bool Limits(int day)
    {
        if (rule.ByDay.Length > 0 && !HasWeekday(day)) return false;
        if (rule.ByMonth.Length + rule.ByMonthDay.Length + rule.ByYearDay.Length == 0) return true;
        var date = DateOnly.FromDayNumber(day);
        return Allows(rule.ByMonth, date.Month)
            && AllowsFromEitherEnd(rule.ByMonthDay, date.Day, DateTime.DaysInMonth(date.Year, date.Month))
            && AllowsFromEitherEnd(rule.ByYearDay, date.DayOfYear, YearLength(date.Year));
    }

    /// <summary>The year of the day's week number (ISO 8601, with the rule's first day of the week).</summary>
    public int WeekYear(DateOnly date)
    {
        if (date.Month == 12 && date.Year < 9999 && date.DayNumber >= FirstWeek(date.Year + 1)) return date.Year + 1;
        return date.Month == 1 && date.Year > 1 && date.DayNumber < FirstWeek(date.Year) ? date.Year - 1 : date.Year;
    }

    private static int FirstOf(int year, int month) => new DateOnly(year, month, 1).DayNumber;

    private static int YearLength(int year) => DateTime.IsLeapYear(year) ? 366 : 365;

    private static bool Allows(int[] list, int value) => list.Length == 0 || Array.BinarySearch(list, value) >= 0;

    private static bool AllowsFromEitherEnd(int[] list, int value, int length) =>
        list.Length == 0 || Array.BinarySearch(list, value) >= 0 || Array.BinarySearch(list, value - length - 1) >= 0;

    // Week 1 is the first that has four days in the year.
    private int FirstWeek(int year)
    {
        var first = FirstOf(year, 1);
        var into = (first - rule.WeekStart + 7) % 7;
        return into <= 3 ? first - into : first - into + 7;
    }

    private void AddWeeks(int year)
    {
        var firstWeek = FirstWeek(year);
        var nextYear = year == 9999 ? LastDay + 1 : FirstWeek(year + 1);
        var weeks = (nextYear - firstWeek) / 7;
        foreach (var number in rule.ByWeekNo)
        {
            var week = number > 0 ? number : weeks + number + 1;
            if (week < 1 || week > weeks) continue;
            var monday = firstWeek + ((week - 1) * 7);
            for (var day = Math.Max(monday, 0); day < monday + 7 && day <= LastDay; day++)
            {
                // The weekday is that of the start unless another part selects days.
                if (rule.ByDay.Length == 0 && rule.ByMonthDay.Length == 0 && rule.ByYearDay.Length == 0 && day % 7 != _startWeekday) continue;
                if (Limits(day)) Days.Add(day);
            }
        }
    }

    private void AddYearDays(int year)
    {
        var length = YearLength(year);
        foreach (var number in rule.ByYearDay)
        {
            var inYear = number > 0 ? number : length + number + 1;
            if (inYear < 1 || inYear > length) continue;
            var date = DateOnly.FromDayNumber(FirstOf(year, 1) + inYear - 1);
            if (!Allows(rule.ByMonth, date.Month)) continue;
            if (!AllowsFromEitherEnd(rule.ByMonthDay, date.Day, DateTime.DaysInMonth(date.Year, date.Month))) continue;
            if (rule.ByDay.Length == 0 || IsChosenWeekday(date)) Days.Add(date.DayNumber);
        }
    }

    private void AddMonth(int year, int month)
    {
        var length = DateTime.DaysInMonth(year, month);
        if (rule.ByMonthDay.Length > 0)
        {
            foreach (var number in rule.ByMonthDay)
            {
                var day = number > 0 ? number : length + number + 1;
                if (day < 1 || day > length) continue;
                var date = new DateOnly(year, month, day);
                if (rule.ByDay.Length == 0 || IsChosenWeekday(date)) Days.Add(date.DayNumber);
            }
        }
        else if (rule.ByDay.Length > 0)
        {
            AddWeekdays(FirstOf(year, month), FirstOf(year, month) + length - 1);
        }
        else if (start.Day <= length)
        {
            Days.Add(new DateOnly(year, month, start.Day).DayNumber);
        }
    }

    private void AddWeekdays(int first, int last)
    {
        foreach (var (ordinal, weekday) in rule.ByDay)
        {
            var earliest = first + ((weekday - (first % 7) + 7) % 7);
            var latest = last - (((last % 7) - weekday + 7) % 7);
            if (ordinal == 0)
            {
                for (var day = earliest; day <= last; day += 7) Days.Add(day);
            }
            else
            {
                var day = ordinal > 0 ? earliest + ((ordinal - 1) * 7) : latest + ((ordinal + 1) * 7);
                if (day >= first && day <= last) Days.Add(day);
            }
        }
    }

    private bool HasWeekday(int day)
    {
        foreach (var chosen in rule.ByDay)
            if (chosen.Day == day % 7) return true;
        return false;
    }

    // BYDAY as a limit keeps its ordinals: of the month where the rule has months, else of the year (notes 1 and 2 of the table).
    private bool IsChosenWeekday(DateOnly date)
    {
        var inMonth = rule.Frequency == Frequency.Monthly || rule.ByMonth.Length > 0;
        var position = inMonth ? date.Day : date.DayOfYear;
        var length = inMonth ? DateTime.DaysInMonth(date.Year, date.Month) : YearLength(date.Year);
        foreach (var (ordinal, weekday) in rule.ByDay)
        {
            if (weekday != date.DayNumber % 7) continue;
            if (ordinal == 0 || ordinal == ((position - 1) / 7) + 1 || ordinal == -((length - position) / 7) - 1) return true;
        }

        return false;
    }

    private void SortDistinct()
    {
        Days.Sort();
        var kept = 0;
        for (var i = 0; i < Days.Count; i++)
            if (i == 0 || Days[i] != Days[kept - 1]) Days[kept++] = Days[i];
        Days.RemoveRange(kept, Days.Count - kept);
    }
}
