using System.Text;
using ContributionIngest.Core.Diagnostics;
using ContributionIngest.Core.Fetch;
using Octokit;
using Octokit.Internal;

namespace ContributionIngest.Core.Sources.GitHub;

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
