using System.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// Content lines → events. Only what stands directly in a VEVENT belongs to it; components nested in it (VALARM) and all others are stepped
/// over. A component whose END is missing ends where the next one that cannot stand in it begins.
/// </summary>
internal sealed class ComponentReader
{
    // Real calendars define a few; every definition that is used costs the expansion of its rules.
    private const int MostZones = 200;

    private readonly RepairTally _repairs = new();
    private readonly ZoneTable _zones;
    private readonly EventBuilder _event;
    private readonly ZoneBuilder _zone;
    private readonly List<CalendarEvent> _events = [];
    private readonly List<(int Index, EventTimes Times)> _late = [];
    private Place _place;
    private int _nested;
    private int _zoneCount;
    private string? _name;
    private string? _url;
    private string? _timeZone;
    private TimeSpan? _refresh;

    public ComponentReader()
    {
        _zones = new ZoneTable(_repairs);
        _event = new EventBuilder(_zones, _repairs);
        _zone = new ZoneBuilder(_repairs);
    }

    private enum Place : byte
    {
        Outside,
        Calendar,
        Event,
        Zone,
        Observance,
    }

    /// <summary>Null when there is neither a VCALENDAR nor a VEVENT.</summary>
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
                if (_place != Place.Outside) _repairs.Add("brokenLine");
                if (_place == Place.Event && _nested == 0) _event.Continue(block);
            }
            else if (_nested == 0)
            {
                Property(name, ref lines);
            }
        }

        if (!found) return null;
        if (_place != Place.Outside) _repairs.Add("truncated");
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
        switch (_place)
        {
            case Place.Event:
                _event.Set(name, ref line);
                break;
            case Place.Zone or Place.Observance:
                _zone.Set(name, ref line);
                break;
            case Place.Calendar when name is PropertyName.Name or PropertyName.Url or PropertyName.TimeZone or PropertyName.RefreshInterval:
                line.Load();
                if (name == PropertyName.Name) _name ??= ContentText.Of(line.Value, _repairs);
                else if (name == PropertyName.Url) _url ??= ContentText.Of(line.Value, _repairs);
                else if (name == PropertyName.TimeZone) _timeZone ??= ContentText.Of(line.Value, _repairs);
                else if (DurationValue.TryParse(line.Value, out var wait)) _refresh ??= TimeSpan.FromDays(wait.Days) + TimeSpan.FromTicks(wait.Ticks);
                break;
        }
    }

    // True for what makes the document a calendar.
    private bool Begin(ReadOnlySpan<byte> component)
    {
        if (Is(component, "VCALENDAR"u8))
        {
            if (_place != Place.Outside)
            {
                MissingEnd();
                CloseCalendar();
            }

            _place = Place.Calendar;
            return true;
        }

        if (Is(component, "VEVENT"u8))
        {
            if (_place is not Place.Calendar) MissingEnd();
            _place = Place.Event;
            _nested = 0;
            _event.Clear();
            return true;
        }

        if (_place == Place.Calendar && Is(component, "VTIMEZONE"u8))
        {
            _place = Place.Zone;
            _nested = 0;
            _zone.Clear();
        }
        else if (_place == Place.Zone && _nested == 0 && (Is(component, "STANDARD"u8) || Is(component, "DAYLIGHT"u8)))
        {
            _place = Place.Observance;
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
            if (_place == Place.Event) FinishEvent();
        }
        else if (Is(component, "VCALENDAR"u8))
        {
            if (_place == Place.Event) MissingEnd();
            CloseCalendar();
        }
        else if (_place is Place.Zone or Place.Observance && Is(component, "VTIMEZONE"u8))
        {
            FinishZone();
        }
        else if (_place == Place.Observance && _nested == 0)
        {
            _zone.FinishObservance();
            _place = Place.Zone;
        }
        else if (_nested > 0)
        {
            _nested--;
        }
    }

    private void MissingEnd()
    {
        _repairs.Add("missingEnd");
        if (_place == Place.Event) FinishEvent();
        else if (_place is Place.Zone or Place.Observance) FinishZone();
    }

    private void FinishEvent()
    {
        if (!_event.Times.AreKnown) _late.Add((_events.Count, _event.Times));
        _events.Add(_event.Build());
        _place = Place.Calendar;
        _nested = 0;
    }

    private void FinishZone()
    {
        if (_place == Place.Observance) _zone.FinishObservance();
        if (++_zoneCount > MostZones) _repairs.Add("tooManyZones");
        else if (_zone.Build() is { } definition) _zones.Define(definition.Id, definition);
        _place = Place.Calendar;
        _nested = 0;
    }

    private void CloseCalendar()
    {
        _zones.Close();
        foreach (var (index, times) in _late)
            _events[index] = _events[index] with { Start = times.StartUtc, End = times.EndUtc(_repairs), RecurrenceId = times.RecurrenceIdUtc };
        _late.Clear();
        _place = Place.Outside;
        _nested = 0;
    }

    private static bool Is(ReadOnlySpan<byte> component, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(component, known);
}
