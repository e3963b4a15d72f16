using System.Globalization;
using System.Net;
using ContributionIngest.Core.Http;
using ContributionIngest.Core.Model;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Responses that are not what was asked for → what to tell the person, and when to ask again.</summary>
internal static class GitHubFailures
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    public static SourceException Of(ApiException refusal, DateTimeOffset now)
    {
        var answer = FetchedResponse.Of(refusal);
        return refusal switch
        {
            _ when IsLimit(refusal) => Limited(answer, now),
            AuthorizationException => SourceException.Terminal(
                SourceException.BadToken, $"{answer.Address.Host} does not accept the token in GitHubToken (401): it has expired or was revoked. Set a new one."),
            NotFoundException => SourceException.Transient("missing", $"{answer.Problem} Check the settings GitHubApi and GitHubSite."),
            ForbiddenException when SingleSignOn.Refusal(answer) is { } needed => SourceException.Terminal(SingleSignOn.Code, needed),
            { StatusCode: HttpStatusCode.Gone } => new(Failure.Gone, "gone", answer.Problem!),
            _ when answer.Outcome == FetchOutcome.Denied => SourceException.Terminal(
                "denied", $"{answer.Address.Host} refuses to show this ({answer.Status}){Detail(refusal)}. Check what the token may read."),
            _ => new(IsTransient(refusal) ? Failure.Transient : Failure.Terminal, answer.Code!, answer.Problem!),
        };
    }

    /// <summary>The account exists under that login, but its list does not.</summary>
    public static SourceException Hidden(string host, string login) => SourceException.Transient(
        "hiddenAccount", $"{host} knows the account '{login}' but does not show its activity; it may be hidden or being moved.");

    public static SourceException Unreadable(Fetched answer) => Unreadable(answer.Address.Host);

    public static SourceException Unreadable(string host) =>
        SourceException.Transient("unreadable", $"{host} answered with something that its API does not return.");

    /// <summary>Null if this page is not available now; failures that concern more than this page are thrown.</summary>
    public static async Task<T?> NullIfTransientAsync<T>(Task<T> page)
        where T : class
    {
        try
        {
            return await page;
        }
        catch (SourceException failure) when (failure.IsTransientWithoutPause)
        {
            return null;
        }
    }

    /// <summary>May succeed later, though the host asked for no pause.</summary>
    public static bool IsTransient(ApiException refusal) => FetchedResponse.Of(refusal).Outcome == FetchOutcome.Transient;

    /// <summary>The primary rate limit (403 or 429), or a secondary one, which only its text identifies.</summary>
    public static bool IsLimit(ApiException refusal)
    {
        var answer = FetchedResponse.Of(refusal);
        return answer.Outcome == FetchOutcome.Throttled || refusal is RateLimitExceededException or SecondaryRateLimitExceededException or AbuseException
            || (refusal is ForbiddenException && (answer.Header("Retry-After") is not null || Remaining(answer) == 0 || IsLimit(refusal.Message)));
    }

    public static bool IsLimit(string? message) =>
        message is not null && (message.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || message.Contains("abuse detection", StringComparison.OrdinalIgnoreCase));

    public static SourceException Limited(Fetched answer, DateTimeOffset now) => Limited(answer.Address.Host, RetryAt(answer, now));

    public static SourceException Limited(string host, DateTimeOffset until) => SourceException.Transient(
        "throttled", string.Create(CultureInfo.InvariantCulture, $"{host} has reached its rate limit; reading continues after {until:yyyy-MM-dd HH:mm} UTC."), until);

    /// <summary>
    /// As https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api says: <c>Retry-After</c>, else the reset if
    /// nothing remains, else a minute (which a harvest that fails again doubles).
    /// </summary>
    public static DateTimeOffset RetryAt(Fetched answer, DateTimeOffset now)
    {
        if (Number(answer, "Retry-After") is { } seconds)
            return now + TimeSpan.FromSeconds(Math.Min(seconds, LongestWait.TotalSeconds));
        if (Remaining(answer) == 0 && Reset(answer) is { } reset && reset > now)
            return reset < now + LongestWait ? reset : now + LongestWait;
        return answer.RetryAt ?? now + DefaultWait;
    }

    public static long? Remaining(Fetched answer) => Number(answer, "X-RateLimit-Remaining");

    private static DateTimeOffset? Reset(Fetched answer) =>
        Number(answer, "X-RateLimit-Reset") is { } at && at < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(at) : null;

    private static string Detail(ApiException refusal) => refusal.ApiError.Message is { Length: > 0 and < 200 } text ? $": {text.TrimEnd('.')}" : string.Empty;

    private static long? Number(Fetched answer, string header) =>
        long.TryParse(answer.Header(header), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>How much of an account is known, by its cursor.</summary>
internal static class GitHubCoverage
{
    private const string WithoutToken =
        "Without a token GitHub does not provide the changed lines and files of pull requests nor the stars of repositories; set GitHubToken to read them.";

    private const string UntilThen = "Until then only what GitHub shows without a token is read, which lacks changed lines and files and the stars of repositories.";

    private const string Unfinished = "GitHub did not finish a search of this account, so pull requests may be missing; it is searched again automatically.";

    public static Coverage Of(GitHubCursor cursor)
    {
        var token = cursor.By != GitHubCursor.Search ? null : cursor.Refusal is { } refusal ? $"{refusal} {UntilThen}" : WithoutToken;
        var reason = string.Join(' ', new[] { History(cursor), token }.OfType<string>());
        return new(null, cursor is { Backfilled: true, Shortfall: null, Crowded: null, Withheld: 0, WasUnfinished: false }, reason.Length > 0 ? reason : null);
    }

    private static string? History(GitHubCursor cursor) => cursor switch
    {
        { Backfilled: false } => "The history is being read, the oldest pull requests first.",
        { Shortfall: { } shortfall } => OfShortfall(shortfall),
        { WasUnfinished: true } => Unfinished,
        { Withheld: > 0 } => Incomplete(cursor.Withheld, cursor.Why, isWeekly: false),
        { Crowded: { } second } => string.Create(
            CultureInfo.InvariantCulture, $"A thousand or more pull requests share one second ({second:yyyy-MM-dd HH:mm:ss} UTC), and GitHub's search shows only a thousand of them."),
        _ => null,
    };

    private static string OfShortfall(Shortfall shortfall) => string.Join(' ', new[]
    {
        shortfall.Missing > 0 ? Incomplete(shortfall.Missing, shortfall.Why, shortfall.Tries.NextAt is not null) : null,
        shortfall.IsUnfinished ? Unfinished : null,
        shortfall.Organisations is { } organisations ? SingleSignOn.Withheld(organisations) : null,
    }.OfType<string>());

    private static string Incomplete(int missing, string? reason, bool isWeekly)
    {
        var what = missing == 1 ? "one pull request" : string.Create(CultureInfo.InvariantCulture, $"{missing} pull requests");
        var why = reason is null ? "" : $" ({reason.TrimEnd('.')})";
        return $"GitHub counts {what} of this account that it did not show{why}; the list is checked again automatically{(isWeekly ? ", once a week" : "")}.";
    }
}
