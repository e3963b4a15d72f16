using System.Collections.Frozen;
using System.Text;
using NodaTime;
using NodaTime.TimeZones;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>The zones the world knows by name: IANA, and Windows by the CLDR mapping.</summary>
internal static class ZoneNames
{
    private static readonly Lazy<FrozenDictionary<string, string>> Names = new(() =>
    {
        var source = TzdbDateTimeZoneSource.Default;
        return source.GetIds().Select(id => KeyValuePair.Create(id, id))
            .Concat(source.WindowsMapping.PrimaryMapping)
            .DistinctBy(n => n.Key, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    });

    /// <summary>
    /// By IANA name in any case, also behind a vendor's prefix (<c>/mozilla.org/20050126_1/America/Boise</c>,
    /// <c>/freeassociation.sourceforge.net/Tzfile/Europe/Paris</c>).
    /// </summary>
    public static DateTimeZone? Iana(string name)
    {
        var at = 0;
        do
        {
            var candidate = name[at..].Trim();
            if (Names.Value.TryGetValue(candidate, out var id) && candidate.Length == id.Length) return DateTimeZoneProviders.Tzdb.GetZoneOrNull(id);
            at = name.IndexOf('/', at) + 1;
        }
        while (name.StartsWith('/') && at > 0);

        return null;
    }

    /// <summary>By Windows name (<c>W. Europe Standard Time</c>), or by an offset that is all there is to the name (<c>UTC+02:00</c>).</summary>
    public static DateTimeZone? WindowsOrOffset(string name)
    {
        name = name.Trim();
        if (Names.Value.TryGetValue(name, out var id)) return DateTimeZoneProviders.Tzdb.GetZoneOrNull(id);
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
