using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>One attempt to deliver to the app's hook.</summary>
/// <param name="Guid">The same for every attempt at one delivery.</param>
/// <param name="IsDelivered">It was answered with 2xx.</param>
public sealed record AppDelivery(long Id, string Guid, DateTimeOffset At, string Event, bool IsDelivered);

/// <summary>
/// The operator's GitHub App, asked about the deliveries of its hook (https://docs.github.com/en/rest/apps/webhooks). GitHub keeps them for
/// three days and repeats none by itself.
/// </summary>
/// <param name="id">The app's id, <paramref name="key"/> its private key as PEM.</param>
public sealed class GitHubApp(Fetcher fetcher, GitHubOptions options, string id, string key, TimeProvider clock)
{
    /// <summary>An app that is told of very much is not asked for more: 10,000 deliveries.</summary>
    private const int MostPages = 100;

    private static readonly TimeSpan UsualPause = TimeSpan.FromMinutes(1);

    private string Base => options.Api.AbsoluteUri.TrimEnd('/') + "/app/hook/deliveries";

    /// <summary>Attempts since then, newest first.</summary>
    /// <exception cref="SourceException">GitHub did not say, or asked for a pause.</exception>
    public async Task<IReadOnlyList<AppDelivery>> Attempts(DateTimeOffset since, CancellationToken cancel)
    {
        var attempts = new List<AppDelivery>();
        var next = new Uri(Base + "?per_page=100");
        for (var page = 0; page < MostPages && next is not null; page++)
        {
            var answer = await Ask("GET", next, cancel);
            if (answer.Outcome != FetchOutcome.Content)
                throw Failed(answer);
            if (JsonParts.Read(answer.Body) is not { ValueKind: JsonValueKind.Array } list)
                throw new SourceException(Failure.Transient, "unreadable", $"{answer.Address.Host} answered something else than a list of deliveries.");
            var found = list.EnumerateArray().Select(Attempt).OfType<AppDelivery>().ToList();
            attempts.AddRange(found.Where(attempt => attempt.At >= since));
            next = found.Any(attempt => attempt.At < since) ? null : Next(answer);
        }

        return attempts;
    }

    /// <summary>Asks for another attempt. False when GitHub has none to repeat any more.</summary>
    /// <exception cref="SourceException">GitHub did not take the request, or asked for a pause.</exception>
    public async Task<bool> Redeliver(long attempt, CancellationToken cancel)
    {
        var answer = await Ask("POST", new Uri(string.Create(CultureInfo.InvariantCulture, $"{Base}/{attempt}/attempts")), cancel);
        return answer switch
        {
            { Outcome: FetchOutcome.Content } => true,
            { Outcome: FetchOutcome.Missing } or { Status: 400 or 422 } => false,
            _ => throw Failed(answer),
        };
    }

    private Task<Fetched> Ask(string method, Uri address, CancellationToken cancel) => fetcher.Send(
        new FetchRequest(address)
        {
            Method = method,
            Accept = "application/vnd.github+json",
            Authorization = "Bearer " + AppToken.Sign(id, key, clock.GetUtcNow()),
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["X-GitHub-Api-Version"] = "2022-11-28" },
        },
        cancel);

    /// <summary>A link that leads to another place would take the token there.</summary>
    private Uri? Next(Fetched answer) => LinkHeader.Of(answer, "next").Select(link => link.Address)
        .FirstOrDefault(address => address.GetLeftPart(UriPartial.Path) == Base);

    private static AppDelivery? Attempt(JsonElement item) =>
        item.Whole("id") is { } id && item.Text("guid") is { } guid && item.Time("delivered_at") is { } at
            ? new AppDelivery(id, guid, at, item.Text("event") ?? "", item.Whole("status_code") is >= 200 and < 300)
            : null;

    private SourceException Failed(Fetched answer)
    {
        var isLimit = answer.Header("Retry-After") is not null || answer.Header("x-ratelimit-remaining") == "0";
        if (answer.Outcome == FetchOutcome.Denied && isLimit)
        {
            var until = fetcher.Pauses.Pause(answer.Address.Host, PauseUntil(answer));
            return new SourceException(
                Failure.Transient, "throttled", string.Create(CultureInfo.InvariantCulture, $"{answer.Address.Host} asked for a pause until {until:yyyy-MM-dd HH:mm} UTC."), until);
        }

        return answer.Outcome == FetchOutcome.Denied || answer.Status == 404
            ? new SourceException(
                Failure.Terminal, "appRefused", $"{answer.Address.Host} does not know the app by GitHubAppId and GitHubAppKey ({answer.Status}); look at both, and at this machine's clock.")
            : new SourceException(Failure.Transient, answer.Code ?? "status", answer.Problem ?? $"{answer.Address.Host} did not answer.", answer.RetryAt);
    }

    /// <summary>https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit</summary>
    private DateTimeOffset PauseUntil(Fetched answer)
    {
        var now = clock.GetUtcNow();
        if (Seconds("Retry-After") is { } wait)
            return now.AddSeconds(Math.Min(wait, 86_400));
        return Seconds("x-ratelimit-reset") is { } reset && reset < DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(reset)
            : now + UsualPause;

        long? Seconds(string name) =>
            long.TryParse(answer.Header(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
