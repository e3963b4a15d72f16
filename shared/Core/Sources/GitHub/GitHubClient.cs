using System.Buffers;
using System.Text.Json;
using ContributionIngest.Core.Fetch;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>How GitHub is asked, with a token where there is one. https://docs.github.com/en/rest and https://docs.github.com/en/graphql</summary>
internal sealed class GitHubClient(Fetcher fetcher, GitHubOptions options, TimeProvider time)
{
    private const string Accept = "application/vnd.github+json";

    private static readonly Dictionary<string, string> Headers = new(StringComparer.OrdinalIgnoreCase) { ["X-GitHub-Api-Version"] = "2022-11-28" };

    public DateTimeOffset Now => time.GetUtcNow();

    public Task Wait(TimeSpan span, CancellationToken cancel) => Task.Delay(span, time, cancel);

    /// <param name="path">Below the API's address.</param>
    public Task<Fetched> Get(string path, string? token, CancellationToken cancel) => fetcher.Send(
        new FetchRequest(Address(path)) { Accept = Accept, Headers = Headers, Authorization = Bearer(token) }, cancel);

    public Uri Address(string path) => new(options.Api.AbsoluteUri.TrimEnd('/') + "/" + path);

    public Task<Fetched> Ask(string query, Action<Utf8JsonWriter> variables, string token, CancellationToken cancel)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("query", query);
            json.WriteStartObject("variables");
            variables(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return fetcher.Send(
            new FetchRequest(options.GraphQl)
            {
                Method = "POST",
                Accept = Accept,
                Headers = Headers,
                Authorization = Bearer(token),
                Body = body.WrittenMemory,
                BodyType = "application/json",
            },
            cancel);
    }

    private static string? Bearer(string? token) => token is null ? null : "Bearer " + token;
}
