using ContributionIngest.Core.Http;

namespace ContributionIngest.Core.Sources;

public enum Failure
{
    /// <summary>May succeed later, at <see cref="SourceException.RetryAt"/> where the place says when.</summary>
    Transient,

    /// <summary>Fails until the person changes something.</summary>
    Terminal,

    /// <summary>The place is gone for good; polling stops.</summary>
    Gone,
}

/// <summary>
/// A source could not be read. The message is one sentence for the owner of the connection: what was found and what to try. It never holds a secret.
/// </summary>
/// <param name="code">Stable, for programs: <c>notAFeed</c>, <c>refusedAddress</c>, <c>throttled</c>.</param>
public sealed class SourceException(Failure failure, string code, string message, DateTimeOffset? retryAt = null) : Exception(message)
{
    /// <summary>The code for a token that the provider does not accept.</summary>
    public const string BadToken = "badToken";

    public Failure Failure => failure;

    public string Code => code;

    public DateTimeOffset? RetryAt => retryAt;

    /// <summary>May pass by itself, and the host asked for no pause.</summary>
    internal bool IsTransientWithoutPause => failure == Failure.Transient && retryAt is null;

    internal static SourceException Transient(string code, string message, DateTimeOffset? retryAt = null) => new(Failure.Transient, code, message, retryAt);

    internal static SourceException Terminal(string code, string message) => new(Failure.Terminal, code, message);

    /// <summary>A response without the content that was asked for; each hint is a sentence that follows what the response says itself.</summary>
    internal static SourceException Of(Fetched answer, string gone, string missing, string denied, string? tooLarge = null) => answer.Outcome switch
    {
        FetchOutcome.Gone => new(Failure.Gone, "gone", $"{answer.Problem} {gone}"),

        // Places come back from 404 often enough to keep asking, at growing intervals.
        FetchOutcome.Missing => Transient("missing", $"{answer.Problem} {missing}"),
        FetchOutcome.Denied => Terminal("denied", $"{answer.Problem} {denied}"),
        FetchOutcome.Terminal when answer.Code == "tooLarge" && tooLarge is not null => Terminal("tooLarge", $"{answer.Problem} {tooLarge}"),
        _ => Of(answer),
    };

    /// <inheritdoc cref="Of(Fetched, string, string, string, string?)"/>
    internal static SourceException Of(Fetched answer) => answer.Outcome switch
    {
        FetchOutcome.Throttled => Transient("throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Transient => Transient(answer.Code ?? "transient", answer.Problem!),
        _ => Terminal(answer.Code ?? "status", answer.Problem ?? "The response cannot be used."),
    };
}

/// <summary>
/// Retries of something that could not be read: with each of the next three reads, then once a week, and at once when a person asks.
/// Stored in cursors: members may be added, never renamed.
/// </summary>
/// <param name="NextAt">Not before this; null: with the next read.</param>
internal sealed record RetryState(int Count, DateTimeOffset? NextAt = null)
{
    private const int PromptRetries = 3;

    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static RetryState After(RetryState? before, DateTimeOffset now) => WithCount((before?.Count ?? 0) + 1, now);

    /// <summary>Skips the prompt retries.</summary>
    public static RetryState Weekly(DateTimeOffset now) => WithCount(PromptRetries + 1, now);

    public bool IsDue(DateTimeOffset now, bool isManual) => isManual || NextAt is null || NextAt <= now;

    private static RetryState WithCount(int count, DateTimeOffset now) => new(count, count > PromptRetries ? now + Week : null);
}
