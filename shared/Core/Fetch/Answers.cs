using System.Net.Http.Headers;

namespace ContributionIngest.Core.Fetch;

/// <summary>Status and headers of an answer → what it means.</summary>
internal static class Answers
{
    /// <param name="conditional">Whether validators were sent; only then may the place answer "not modified".</param>
    public static Fetched Of(Uri address, HttpResponseMessage response, bool conditional)
    {
        var status = (int)response.StatusCode;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Copy(response.Headers.NonValidated, headers);
        Copy(response.Content.Headers.NonValidated, headers);
        var (outcome, code, problem) = Meaning(status, conditional, address.Host, headers);
        return new Fetched(outcome, address) { Status = status, Headers = headers, Code = code, Problem = problem };
    }

    private static (FetchOutcome Outcome, string? Code, string? Problem) Meaning(
        int status, bool conditional, string host, Dictionary<string, string> headers) => status switch
    {
        >= 200 and < 300 => (FetchOutcome.Content, null, null),
        304 when conditional => (FetchOutcome.NotModified, null, null),
        404 => (FetchOutcome.Missing, "status", $"{host} has nothing at this address (404)."),
        410 => (FetchOutcome.Gone, "status", $"{host} says that this address is gone for good (410)."),
        401 or 403 or 503 when headers.ContainsKey("cf-mitigated") =>
            (FetchOutcome.Denied, "botProtection", $"{host} lets only browsers in: its bot protection stops every other program."),
        401 or 403 or 407 or 451 => (FetchOutcome.Denied, "status", $"{host} does not let us read this address ({status})."),
        429 or 503 => (FetchOutcome.Throttled, "throttled", $"{host} asked for a pause ({status})."),
        408 or 425 or >= 500 => (FetchOutcome.Transient, "status", $"{host} has trouble answering ({status})."),
        _ => (FetchOutcome.Terminal, "status", $"{host} answered {status}, which leads nowhere."),
    };

    private static void Copy(HttpHeadersNonValidated from, Dictionary<string, string> to)
    {
        foreach (var (name, values) in from)
        {
            if (!name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase))
                to[name] = string.Join(", ", values);
        }
    }
}
