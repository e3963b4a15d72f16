using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>What the interface says when it does not answer → what the person can do (https://developers.google.com/youtube/v3/docs/errors).</summary>
internal static class YouTubeFailures
{
    private const int LongestReason = 60;

    /// <summary>The machine's word for it; messages change, these do not.</summary>
    public static string? Reason(byte[] body)
    {
        if (LenientJson.Parse(body) is not { } answer)
            return null;
        var said = answer.List("error", "details").Select(detail => detail.Text("reason")).OfType<string>().FirstOrDefault();
        var reason = answer.List("error", "errors").Select(one => one.Text("reason")).OfType<string>().FirstOrDefault();

        // Newer parts of the interface say "badRequest" there, and what was bad about it elsewhere.
        var word = reason is null or "badRequest" or "forbidden" ? said ?? reason : reason;
        return word?.Length <= LongestReason && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? word : null;
    }

    public static SourceException Of(Fetched answer, string? reason, DateTimeOffset now) => reason switch
    {
        "keyInvalid" or "keyExpired" or "API_KEY_INVALID" => SourceException.Terminal(
            "keyRefused", "YouTube does not know the key in setting YouTubeKey, or it has expired: the operator has to set a valid one."),
        "accessNotConfigured" or "SERVICE_DISABLED" => SourceException.Terminal(
            "keyRefused", "The project of the key in setting YouTubeKey has the YouTube Data API v3 switched off: the operator has to enable it in the Google Cloud console."),
        "ipRefererBlocked" or "API_KEY_SERVICE_BLOCKED" or "API_KEY_IP_ADDRESS_BLOCKED" or "API_KEY_HTTP_REFERRER_BLOCKED" => SourceException.Terminal(
            "keyRefused", "The key in setting YouTubeKey is restricted to other addresses or interfaces: the operator has to widen it."),
        "rateLimitExceeded" or "userRateLimitExceeded" or "RATE_LIMIT_EXCEEDED" => SourceException.Transient(
            "throttled", "YouTube asked for a pause: too many requests in a short time. It is tried again by itself.", now + TimeSpan.FromMinutes(1)),
        "channelClosed" or "channelSuspended" => SourceException.Terminal(
            reason, "YouTube says that this channel was closed or suspended. Connect another one if the videos live on there."),
        "playlistItemsNotAccessible" => SourceException.Terminal(
            reason, "YouTube does not let us see what this channel uploads. Its owner has to make the uploads public."),
        _ => Of(answer, reason),
    };

    private static SourceException Of(Fetched answer, string? reason) => answer.Outcome switch
    {
        FetchOutcome.Throttled => SourceException.Transient("throttled", answer.Problem!, answer.RetryAt),
        FetchOutcome.Transient => SourceException.Transient(answer.Code ?? "transient", answer.Problem!),
        FetchOutcome.Content => SourceException.Transient(
            "unreadable", "YouTube answered with something that is not what its interface promises. It is tried again by itself."),

        // The words of a request are the program's own: that YouTube refuses them today may pass.
        FetchOutcome.Missing or FetchOutcome.Gone => SourceException.Transient(
            reason ?? "missing", $"YouTube's interface has nothing at {answer.Address.Host}. Check the setting YouTubeApi if this lasts."),
        FetchOutcome.Denied => SourceException.Terminal(
            reason ?? "denied", $"YouTube does not let us ask ({reason ?? "no reason given"}): the operator has to check the key in setting YouTubeKey."),
        _ => SourceException.Terminal(reason ?? answer.Code ?? "status", $"YouTube refused the request ({reason ?? answer.Problem ?? "no reason given"})."),
    };

    public static SourceException QuotaSpent(DateTimeOffset until) => SourceException.Transient(
        "quotaSpent", "Today's units of the YouTube Data API are used up; it goes on after midnight Pacific time. The operator can ask Google for more.", until);
}

/// <summary>How much of a channel is known, by what its cursor knows.</summary>
internal static class ChannelCoverage
{
    /// <summary>Null where nothing new is known of it.</summary>
    public static Coverage? Of(YouTubeCursor cursor) => cursor switch
    {
        { Scan: { Kind: UploadScan.History, Tries: null } walk } => new(walk.Oldest, false, "Older videos are still being read."),
        { Scan: { Tries: not null, IsFull: true } walk } => Interrupted(walk),
        { StalledScan: { } walk } => Interrupted(walk),
        { LastFullScan: { Tries: not null } extent } => Incomplete(extent),
        { Missing.Count: > 0 } => new(null, false, cursor.Missing.Count == 1
            ? "YouTube lists a video of this channel and does not tell what it is; it is asked for again by itself."
            : string.Create(CultureInfo.InvariantCulture, $"YouTube lists {cursor.Missing.Count} videos of this channel and does not tell what they are; they are asked for again by itself.")),
        { LastFullScan: null } => null,
        { Scan.Kind: UploadScan.Gap } or { GapSince: not null } => new(null, false, "Newer videos are still being read."),
        { LastFullScan: { IsCapped: true } extent } => new(extent.Oldest, false, "YouTube lists only the newest 20,000 uploads of a channel; log older ones by hand."),
        _ => new(null, true, null),
    };

    /// <param name="looks">In a row that showed nothing, this one included.</param>
    /// <param name="isSaid">YouTube says itself that there is none.</param>
    public static Coverage WithoutUploads(YouTubeCursor cursor, int looks, bool isSaid) => (cursor.HasHadUploads, isSaid) switch
    {
        (true, _) => new(null, false, "YouTube shows none of the channel's uploads now, though it did before. What was read stays, and it is looked at again."),
        (_, false) => new(null, false, "YouTube did not show what the channel has uploaded; it is looked at again."),
        _ when looks < 2 => new(null, false, "YouTube says that the channel has no uploads; it is looked at once more before that is believed."),
        _ => new(null, true, null),
    };

    private static Coverage Interrupted(UploadScan walk) => new(
        walk.Oldest, false, $"YouTube broke off its list of older videos ({walk.Why}); the rest is asked for again by itself{(walk.Tries?.NextAt is null ? "" : ", once a week")}.");

    private static Coverage Incomplete(ScanSummary extent) => new(extent.Oldest, false, string.Create(CultureInfo.InvariantCulture, $"{WhatIsMissing(extent)} It is walked over again by itself{(extent.Tries!.NextAt is null ? "" : ", once a week")}."));

    private static string WhatIsMissing(ScanSummary extent) => extent.IsHoled
        ? "Something in YouTube's list of this channel's uploads could not be read."
        : string.Create(CultureInfo.InvariantCulture, $"YouTube counts {extent.Listed} uploads of this channel and shows {extent.Shown}; it may be that private and deleted ones are counted too.");
}
