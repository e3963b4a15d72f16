using System.Globalization;
using System.Text;
using ContributionIngest.Formats.Calendars;

namespace ContributionIngest.Tests.Formats.Calendars;

/// <summary>Small calendars written in tests, and what is read from them in a form that is easy to compare.</summary>
internal static class Ics
{
    /// <summary>One VCALENDAR around the lines.</summary>
    public static CalendarDocument Calendar(params string[] lines) => Read($"BEGIN:VCALENDAR\r\n{string.Join("\r\n", lines)}\r\nEND:VCALENDAR\r\n");

    /// <summary>One VEVENT with uid 1 around the lines.</summary>
    public static CalendarDocument Event(params string[] lines) => Calendar(["BEGIN:VEVENT", "UID:1", .. lines, "END:VEVENT"]);

    public static CalendarDocument Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    public static CalendarDocument Read(byte[] bytes) =>
        CalendarReader.Read(bytes).Calendar ?? throw new InvalidOperationException("No calendar.");

    /// <summary>Starts as <c>2026-01-02T03:04:05Z</c>, or as days where the event has days.</summary>
    public static string[] Starts(CalendarDocument calendar, string from = "1900-01-01", string to = "2100-01-01", int cap = 1_000) =>
        [.. Expand(calendar, from, to, cap).Select(o => Show(o.Start, o.Event.AllDay))];

    public static CalendarExpansion Expand(CalendarDocument calendar, string from, string to, int cap = 1_000) =>
        new(calendar, Time(from), Time(to), cap);

    public static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public static string Show(DateTimeOffset? time, bool day = false) =>
        time?.ToString(day ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
