using System.Globalization;
using System.Text.Json;

namespace ContributionIngest.Core.Sources.YouTube;

/// <summary>Looks into an answer that may hold anything anywhere: what is not there, or is of another kind, is null.</summary>
internal static class WireJson
{
    /// <summary>Null when it is no JSON, or is nested as nothing real is.</summary>
    public static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static JsonElement? At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        try
        {
            foreach (var name in path)
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                    return null;
            }

            return element;
        }
        catch (InvalidOperationException)
        {
            // A name with half a surrogate pair in it.
            return null;
        }
    }

    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path)
    {
        try
        {
            return element.At(path) is { ValueKind: JsonValueKind.String } found && found.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path) is { ValueKind: JsonValueKind.Array } found ? found.EnumerateArray() : [];

    /// <summary>An instant with its offset; the interface writes UTC.</summary>
    public static DateTimeOffset? Time(this JsonElement element, params ReadOnlySpan<string> path) => Instant.Parse(element.Text(path));

    /// <summary>A count, which the interface writes as a string.</summary>
    public static double? Count(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var text = element.At(path) is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : element.Text(path);
        return double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && double.IsFinite(count) ? count : null;
    }
}
