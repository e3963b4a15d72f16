using System.Text.Json;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>What the interface says when it does not answer → what the person can do (https://developers.google.com/youtube/v3/docs/errors).</summary>
internal static class YouTubeFailures
{
    private const int LongestReason = 60;

    /// <summary>The machine's word for it; messages change, these do not.</summary>
    public static string? Reason(byte[] body)
    {
        if (JsonParts.Parse(body) is not { } answer)
            return null;
        var said = answer.List("error", "details").Select(detail => detail.Text("reason")).OfType<string>().FirstOrDefault();
        var reason = answer.List("error", "errors").Select(one => one.Text("reason")).OfType<string>().FirstOrDefault();

        // Newer parts of the interface say "badRequest" there, and what was bad about it elsewhere.
        var word = reason is null or "badRequest" or "forbidden" ? said ?? reason : reason;
        return word?.Length <= LongestReason && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? word : null;
    }

    public static SourceException Of(Fetched answer, string? reason, DateTimeOffset now) => reason switch
    {
        "keyInvalid" or "keyExpired" or "API_KEY_INVALID" => new(
            Failure.Terminal, "keyRefused", "YouTube does not know the key in setting YouTubeKey, or it has expired: the operator has to set a valid one."),
        "accessNotConfigured" or "SERVICE_DISABLED" => new(
            Failure.Terminal,
            "keyRefused",
            "The project of the key in setting YouTubeKey has the YouTube Data API v3 switched off: the operator has to enable it in the Google Cloud console."),
        "ipRefererBlocked" or "API_KEY_SERVICE_BLOCKED" or "API_KEY_IP_ADDRESS_BLOCKED" or "API_KEY_HTTP_REFERRER_BLOCKED" => new(
            Failure.Terminal, "keyRefused", "The key in setting YouTubeKey is restricted to other addresses or interfaces: the operator has to widen it."),
        "rateLimitExceeded" or "userRateLimitExceeded" or "RATE_LIMIT_EXCEEDED" => new(
            Failure.Transient, "throttled", "YouTube asked for a pause: too many requests in a short time. It is tried again by itself.", now + TimeSpan.FromMinutes(1)),
        "channelClosed" or "channelSuspended" => new(
            Failure.Terminal, reason, "YouTube says that this channel was closed or suspended. Connect another one if the videos live on there."),
        "playlistItemsNotAccessible" => new(
            Failure.Terminal, reason, "YouTube does not let us see what this channel uploads. Its owner has to make the uploads public."),
        _ => Of(answer, reason),
    };

    private static SourceException Of(Fetched answer, string? reason) => answer.Outcome switch
    {
        FetchOutcome.Throttled => new(Failure.Transient, "throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Transient => new(Failure.Transient, answer.Code ?? "transient", answer.Problem!),
        FetchOutcome.Content => new(Failure.Transient, "unreadable", "YouTube answered with something that is not what its interface promises. It is tried again by itself."),

        // The words of a request are the program's own: that YouTube refuses them today may pass.
        FetchOutcome.Missing or FetchOutcome.Gone => new(
            Failure.Transient, reason ?? "missing", $"YouTube's interface has nothing at {answer.Address.Host}. Check the setting YouTubeApi if this lasts."),
        FetchOutcome.Denied => new(
            Failure.Terminal, reason ?? "denied", $"YouTube does not let us ask ({reason ?? "no reason given"}): the operator has to check the key in setting YouTubeKey."),
        _ => new(Failure.Terminal, reason ?? answer.Code ?? "status", $"YouTube refused the request ({reason ?? answer.Problem ?? "no reason given"})."),
    };

    public static SourceException Spent(DateTimeOffset until) => new(
        Failure.Transient,
        "quotaSpent",
        "Today's units of the YouTube Data API are used up; it goes on after midnight Pacific time. The operator can ask Google for more.",
        until);
}
