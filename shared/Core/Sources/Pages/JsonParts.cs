using System.Text;
using System.Text.Json;

namespace ContributionIngest.Core.Sources.Pages;

/// <summary>Parts of JSON that may be anything: what is not there, or is something else, is null and never an exception.</summary>
internal static class JsonParts
{
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 64, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Null for what is no JSON, or nested too deep.</summary>
    public static JsonElement? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Lenient);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Pages have line feeds and tabs in their strings, which JSON forbids; outside of strings a space does the same.</summary>
    public static JsonElement? ParseLoose(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (ref var letter in bytes.AsSpan())
            letter = letter < 0x20 ? (byte)' ' : letter;
        return Parse(bytes);
    }

    public static JsonElement? Part(this JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var part) && part.ValueKind != JsonValueKind.Null ? part : null;
        }
        catch (InvalidOperationException)
        {
            // A name among its names holds an escape that is half a character.
            return null;
        }
    }

    /// <summary>The string of that name, without spaces around it; null where it is none or empty.</summary>
    public static string? Text(this JsonElement element, string name) => element.Part(name)?.Text();

    public static string? Text(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String && element.GetString()?.Trim() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static bool IsTrue(this JsonElement element, string name) => element.Part(name)?.ValueKind == JsonValueKind.True;

    /// <summary>A count that can be one: whole, not negative, of bearable size.</summary>
    public static int? Count(this JsonElement element, string name) =>
        element.Part(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var count) && count >= 0 ? count : null;

    /// <summary>The elements of an array; the thing itself where it stands alone; nothing where there is none.</summary>
    public static IEnumerable<JsonElement> Each(this JsonElement element, string name) => element.Part(name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        { } one => [one],
    };
}
