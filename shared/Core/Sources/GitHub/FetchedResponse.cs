using System.Net;
using System.Text;
using System.Text.Json;
using ContributionIngest.Core.Fetch;
using Octokit;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>An answer as Octokit wants it, beside all that the <see cref="Fetcher"/> knows of it.</summary>
internal sealed class FetchedResponse(Fetched answer) : IResponse
{
    public Fetched Answer => answer;

    /// <summary>Null for what is no JSON.</summary>
    public JsonElement? Json { get; } = JsonParts.Parse(answer.Body);

    /// <summary>Nothing but JSON of bearable depth: Octokit's reader calls itself for every level.</summary>
    public object Body => Json is null ? string.Empty : Encoding.UTF8.GetString(answer.Body);

    public IReadOnlyDictionary<string, string> Headers => answer.Headers;

    public ApiInfo ApiInfo { get; } = new(
        new Dictionary<string, Uri>(StringComparer.Ordinal), [], [], answer.Header("ETag"), new RateLimit(new Dictionary<string, string>(answer.Headers, StringComparer.OrdinalIgnoreCase)));

    public HttpStatusCode StatusCode => (HttpStatusCode)answer.Status;

    public string ContentType => "application/json";

    public static Fetched Of(ApiException refusal) => ((FetchedResponse)refusal.HttpResponse).Answer;
}
