using System.Text;

namespace ContributionIngest.Formats.Calendars;

/// <summary>What an iCalendar stream says (RFC 5545, RFC 7986), all VCALENDARs of it together.</summary>
public sealed record CalendarDocument
{
    /// <summary><c>NAME</c> or <c>X-WR-CALNAME</c>.</summary>
    public string? Name { get; init; }

    public string? Url { get; init; }

    /// <summary><c>X-WR-TIMEZONE</c>: the zone its owner lives in, as the document names it. Floating times are not moved by it.</summary>
    public string? TimeZone { get; init; }

    /// <summary><c>REFRESH-INTERVAL</c> or <c>X-PUBLISHED-TTL</c>.</summary>
    public TimeSpan? RefreshInterval { get; init; }

    /// <summary>Masters and overrides as they stand, not expanded.</summary>
    public IReadOnlyList<CalendarEvent> Events { get; init; } = [];

    public IReadOnlyList<Repair> Repairs { get; init; } = [];
}

/// <summary>Times are UTC; floating times are read as UTC, days as midnight UTC with <see cref="AllDay"/>.</summary>
public sealed record CalendarEvent
{
    // A calendar has thousands of these: ticks take a third of the room of an optional DateTimeOffset.
    private readonly long _start = -1;
    private readonly long _end = -1;
    private readonly long _recurrenceId = -1;
    private readonly long _lastModified = -1;

    public string? Uid { get; init; }

    public DateTimeOffset? Start { get => Time(_start); init => _start = Ticks(value); }

    /// <summary>Exclusive. Where the event gives neither end nor duration: a day has one day, an instant none (RFC 5545, 3.6.1).</summary>
    public DateTimeOffset? End { get => Time(_end); init => _end = Ticks(value); }

    public bool AllDay { get; init; }

    /// <summary>The start has neither zone nor offset: it means the reader's own clock, and UTC only stands for it.</summary>
    public bool Floating { get; init; }

    public string? Summary { get; init; }

    public string? Description
    {
        get => LongDescription?.Text;
        init => LongDescription = value is null ? null : new Utf8Text(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Upper case: CONFIRMED, TENTATIVE, CANCELLED.</summary>
    public string? Status { get; init; }

    public string? Url { get; init; }

    public string? Location { get; init; }

    /// <summary>It has an RRULE or RDATE: a master of several occurrences.</summary>
    public bool Recurring { get; init; }

    /// <summary>Set on an override: the start, by the series' own rule, of the occurrence it replaces.</summary>
    public DateTimeOffset? RecurrenceId { get => Time(_recurrenceId); init => _recurrenceId = Ticks(value); }

    public int Sequence { get; init; }

    public DateTimeOffset? LastModified { get => Time(_lastModified); init => _lastModified = Ticks(value); }

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>What expansion needs; null for a plain event.</summary>
    internal Recurrence? Recurrence { get; init; }

    internal Utf8Text? LongDescription { get; init; }

    private static DateTimeOffset? Time(long ticks) => ticks < 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);

    private static long Ticks(DateTimeOffset? time) => time?.UtcTicks ?? -1;
}

/// <summary>A text most readers of a calendar never look at: it stays UTF-8, half the size, until somebody does.</summary>
internal sealed class Utf8Text(byte[] utf8) : IEquatable<Utf8Text>
{
    private readonly byte[] _utf8 = utf8;
    private string? _text;

    public string Text => _text ??= Encoding.UTF8.GetString(_utf8);

    public bool Equals(Utf8Text? other) => other is not null && _utf8.AsSpan().SequenceEqual(other._utf8);

    public override bool Equals(object? obj) => Equals(obj as Utf8Text);

    public override int GetHashCode() => _utf8.Length;
}
