using System.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>An iCalendar stream (RFC 5545, RFC 7986), all of its VCALENDARs together. Null: the document does not have it.</summary>
public sealed record CalendarDocument
{
    /// <summary><c>NAME</c> or <c>X-WR-CALNAME</c>.</summary>
    public string? Name { get; init; }

    /// <summary><c>URL</c>, as written.</summary>
    public string? Url { get; init; }

    /// <summary><c>X-WR-TIMEZONE</c>: the owner's zone, as written: the zone of times that name none.</summary>
    public string? TimeZone { get; init; }

    /// <summary><c>REFRESH-INTERVAL</c> or <c>X-PUBLISHED-TTL</c>.</summary>
    public TimeSpan? RefreshInterval { get; init; }

    /// <summary>Single events, masters and overrides, in document order, not expanded (see <see cref="CalendarExpansion"/>).</summary>
    public IReadOnlyList<CalendarEvent> Events { get; init; } = [];

    /// <summary>Damage repaired while reading, by code.</summary>
    public IReadOnlyList<Repair> Repairs { get; init; } = [];
}

/// <summary>A VEVENT (RFC 5545, 3.6.1). Times are UTC; floating times are read as UTC, days as midnight UTC with <see cref="AllDay"/>.</summary>
public sealed record CalendarEvent
{
    // A calendar has thousands of these, and ticks take a third of the space of an optional DateTimeOffset.
    private readonly long _start = -1;
    private readonly long _end = -1;
    private readonly long _recurrenceId = -1;
    private readonly long _lastModified = -1;

    /// <summary><c>UID</c>, shared by a master and its overrides.</summary>
    public string? Uid { get; init; }

    /// <summary><c>DTSTART</c>; null if absent or unreadable.</summary>
    public DateTimeOffset? Start { get => Time(_start); init => _start = Ticks(value); }

    /// <summary>Exclusive. Without <c>DTEND</c> and <c>DURATION</c>, a day lasts one day and a time has no duration (RFC 5545, 3.6.1).</summary>
    public DateTimeOffset? End { get => Time(_end); init => _end = Ticks(value); }

    /// <summary>The start is a date without a time.</summary>
    public bool AllDay { get; init; }

    /// <summary>The start has neither zone nor offset: it is meant in the reader's own zone, and UTC is a substitute.</summary>
    public bool Floating { get; init; }

    /// <summary>Title, unescaped, as written.</summary>
    public string? Summary { get; init; }

    /// <summary>Unescaped; may have several lines, or HTML.</summary>
    public string? Description
    {
        get => LongDescription?.Text;
        init => LongDescription = value is null ? null : new Utf8Text(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Upper case: CONFIRMED, TENTATIVE, CANCELLED.</summary>
    public string? Status { get; init; }

    /// <summary><c>URL</c>, as written.</summary>
    public string? Url { get; init; }

    /// <summary>Unescaped.</summary>
    public string? Location { get; init; }

    /// <summary>It has an <c>RRULE</c> or <c>RDATE</c>: the master of a series.</summary>
    public bool Recurring { get; init; }

    /// <summary>Set on an override: the original start of the occurrence it replaces.</summary>
    public DateTimeOffset? RecurrenceId { get => Time(_recurrenceId); init => _recurrenceId = Ticks(value); }

    /// <summary>Revision of the event; 0 if absent.</summary>
    public int Sequence { get; init; }

    /// <summary><c>LAST-MODIFIED</c>.</summary>
    public DateTimeOffset? LastModified { get => Time(_lastModified); init => _lastModified = Ticks(value); }

    /// <summary>In document order.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Input of the expansion; null for a single event.</summary>
    internal Recurrence? Recurrence { get; init; }

    internal Utf8Text? LongDescription { get; init; }

    private static DateTimeOffset? Time(long ticks) => ticks < 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    private static long Ticks(DateTimeOffset? time) => time?.UtcTicks ?? -1;
}

/// <summary>Text that is rarely read: it stays UTF-8, half the size, until it is.</summary>
internal sealed class Utf8Text(byte[] utf8) : IEquatable<Utf8Text>
{
    private readonly byte[] _utf8 = utf8;
    private string? _text;

    public string Text => _text ??= Encoding.UTF8.GetString(_utf8);

    public bool Equals(Utf8Text? other) => other is not null && _utf8.AsSpan().SequenceEqual(other._utf8);

    public override bool Equals(object? obj) => Equals(obj as Utf8Text);

    public override int GetHashCode() => _utf8.Length;
}
