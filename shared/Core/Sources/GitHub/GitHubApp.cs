using System.Globalization;
using System.Net;
using System.Text.Json;
using ContributionIngest.Core.Fetch;
using Octokit;

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

    private readonly GitHubApi github = new(fetcher, options, clock);

    private Uri Deliveries => github.Address("app/hook/deliveries");

    private string Token => AppToken.Sign(id, key, clock.GetUtcNow());

    /// <summary>Attempts since then, newest first.</summary>
    /// <exception cref="SourceException">GitHub did not say, or asked for a pause.</exception>
    public async Task<IReadOnlyList<AppDelivery>> AttemptsAsync(DateTimeOffset since, CancellationToken cancel)
    {
        var attempts = new List<AppDelivery>();
        var next = new Uri(Deliveries + "?per_page=100");
        try
        {
            for (var page = 0; page < MostPages && next is not null; page++)
            {
                var response = await github.GetAsync(next, null, Token, cancel);
                if (response.Json is not { ValueKind: JsonValueKind.Array } list)
                    throw GitHubFailures.Unreadable(response.Answer);
                var found = list.EnumerateArray().Select(Attempt).OfType<AppDelivery>().ToList();
                attempts.AddRange(found.Where(attempt => attempt.At >= since));
                next = found.Any(attempt => attempt.At < since) ? null : Next(response.Answer);
            }
        }
        catch (ApiException refusal)
        {
            throw Failed(refusal);
        }

        return attempts;
    }

    /// <summary>Asks for another attempt. False when GitHub has none to repeat any more.</summary>
    /// <exception cref="SourceException">GitHub did not take the request, or asked for a pause.</exception>
    public async Task<bool> RedeliverAsync(long attempt, CancellationToken cancel)
    {
        try
        {
            await github.Client(Token, cancel).Connection.Post(new Uri(string.Create(CultureInfo.InvariantCulture, $"{Deliveries}/{attempt}/attempts")), cancel);
            return true;
        }
        catch (ApiException refusal) when (refusal.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            return false;
        }
        catch (ApiException refusal)
        {
            throw Failed(refusal);
        }
    }

    /// <summary>A link that leads to another place would take the token there.</summary>
    private Uri? Next(Fetched answer) => answer.Links("next").Select(link => link.Address)
        .FirstOrDefault(address => address.GetLeftPart(UriPartial.Path) == Deliveries.AbsoluteUri);

    private static AppDelivery? Attempt(JsonElement item) =>
        item.Whole("id") is { } id && item.Text("guid") is { } guid && item.Time("delivered_at") is { } at
            ? new AppDelivery(id, guid, at, item.Text("event") ?? "", item.Whole("status_code") is >= 200 and < 300)
            : null;

    private SourceException Failed(ApiException refusal)
    {
        var (answer, now) = (FetchedResponse.Of(refusal), clock.GetUtcNow());
        var host = answer.Address.Host;
        if (GitHubFailures.IsLimit(refusal))
            return GitHubFailures.Limited(host, fetcher.Pauses.Pause(host, GitHubFailures.RetryAt(answer, now)));
        return refusal is AuthorizationException or ForbiddenException or NotFoundException
            ? new SourceException(
                Failure.Terminal, "appRefused", $"{host} does not know the app by GitHubAppId and GitHubAppKey ({answer.Status}). Check both, and this machine's clock.")
            : GitHubFailures.Of(refusal, now);
    }
}
