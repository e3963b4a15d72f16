using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Http;
using ContributionIngest.Formats.Text;
using Octokit;
using Octokit.Internal;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>GitHub through Octokit, with a token if there is one. https://docs.github.com/en/rest and https://docs.github.com/en/graphql</summary>
internal sealed class GitHubApi(Fetcher fetcher, GitHubOptions options, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public Task WaitAsync(TimeSpan span, CancellationToken cancel) => Task.Delay(span, time, cancel);

    /// <param name="path">Below the API's address.</param>
    public Uri Address(string path) => new(options.Api.AbsoluteUri.TrimEnd('/') + "/" + path);

    /// <summary>Where an account is read.</summary>
    public string UserAddress(string login) => Address("users/" + login).AbsoluteUri;

    /// <summary>
    /// A client for one caller, whose cancellation it carries because REST methods take none. The connection gets the base address as it is;
    /// <see cref="GitHubClient"/> would put <c>/api/v3/</c> in place of any path.
    /// </summary>
    public GitHubClient Client(string? token, CancellationToken cancel)
    {
        var credentials = string.IsNullOrEmpty(token) ? Octokit.Credentials.Anonymous : new Octokit.Credentials(token, AuthenticationType.Bearer);
        var (product, store) = (new ProductHeaderValue("ContributionIngest"), new InMemoryCredentialStore(credentials));
        return new GitHubClient(new Connection(product, Address(string.Empty), store, new FetcherHttpClient(fetcher, cancel), new LenientSerializer()));
    }

    /// <summary>A response to read as JSON: a single unexpected row makes Octokit's models unusable.</summary>
    /// <exception cref="ApiException">The request failed.</exception>
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
/// Sends Octokit's requests through the <see cref="Fetcher"/>, whose rules for addresses, redirects, pauses, sizes and times apply as to any other
/// request. A failure that Octokit does not recognise is an <see cref="ApiException"/> too.
/// </summary>
/// <param name="caller">Cancels requests that come without a cancellation token of their own.</param>
internal sealed class FetcherHttpClient(Fetcher fetcher, CancellationToken caller) : IHttpClient
{
    public async Task<IResponse> Send(IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null)
    {
        // The Fetcher's User-Agent names the operator.
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

    /// <summary>The Fetcher's own limit applies.</summary>
    public void SetRequestTimeout(TimeSpan timeout)
    {
    }

    public void Dispose()
    {
    }
}

/// <summary>A response as Octokit expects it, with all that the <see cref="Fetcher"/> knows about it.</summary>
internal sealed class FetchedResponse(Fetched answer) : IResponse
{
    public Fetched Answer => answer;

    /// <summary>Null if it is not JSON.</summary>
    public JsonElement? Json { get; } = LenientJson.Parse(answer.Body);

    /// <summary>Only JSON of limited depth: Octokit's parser recurses.</summary>
    public object Body => Json is null ? string.Empty : Encoding.UTF8.GetString(answer.Body);

    public IReadOnlyDictionary<string, string> Headers => answer.Headers;

    public ApiInfo ApiInfo { get; } = new(
        new Dictionary<string, Uri>(StringComparer.Ordinal), [], [], answer.Header("ETag"), new RateLimit(new Dictionary<string, string>(answer.Headers, StringComparer.OrdinalIgnoreCase)));

    public HttpStatusCode StatusCode => (HttpStatusCode)answer.Status;

    public string ContentType => "application/json";

    public static Fetched Of(ApiException refusal) => ((FetchedResponse)refusal.HttpResponse).Answer;
}

/// <summary>Octokit's serializer, except that what does not fit a model is null; without a model <see cref="FetchedResponse.Json"/> is read.</summary>
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
            // Any of a dozen types, depending on the member: null in place of a number is a NullReferenceException.
            return default!;
        }
    }
}
