using System.Buffers.Text;
using System.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>Collects the properties of a VEVENT; reused for the next. The first of repeated single-valued properties wins.</summary>
internal sealed class EventBuilder(TimeZoneTable zones, RepairLog repairs)
{
    // More rules or dates in one event are an attack.
    private const int MaxRules = 32;
    private const int MaxDates = 20_000;

    private readonly List<RecurrenceRule> _rules = [];
    private readonly List<RecurrenceRule> _exceptRules = [];
    private readonly List<RecurrenceDate> _dates = [];
    private readonly List<TimeValue> _exceptDates = [];
    private readonly List<string> _moreCategories = [];
    private readonly LastValueCache<string> _summaries = new();
    private readonly LastValueCache<Utf8Text> _descriptions = new();
    private readonly LastValueCache<string> _locations = new();
    private readonly LastValueCache<string[]> _categoryLists = new();
    private PropertyName _lastText;
    private string[]? _categories;
    private string? _uid;
    private string? _summary;
    private Utf8Text? _description;
    private string? _location;
    private string? _url;
    private string? _status;
    private int _sequence;
    private TimeValue _start;
    private TimeValue _end;
    private TimeValue _recurrenceId;
    private TimeValue _lastModified;
    private DurationValue? _duration;
    private bool _thisAndFuture;

    public int RuleCount => _rules.Count + _exceptRules.Count;

    public EventTimes Times => new(_start, _end, _duration, _recurrenceId);

    public void Set(PropertyName name, ref ContentLines line)
    {
        _lastText = name;
        if (name == PropertyName.Other) return;
        line.Load();
        switch (name)
        {
            case PropertyName.Uid: _uid ??= ContentText.Of(line.Value, repairs); break;
            case PropertyName.Summary: _summary ??= Text(_summaries, line.Value); break;
            case PropertyName.Description: _description ??= Long(line.Value); break;
            case PropertyName.Location: _location ??= Text(_locations, line.Value); break;
            case PropertyName.Url: _url ??= line.Value.IsEmpty ? null : ContentText.Decode(line.Value.Trim((byte)' '), repairs); break;
            case PropertyName.Status: _status ??= StatusOf(line.Value); break;
            case PropertyName.Categories: AddCategories(line.Value); break;
            case PropertyName.Sequence:
                if (Utf8Parser.TryParse(line.Value.Trim((byte)' '), out int sequence, out _)) _sequence = sequence;
                break;
            case PropertyName.Start: SetTime(ref _start, ref line, zones.Default); break;
            case PropertyName.EndTime: SetTime(ref _end, ref line, zones.Default); break;
            case PropertyName.LastModified: SetTime(ref _lastModified, ref line); break;
            case PropertyName.RecurrenceId:
                SetTime(ref _recurrenceId, ref line);
                _thisAndFuture = Ascii.EqualsIgnoreCase(ContentText.Parameter(line.Parameters, "RANGE"u8), "THISANDFUTURE"u8);
                break;
            case PropertyName.Duration:
                if (DurationValue.TryParse(line.Value, out var duration)) _duration = duration;
                else repairs.Add("badDuration");
                break;
            case PropertyName.Rule: AddRule(_rules, line.Value); break;
            case PropertyName.ExceptRule: AddRule(_exceptRules, line.Value); break;
            case PropertyName.Dates or PropertyName.ExceptDates: AddDates(name, ref line); break;
        }
    }

    /// <summary>Lines without a name: the rest of a text whose line breaks were not escaped. False if there was no text before.</summary>
    public bool Continue(ReadOnlySpan<byte> lines)
    {
        var more = "\n" + ContentText.Decode(lines, repairs);
        switch (_lastText)
        {
            case PropertyName.Summary: _summary += more; break;
            case PropertyName.Description: _description = new Utf8Text(Encoding.UTF8.GetBytes(_description?.Text + more)); break;
            case PropertyName.Location: _location += more; break;
            default: return false;
        }

        _lastText = PropertyName.Other;
        return true;
    }

    public CalendarEvent Build()
    {
        var times = Times;
        var known = times.AreKnown;
        var repeats = _rules.Count + _dates.Count > 0;
        return new CalendarEvent
        {
            Uid = _uid,
            Start = known ? times.StartUtc : null,
            End = known ? times.EndUtc(repairs) : null,
            AllDay = _start.Kind == TimeKind.Date,
            Floating = _start.Kind == TimeKind.Floating,
            Summary = _summary,
            LongDescription = _description,
            Status = _status,
            Url = _url,
            Location = _location,
            Recurring = repeats,
            RecurrenceId = known ? times.RecurrenceIdUtc : null,
            Sequence = _sequence,
            LastModified = _lastModified.IsSet ? new DateTimeOffset(_lastModified.ToUtc(), TimeSpan.Zero) : null,
            Categories = _moreCategories.Count > 0 ? [.. _categories!, .. _moreCategories] : _categories ?? [],
            Recurrence = repeats || _recurrenceId.IsSet ? Recurrence() : null,
        };
    }

    public void Clear()
    {
        _description = null;
        _uid = _summary = _location = _url = _status = null;
        _sequence = 0;
        _start = _end = _recurrenceId = _lastModified = default;
        _duration = null;
        _thisAndFuture = false;
        _lastText = PropertyName.Other;
        _rules.Clear();
        _exceptRules.Clear();
        _dates.Clear();
        _exceptDates.Clear();
        _categories = null;
        _moreCategories.Clear();
    }

