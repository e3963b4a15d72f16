using ContributionIngest.Core.Http;
using ContributionIngest.Core.Sources;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;

namespace ContributionIngest.Functions.Api;

/// <summary>Reads JSON bodies; a body that is not valid gives a problem response.</summary>
internal static class JsonBody
{
    /// <summary>The limit for request bodies, unless a route has its own.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    public static async Task<(T? Value, IResult? Refusal)> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        var (bytes, refusal) = await BytesAsync(context);
        if (bytes is null)
            return (null, refusal);
        try
        {
            var value = JsonSerializer.Deserialize(bytes, type);
            return value is null ? (null, Problems.Invalid("body", "It is null; an object is expected.")) : (value, null);
        }
        catch (JsonException e)
        {
            var field = e.Path is null or "$" ? "body" : e.Path.TrimStart('$', '.');
            return (null, Problems.Invalid(field, Describe(e, type)));
        }
    }

    /// <summary>Reads an object whose fields are validated one by one.</summary>
    public static async Task<(JsonElement Value, IResult? Refusal)> ReadObjectAsync(HttpContext context)
    {
        var (bytes, refusal) = await BytesAsync(context);
        if (bytes is null)
            return (default, refusal);
        try
        {
            var value = JsonElement.Parse(bytes, Strict);
            if (value.ValueKind != JsonValueKind.Object)
                return (default, Problems.Invalid("body", "The body is not a JSON object."));

            // Escapes are decoded only when read; checking them here once spares all callers.
            for (var reader = new Utf8JsonReader(bytes); reader.Read();)
                _ = reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String ? reader.GetString() : null;
            return (value, null);
        }
        catch (JsonException e)
        {
            return (default, Problems.Invalid("body", NotJson(e)));
        }
        catch (InvalidOperationException)
        {
            return (default, Problems.Invalid("body", "The body contains an escape that is half a surrogate pair."));
        }
    }

    private static async Task<(byte[]? Bytes, IResult? Refusal)> BytesAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            return (null, Problems.Unsupported());
        return await RawBody.ReadAsync(context, MaxBytes) is { } bytes ? (bytes, null) : (null, Problems.TooLarge(MaxBytes));
    }

    private static string NotJson(JsonException e) => $"The body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";

    /// <summary>Rewrites the parser's message, which mentions bytes and .NET types.</summary>
    private static string Describe(JsonException e, JsonTypeInfo type)
    {
        var text = e.Message;
        if (text.Contains("could not be mapped", StringComparison.Ordinal))
            return $"There is no such field. Known are {string.Join(", ", type.Properties.Select(p => p.Name))}.";
        if (text.Contains("could not be converted", StringComparison.Ordinal))
            return "It has the wrong type.";
        if (text.Contains("required", StringComparison.Ordinal))
            return "A required field is missing: " + text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        return NotJson(e);
    }
}

/// <summary>Reads the raw bytes of a body, as needed to verify a signature.</summary>
internal static class RawBody
{
    /// <summary>
    /// The server's limit, in bytes. A body refused unread is drained up to this size, for a few seconds at most, so that the client receives the response
    /// rather than a broken connection. Bodies that are read have their route's much lower limit.
    /// </summary>
    public const long MaxRequestBytes = 64 * 1024 * 1024;

    /// <summary>Whether the declared content length exceeds the limit; checked before anything is read.</summary>
    public static bool IsOver(HttpRequest request, int limit) => request.ContentLength > limit;

    /// <summary>Null if the body exceeds the limit; no more than that is read.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext context, int limit)
    {
        if (IsOver(context.Request, limit))
            return null;
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > limit)
                return null;
        }

        return bytes.ToArray();
    }
}

/// <summary>Reads the body of a delivery. A large one takes its turn among the large documents, and keeps it until the work ends.</summary>
internal sealed class DeliveryBodies(Fetcher fetcher, TimeProvider clock)
{
    /// <summary>Seconds in which a body must have arrived, so that a slow sender does not keep a turn from others.</summary>
    private const int MaxSeconds = 30;

    /// <returns>The body, which the caller disposes of; or why there is none.</returns>
    /// <exception cref="TooBusyException">The body is large, and no turn came.</exception>
    public async Task<(DeliveredBody? Body, IResult? Refusal)> ReadAsync(HttpContext context, int limit, DocumentWork work)
    {
        if (RawBody.IsOver(context.Request, limit))
            return (null, Problems.TooLarge(limit));
        using var time = new CancellationTokenSource(TimeSpan.FromSeconds(MaxSeconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, context.RequestAborted);
        try
        {
            var body = await DeliveredBody.ReadAsync(context.Request.Body, limit, () => fetcher.EnterAsync(work, either.Token), either.Token);
            return (body, body is null ? Problems.TooLarge(limit) : null);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            return (null, Problems.TooSlow(MaxSeconds));
        }
    }
}

/// <summary>Reads a form submitted from a page.</summary>
internal static class PageForm
{
    private const int MaxFields = 20;

    /// <summary>The limits of the forms that the endpoint takes; one with many fields or with a file has its own, set by <c>WithFormOptions</c>.</summary>
    public static FormOptions Limits(HttpContext context) => new()
    {
        BufferBodyLengthLimit = JsonBody.MaxBytes,
        MultipartBodyLengthLimit = context.GetEndpoint()?.Metadata.GetMetadata<IFormOptionsMetadata>()?.MultipartBodyLengthLimit ?? JsonBody.MaxBytes,
        ValueCountLimit = context.GetEndpoint()?.Metadata.GetMetadata<IFormOptionsMetadata>()?.ValueCountLimit ?? MaxFields,
        KeyLengthLimit = 100,
        ValueLengthLimit = 4000,
    };

    /// <summary>Empty if the body is not a form, or not one that our pages send.</summary>
    public static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            return FormCollection.Empty;
        try
        {
            return await context.Request.ReadFormAsync(Limits(context), context.RequestAborted);
        }
        // The framework throws either for a form that is truncated or over a limit; our pages send no such form.
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return FormCollection.Empty;
        }
    }
}
