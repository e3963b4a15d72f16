using System.Text;
using System.Text.Json;

namespace ContributionIngest.Formats.Text;

/// <summary>
/// Looks into an answer that may hold anything anywhere: what is not there, is null, or is of another kind than asked for, is absent and never
/// an exception. A path names members, one in another; without one it is the element itself.
/// </summary>
internal static class LenientJson
{
    private static readonly JsonReaderOptions Lenient = new() { MaxDepth = 64, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>A copy that needs no disposing; null for what is no JSON, or nested deeper than 64 levels.</summary>
    public static JsonElement? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, Lenient);
            var element = JsonElement.ParseValue(ref reader);
            return reader.Read() ? null : element;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Pages have line feeds and tabs in their strings, which JSON forbids; outside of strings a space does the same.</summary>
    public static JsonElement? ParseScript(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (ref var letter in bytes.AsSpan())
            letter = letter < 0x20 ? (byte)' ' : letter;
        return Parse(bytes);
    }

    /// <summary>The part, and an element of no kind where there is none.</summary>
    public static JsonElement At(this JsonElement of, params ReadOnlySpan<string> path)
    {
        try
        {
            foreach (var name in path)
            {
                if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out of))
                    return default;
            }

            return of.ValueKind == JsonValueKind.Null ? default : of;
        }
        catch (InvalidOperationException)
        {
            // A name among its names holds half a surrogate pair.
            return default;
        }
    }

    public static bool Has(this JsonElement of, params ReadOnlySpan<string> path) => of.At(path).ValueKind != JsonValueKind.Undefined;

    /// <summary>The string without spaces around it; null where it is none or empty.</summary>
    public static string? Text(this JsonElement of, params ReadOnlySpan<string> path)
    {
        try
        {
            return of.At(path) is { ValueKind: JsonValueKind.String } part && part.GetString()?.Trim() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static bool? Flag(this JsonElement of, params ReadOnlySpan<string> path) => of.At(path).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static long? Integer(this JsonElement of, params ReadOnlySpan<string> path) =>
        of.At(path) is { ValueKind: JsonValueKind.Number } part && part.TryGetInt64(out var value) ? value : null;

    /// <summary>A number that can be one of things: whole, not negative, of bearable size.</summary>
    public static int? Count(this JsonElement of, params ReadOnlySpan<string> path) => of.Integer(path) is >= 0 and <= int.MaxValue and var count ? (int)count : null;

    /// <summary>The elements of a list, and none where it is no list.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement of, params ReadOnlySpan<string> path) =>
        of.At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts of a list.</summary>
    public static IReadOnlyList<string> Strings(this JsonElement of, params ReadOnlySpan<string> path) =>
        [.. of.List(path).Select(word => word.Text()).OfType<string>()];

    /// <summary>The elements of a list; the thing itself where it stands alone; nothing where there is none.</summary>
    public static IEnumerable<JsonElement> OneOrMany(this JsonElement of, params ReadOnlySpan<string> path) => of.At(path) switch
    {
        { ValueKind: JsonValueKind.Undefined } => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        var one => [one],
    };
}
