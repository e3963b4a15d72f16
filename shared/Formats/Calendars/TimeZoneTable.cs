using System.Collections.Frozen;
using System.Text;
using NodaTime;
using NodaTime.TimeZones;

namespace ContributionIngest.Formats.Calendars;

/// <summary>
/// The zones of a VCALENDAR by TZID. An IANA name means the IANA zone, because embedded definitions are often reduced to the current rules; other
/// names mean a VTIMEZONE anywhere in the document.
/// </summary>
internal sealed class TimeZoneTable(RepairLog repairs)
{
    private readonly Dictionary<string, CalendarTimeZone> _zones = new(StringComparer.Ordinal);
    private LastValueCache<CalendarTimeZone> _last = new();
    private LastValueCache<CalendarTimeZone> _lastButOne = new();

    /// <summary>Zone of times that name none, and of names nobody knows (<c>X-WR-TIMEZONE</c>); null without one that is known.</summary>
    public CalendarTimeZone? Default { get; private set; }

    public void SetDefault(string? name)
    {
        if (Default is not null || name is null || TimeZoneNames.Loose(name) is not { } definition) return;
        Default = new CalendarTimeZone(name);
        Default.Define(definition);
    }

    /// <summary>The zone of a TZID parameter; null if empty.</summary>
    public CalendarTimeZone? Named(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return null;
        if (_last.Is(name, out var zone) || _lastButOne.Is(name, out zone)) return zone;
        (_last, _lastButOne) = (_lastButOne, _last);
        return _last.Keep(name, Find(Encoding.UTF8.GetString(name)));
    }

    /// <param name="name">The TZID of a VTIMEZONE.</param>
    public void Define(string name, EmbeddedTimeZone definition)
    {
        var zone = Find(name);
        if (!zone.IsDefined) zone.Define(definition);
    }

    /// <summary>At the end of the calendar: resolves zones without a definition by name.</summary>
    public void Close()
    {
        foreach (var zone in _zones.Values.Where(z => !z.IsDefined))
        {
            var known = TimeZoneNames.Loose(zone.Id);
            if (known is null) repairs.Add("unknownZone", zone.Id);
            zone.Define(known ?? Default?.Definition ?? NodaTime.DateTimeZone.Utc);
        }

        _zones.Clear();
        Default = null;
        (_last, _lastButOne) = (new(), new());
    }

    // A TZID property is TEXT with escaped commas; a parameter is not, although some writers escape them.
    private CalendarTimeZone Find(string name)
    {
        name = name.Replace("\\", "", StringComparison.Ordinal).Trim();
        if (_zones.TryGetValue(name, out var zone)) return zone;
        zone = new CalendarTimeZone(name);
        if (TimeZoneNames.Exact(name) is { } known) zone.Define(known);
        _zones[name] = zone;
        return zone;
    }
}

/// <summary>Zones by name: IANA, and Windows by the CLDR mapping.</summary>
internal static class TimeZoneNames
{
    private static readonly Lazy<FrozenDictionary<string, string>> Names = new(() =>
    {
        var source = TzdbDateTimeZoneSource.Default;
        return source.GetIds().Select(id => KeyValuePair.Create(id, id))
            .Concat(source.WindowsMapping.PrimaryMapping)
            .DistinctBy(n => n.Key, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    });

    /// <summary>Zones by the city in their IANA name.</summary>
    private static readonly Lazy<FrozenDictionary<string, string>> Cities = new(() => TzdbDateTimeZoneSource.Default.GetIds()
        .Where(id => id.Contains('/')).Select(id => KeyValuePair.Create(id[(id.LastIndexOf('/') + 1)..].Replace('_', ' '), id))
        .DistinctBy(city => city.Key, StringComparer.OrdinalIgnoreCase).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));

    private static readonly Instant Recent = Instant.FromUtc(2024, 1, 1, 0, 0);

