using ContributionIngest.Core.Fetch;
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
    public async Task<FetchedResponse> AskAsync(string query, object variables, string token, CancellationToken cancel)
    {
        var answer = await Client(token, cancel).Connection.Post<object>(options.GraphQl, new { query, variables }, null, "application/json", cancellationToken: cancel);
        return (FetchedResponse)answer.HttpResponse;
    }
}