    private Recurrence Recurrence() => new()
    {
        Start = _start,
        Rules = [.. _rules],
        ExceptRules = [.. _exceptRules],
        Dates = [.. _dates],
        ExceptDates = [.. _start.Kind == TimeKind.Date && zones.Default is { } zone ? _exceptDates.Select(date => InZone(date, zone)) : _exceptDates],
        Duration = _end.IsSet ? null : _duration,
        Id = _recurrenceId,
        ThisAndFuture = _thisAndFuture,
    };

    /// <summary>For the day of a time in UTC.</summary>
    private static TimeValue InZone(TimeValue time, CalendarTimeZone zone) =>
        time.Kind == TimeKind.Utc ? new TimeValue(zone.ToLocal(time.Ticks), TimeKind.Zoned, zone) : time;

    private string? Text(LastValueCache<string> last, ReadOnlySpan<byte> value) =>
        last.Is(value, out var text) ? text : last.Keep(value, ContentText.Of(value, repairs));

    private Utf8Text? Long(ReadOnlySpan<byte> value) =>
        _descriptions.Is(value, out var text) ? text : _descriptions.Keep(value, ContentText.Long(value, repairs));

    private void AddCategories(ReadOnlySpan<byte> value)
    {
        if (_categories is not null)
        {
            ContentText.AddList(value, _moreCategories, repairs);
        }
        else if (!_categoryLists.Is(value, out _categories))
        {
            var list = new List<string>();
            ContentText.AddList(value, list, repairs);
            _categories = _categoryLists.Keep(value, [.. list]);
        }
    }

    private string? StatusOf(ReadOnlySpan<byte> value)
    {
        value = value.Trim((byte)' ');
        if (value.IsEmpty) return null;
        if (Ascii.EqualsIgnoreCase(value, "CONFIRMED"u8)) return "CONFIRMED";
        if (Ascii.EqualsIgnoreCase(value, "CANCELLED"u8) || Ascii.EqualsIgnoreCase(value, "CANCELED"u8)) return "CANCELLED";
        return Ascii.EqualsIgnoreCase(value, "TENTATIVE"u8) ? "TENTATIVE" : ContentText.Decode(value, repairs).ToUpperInvariant();
    }

    /// <param name="zone">Of a time that names none; null leaves it floating.</param>
    private void SetTime(ref TimeValue time, ref ContentLines line, CalendarTimeZone? zone = null)
    {
        if (time.IsSet) return;
        // The value decides whether it is a date: VALUE=DATE followed by a time means the time.
        if (TimeValue.TryParse(line.Value, ZoneOf(ref line) ?? zone, out time)) return;
        line.SplitAtLastColon();
        if (TimeValue.TryParse(line.Value, ZoneOf(ref line) ?? zone, out time)) repairs.Add("unquotedColon");
        else repairs.Add("badDate", Encoding.UTF8.GetString(line.Value[..Math.Min(line.Value.Length, 40)]));
    }

    private CalendarTimeZone? ZoneOf(ref ContentLines line) => line.Parameters.IsEmpty ? null : zones.Named(ContentText.Parameter(line.Parameters, "TZID"u8));

    private void AddRule(List<RecurrenceRule> rules, ReadOnlySpan<byte> value)
    {
        // An exception that was repaired might take out what it does not mean.
        var isRead = RecurrenceRule.TryParse(value, out var rule) && rules.Count < MaxRules && (rules == _rules || !rule.IsRepaired);
        if (isRead) rules.Add(rule);
        if (!isRead || rule.IsRepaired) repairs.Add(isRead ? "ruleRepaired" : "ruleIgnored", Encoding.UTF8.GetString(value[..Math.Min(value.Length, 100)]));
    }

    private void AddDates(PropertyName name, ref ContentLines line)
    {
        var zone = ZoneOf(ref line);
        foreach (var range in line.Value.Split((byte)','))
        {
            var item = line.Value[range];
            if (item.Trim((byte)' ').IsEmpty) continue;
            if (_dates.Count + _exceptDates.Count == MaxDates)
            {
                repairs.Add("tooManyDates");
                return;
            }

            if (!RecurrenceDate.TryParse(item, zone, out var date)) repairs.Add("badDate", Encoding.UTF8.GetString(item[..Math.Min(item.Length, 40)]));
            else if (name == PropertyName.Dates) _dates.Add(date);
            else _exceptDates.Add(date.Start);
        }
    }
}

/// <summary>The times of an event as written. Their zones may be defined after the event.</summary>
internal readonly record struct EventTimes(TimeValue Start, TimeValue End, DurationValue? Duration, TimeValue RecurrenceId)
{
    public bool AreKnown => IsKnown(Start) && IsKnown(End) && IsKnown(RecurrenceId);

    public DateTimeOffset? StartUtc => Start.IsSet ? Utc(Start.ToUtc()) : null;

    public DateTimeOffset? RecurrenceIdUtc => RecurrenceId.IsSet ? Utc(RecurrenceId.ToUtc(Start.Zone)) : null;

    public DateTimeOffset? EndUtc(RepairLog repairs)
    {
        if (!Start.IsSet) return End.IsSet ? Utc(End.ToUtc()) : null;
        var start = Start.ToUtc();
        // RFC 5545, 3.6.1: without an end a day lasts one day and a time has no duration.
        var least = Start.Kind == TimeKind.Date ? CalendarTimeZone.Clamp(start + TimeSpan.TicksPerDay) : start;
        var end = End.IsSet ? End.ToUtc(Start.Zone) : Duration?.EndOf(start, Start.Zone) ?? least;
        if (end >= start && (end > start || Start.Kind != TimeKind.Date)) return Utc(end);
        repairs.Add("endBeforeStart");
        return Utc(least);
    }

    private static bool IsKnown(TimeValue time) => time.Zone is null or { IsDefined: true };

    private static DateTimeOffset Utc(long ticks) => new(ticks, TimeSpan.Zero);
}
