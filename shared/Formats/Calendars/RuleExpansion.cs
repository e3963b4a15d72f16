namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// The instances of a rule in local time, ascending, computed as they are read. The start is an instance only if the rule yields it. In each period
/// (year, month, …, second) the set is the selected days times the selected times of day, reduced to the positions of BYSETPOS.
/// </summary>
internal sealed class RuleExpansion
{
    private const long Day = 86_400;
    private const long LastSecond = 3_652_059 * Day - 1;

    private readonly RecurrenceRule _rule;
    private readonly CalendarTimeZone? _zone;
    private readonly StepBudget _budget;
    private readonly long _start;
    private readonly RuleDays _days;
    private readonly int[] _hours;
    private readonly int[] _minutes;
    private readonly int[] _seconds;
    private readonly int _times;
    private readonly int _unit;

    /// <param name="start">DTSTART in local ticks.</param>
    /// <param name="zone">Zone of local time; UTC if null. Needed only for UNTIL in UTC.</param>
    public RuleExpansion(RecurrenceRule rule, long start, CalendarTimeZone? zone, StepBudget budget)
    {
        _rule = rule;
        _zone = zone;
        _budget = budget;
        _start = start / TimeSpan.TicksPerSecond;
        _days = new RuleDays(rule, DateOnly.FromDayNumber((int)(_start / Day)));
        _unit = rule.Frequency switch { Frequency.Secondly => 1, Frequency.Minutely => 60, Frequency.Hourly => 3600, _ => 0 };
        // A day may have 86,400 times, which are computed from an index rather than listed.
        var time = (int)(_start % Day);
        _seconds = _unit == 1 ? [0] : rule.BySecond.Length > 0 ? rule.BySecond : [time % 60];
        _minutes = _unit is 1 or 60 ? [0] : rule.ByMinute.Length > 0 ? rule.ByMinute : [time / 60 % 60];
        _hours = _unit > 0 ? [0] : rule.ByHour.Length > 0 ? rule.ByHour : [time / 3600];
        _times = _hours.Length * _minutes.Length * _seconds.Length;
    }

    /// <summary>Instances from <paramref name="earliest"/> up to and including <paramref name="latest"/>, in local ticks.</summary>
    public IEnumerable<long> Between(long earliest, long latest)
    {
        var from = Math.Max(earliest / TimeSpan.TicksPerSecond, _start);
        var to = Math.Min(latest / TimeSpan.TicksPerSecond, LastSecond);
        var left = _rule.Count ?? long.MaxValue;
        var positions = new List<long>();
        var (period, last) = FirstPeriod(from, to);
        for (; period <= last; period += _rule.Interval)
        {
            if (!_budget.Take(_rule.Frequency == Frequency.Yearly ? 8 : 1)) yield break;
            if (_unit > 0 && SkipUnmatched(ref period)) continue;
            var startOfPeriod = FillDays(period);
            if (_rule.BySetPos.Length > 0)
            {
                if (!_budget.Take(_rule.BySetPos.Length)) yield break;
                FillPositions(positions);
            }

            var size = _rule.BySetPos.Length > 0 ? positions.Count : (long)_days.Days.Count * _times;
            for (long i = 0; i < size; i++)
            {
                var index = _rule.BySetPos.Length > 0 ? positions[(int)i] : i;
                var at = (_days.Days[(int)(index / _times)] * Day) + startOfPeriod + TimeAt((int)(index % _times));
                if (_rule.BySetPos.Length == 0 && index % _times == 0 && _unit == 0 && IsWholeDayBefore(at, from, ref left))
                {
                    i += _times - 1;
                    continue;
                }

                if (!_budget.Take()) yield break;
                if (at < _start) continue;
                if (at > to || left-- <= 0 || IsPastUntil(at)) yield break;
                if (at >= from) yield return at * TimeSpan.TicksPerSecond;
            }
        }
    }

    // A day of up to 86,400 instances before the window is counted as a whole.
    private bool IsWholeDayBefore(long at, long from, ref long left)
    {
        var day = at / Day;
        if (day <= _start / Day || (day + 1) * Day > from || left < _times) return false;
        left -= _times;
        return true;
    }

    private bool IsPastUntil(long at)
    {
        var until = _rule.Until;
        var ticks = at * TimeSpan.TicksPerSecond;
        return until.Kind switch
        {
            TimeKind.None => false,
            // A date includes its whole day.
            TimeKind.Date => ticks >= until.Ticks + TimeSpan.TicksPerDay,
            TimeKind.Utc when _zone is not null => ticks > until.Ticks - (2 * TimeSpan.TicksPerDay) && _zone.ToUtc(ticks) > until.Ticks,
            _ => ticks > until.Ticks,
        };
    }

