namespace ContributionIngest.Core.Sources.Meetup;

/// <summary>One event as a listing tells it, whichever listing that is.</summary>
/// <param name="Names">The ids the listing knows it by, the steadiest first; never empty.</param>
/// <param name="Start">UTC.</param>
internal sealed record ListedEvent(IReadOnlyList<string> Names, DateTimeOffset Start)
{
    /// <summary>False where ids are known to change for the same event (Meetup's series).</summary>
    public bool IsSteady { get; init; } = true;

    public DateTimeOffset? End { get; init; }

    /// <summary>Only the day is known.</summary>
    public bool IsDay { get; init; }

    public string? Title { get; init; }

    /// <summary>Plain text.</summary>
    public string? Summary { get; init; }

    public string? Url { get; init; }

    public bool IsCancelled { get; init; }

    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>People who said they would come.</summary>
    public int? Rsvps { get; init; }
}
