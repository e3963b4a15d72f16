using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Text;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>One attempt at a webhook delivery of the app.</summary>
/// <param name="Guid">Shared by all attempts at one delivery.</param>
/// <param name="IsDelivered">The response was 2xx.</param>
public sealed record AppDelivery(long Id, string Guid, DateTimeOffset At, string Event, bool IsDelivered);

/// <summary>
/// The deliveries of the operator's GitHub App (https://docs.github.com/en/rest/apps/webhooks). GitHub keeps them for three days and never retries by itself.
/// </summary>
/// <param name="id">The app's id, <paramref name="key"/> its private key as PEM.</param>
public sealed class GitHubApp(Fetcher fetcher, GitHubOptions options, string id, string key, TimeProvider clock)
{
    /// <summary>10,000 deliveries; a busy app is not asked for more.</summary>
    private const int MaxPages = 100;

    private readonly GitHubApi github = new(fetcher, options, clock);

    private Uri Deliveries => github.Address("app/hook/deliveries");

    private string Token => AppToken.Sign(id, key, clock.GetUtcNow());

    /// <summary>Attempts since a time, newest first.</summary>
    /// <exception cref="SourceException">GitHub did not answer, or asked for a pause.</exception>
    public async Task<IReadOnlyList<AppDelivery>> AttemptsAsync(DateTimeOffset since, CancellationToken cancel)
    {
        var attempts = new List<AppDelivery>();
        var next = new Uri(Deliveries + "?per_page=100");
        try
        {
            for (var page = 0; page < MaxPages && next is not null; page++)
            {
                var response = await github.GetAsync(next, null, Token, cancel);
                if (response.Json is not { ValueKind: JsonValueKind.Array } list)
                    throw GitHubFailures.Unreadable(response.Answer);
                var listed = list.EnumerateArray().Select(Attempt).OfType<AppDelivery>().ToList();
                attempts.AddRange(listed.Where(attempt => attempt.At >= since));
                next = listed.Any(attempt => attempt.At < since) ? null : Next(response.Answer);
            }
        }
        catch (ApiException refusal)
        {
            throw Failed(refusal);
        }

        return attempts;
    }

    /// <summary>Requests another attempt; false if GitHub no longer has the delivery.</summary>
    /// <exception cref="SourceException">GitHub refused the request, or asked for a pause.</exception>
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

    /// <summary>A link to another place would leak the token.</summary>
    private Uri? Next(Fetched answer) => answer.Links("next").Select(link => link.Address)
        .FirstOrDefault(address => address.GetLeftPart(UriPartial.Path) == Deliveries.AbsoluteUri);

    private static AppDelivery? Attempt(JsonElement item) =>
        item.Integer("id") is { } id && item.Text("guid") is { } guid && item.Time("delivered_at") is { } at
            ? new AppDelivery(id, guid, at, item.Text("event") ?? "", item.Integer("status_code") is >= 200 and < 300)
            : null;

    private SourceException Failed(ApiException refusal)
    {
        var (answer, now) = (FetchedResponse.Of(refusal), clock.GetUtcNow());
        var host = answer.Address.Host;
        if (GitHubFailures.IsLimit(refusal))
            return GitHubFailures.Limited(host, fetcher.Pauses.Pause(host, GitHubFailures.RetryAt(answer, now)));
        return refusal is AuthorizationException or ForbiddenException or NotFoundException
            ? SourceException.Terminal("appRefused", $"{host} does not accept GitHubAppId and GitHubAppKey ({answer.Status}). Check both, and this machine's clock.")
            : GitHubFailures.Of(refusal, now);
    }
}

/// <summary>
/// The JSON Web Token (RFC 7519) a GitHub App signs to authenticate
/// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
/// </summary>
public static class AppToken
{
    /// <summary>GitHub accepts ten minutes at most, and its clock may be a minute behind ours.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <param name="id">The app's id, or its client id.</param>
    /// <param name="key">Its private key as PEM.</param>
    /// <exception cref="ArgumentException">Not a private key.</exception>
    public static string Sign(string id, string key, DateTimeOffset now)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key);
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"iat":{{(now - ClockSkew).ToUnixTimeSeconds()}},"exp":{{(now + Lifetime).ToUnixTimeSeconds()}},"iss":"{{id}}"}""");
        var text = $"{Part("""{"alg":"RS256","typ":"JWT"}""")}.{Part(claims)}";
#pragma warning disable S5542 // RS256 requires this padding (RFC 7518, 3.3), and GitHub accepts nothing else.
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
#pragma warning restore S5542
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Whether the text is a private key that can sign.</summary>
    public static bool IsKey(string key)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(key);
            return rsa.ExportParameters(includePrivateParameters: true).D is not null;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}

/// <summary>
/// Requests failed deliveries again, since GitHub does not. A delivery that arrives twice does no harm, and polling finds what is never redelivered.
/// </summary>
public sealed class GitHubRedelivery(GitHubApp app, TimeProvider clock)
{
    /// <summary>How long GitHub keeps deliveries.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(3);

    /// <summary>A delivery that failed this often will not succeed.</summary>
    private const int MaxAttempts = 6;

    /// <summary>Per run, well below GitHub's limit for requests that change something.</summary>
    private const int MaxAsked = 200;

    public async Task<RedeliveryRun> RunAsync(CancellationToken cancel)
    {
        var run = new RedeliveryRun(clock.GetUtcNow(), 0, 0);
        try
        {
            var failed = Failed(await app.AttemptsAsync(run.At - Retention, cancel));
            run = run with { Failed = failed.Count };

            // The oldest expire first.
            foreach (var attempt in failed.OrderBy(attempt => attempt.At).Take(MaxAsked))
            {
                if (await app.RedeliverAsync(attempt.Id, cancel))
                    run = run with { Asked = run.Asked + 1 };
            }
        }
        catch (SourceException e)
        {
            run = run with { Problem = e.Message };
        }

        return run;
    }

    /// <summary>The newest attempt at each delivery that never arrived. Only pull requests matter.</summary>
    private static List<AppDelivery> Failed(IReadOnlyList<AppDelivery> attempts) =>
    [
        .. attempts.Where(attempt => attempt.Event == GitHubWebhook.PullRequestEvent)
            .GroupBy(attempt => attempt.Guid, StringComparer.Ordinal)
            .Where(group => group.Count() < MaxAttempts && !group.Any(attempt => attempt.IsDelivered))
            .Select(group => group.MaxBy(attempt => attempt.At)!),
    ];
}
