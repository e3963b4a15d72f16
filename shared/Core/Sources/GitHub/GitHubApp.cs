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
            if (JsonParts.Parse(answer.Body) is not { ValueKind: JsonValueKind.Array } list)
                throw GitHubFailures.Unreadable(answer);
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
        var (host, now) = (answer.Address.Host, clock.GetUtcNow());
        if (GitHubFailures.IsLimit(answer))
            return GitHubFailures.Limited(host, fetcher.Pauses.Pause(host, GitHubFailures.RetryAt(answer, now)));
        return answer.Status is 401 or 403 or 404
            ? new SourceException(
                Failure.Terminal, "appRefused", $"{host} does not know the app by GitHubAppId and GitHubAppKey ({answer.Status}). Check both, and this machine's clock.")
            : GitHubFailures.Of(answer, now);
    }
}
