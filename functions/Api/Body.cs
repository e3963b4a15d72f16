using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ContributionIngest.Functions.Api;

/// <summary>A request body, or the refusal that says what is wrong with it.</summary>
internal static class Body
{
    public static async Task<(T? Value, IResult? Refusal)> Read<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
            return (null, Problems.Unsupported());
        if (await RawBody.Read(context, App.BodyLimit) is not { } body)
            return (null, Problems.TooLarge(App.BodyLimit));
        try
        {
            var value = JsonSerializer.Deserialize(body, type);
            return value is null ? (null, Problems.Invalid("body", "It is null; an object is expected.")) : (value, null);
        }
        catch (JsonException e)
        {
            var field = e.Path is null or "$" ? "body" : e.Path.TrimStart('$', '.');
            return (null, Problems.Invalid(field, Sentence(e, type)));
        }
    }

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
        return $"The body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";
    }
}
