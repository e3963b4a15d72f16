using System.Globalization;
using System.Text.Json;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>Parts of an answer that may be anything: a part of another type than asked for, or text that is none, is as good as absent.</summary>
internal static class JsonParts
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>A copy that needs no disposing; null for what is no JSON, or nested deeper than 64 levels.</summary>
    public static JsonElement? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The member, and an element of no kind where there is none.</summary>
    public static JsonElement At(this JsonElement of, string name)
    {
        try
        {
            return of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;
        }
        catch (InvalidOperationException)
        {
            // Another member's name holds half a surrogate pair.
            return default;
        }
    }

    public static string? Text(this JsonElement of, string name) => Text(of.At(name));

    /// <summary>The texts of a list.</summary>
    public static IReadOnlyList<string> Words(this JsonElement of, string name) => [.. of.List(name).Select(Text).OfType<string>()];

    public static long? Whole(this JsonElement of, string name) =>
        of.At(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt64(out var value) ? value : null;

    public static bool? Flag(this JsonElement of, string name) => of.At(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static DateTimeOffset? Time(this JsonElement of, string name) =>
        DateTimeOffset.TryParseExact(of.Text(name), TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : null;

    public static bool Has(this JsonElement of, string name) => of.At(name).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>The elements of a list, and none where it is no list.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement of, string name) =>
        of.At(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static string? Text(JsonElement of)
    {
        try
        {
            return of.ValueKind == JsonValueKind.String && of.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