    /// <summary>By IANA name, case-sensitive.</summary>
    public static DateTimeZone? Exact(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    /// <summary>
    /// By IANA or Windows name in any case (<c>W. Europe Standard Time</c>), after a vendor's prefix (<c>/mozilla.org/20050126_1/America/Boise</c>), or by
    /// an offset (<c>UTC+02:00</c>).
    /// </summary>
    public static DateTimeZone? Loose(string name)
    {
        var at = 0;
        do
        {
            if (Names.Value.TryGetValue(name[at..].Trim(), out var id)) return Exact(id);
            at = name.IndexOf('/', at) + 1;
        }
        while (name.StartsWith('/') && at > 0);

        return OfDisplayName(name.Trim()) ?? OfOffset(name.Trim());
    }

    /// <summary>
    /// Windows' names for people: <c>(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna</c>, <c>(UTC-05:00) Eastern Time (US &amp; Canada)</c>. The
    /// first part that is known and has that offset; else the offset alone.
    /// </summary>
    private static DateTimeZone? OfDisplayName(string name)
    {
        if (name is not ['(', ..] || name.IndexOf(')') is not (> 0 and var close) || OfOffset(name[1..close].Trim()) is not { } offset)
            return null;
        var text = name[(close + 1)..].Trim();
        var zone = text.Split(',').Prepend(text.Split(" Time", 2)[0] + " Standard Time").Select(part => part.Trim())
            .Select(part => Names.Value.GetValueOrDefault(part) ?? Cities.Value.GetValueOrDefault(part)).OfType<string>().Select(Exact)
            .FirstOrDefault(found => found is not null && HasOffset(found, offset));
        return zone ?? offset;
    }

    private static bool HasOffset(DateTimeZone zone, DateTimeZone offset) =>
        zone.GetZoneInterval(Recent).StandardOffset == offset.MaxOffset || zone.GetZoneInterval(Recent).WallOffset == offset.MaxOffset;

    private static DateTimeZone? OfOffset(string name)
    {
        var offset = name.StartsWith("UTC", StringComparison.OrdinalIgnoreCase) || name.StartsWith("GMT", StringComparison.OrdinalIgnoreCase)
            ? name[3..].Trim()
            : name;
        if (offset.Length == 0 || offset == "Z") return DateTimeZone.Utc;
        if (offset.Length == 2) offset = $"{offset[0]}0{offset[1]}";
        return TimeValue.TryOffset(Encoding.UTF8.GetBytes(offset), out var seconds) && Math.Abs(seconds) <= 18 * 3600
            ? DateTimeZone.ForOffset(Offset.FromSeconds(seconds))
            : null;
    }
}

/// <summary>Collects the properties of a VTIMEZONE and its observances.</summary>
internal sealed class TimeZoneBuilder(RepairLog repairs)
{
    private const int MaxObservances = 1_000;

    private readonly List<Observance> _observances = [];
    private readonly List<RecurrenceRule> _rules = [];
    private readonly List<TimeValue> _dates = [];
    private string? _id;
    private TimeValue _start;
    private int? _from;
    private int? _to;

    public void Set(PropertyName name, ref ContentLines line)
    {
        if (name == PropertyName.Other) return;
        line.Load();
        switch (name)
        {
            case PropertyName.ZoneId: _id ??= ContentText.Of(line.Value, repairs); break;
            case PropertyName.Start:
                if (TimeValue.TryParse(line.Value, zone: null, out var start)) _start = start;
                break;
            case PropertyName.OffsetFrom:
                if (TimeValue.TryOffset(line.Value, out var from)) _from = from;
                break;
            case PropertyName.OffsetTo:
                if (TimeValue.TryOffset(line.Value, out var to)) _to = to;
                break;
            case PropertyName.Rule:
                if (_rules.Count < 4 && RecurrenceRule.TryParse(line.Value, out var rule)) _rules.Add(rule);
                else repairs.Add("ruleIgnored");
                break;
            case PropertyName.Dates:
                foreach (var range in line.Value.Split((byte)','))
                    if (_dates.Count < MaxObservances && RecurrenceDate.TryParse(line.Value[range], zone: null, out var date)) _dates.Add(date.Start);
                break;
        }
    }

    public void FinishObservance()
    {
        // NodaTime's range of offsets, which exceeds that of real zones.
        if (!_start.IsSet || _to is not { } to || Math.Abs(to) > 18 * 3600 || Math.Abs(_from ?? 0) > 18 * 3600 || _observances.Count == MaxObservances)
            repairs.Add("badObservance");
        else
            _observances.Add(new Observance(_start.Ticks, (_from ?? to) * TimeSpan.TicksPerSecond, to * TimeSpan.TicksPerSecond, [.. _rules], [.. _dates]));
    }

    /// <summary>Null if the definition is unusable.</summary>
    public EmbeddedTimeZone? Build() => _id is null || _observances.Count == 0 ? null : new EmbeddedTimeZone(_id, [.. _observances]);

    public void ClearObservance()
    {
        _start = default;
        _from = _to = null;
        _rules.Clear();
        _dates.Clear();
    }

    public void Clear()
    {
        _id = null;
        _observances.Clear();
        ClearObservance();
    }
}
