using System.Text;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>
/// The zones of one VCALENDAR by TZID. A name the world knows means what the world says, because embedded definitions are often cut down to
/// the current rules; every other name means the VTIMEZONE of the document, wherever in it that stands.
/// </summary>
internal sealed class ZoneTable(RepairTally repairs)
{
    private readonly Dictionary<string, Zone> _zones = new(StringComparer.Ordinal);
    private Repeated<Zone> _last = new();
    private Repeated<Zone> _lastButOne = new();

    /// <summary>The zone of a TZID parameter; null for an empty one.</summary>
    public Zone? Named(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return null;
        if (_last.Is(name, out var zone) || _lastButOne.Is(name, out zone)) return zone;
        (_last, _lastButOne) = (_lastButOne, _last);
        return _last.Keep(name, Find(Encoding.UTF8.GetString(name)));
    }

    /// <param name="name">The TZID of a VTIMEZONE.</param>
    public void Define(string name, EmbeddedZone definition)
    {
        var zone = Find(name);
        if (!zone.IsDefined) zone.Define(definition);
    }

    /// <summary>The calendar is over: what is still undefined will not be defined any more.</summary>
    public void Close()
    {
        foreach (var zone in _zones.Values.Where(z => !z.IsDefined))
        {
            var known = ZoneNames.Loose(zone.Id);
            if (known is null) repairs.Add("unknownZone", zone.Id);
            zone.Define(known ?? NodaTime.DateTimeZone.Utc);
        }

        _zones.Clear();
        (_last, _lastButOne) = (new(), new());
    }

    // A TZID property is TEXT and its commas are escaped; a parameter's are not, or are by writers who do not know.
    private Zone Find(string name)
    {
        name = name.Replace("\\", "", StringComparison.Ordinal).Trim();
        if (_zones.TryGetValue(name, out var zone)) return zone;
        zone = new Zone(name);
        if (ZoneNames.Exact(name) is { } known) zone.Define(known);
        _zones[name] = zone;
        return zone;
    }
}
