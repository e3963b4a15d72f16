using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace ContributionIngest.Functions.Api;

/// <summary>All problem responses of the API. On failure, an endpoint returns one of these and nothing else.</summary>
public static class Problems
{
    public static IResult Unauthorised() => new ProblemResult(Of(
        "unauthorised", "Sign in first", 401, "There is no API key or session, or it is not known here. Send a key as 'Authorization: Bearer ci_…'. POST /api/me/keys makes another; so does 'keys new NAME' while the server is stopped."));

    public static IResult Forbidden(string scope) => new ProblemResult(Of(
        "forbidden", "This key may not do that", 403, $"The key lacks the scope '{scope}'."));

    /// <summary>The form is not one of ours, or too old.</summary>
    public static IResult ForeignForm() => new ProblemResult(Of(
        "foreignForm", "The page is too old", 400, "Nothing was changed. Open the page again and repeat it. A program sends an API key instead of the cookie, or the page's token in X-CSRF-Token."));

    /// <param name="header">The header that carries the signature.</param>
    /// <param name="isFormer">The delivery is signed with SHA-1 alone.</param>
    public static IResult Unsigned(string header, bool isFormer = false) => new ProblemResult(
        Of(
            "unsigned",
            "The delivery is not correctly signed",
            401,
            isFormer
                ? $"It is signed with SHA-1 alone, which is not accepted. Enter the hook's secret again where the hook was set up, see to it that the header {header} arrives (a proxy or an old server may leave it out), and deliver again."
                : $"{header} must be 'sha256=' and the HMAC-SHA256 of the body with the hook's secret, in hexadecimal digits."),
        challenge: header);

    /// <summary>Unknown, foreign and malformed ids all get the same response.</summary>
    public static IResult NotFound(string what) => new ProblemResult(Of("notFound", $"There is no such {what}", 404, null));

    /// <summary>For callers that should stop calling.</summary>
    public static IResult Gone(string what) => new ProblemResult(Of("gone", $"There is no such {what} any more", 410, null));

    /// <param name="errors">Messages by field or parameter: the value received and what is allowed.</param>
    public static IResult Invalid(Dictionary<string, string[]> errors) => new ProblemResult(Of(
        "invalid", "The request is not valid", 400, "See errors for what is wrong with each field.", new HttpValidationProblemDetails(errors)));

    public static IResult Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    /// <summary>The entry has changed since the caller read it (RFC 9110 section 15.5.13).</summary>
    public static IResult Stale() => new ProblemResult(Of(
        "stale", "It was changed in the meantime", 412, "Read it again and repeat the change with the new ETag."));

    public static IResult Conflict(string detail) => new ProblemResult(Of("conflict", "The request conflicts with the current state", 409, detail));

    /// <summary>No source can read the given address; the detail is what was found and what to try.</summary>
    public static IResult Unreadable(string code, string detail) => new ProblemResult(
        Of(code, "Nothing to harvest there", 422, detail));

    /// <summary>A place does not show that it is the caller's; the detail is where that was looked for.</summary>
    public static IResult Unverified(string detail) => new ProblemResult(Of("notVerified", "The place does not show that it is yours", 422, detail));

    /// <summary>A page does not describe itself; the detail is what was found, and what can be typed instead.</summary>
    public static IResult Unread(string code, string detail) => new ProblemResult(Of(
        code, "The page does not say what it is", 422, $"{detail} Title, kind and when can be typed: send them along with the url."));

    /// <summary>What there is does not fit the file that was asked for.</summary>
    /// <param name="errors">Messages by what is wrong.</param>
    public static IResult Unfit(string code, string title, string detail, Dictionary<string, string[]>? errors = null) =>
        new ProblemResult(Of(code, title, 422, detail, errors is null ? null : new HttpValidationProblemDetails(errors)));

    /// <param name="allowed">Media types that this address supports.</param>
    public static IResult NotAcceptable(IEnumerable<string> allowed) => new ProblemResult(Of(
        "notAcceptable", "That format is not available here", 406, $"Ask for one of {string.Join(", ", allowed)}."));

    /// <param name="allowed">The method that this address supports.</param>
    public static IResult NotAllowed(string allowed) => new ProblemResult(
        Of("notAllowed", "That method is not available here", 405, $"Use {allowed}."), allow: allowed);

    public static IResult TooLarge(long limit) => new ProblemResult(
        Of("tooLarge", "The request is too large", 413, $"At most {limit} bytes are read."));

    /// <param name="limit">In seconds.</param>
    public static IResult TooSlow(int limit) => new ProblemResult(
        Of("tooSlow", "The request did not arrive in time", 408, $"Its body must arrive within {limit} seconds. Nothing was changed. Send it again."));

    public static IResult Unsupported() => new ProblemResult(
        Of("unsupported", "The body must be JSON", 415, "Send it with 'Content-Type: application/json'."));

    public static IResult Busy() => new ProblemResult(
        Of("busy", "The same rows are being changed by another request", 503, "Nothing was changed. Try again in a moment."), retryAfter: 2);

    /// <summary>Too many large documents or whole ledgers are being read.</summary>
    public static IResult TooBusy(string detail) => new ProblemResult(Of("tooBusy", "Too much is being read at the moment", 503, detail), retryAfter: 30);

    /// <param name="seconds">When it can be tried again.</param>
    public static IResult TooMany(int seconds) => new ProblemResult(
        Of("tooMany", "Too many requests", 429, $"Nothing was changed. Try again in {seconds} second{(seconds == 1 ? "" : "s")}, and more slowly."), retryAfter: seconds);

    public static IResult Unavailable() => new ProblemResult(
        Of("unavailable", "The store cannot be reached", 503, "Nothing was changed. Try again in a minute."), retryAfter: 60);

    /// <param name="detail">The mail server's or network's message.</param>
    public static IResult MailFailed(string detail) => new ProblemResult(Of("mailFailed", "The mail was not sent", 502, detail));

    public static IResult Failed() => new ProblemResult(
        Of("failed", "Something broke", 500, "It is in the log of this server, under the time of this answer."));

    /// <param name="type">Stable; the other texts are meant for people.</param>
    private static ProblemDetails Of(string type, string title, int status, string? detail, ProblemDetails? problem = null)
    {
        problem ??= new ProblemDetails();
        (problem.Type, problem.Title, problem.Status, problem.Detail) = ($"urn:contributioningest:problem:{type}", title, status, detail);
        return problem;
    }
}

/// <summary>Writes a problem document (RFC 9457).</summary>
public sealed class ProblemResult(ProblemDetails problem, int? retryAfter = null, string challenge = "Bearer", string? allow = null) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = problem.Status ?? StatusCodes.Status500InternalServerError;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = challenge;
        if (allow is not null)
            response.Headers.Allow = allow;
        if (retryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await JsonSerializer.SerializeAsync(response.Body, problem, problem.GetType(), ProblemJson.Default, httpContext.RequestAborted);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
internal sealed partial class ProblemJson : JsonSerializerContext;
