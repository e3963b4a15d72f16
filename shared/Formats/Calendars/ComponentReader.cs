using System.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// Reads events from content lines. Components nested in a VEVENT (VALARM), and all others, are skipped. A component without END ends where one
/// begins that cannot be nested in it.
/// </summary>
internal sealed class ComponentReader
{
    // Real calendars define a few, and each one in use costs the expansion of its rules.
    private const int MaxZones = 200;

    // More than a large organisation has in years. A rule costs kilobytes as long as it is expanded.
    private const int MaxEvents = 50_000;
    private const int MaxRules = 5_000;

    private readonly RepairLog _repairs = new();
    private readonly TimeZoneTable _zones;
    private readonly EventBuilder _event;
    private readonly TimeZoneBuilder _zone;
    private readonly List<CalendarEvent> _events = [];
    private readonly List<(int Index, EventTimes Times)> _unresolved = [];
    private Section _section;
    private int _nested;
    private int _zoneCount;
    private int _ruleCount;
    private string? _name;
    private string? _url;
    private string? _timeZone;
    private TimeSpan? _refresh;

    public ComponentReader()
    {
        _zones = new TimeZoneTable(_repairs);
        _event = new EventBuilder(_zones, _repairs);
        _zone = new TimeZoneBuilder(_repairs);
    }

    private enum Section : byte
    {
        Outside,
        Calendar,
        Event,
        Zone,
        Observance,
    }

    /// <summary>Null if there is neither a VCALENDAR nor a VEVENT.</summary>
    public CalendarDocument? Read(ReadOnlySpan<byte> text, bool wasTranscoded)
    {
        if (wasTranscoded) _repairs.Add("encoding");
        var found = false;
        var lines = new ContentLines(text);
        while (lines.Next())
        {
            var name = PropertyNames.Of(lines.Name);
            if (name == PropertyName.Begin)
            {
                lines.Load();
                found |= Begin(lines.Value.Trim(" \t"u8));
            }
            else if (!found)
            {
                continue;
            }
            else if (name == PropertyName.End)
            {
                lines.Load();
                End(lines.Value.Trim(" \t"u8));
            }
            else if (name == PropertyName.Other && !lines.NameIsPlausible)
            {
                var block = lines.TakeBrokenLines();
                if (_section != Section.Outside) _repairs.Add("brokenLine");
                if (_section == Section.Event && _nested == 0) _event.Continue(block);
            }
            else if (_nested == 0)
            {
                Property(name, ref lines);
            }
        }

        if (!found) return null;
        if (_section != Section.Outside) _repairs.Add("truncated");
        CloseCalendar();
        return new CalendarDocument
        {
            Name = _name,
            Url = _url,
            TimeZone = _timeZone,
            RefreshInterval = _refresh,
            Events = _events,
            Repairs = _repairs.ToList(),
        };
    }

    private void Property(PropertyName name, ref ContentLines line)
    {
        switch (_section)
        {
            case Section.Event:
                _event.Set(name, ref line);
                break;
            case Section.Zone or Section.Observance:
                _zone.Set(name, ref line);
                break;
            case Section.Calendar when name is PropertyName.Name or PropertyName.Url or PropertyName.TimeZone or PropertyName.RefreshInterval:
                line.Load();
                if (name == PropertyName.Name) _name ??= ContentText.Of(line.Value, _repairs);
                else if (name == PropertyName.Url) _url ??= ContentText.Of(line.Value, _repairs);
                else if (name == PropertyName.TimeZone) SetTimeZone(ContentText.Of(line.Value, _repairs));
                else if (DurationValue.TryParse(line.Value, out var wait)) _refresh ??= TimeSpan.FromDays(wait.Days) + TimeSpan.FromTicks(wait.Ticks);
                break;
        }
    }

    private void SetTimeZone(string? name)
    {
        _timeZone ??= name;
        _zones.SetDefault(name);
    }

    // True if this makes the document a calendar.
    private bool Begin(ReadOnlySpan<byte> component)
    {
        if (Is(component, "VCALENDAR"u8))
        {
            if (_section != Section.Outside)
            {
                MissingEnd();
                CloseCalendar();
            }

            _section = Section.Calendar;
            return true;
        }

        if (Is(component, "VEVENT"u8))
        {
            if (_section is not Section.Calendar) MissingEnd();
            _section = Section.Event;
            _nested = 0;
            _event.Clear();
            return true;
        }

        if (_section == Section.Calendar && Is(component, "VTIMEZONE"u8))
        {
            _section = Section.Zone;
            _nested = 0;
            _zone.Clear();
        }
        else if (_section == Section.Zone && _nested == 0 && (Is(component, "STANDARD"u8) || Is(component, "DAYLIGHT"u8)))
        {
            _section = Section.Observance;
            _zone.ClearObservance();
        }
        else
        {
            _nested++;
        }

        return false;
    }

    private void End(ReadOnlySpan<byte> component)
    {
        if (Is(component, "VEVENT"u8))
        {
            if (_section == Section.Event) FinishEvent();
        }
        else if (Is(component, "VCALENDAR"u8))
        {
            if (_section == Section.Event) MissingEnd();
            CloseCalendar();
        }
        else if (_section is Section.Zone or Section.Observance && Is(component, "VTIMEZONE"u8))
        {
            FinishZone();
        }
        else if (_section == Section.Observance && _nested == 0)
        {
            _zone.FinishObservance();
            _section = Section.Zone;
        }
        else if (_nested > 0)
        {
            _nested--;
        }
    }

    private void MissingEnd()
    {
        _repairs.Add("missingEnd");
        if (_section == Section.Event) FinishEvent();
        else if (_section is Section.Zone or Section.Observance) FinishZone();
    }

    private void FinishEvent()
    {
        _section = Section.Calendar;
        _nested = 0;
        _ruleCount += _event.RuleCount;
        if (_events.Count == MaxEvents || (_event.RuleCount > 0 && _ruleCount > MaxRules))
        {
            _repairs.Add("tooManyEvents");
            return;
        }

        if (!_event.Times.AreKnown) _unresolved.Add((_events.Count, _event.Times));
        _events.Add(_event.Build());
    }

    private void FinishZone()
    {
        if (_section == Section.Observance) _zone.FinishObservance();
        if (++_zoneCount > MaxZones) _repairs.Add("tooManyZones");
        else if (_zone.Build() is { } definition) _zones.Define(definition.Id, definition);
        _section = Section.Calendar;
        _nested = 0;
    }

    private void CloseCalendar()
    {
        _zones.Close();
        foreach (var (index, times) in _unresolved)
            _events[index] = _events[index] with { Start = times.StartUtc, End = times.EndUtc(_repairs), RecurrenceId = times.RecurrenceIdUtc };
        _unresolved.Clear();
        _section = Section.Outside;
        _nested = 0;
    }

    private static bool Is(ReadOnlySpan<byte> component, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(component, known);
}
