using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Text;

namespace ContributionIngest.Core.Sources.StackExchange;

/// <summary>
/// Stack Exchange API 2.3 (https://api.stackexchange.com/docs), the part that reading answers needs. One request of the day's quota each. A method that
/// asked for a pause (<c>backoff</c>) is left alone until then; so is the whole API after a throttle violation
/// (https://api.stackexchange.com/docs/throttle).
/// </summary>
internal sealed partial class StackExchangeApi(Fetcher fetcher, StackExchangeOptions options, Quota quota, TimeProvider time)
{
    public const int PageSize = 100;

    /// <summary>The API answers without a key for so many pages of a list.</summary>
    public const int MaxPage = 25;

    private const int MaxBytes = 4 * 1024 * 1024;
    private const int LongestMessage = 200;

    /// <summary>What an answer has beside the usual.</summary>
    private const string Fields = "answer.title;answer.tags;answer.link";

    /// <summary>Short pauses are waited for.</summary>
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan SitesKept = TimeSpan.FromMinutes(5);

    /// <summary>A throttle violation that does not say for how long.</summary>
    private static readonly TimeSpan Violation = TimeSpan.FromMinutes(10);

    private readonly string root = options.Api.AbsoluteUri.TrimEnd('/');

    /// <summary>The same for everybody.</summary>
    private string? filter;

    /// <summary>Asked for several times when a person's sites are looked at.</summary>
    private (long Network, IReadOnlyList<NetworkSite> Sites, DateTimeOffset Until)? lastSites;

    /// <summary>Little of the day's quota is left.</summary>
    public bool IsLow => quota.IsLow;

    /// <summary>Where the answers of an account are read.</summary>
    public string Address(SiteAccount account) => string.Create(CultureInfo.InvariantCulture, $"{root}/users/{account.User}/answers?site={account.Site}");

    /// <summary>The name of the filter that adds an answer's title, tags and link. Filters are immutable and do not expire (https://api.stackexchange.com/docs/filters).</summary>
    public async Task<string> FilterAsync(CancellationToken cancel)
    {
        if (filter is not null)
            return filter;
        var page = await GetAsync("filters/create", $"filters/create?base=default&unsafe=false&include={Uri.EscapeDataString(Fields)}", cancel);
        return filter = page.Items.Select(item => item.Text("filter")).FirstOrDefault(name => name is not null && FilterName().IsMatch(name))
            ?? throw StackExchangeFailures.Unreadable();
    }

