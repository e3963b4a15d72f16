using System.Globalization;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>Error responses of the API → what the person can do (https://developers.google.com/youtube/v3/docs/errors).</summary>
internal static class YouTubeFailures
{
    private const int LongestReason = 60;

    /// <summary>The error's reason code; messages change, codes do not.</summary>
    public static string? Reason(byte[] body)
    {
        if (LenientJson.Parse(body) is not { } answer)
            return null;
        var detail = answer.List("error", "details").Select(detail => detail.Text("reason")).OfType<string>().FirstOrDefault();
        var reason = answer.List("error", "errors").Select(one => one.Text("reason")).OfType<string>().FirstOrDefault();

        // Newer parts of the API put "badRequest" there and the actual reason into the details.
        var word = reason is null or "badRequest" or "forbidden" ? detail ?? reason : reason;
        return word?.Length <= LongestReason && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? word : null;
    }

    public static SourceException Of(Fetched answer, string? reason, DateTimeOffset now) => reason switch
    {
        "keyInvalid" or "keyExpired" or "API_KEY_INVALID" => SourceException.Terminal(
            "keyRefused", "YouTube does not know the key in setting YouTubeKey, or it has expired: the operator has to set a valid one."),
        "accessNotConfigured" or "SERVICE_DISABLED" => SourceException.Terminal(
            "keyRefused", "The project of the key in setting YouTubeKey has the YouTube Data API v3 switched off: the operator has to enable it in the Google Cloud console."),
        "ipRefererBlocked" or "API_KEY_SERVICE_BLOCKED" or "API_KEY_IP_ADDRESS_BLOCKED" or "API_KEY_HTTP_REFERRER_BLOCKED" => SourceException.Terminal(
            "keyRefused", "The key in setting YouTubeKey is restricted to other addresses or APIs: the operator has to change its restrictions."),
        "rateLimitExceeded" or "userRateLimitExceeded" or "RATE_LIMIT_EXCEEDED" => SourceException.Transient(
            "throttled", "YouTube asked for a pause: too many requests in a short time. It is tried again automatically.", now + TimeSpan.FromMinutes(1)),
        "channelClosed" or "channelSuspended" => SourceException.Terminal(
            reason, "YouTube says that this channel was closed or suspended. Connect another one if the videos live on there."),
        "playlistItemsNotAccessible" => SourceException.Terminal(
            reason, "YouTube does not let us read this channel's uploads. Its owner has to make the uploads public."),
        "insufficientPermissions" or "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => Refused,
        _ when answer.Status == 401 => Refused,
        _ => Of(answer, reason),
    };

    private static SourceException Refused => SourceException.Terminal(
        SourceException.BadToken, "YouTube does not accept the access that was given: it has expired, was withdrawn, or does not cover YouTube.");

    private static SourceException Of(Fetched answer, string? reason) => answer.Outcome switch
    {
        FetchOutcome.Throttled => SourceException.Transient("throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Transient => SourceException.Transient(answer.Code ?? "transient", answer.Problem!),
        FetchOutcome.Content => SourceException.Transient(
            "unreadable", "YouTube answered with something that its API does not return. It is tried again automatically."),

        // The request itself is right, so a refusal may be temporary.
        FetchOutcome.Missing or FetchOutcome.Gone => SourceException.Transient(
            reason ?? "missing", $"YouTube's API has nothing at {answer.Address.Host}. Check the setting YouTubeApi if this lasts."),
        FetchOutcome.Denied => SourceException.Terminal(
            reason ?? "denied", $"YouTube refuses the request ({reason ?? "no reason given"}): the operator has to check the key in setting YouTubeKey."),
        _ => SourceException.Terminal(reason ?? answer.Code ?? "status", $"YouTube refused the request ({reason ?? answer.Problem ?? "no reason given"})."),
    };

    public static SourceException QuotaSpent(DateTimeOffset until) => SourceException.Transient(
        "quotaSpent", "Today's quota of the YouTube Data API is used up; reading continues after midnight Pacific time. The operator can ask Google for more.", until);
}

/// <summary>How much of a channel is known, by its cursor.</summary>
internal static class ChannelCoverage
{
    /// <summary>Null if nothing new is known.</summary>
    public static Coverage? Of(YouTubeCursor cursor) => cursor switch
    {
        { Scan: { Kind: UploadScan.History, Tries: null } scan } => new(scan.Oldest, false, "Older videos are still being read."),
        { Scan: { Tries: not null, IsFull: true } scan } => Interrupted(scan),
        { StalledScan: { } scan } => Interrupted(scan),
        { LastFullScan: { Tries: not null } summary } => Incomplete(summary),
        { Missing.Count: > 0 } => new(null, false, cursor.Missing.Count == 1
            ? "YouTube lists a video of this channel without its details; it is requested again automatically."
            : string.Create(CultureInfo.InvariantCulture, $"YouTube lists {cursor.Missing.Count} videos of this channel without their details; they are requested again automatically.")),
        { LastFullScan: null } => null,
        { Scan.Kind: UploadScan.Gap } or { GapSince: not null } => new(null, false, "Newer videos are still being read."),
        { LastFullScan: { IsCapped: true } summary } => new(summary.Oldest, false, "YouTube lists only the newest 20,000 uploads of a channel; log older ones by hand."),
        _ => new(null, true, null),
    };

    /// <param name="looks">Consecutive empty reads, including this one.</param>
    /// <param name="isSaid">YouTube itself says that there are no uploads.</param>
    public static Coverage WithoutUploads(YouTubeCursor cursor, int looks, bool isSaid) => (cursor.HasHadUploads, isSaid) switch
    {
        (true, _) => new(null, false, "YouTube no longer shows any of the channel's uploads. What was read stays, and it is checked again."),
        (_, false) => new(null, false, "YouTube did not show the channel's uploads; it is checked again."),
        _ when looks < 2 => new(null, false, "YouTube says that the channel has no uploads; this is checked once more."),
        _ => new(null, true, null),
    };

    private static Coverage Interrupted(UploadScan scan) => new(
        scan.Oldest, false, $"YouTube stopped its list of older videos ({scan.Why}); the rest is requested again automatically{(scan.Tries?.NextAt is null ? "" : ", once a week")}.");

    private static Coverage Incomplete(ScanSummary summary) => new(summary.Oldest, false, string.Create(CultureInfo.InvariantCulture, $"{WhatIsMissing(summary)} The list is checked again automatically{(summary.Tries!.NextAt is null ? "" : ", once a week")}."));

    private static string WhatIsMissing(ScanSummary summary) => summary.IsHoled
        ? "Part of YouTube's list of this channel's uploads could not be read."
        : string.Create(CultureInfo.InvariantCulture, $"YouTube counts {summary.Listed} uploads of this channel and shows {summary.Shown}; private and deleted ones may be counted too.");
}
