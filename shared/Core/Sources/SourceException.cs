namespace ContributionIngest.Core.Sources;

public enum Failure
{
    /// <summary>Worth trying again later, at <see cref="SourceException.RetryAt"/> where the place says when.</summary>
    Transient,

    /// <summary>Will not go away by itself; the person has to do something.</summary>
    Terminal,

    /// <summary>The place said it is gone for good; polling stops.</summary>
    Gone,
}

/// <summary>
/// What a source could not read. The message is one sentence for the person who owns the connection: what was found and what to try. It
/// never holds a secret.
/// </summary>
public sealed class SourceException : Exception
{
    public SourceException(Failure failure, string code, string message, DateTimeOffset? retryAt = null, Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
        Code = code;
        RetryAt = retryAt;
    }

    public Failure Failure { get; }

    /// <summary>Stable word for programs, e.g. <c>notAFeed</c>, <c>refusedAddress</c>, <c>throttled</c>.</summary>
    public string Code { get; }

    public DateTimeOffset? RetryAt { get; }
}

/// <summary>
/// How often something of a place did not come, and when it is asked for again: by each of the next three readings, then once a week, at once where
/// a person asks, and never not at all. Kept in cursors: members may be added, never renamed.
/// </summary>
/// <param name="NextAt">Not before; null: by the next reading.</param>
internal sealed record RetryState(int Count, DateTimeOffset? NextAt = null)
{
    private const int PromptRetries = 3;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static RetryState After(RetryState? before, DateTimeOffset now) => WithCount((before?.Count ?? 0) + 1, now);

    /// <summary>Nothing is to be had soon: once a week from here on.</summary>
    public static RetryState Weekly(DateTimeOffset now) => WithCount(PromptRetries + 1, now);

    public bool IsDue(DateTimeOffset now, bool isAsked) => isAsked || NextAt is null || NextAt <= now;

    private static RetryState WithCount(int count, DateTimeOffset now) => new(count, count > PromptRetries ? now + Week : null);
}
