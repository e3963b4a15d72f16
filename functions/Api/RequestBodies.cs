using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace ContributionIngest.Functions.Api;

/// <summary>A JSON body, or the refusal that says what is wrong with it.</summary>
internal static class JsonBody
{
    /// <summary>Bytes of a request body that are read, where a route does not say otherwise.</summary>
    public const int MostBytes = 64 * 1024;

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
            return (null, Problems.Invalid(field, Sentence(e, type)));
        }
    }

    /// <summary>An object whose fields are looked at one by one.</summary>
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

            // Escapes are decoded only when they are read; better here, once, than everywhere.
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
            return (default, Problems.Invalid("body", "The body holds an escape that is half a character."));
        }
    }

    private static async Task<(byte[]? Bytes, IResult? Refusal)> BytesAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            return (null, Problems.Unsupported());
        return await RawBody.ReadAsync(context, MostBytes) is { } bytes ? (bytes, null) : (null, Problems.TooLarge(MostBytes));
    }

    private static string NotJson(JsonException e) => $"The body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";

    /// <summary>The first sentence of the parser says what is wrong; what follows speaks of bytes and .NET types.</summary>
    private static string Sentence(JsonException e, JsonTypeInfo type)
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

/// <summary>The bytes of a body as they came, for what is signed over them.</summary>
internal static class RawBody
{
    /// <summary>
    /// The limit of the server, in bytes. What is refused unread is thrown away up to here and for seconds at most, so that its sender hears the refusal
    /// and not a broken connection; what is read has the far lower limits of its route.
    /// </summary>
    public const long MostThrownAway = 64 * 1024 * 1024;

    /// <summary>Whether the request itself says that it holds more; asked before anything is read.</summary>
    public static bool IsOver(HttpRequest request, int limit) => request.ContentLength > limit;

    /// <summary>Null when there is more than the limit, which is as far as it is read.</summary>
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

/// <summary>What a form on a page sends back.</summary>
internal static class PageForm
{
    private const int MostFields = 20;

    private static readonly FormOptions Limits = new()
    {
        BufferBodyLengthLimit = JsonBody.MostBytes,
        MultipartBodyLengthLimit = JsonBody.MostBytes,
        ValueCountLimit = MostFields,
        KeyLengthLimit = 100,
        ValueLengthLimit = 4000,
    };

    /// <summary>Empty where the body is no form, or one that no page here sends.</summary>
    public static async Task<IFormCollection> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            return FormCollection.Empty;
        try
        {
            return await context.Request.ReadFormAsync(Limits, context.RequestAborted);
        }
        // The framework throws either for a form that is cut off or over a limit, and no page here sends one.
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return FormCollection.Empty;
        }
    }
}
