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

    /// <summary>By IANA name, as it is written there.</summary>
    public static DateTimeZone? Exact(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    /// <summary>
    /// By IANA or Windows name in any case (<c>W. Europe Standard Time</c>), behind a vendor's prefix
    /// (<c>/mozilla.org/20050126_1/America/Boise</c>), or by an offset that is all there is to the name (<c>UTC+02:00</c>).
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

        return OfOffset(name.Trim());
    }

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
