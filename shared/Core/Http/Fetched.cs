using System.Net.Http.Headers;
using ContributionIngest.Formats.Web;

namespace ContributionIngest.Core.Http;

/// <summary>A request. Validators are sent back exactly as the server supplied them.</summary>
public sealed record FetchRequest(Uri Address)
{
    public string Method { get; init; } = "GET";

    public string? Accept { get; init; }

    public string? ETag { get; init; }

    public string? LastModified { get; init; }

    /// <summary>Never forwarded to another host after a redirect.</summary>
    public string? Authorization { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    public ReadOnlyMemory<byte> Body { get; init; }

    public string? BodyType { get; init; }

    /// <summary>Limit in bytes after decompression.</summary>
    public int MaximumBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>If false, a redirect is reported as <see cref="FetchOutcome.Missing"/> rather than followed (for probing well-known paths).</summary>
    public bool FollowRedirects { get; init; } = true;
}

public enum FetchOutcome
{
    /// <summary>2xx with a complete body.</summary>
    Content,
    NotModified,

    /// <summary>404 or similar: not there now.</summary>
    Missing,

    /// <summary>410: gone for good.</summary>
    Gone,

    /// <summary>401 or 403.</summary>
    Denied,

    /// <summary>429 or 503: the host asked for a pause, see <see cref="Fetched.RetryAt"/>.</summary>
    Throttled,

    /// <summary>Timeouts, resets, 5xx: worth retrying later.</summary>
    Transient,

    /// <summary>Would fail the same way next time: too large, refused address, endless redirects, other 4xx.</summary>
    Terminal,
}

/// <summary>
/// The outcome of one request, redirects included. <see cref="Problem"/> describes in one readable sentence what went wrong, without secrets.
/// </summary>
public sealed record Fetched(FetchOutcome Outcome, Uri Address)
{
    /// <summary>HTTP status; 0 if there was no response.</summary>
    public int Status { get; init; }

    public byte[] Body { get; init; } = [];

    /// <summary>The response headers; names are case-insensitive, repeated headers joined by ", ".</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The target of a chain of permanent redirects (301, 308); null if there was no redirect or one was temporary.</summary>
    public Uri? MovedTo { get; init; }

    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Stable code for the reason, such as <c>refusedAddress</c>, <c>tooLarge</c>, <c>tooManyRedirects</c>, <c>timeout</c>, <c>status</c>.</summary>
    public string? Code { get; init; }

    public string? Problem { get; init; }

    public string? Header(string name) => Headers.TryGetValue(name, out var value) ? value : null;

    /// <summary>The <c>Link</c> headers with this relation, as absolute addresses.</summary>
    public IEnumerable<(Uri Address, LinkHeader Link)> Links(string relation)
    {
        foreach (var link in LinkHeader.Parse(Header("Link")))
        {
            if (link.HasRelation(relation) && Uri.TryCreate(Address, link.Target, out var address))
                yield return (address, link);
        }
    }
}

/// <summary>Interprets the status and headers of a response.</summary>
internal static class Answers
{
    /// <param name="conditional">Whether validators were sent; only then is "not modified" a valid response.</param>
    public static Fetched Of(Uri address, HttpResponseMessage response, bool conditional)
    {
        var status = (int)response.StatusCode;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Copy(response.Headers.NonValidated, headers);
        Copy(response.Content.Headers.NonValidated, headers);
        var (outcome, code, problem) = Interpret(status, conditional, address.Host, headers);
        return new Fetched(outcome, address) { Status = status, Headers = headers, Code = code, Problem = problem };
    }

    private static (FetchOutcome Outcome, string? Code, string? Problem) Interpret(
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
        _ => (FetchOutcome.Terminal, "status", $"{host} answered {status}, which cannot be handled."),
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
