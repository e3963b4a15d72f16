using ContributionIngest.Core.Http;

namespace ContributionIngest.Core.Sources.StackExchange;

/// <summary>Error responses of the API → what the person can do (https://api.stackexchange.com/docs/error-handling).</summary>
internal static class StackExchangeFailures
{
    /// <summary><c>throttle_violation</c>, which comes with status 400.</summary>
    public const long Throttled = 502;

    private const long BadParameter = 400;
    private const long AccessTokenCompromised = 405;
    private const long KeyRequired = 403;

    public static SourceException Of(long error, string? message) => error switch
    {
        BadParameter when message?.Contains("site", StringComparison.OrdinalIgnoreCase) == true => SourceException.Terminal(
            "noSite", "Stack Exchange knows no such site. Type the address of your profile there, such as stackoverflow.com/users/22656."),
        BadParameter when message?.Contains("key", StringComparison.OrdinalIgnoreCase) == true => KeyRefused,
        KeyRequired or AccessTokenCompromised => KeyRefused,
        >= 500 => SourceException.Transient("transient", "Stack Exchange has trouble answering. It is tried again automatically."),
        _ => SourceException.Terminal("status", $"Stack Exchange refused the request ({message ?? $"error {error}"})."),
    };

    public static SourceException Of(Fetched answer) => answer.Outcome switch
    {
        FetchOutcome.Throttled => SourceException.Transient("throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Transient => SourceException.Transient(answer.Code ?? "transient", answer.Problem!),
        FetchOutcome.Missing or FetchOutcome.Gone => SourceException.Transient(
            "missing", $"Stack Exchange's API has nothing at {answer.Address.Host}. Check the setting StackExchangeApi if this lasts."),
        _ => SourceException.Terminal(answer.Code ?? "status", answer.Problem ?? "Stack Exchange refused the request."),
    };

    public static SourceException Unreadable() => SourceException.Transient(
        "unreadable", "Stack Exchange answered with something that its API does not return. It is tried again automatically.");

    public static SourceException Paused(DateTimeOffset until) => SourceException.Transient(
        "throttled", "Stack Exchange asked for a pause; reading continues after it.", until);

    public static SourceException QuotaSpent(DateTimeOffset until, bool hasKey) => SourceException.Transient(
        "quotaSpent",
        hasKey
            ? "Today's quota of the Stack Exchange API is used up; reading continues after midnight UTC."
            : "Today's quota of the Stack Exchange API without a key is used up; reading continues after midnight UTC. With the setting StackExchangeKey it is larger.",
        until);

    private static SourceException KeyRefused => SourceException.Terminal(
        "keyRefused", "Stack Exchange does not accept the key in setting StackExchangeKey: the operator has to set a valid one, or none.");
}
