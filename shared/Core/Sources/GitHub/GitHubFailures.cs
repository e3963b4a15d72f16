using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Answers that are not what was asked for → what to tell the person, and when to ask again.</summary>
internal static class GitHubFailures
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static SourceException Of(Fetched answer, DateTimeOffset now) => answer switch
    {
        _ when IsLimit(answer) => Limited(answer, now),
        { Status: 401 } => new(
            Failure.Terminal, "badToken", $"{answer.Address.Host} does not accept the token in GitHubToken (401): it has expired or was revoked. Set a new one."),
        { Outcome: FetchOutcome.Denied } => new(
            Failure.Terminal, "denied", $"{answer.Address.Host} refuses to show this ({answer.Status}){Said(answer)}. Check what the token in GitHubToken may read."),
        { Outcome: FetchOutcome.Gone } => new(Failure.Gone, "gone", answer.Problem!),
        { Outcome: FetchOutcome.Missing } => new(Failure.Transient, "missing", $"{answer.Problem} Check the settings GitHubApi and GitHubSite."),
        { Outcome: FetchOutcome.Transient } => new(Failure.Transient, answer.Code ?? "transient", answer.Problem!),
        { Outcome: FetchOutcome.Content } => Unreadable(answer),
        _ => new(Failure.Terminal, answer.Code ?? "status", answer.Problem ?? $"{answer.Address.Host} sent an answer that cannot be used."),
    };

    /// <summary>The account exists under that very login, and its list does not.</summary>
    public static SourceException NotTheirs(string host, string login) => new(
        Failure.Transient, "hiddenAccount", $"{host} knows the account '{login}' and shows nothing of what it did; it may be hidden or being moved.");

    public static SourceException Unreadable(Fetched answer) =>
        new(Failure.Transient, "unreadable", $"{answer.Address.Host} answered with something that is not what its API answers.");

    /// <summary>The primary limit (403 or 429) or a secondary one, which says so in its text alone.</summary>
    public static bool IsLimit(Fetched answer) => answer.Outcome == FetchOutcome.Throttled
        || (answer.Status == 403 && (answer.Header("Retry-After") is not null || Remaining(answer) == 0 || IsLimit(Message(answer))));

    public static bool IsLimit(string? message) =>
        message is not null && (message.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || message.Contains("abuse detection", StringComparison.OrdinalIgnoreCase));

    public static SourceException Limited(Fetched answer, DateTimeOffset now) => Limited(answer.Address.Host, RetryAt(answer, now));

    public static SourceException Limited(string host, DateTimeOffset until) => new(
        Failure.Transient,
        "throttled",
        string.Create(CultureInfo.InvariantCulture, $"{host} has answered as often as it does for now; reading goes on where it stopped after {until:yyyy-MM-dd HH:mm} UTC."),
        until);

    /// <summary>
    /// The wait rule of https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api: what
    /// <c>Retry-After</c> says, else the reset where nothing remains, else a minute (which a harvest that fails again doubles).
    /// </summary>
    public static DateTimeOffset RetryAt(Fetched answer, DateTimeOffset now)
    {
        if (Number(answer, "Retry-After") is { } seconds)
            return now + TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds));
        if (Remaining(answer) == 0 && Reset(answer) is { } reset && reset > now)
            return reset < now + Longest ? reset : now + Longest;
        return answer.RetryAt ?? now + Usual;
    }

    public static long? Remaining(Fetched answer) => Number(answer, "X-RateLimit-Remaining");

    public static DateTimeOffset? Reset(Fetched answer) =>
        Number(answer, "X-RateLimit-Reset") is { } at && at < DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(at) : null;

    public static string? Message(Fetched answer) => JsonParts.Parse(answer.Body) is { } told ? told.Text("message") : null;

    private static string Said(Fetched answer) => Message(answer) is { Length: < 200 } said ? $": {said.TrimEnd('.')}" : string.Empty;

    private static long? Number(Fetched answer, string header) =>
        long.TryParse(answer.Header(header), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
