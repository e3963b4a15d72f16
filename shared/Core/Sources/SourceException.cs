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
