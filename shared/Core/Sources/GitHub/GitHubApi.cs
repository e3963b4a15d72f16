using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Text;
using Octokit;
using Octokit.Internal;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>GitHub through Octokit, with a token where there is one. https://docs.github.com/en/rest and https://docs.github.com/en/graphql</summary>
internal sealed class GitHubApi(Fetcher fetcher, GitHubOptions options, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public Task WaitAsync(TimeSpan span, CancellationToken cancel) => Task.Delay(span, time, cancel);

    /// <param name="path">Below the API's address.</param>
    public Uri Address(string path) => new(options.Api.AbsoluteUri.TrimEnd('/') + "/" + path);

    /// <summary>
    /// A client of one caller, whose cancellation it carries because REST methods take none. The connection is told the base as it is; what
    /// <see cref="GitHubClient"/> makes of an address has <c>/api/v3/</c> in place of any path.
    /// </summary>
    public GitHubClient Client(string? token, CancellationToken cancel)
    {
        var credentials = string.IsNullOrEmpty(token) ? Octokit.Credentials.Anonymous : new Octokit.Credentials(token, AuthenticationType.Bearer);
        return new GitHubClient(new Connection(
            new ProductHeaderValue("ContributionIngest"),
            Address(string.Empty),
            new InMemoryCredentialStore(credentials),
            new FetcherHttpClient(fetcher, cancel),
            new LenientSerializer()));
    }

    /// <summary>An answer to read as JSON: Octokit's models stand for none of it where one row is not as expected.</summary>
    /// <exception cref="ApiException">It is not what was asked for.</exception>
    public async Task<FetchedResponse> GetAsync(Uri address, IDictionary<string, string>? parameters, string? token, CancellationToken cancel) =>
        (FetchedResponse)(await Client(token, cancel).Connection.Get<object>(address, parameters, null, cancel)).HttpResponse;

    /// <inheritdoc cref="GetAsync"/>
    public async Task<FetchedResponse> QueryAsync(string query, object variables, string token, CancellationToken cancel)
    {
        var answer = await Client(token, cancel).Connection.Post<object>(options.GraphQl, new { query, variables }, null, "application/json", cancellationToken: cancel);
        return (FetchedResponse)answer.HttpResponse;
    }
}

/// <summary>
/// Sends what Octokit asks through the <see cref="Fetcher"/>, whose rules for addresses, redirects, pauses, sizes and times hold for it like
/// for any other request. What got no answer, or none that Octokit takes for a failure, is an <see cref="ApiException"/> as well.
/// </summary>
/// <param name="caller">Cancels requests that come without a token of their own.</param>
internal sealed class FetcherHttpClient(Fetcher fetcher, CancellationToken caller) : IHttpClient
{
    public async Task<IResponse> Send(IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null)
    {
        // The Fetcher's own User-Agent says whom to write to.
        var headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase) { ["X-GitHub-Api-Version"] = "2022-11-28" };
        headers.Remove("User-Agent");
        headers.Remove("Accept");
        headers.Remove("Authorization", out var authorization);
        var response = new FetchedResponse(await fetcher.SendAsync(
            new FetchRequest(new Uri(request.BaseAddress, request.Endpoint))
            {
                Method = request.Method.Method,
                Accept = "application/vnd.github+json",
                Headers = headers,
                Authorization = authorization,
                Body = Encoding.UTF8.GetBytes(request.Body as string ?? string.Empty),
                BodyType = request.ContentType,
            },
            cancellationToken.CanBeCanceled ? cancellationToken : caller));
        if (GitHubFailures.Remaining(response.Answer) is { } left)
            Telemetry.QuotaLeft("github", left);
        return response.Answer is { Outcome: FetchOutcome.Content } or { Status: >= 400 } ? response : throw new ApiException(response);
    }

    /// <summary>The Fetcher's limit holds.</summary>
    public void SetRequestTimeout(TimeSpan timeout)
    {
    }

    public void Dispose()
    {
    }
}

/// <summary>An answer as Octokit wants it, beside all that the <see cref="Fetcher"/> knows of it.</summary>
internal sealed class FetchedResponse(Fetched answer) : IResponse
{
    public Fetched Answer => answer;

    /// <summary>Null for what is no JSON.</summary>
    public JsonElement? Json { get; } = LenientJson.Parse(answer.Body);

    /// <summary>Nothing but JSON of bearable depth: Octokit's reader calls itself for every level.</summary>
    public object Body => Json is null ? string.Empty : Encoding.UTF8.GetString(answer.Body);

    public IReadOnlyDictionary<string, string> Headers => answer.Headers;

    public ApiInfo ApiInfo { get; } = new(
        new Dictionary<string, Uri>(StringComparer.Ordinal), [], [], answer.Header("ETag"), new RateLimit(new Dictionary<string, string>(answer.Headers, StringComparer.OrdinalIgnoreCase)));

    public HttpStatusCode StatusCode => (HttpStatusCode)answer.Status;

    public string ContentType => "application/json";

    public static Fetched Of(ApiException refusal) => ((FetchedResponse)refusal.HttpResponse).Answer;
}

/// <summary>Octokit's own serializer, but what does not fit a model is null; without a model <see cref="FetchedResponse.Json"/> is read.</summary>
internal sealed class LenientSerializer : IJsonSerializer
{
    private readonly SimpleJsonSerializer octokit = new();

    public string Serialize(object item) => octokit.Serialize(item);

    public T Deserialize<T>(string json)
    {
        if (typeof(T) == typeof(object))
            return default!;
        try
        {
            return octokit.Deserialize<T>(json);
        }
        catch (Exception)
        {
            // Which of a dozen kinds depends on the member: a null where a number belongs is a NullReferenceException.
            return default!;
        }
    }
}