    /// <param name="order"><c>asc</c> or <c>desc</c>, by creation.</param>
    /// <param name="from">Only answers from this time on, in Unix seconds.</param>
    public Task<ApiPage> AnswersAsync(SiteAccount account, string filter, string order, long? from, int page, CancellationToken cancel)
    {
        var since = from is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"&fromdate={seconds}") : "";
        return GetAsync(
            "users/answers",
            string.Create(CultureInfo.InvariantCulture, $"users/{account.User}/answers?site={account.Site}&order={order}&sort=creation&pagesize={PageSize}&page={page}{since}&filter={Uri.EscapeDataString(filter)}"),
            cancel);
    }

    /// <summary>One answer, whoever wrote it; null if there is none.</summary>
    public async Task<JsonElement?> AnswerAsync(string site, long answer, CancellationToken cancel)
    {
        var wanted = Uri.EscapeDataString(await FilterAsync(cancel));
        var page = await GetAsync("answers", string.Create(CultureInfo.InvariantCulture, $"answers/{answer}?site={site}&filter={wanted}"), cancel);
        return page.Items.Count == 0 ? null : page.Items[0];
    }

    /// <summary>The account's network account and name; null if the site has no such account.</summary>
    public async Task<(long? Network, string? Name)?> UserAsync(SiteAccount account, CancellationToken cancel)
    {
        var page = await GetAsync("users", string.Create(CultureInfo.InvariantCulture, $"users/{account.User}?site={account.Site}"), cancel);
        return page.Items.Count == 0 ? null : (page.Items[0].Integer("account_id"), page.Items[0].Html("display_name"));
    }

    /// <summary>The accounts of a network account, those with the most answers first; those without any are left out.</summary>
    public async Task<IReadOnlyList<NetworkSite>> SitesAsync(long network, CancellationToken cancel)
    {
        if (lastSites is var (known, sites, until) && known == network && until > time.GetUtcNow())
            return sites;
        var page = await GetAsync("users/associated", string.Create(CultureInfo.InvariantCulture, $"users/{network}/associated?pagesize={PageSize}"), cancel);
        IReadOnlyList<NetworkSite> found = [.. page.Items.Select(NetworkSite.Of).OfType<NetworkSite>().OrderByDescending(site => site.Answers)];
        lastSites = (network, found, time.GetUtcNow() + SitesKept);
        return found;
    }

    private async Task<ApiPage> GetAsync(string method, string what, CancellationToken cancel)
    {
        var pause = $"{options.Api.Host}/{method}";
        if (fetcher.Pauses.Until(pause) is { } until)
        {
            if (until - time.GetUtcNow() > ShortPause)
                throw StackExchangeFailures.Paused(until);
            await Task.Delay(until - time.GetUtcNow(), time, cancel);
        }

        if (await quota.TakeAsync(cancel) is { } tomorrow)
            throw StackExchangeFailures.QuotaSpent(tomorrow, options.Key is not null);
        Telemetry.QuotaLeft("stackexchange", quota.Left);
        var key = options.Key is null ? "" : $"&key={Uri.EscapeDataString(options.Key)}";
        var answer = await fetcher.SendAsync(
            new FetchRequest(new Uri($"{root}/{what}{key}")) { Accept = "application/json", FollowRedirects = false, MaximumBytes = MaxBytes }, cancel);
        if (LenientJson.Parse(answer.Body) is not { ValueKind: JsonValueKind.Object } json)
            throw answer.Outcome == FetchOutcome.Content ? StackExchangeFailures.Unreadable() : StackExchangeFailures.Of(answer);
        if (json.Integer("error_id") is { } error)
            throw Failed(error, json.Text("error_message"), answer);
        if (answer.Outcome != FetchOutcome.Content)
            throw StackExchangeFailures.Of(answer);
        if (json.At("items").ValueKind != JsonValueKind.Array)
            throw StackExchangeFailures.Unreadable();
        if (json.Integer("quota_remaining") is <= 0)
            quota.Spent();
        var backoff = json.Count("backoff") is > 0 and var seconds ? fetcher.Pauses.Pause(pause, time.GetUtcNow().AddSeconds(seconds)) : (DateTimeOffset?)null;
        return new ApiPage([.. json.List("items").Take(PageSize)], json.Flag("has_more") == true, backoff, RawResponse.Of(answer));
    }

    /// <summary>https://api.stackexchange.com/docs/error-handling</summary>
    private SourceException Failed(long error, string? message, Fetched answer)
    {
        if (error != StackExchangeFailures.Throttled)
            return StackExchangeFailures.Of(error, message is { Length: > LongestMessage } ? message[..LongestMessage] : message);

        // "too many requests from this IP, more requests available in 82216 seconds": the day's quota, or a burst.
        var wait = Seconds().Match(message ?? "") is { Success: true } match
            ? TimeSpan.FromSeconds(int.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture))
            : Violation;
        return StackExchangeFailures.Paused(fetcher.Pauses.Pause(answer.Address.Host, time.GetUtcNow() + wait));
    }

    [GeneratedRegex(@"^[!A-Za-z0-9_.*()\-~]{1,100}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FilterName();

    [GeneratedRegex(@"(?<seconds>[0-9]{1,6}) second", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Seconds();
}

/// <summary>The wrapper of every answer (https://api.stackexchange.com/docs/wrapper).</summary>
/// <param name="PausedUntil">The method may not be called before this.</param>
internal sealed record ApiPage(IReadOnlyList<JsonElement> Items, bool HasMore, DateTimeOffset? PausedUntil, RawResponse Raw);

/// <summary>An account of the network on one of its sites.</summary>
internal sealed record NetworkSite(SiteAccount Account, string Name, int Answers)
{
    public static NetworkSite? Of(JsonElement item) =>
        item.Text("site_url") is { } site && item.Integer("user_id") is { } user && item.Html("site_name") is { } name && item.Count("answer_count") is > 0 and var answers
        && SiteAccount.Parse(string.Create(CultureInfo.InvariantCulture, $"{site}/users/{user}")) is { } account
            ? new(account, name, answers)
            : null;
}

/// <summary>The API's texts are HTML, unless a filter says otherwise.</summary>
internal static class ApiText
{
    public static string? Html(this JsonElement item, params ReadOnlySpan<string> path) =>
        item.Text(path) is { } html ? System.Net.WebUtility.HtmlDecode(html) : null;
}

/// <summary>Which Stack Exchange, and the key for it.</summary>
/// <param name="Api">With its version.</param>
/// <param name="Key">Raises the quota; null: requests are counted by the address they come from.</param>
/// <param name="DailyRequests">Requests that may be sent per day.</param>
public sealed record StackExchangeOptions(Uri Api, string? Key, int DailyRequests)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => Api.AbsoluteUri;
}
