using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ContributionIngest.Core.Ledger;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Functions.Api;

/// <summary>A whole answer with its ETag, which says 304 to who has it already (RFC 9110 section 13.1.2).</summary>
/// <param name="tag">Without quotes; made from the body where none is given.</param>
internal sealed class LedgerAnswer(ReadOnlyMemory<byte> body, string contentType, string? tag = null) : IResult
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    public string? Location { get; init; }

    /// <summary>Address of the page after.</summary>
    public string? Next { get; init; }

    public static LedgerAnswer Of<T>(T value, JsonTypeInfo<T> type, string? tag = null, string? next = null, int status = StatusCodes.Status200OK, string? location = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type), LedgerFormat.Json.MediaType, tag) { Status = status, Location = location, Next = next };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var etag = new EntityTagHeaderValue($"\"{tag ?? Identity.Hash(body.Span)}\"");
        Head(response, Next);
        response.Headers.ETag = etag.ToString();
        if (Location is not null)
            response.Headers.Location = Location;
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (isRead && IsHeld(request, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.StatusCode = Status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }

    /// <summary>Headers every answer about a ledger has: it is one person's own, and asked for again before it is used again.</summary>
    public static void Head(HttpResponse response, string? next)
    {
        response.Headers.CacheControl = "private, no-cache";
        response.Headers.Vary = "Accept, Authorization";
        response.Headers.XContentTypeOptions = "nosniff";
        if (next is not null)
            response.Headers.Link = $"<{next}>; rel=\"next\"";
    }

    private static bool IsHeld(HttpRequest request, EntityTagHeaderValue etag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var held)
        && held.Any(h => h.Tag == "*" || h.Compare(etag, useStrongComparison: false));
}
