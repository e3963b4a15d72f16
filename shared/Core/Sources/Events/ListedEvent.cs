namespace ContributionIngest.Core.Sources.Events;

/// <summary>An event from any listing.</summary>
/// <param name="Names">Its ids in the listing, the most stable first; never empty.</param>
/// <param name="Start">UTC.</param>
internal sealed record ListedEvent(IReadOnlyList<string> Names, DateTimeOffset Start)
{
    /// <summary>False if the id of an event may change (Meetup's series).</summary>
    public bool HasStableId { get; init; } = true;

    public DateTimeOffset? End { get; init; }

    /// <summary>Only the day is known.</summary>
    public bool IsDay { get; init; }

    public string? Title { get; init; }

    /// <summary>Plain text.</summary>
    public string? Summary { get; init; }

    public string? Url { get; init; }
    public bool IsCancelled { get; init; }
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>People who registered.</summary>
    public int? Rsvps { get; init; }

    /// <summary>Who takes part, where the listing or the event's page says so.</summary>
    public IReadOnlyList<EventPerson> People { get; init; } = [];
}

/// <summary>Somebody who takes part in an event.</summary>
/// <param name="Role">In the words of the place, such as <c>speakers</c>.</param>
/// <param name="Handles">Bare, or addresses of profiles.</param>
internal sealed record EventPerson(string? Name, string Role, IReadOnlyList<string> Handles);