    private (long First, long Last) FirstPeriod(long from, long to)
    {
        var anchor = PeriodOf(_start);
        if (_rule.ByWeekNo.Length > 0) anchor = FirstWeekYear();
        var last = PeriodOf(to);
        if (_rule.ByWeekNo.Length > 0) last++;
        if (_rule.Frequency == Frequency.Yearly) last = Math.Min(last, 9999);
        if (_rule.Count is not null) return (anchor, last);
        // Days of a numbered week may be in the year before or after.
        var wanted = PeriodOf(from) - (_rule.ByWeekNo.Length > 0 ? 1 : 0);
        var steps = Math.Max(0, (wanted - anchor + _rule.Interval - 1) / _rule.Interval);
        return (anchor + (steps * _rule.Interval), last);
    }

    // INTERVAL counts from the year of the start's week number, if the rule still yields something in that year.
    private long FirstWeekYear()
    {
        var date = DateOnly.FromDayNumber((int)(_start / Day));
        var year = _days.WeekYear(date);
        if (year >= date.Year) return year;
        _days.OfYear(year);
        return _days.Days.Count > 0 && (_days.Days[^1] * Day) + TimeAt(_times - 1) >= _start ? year : date.Year;
    }

    private long PeriodOf(long second)
    {
        var day = (int)(second / Day);
        switch (_rule.Frequency)
        {
            case Frequency.Yearly: return DateOnly.FromDayNumber(day).Year;
            case Frequency.Monthly:
                var date = DateOnly.FromDayNumber(day);
                return (date.Year * 12) + date.Month - 1;
            case Frequency.Weekly: return (day + 7 - _rule.WeekStart) / 7;
            case Frequency.Daily: return day;
            default: return second / _unit;
        }
    }

    // Returns the second of the day at which the period starts.
    private long FillDays(long period)
    {
        switch (_rule.Frequency)
        {
            case Frequency.Yearly:
                _days.OfYear((int)period);
                return 0;
            case Frequency.Monthly:
                _days.OfMonth((int)(period / 12), (int)(period % 12) + 1);
                return 0;
            case Frequency.Weekly:
                _days.OfWeek(((int)period * 7) - 7 + _rule.WeekStart);
                return 0;
            case Frequency.Daily:
                _days.OfDay((int)period);
                return 0;
            default:
                var second = period * _unit;
                _days.Days.Clear();
                _days.Days.Add((int)(second / Day));
                return second % Day;
        }
    }

    // For periods shorter than a day: skips a day, hour or minute the rule excludes, in steps of the interval. If true, the loop's own step leads to
    // the first period after it.
    private bool SkipUnmatched(ref long period)
    {
        var second = period * _unit;
        long beyond;
        if (!_days.Limits((int)(second / Day))) beyond = ((second / Day) + 1) * Day;
        else if (_rule.ByHour.Length > 0 && Array.BinarySearch(_rule.ByHour, (int)(second % Day / 3600)) < 0) beyond = ((second / 3600) + 1) * 3600;
        else if (_unit <= 60 && _rule.ByMinute.Length > 0 && Array.BinarySearch(_rule.ByMinute, (int)(second % 3600 / 60)) < 0) beyond = ((second / 60) + 1) * 60;
        else if (_unit == 1 && _rule.BySecond.Length > 0 && Array.BinarySearch(_rule.BySecond, (int)(second % 60)) < 0) beyond = second + 1;
        else return false;

        var steps = ((beyond / _unit) - period + _rule.Interval - 1) / _rule.Interval;
        period += (steps - 1) * _rule.Interval;
        return true;
    }

    // Negative positions count from the end of the set.
    private void FillPositions(List<long> positions)
    {
        positions.Clear();
        var size = (long)_days.Days.Count * _times;
        foreach (var position in _rule.BySetPos)
        {
            var index = position > 0 ? position - 1 : size + position;
            if (index >= 0 && index < size) positions.Add(index);
        }

        positions.Sort();
        for (var i = positions.Count - 1; i > 0; i--)
            if (positions[i] == positions[i - 1]) positions.RemoveAt(i);
    }

    // Seconds from the start of the period (of the day, if it is longer), ascending with the index.
    private int TimeAt(int index) =>
        (_hours[index / (_minutes.Length * _seconds.Length)] * 3600)
        + (_minutes[index / _seconds.Length % _minutes.Length] * 60)
        + _seconds[index % _seconds.Length];
}
