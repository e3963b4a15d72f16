using System.Text.Json;

namespace ContributionIngest.Functions.Api;

/// <summary>Reads a JSON object that was sent, within bounds.</summary>
internal static class LedgerBody
{
    public const int MostBytes = App.BodyLimit;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <returns>The object, or what is wrong with the request.</returns>
    public static async Task<(JsonElement Body, IResult? Problem)> Read(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            return (default, Problems.Unsupported());
        if (request.ContentLength > MostBytes)
            return (default, Problems.TooLarge(MostBytes));
        var buffer = new byte[MostBytes + 1];
        var read = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
        if (read > MostBytes)
            return (default, Problems.TooLarge(MostBytes));
        try
        {
            using var document = JsonDocument.Parse(buffer.AsMemory(0, read), Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (default, Problems.Invalid("body", "The body is not a JSON object."));
            Decode(document.RootElement);
            return (document.RootElement.Clone(), null);
        }
        catch (JsonException e)
        {
            return (default, Problems.Invalid("body", $"The body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }
        catch (InvalidOperationException)
        {
            return (default, Problems.Invalid("body", "The body holds an escape that is half a character."));
        }
    }

    /// <summary>Escapes are decoded only when they are read; better here, once, than everywhere.</summary>
    private static void Decode(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            _ = element.GetString();
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Decode(item);
        }

        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (var property in element.EnumerateObject())
        {
            _ = property.Name;
            Decode(property.Value);
        }
    }
}
