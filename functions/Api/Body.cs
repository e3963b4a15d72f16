using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Functions.Api;

/// <summary>A JSON body, or the refusal that says what is wrong with it.</summary>
internal static class Body
{
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
        return await RawBody.ReadAsync(context, App.BodyLimit) is { } bytes ? (bytes, null) : (null, Problems.TooLarge(App.BodyLimit));
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
