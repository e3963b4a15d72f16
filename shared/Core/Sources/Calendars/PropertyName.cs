using System.Text;

namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>The properties somebody here reads. All others are <see cref="Other"/>.</summary>
internal enum PropertyName : byte
{
    Other,
    Begin,
    End,
    Uid,
    Start,
    EndTime,
    Duration,
    Summary,
    Description,
    Location,
    Url,
    Status,
    Sequence,
    LastModified,
    Categories,
    RecurrenceId,
    Rule,
    ExceptRule,
    Dates,
    ExceptDates,
    Name,
    TimeZone,
    RefreshInterval,
    ZoneId,
    OffsetFrom,
    OffsetTo,
}

internal static class PropertyNames
{
    /// <summary>In any case. The length leaves one or two candidates, so no more than two comparisons are made.</summary>
    public static PropertyName Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 => Is(name, "END"u8) ? PropertyName.End : Is(name, "UID"u8) ? PropertyName.Uid : Is(name, "URL"u8) ? PropertyName.Url : default,
        4 => Is(name, "TZID"u8) ? PropertyName.ZoneId : Is(name, "NAME"u8) ? PropertyName.Name : default,
        5 => OfFive(name),
        6 => Is(name, "STATUS"u8) ? PropertyName.Status
            : Is(name, "EXDATE"u8) ? PropertyName.ExceptDates
            : Is(name, "EXRULE"u8) ? PropertyName.ExceptRule
            : default,
        7 => Is(name, "DTSTART"u8) ? PropertyName.Start : Is(name, "SUMMARY"u8) ? PropertyName.Summary : default,
        8 => Is(name, "LOCATION"u8) ? PropertyName.Location
            : Is(name, "SEQUENCE"u8) ? PropertyName.Sequence
            : Is(name, "DURATION"u8) ? PropertyName.Duration
            : default,
        10 => Is(name, "CATEGORIES"u8) ? PropertyName.Categories : Is(name, "TZOFFSETTO"u8) ? PropertyName.OffsetTo : default,
        11 => Is(name, "DESCRIPTION"u8) ? PropertyName.Description : default,
        12 => Is(name, "X-WR-CALNAME"u8) ? PropertyName.Name : Is(name, "TZOFFSETFROM"u8) ? PropertyName.OffsetFrom : default,
        13 => Is(name, "LAST-MODIFIED"u8) ? PropertyName.LastModified
            : Is(name, "RECURRENCE-ID"u8) ? PropertyName.RecurrenceId
            : Is(name, "X-WR-TIMEZONE"u8) ? PropertyName.TimeZone
            : default,
        15 => Is(name, "X-PUBLISHED-TTL"u8) ? PropertyName.RefreshInterval : default,
        16 => Is(name, "REFRESH-INTERVAL"u8) ? PropertyName.RefreshInterval : default,
        _ => default,
    };

    private static PropertyName OfFive(ReadOnlySpan<byte> name) => (name[0] | 0x20) switch
    {
        'b' => Is(name, "BEGIN"u8) ? PropertyName.Begin : default,
        'd' => Is(name, "DTEND"u8) ? PropertyName.EndTime : default,
        'r' => Is(name, "RRULE"u8) ? PropertyName.Rule : Is(name, "RDATE"u8) ? PropertyName.Dates : default,
        _ => default,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known) => Ascii.EqualsIgnoreCase(name, known);
}
