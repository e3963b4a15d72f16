namespace ContributionIngest.Core.Sources.Calendars;

/// <summary>What an iCalendar stream says (RFC 5545, RFC 7986), all VCALENDARs of it together.</summary>
public sealed record CalendarDocument
{
    /// <summary><c>NAME</c> or <c>X-WR-CALNAME</c>.</summary>
    public string? Name { get; init; }

    public string? Url { get; init; }

    /// <summary>Masters and overrides as they stand, not expanded.</summary>
    public IReadOnlyList<CalendarEvent> Events { get; init; } = [];

    public IReadOnlyList<Repair> Repairs { get; init; } = [];
}

/// <summary>Times are UTC; floating times are read as UTC, days as midnight UTC with <see cref="AllDay"/>.</summary>
public sealed record CalendarEvent
{
    public string? Uid { get; init; }

    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public bool AllDay { get; init; }

    public string? Summary { get; init; }

    public string? Description { get; init; }

    /// <summary>Upper case: CONFIRMED, TENTATIVE, CANCELLED.</summary>
    public string? Status { get; init; }

    public string? Url { get; init; }

    public string? Location { get; init; }

    public bool Recurring { get; init; }

    public DateTimeOffset? RecurrenceId { get; init; }

    public int Sequence { get; init; }

    public DateTimeOffset? LastModified { get; init; }

    public IReadOnlyList<string> Categories { get; init; } = [];
}
