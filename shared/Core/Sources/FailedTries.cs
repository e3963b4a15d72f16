namespace ContributionIngest.Core.Sources;

/// <summary>
/// How often something of a place did not come, and when it is asked for again: by each of the next three readings, then once a week, at once where
/// a person asks, and never not at all. Kept in cursors: members may be added, never renamed.
/// </summary>
/// <param name="NextAt">Not before; null: by the next reading.</param>
internal sealed record FailedTries(int Count, DateTimeOffset? NextAt = null)
{
    private const int Soon = 3;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static FailedTries After(FailedTries? before, DateTimeOffset now) => OfCount((before?.Count ?? 0) + 1, now);

    /// <summary>Nothing is to be had soon: once a week from here on.</summary>
    public static FailedTries Weekly(DateTimeOffset now) => OfCount(Soon + 1, now);

    public bool IsDue(DateTimeOffset now, bool isAsked) => isAsked || NextAt is null || NextAt <= now;

    private static FailedTries OfCount(int count, DateTimeOffset now) => new(count, count > Soon ? now + Week : null);
}
