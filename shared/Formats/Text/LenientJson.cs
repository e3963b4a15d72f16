using System.Text;
using System.Text.Json;

namespace ContributionIngest.Formats.Text;

/// <summary>
/// Access to JSON of unreliable shape: what is missing, null, or of another type than asked for is absent, never an exception. A path names nested
/// members; without one it is the element itself.
/// </summary>
internal static class LenientJson
{
    private static readonly JsonReaderOptions Lenient = new() { MaxDepth = 64, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Null if it is not JSON, or nested deeper than 64 levels. Needs no disposing.</summary>
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

    /// <summary>Scripts in pages have line feeds and tabs in strings, which JSON forbids; they are replaced by spaces.</summary>
    public static JsonElement? ParseScript(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (ref var b in bytes.AsSpan())
            b = b < 0x20 ? (byte)' ' : b;
        return Parse(bytes);
    }

    /// <summary>The member, or an undefined element.</summary>
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
            // A member name has half a surrogate pair.
            return default;
        }
    }

    public static bool Has(this JsonElement of, params ReadOnlySpan<string> path) => of.At(path).ValueKind != JsonValueKind.Undefined;

    /// <summary>A string, trimmed; null if it is another type or empty.</summary>
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

    /// <summary>A whole, non-negative number in the range of <c>int</c>.</summary>
    public static int? Count(this JsonElement of, params ReadOnlySpan<string> path) => of.Integer(path) is >= 0 and <= int.MaxValue and var count ? (int)count : null;

    /// <summary>The elements of an array; none for other types.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement of, params ReadOnlySpan<string> path) =>
        of.At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The strings of an array.</summary>
    public static IReadOnlyList<string> Strings(this JsonElement of, params ReadOnlySpan<string> path) =>
        [.. of.List(path).Select(word => word.Text()).OfType<string>()];

    /// <summary>The elements of an array, or a single value; none if absent.</summary>
    public static IEnumerable<JsonElement> OneOrMany(this JsonElement of, params ReadOnlySpan<string> path) => of.At(path) switch
    {
        { ValueKind: JsonValueKind.Undefined } => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        var one => [one],
    };
}
